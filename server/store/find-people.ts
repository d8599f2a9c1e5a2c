import type { Patient, RelatedPerson } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { permits } from '../access/reach.ts'
import { parseScopes } from '../access/scopes.ts'
import type { Kin, ListedPatient, People } from '../authorization-server/people.ts'
import { nameOf } from '../core/fhir/human-name.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { ORGANIZATION_NUMBER } from '../national-numbers/systems.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Store } from './store.ts'

/** How far a unit may lie below its legal entity: ward, clinic, hospital, trust. */
const ABOVE = ['partof', 'partof.partof', 'partof.partof.partof']

/** Of those with one identifier, as many as it takes to see that they are several. */
const SEVERAL = '2'
/** Nobody is next of kin of more. */
const KIN_COUNT_MAX = 50
/** Whoever names somebody next of kin says nothing by it that opens; many do not crowd out the ones that do. */
const NAMED = { page: 500, countMax: 5000, lookedAtMax: 1000 }
const READ_ALL = parseScopes('user/*.rs')

/**
 * Who is who among the resources, for the authorization server, which does not know the store.
 * @param standingOf a person's access with what the person is here, by which the store knows whom they may see
 */
export function findPeople(
  store: Pick<Store, 'search'>,
  definitions: () => Definitions,
  standingOf: (access: Access) => Promise<Access>,
): People {
  const ownAccess = engineAccess('authorization-server')
  const search = async (access: Access, type: string, params: [string, string][]) => {
    if (!permits(access, type, 's')) return []
    return (await store.search(access, parseSearch(definitions(), type, new URLSearchParams(params), 'strict'))).matches
  }
  const listPatients = async (access: Access, params: [string, string][]) =>
    (await search(await standingOf(access), 'Patient', [...params, ['active:not', 'false']])).map(({ text = '{}' }) =>
      toListed(JSON.parse(text)),
    )

  /** Everybody with this number, the ones who were named first in front. */
  const findNamed = async (identifier: string): Promise<RelatedPerson[]> => {
    const named: RelatedPerson[] = []
    const params = { identifier, 'active:not': 'false', _count: String(NAMED.page) }
    for (let cursor: string | undefined; named.length < NAMED.countMax; ) {
      const asked = new URLSearchParams({ ...params, ...(cursor && { _cursor: cursor }) })
      const page = await store.search(ownAccess, parseSearch(definitions(), 'RelatedPerson', asked, 'strict'))
      named.push(...page.matches.map(({ text = '{}' }) => JSON.parse(text) as RelatedPerson))
      if (page.next === undefined) break
      cursor = page.next
    }
    return named
  }
  const whomTheySee = async ({ id = '', name = [] }: RelatedPerson): Promise<Kin[]> => {
    const access = { actor: `RelatedPerson/${id}`, clientId: 'authorization-server', scopes: READ_ALL }
    const [patient] = await listPatients(access, [['_count', '1']])
    return patient ? [{ id, name: nameOf(name) ?? '', patient }] : []
  }

  return {
    async listPatients(access, text, countMax) {
      const names = text.split(/\s+/).filter(Boolean)
      const criteria = names.map((name): [string, string] => ['name', escaped(name)])
      return listPatients(access, [...criteria, ['_sort', 'family'], ['_count', String(countMax)]])
    },
    async findPatient(access, id) {
      const [found] = await listPatients(access, [['_id', escaped(id)]])
      return found
    },
    async findByIdentifier(type, { system, value }) {
      const found = await search(ownAccess, type, [
        ['identifier', `${escaped(system)}|${escaped(value)}`],
        // Who has left, and the record that was merged into another.
        ['active:not', 'false'],
        ['_count', SEVERAL],
      ])
      return found.map(({ id }) => id)
    },
    async findKin({ system, value }) {
      const named = inTurnOfPatients(await findNamed(`${escaped(system)}|${escaped(value)}`))
      const kin: Kin[] = []
      for (let at = 0; at < named.length && at < NAMED.lookedAtMax && kin.length < KIN_COUNT_MAX; at += KIN_COUNT_MAX)
        kin.push(...(await Promise.all(named.slice(at, at + KIN_COUNT_MAX).map(whomTheySee))).flat())
      return kin.slice(0, KIN_COUNT_MAX).sort((one, other) => one.patient.name.localeCompare(other.patient.name, 'nb'))
    },
    async findRoles(practitionerId, organizationNumber) {
      const found = await search(ownAccess, 'PractitionerRole', [
        ['practitioner', `Practitioner/${practitionerId}`],
        ['organization.identifier', `${ORGANIZATION_NUMBER}|${escaped(organizationNumber)}`],
        ['active:not', 'false'],
        ['_count', SEVERAL],
      ])
      return found.map(({ id }) => id)
    },
    async isOrganization(number, withinNumber) {
      const own: [string, string][] = [
        ['identifier', `${ORGANIZATION_NUMBER}|${escaped(number)}`],
        ['active:not', 'false'],
        ['_count', SEVERAL],
      ]
      if (withinNumber === undefined) return (await search(ownAccess, 'Organization', own)).length > 0
      const above = `${ORGANIZATION_NUMBER}|${escaped(withinNumber)}`
      const below = await Promise.all(
        ABOVE.map((chain) => search(ownAccess, 'Organization', [...own, [`${chain}.identifier`, above]])),
      )
      return below.some((found) => found.length > 0)
    },
    async nameOf(type, id) {
      const [found] = await search(ownAccess, type, [['_id', escaped(id)]])
      return found && nameOf((JSON.parse(found.text ?? '{}') as Patient).name)
    },
    isPatient: async (id) => (await search(ownAccess, 'Patient', [['_id', escaped(id)]])).length === 1,
    async isEncounterOf(encounterId, patientId) {
      const found = await search(ownAccess, 'Encounter', [
        ['_id', escaped(encounterId)],
        ['subject', `Patient/${patientId}`],
      ])
      return found.length === 1
    },
  }
}

/** The first of each patient, then the second of each …: one patient who names somebody often takes no other's place. */
function inTurnOfPatients(named: RelatedPerson[]): RelatedPerson[] {
  const counts = new Map<string | undefined, number>()
  const turnOf = ({ patient }: RelatedPerson): number => {
    const turn = counts.get(patient?.reference) ?? 0
    counts.set(patient?.reference, turn + 1)
    return turn
  }
  return named
    .map((person) => ({ person, turn: turnOf(person) }))
    .sort((one, other) => one.turn - other.turn)
    .map(({ person }) => person)
}

function toListed({ id = '', name = [], birthDate }: Patient): ListedPatient {
  return { id, name: nameOf(name) ?? '', ...(birthDate === undefined ? {} : { birthDate }) }
}

const escaped = (value: string) => value.replace(/[\\,|$]/g, '\\$&')
