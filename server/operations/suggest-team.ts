import type {
  CareTeam,
  CodeableConcept,
  HealthcareService,
  Location,
  OperationOutcome,
  ParametersParameter,
  Patient,
  PractitionerRole,
} from '@medplum/fhirtypes'
import { permits } from '../access/reach.ts'
import { NOBODY } from '../core/decide/task/staff.ts'
import { suggestTeams, type TeamSuggestion } from '../core/decide/task/suggest-team.ts'
import { OPEN_STATUSES } from '../core/decide/task/task-status.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const COUNT = 5
const COUNT_MAX = 20
/** Units and people that are looked at; a region has some hundreds of units. Where there are more, that is told. */
const LOOKED_AT_MAX = 1_000

/**
 * Patient/{id}/$suggest-team: which teams are for somebody who lives there, with these skills. Everything is read with the caller's own
 * access: from whom the address is withheld, the geography is too (docs/decisions/0049). Stores nothing; the choice is a person's.
 * @throws Refusal value (a skill that is no system|code; count), not-found, forbidden
 * @see docs/plans.md
 */
export const suggestTeam: Operation = {
  code: 'suggest-team',
  title: 'Suggest a team',
  description:
    'Suggests the HealthcareServices whose coverageArea has the patient’s address in it, with the skills asked for; the narrowest area first.',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    part(
      'skill',
      'string',
      'A code (system|code) that the service, or somebody who works there, must have as category, type, code or specialty; all of them.',
      '*',
    ),
    part('count', 'integer', `At most so many; ${COUNT} when left out, ${COUNT_MAX} at the most.`),
  ],
  out: [
    {
      ...{ name: 'suggestion', min: 0, max: '*' },
      documentation: 'The best first; none where nobody is for this person.',
      part: [
        { name: 'service', type: 'Reference', min: 1, max: '1', documentation: 'The HealthcareService.' },
        part('team', 'Reference', 'The CareTeam that does its work, for CarePlan.careTeam.'),
        part(
          'area',
          'code',
          'The narrowest of what area and address have in common: postal-code, municipality, district, city, state, country; missing where the service names no area.',
        ),
        { name: 'open', type: 'boolean', min: 1, max: '1', documentation: 'Whether it is at work now.' },
        { name: 'skilled', type: 'integer', min: 1, max: '1', documentation: 'People there with every skill.' },
        part('open-tasks', 'integer', 'Tasks that wait there, where the caller may search them.'),
      ],
    },
    part(
      'outcome',
      'OperationOutcome',
      'What was not looked at: an address that is withheld from the caller, or none; more units and people than can be.',
    ),
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, suggestTeam)
    const skills = given.texts('skill').map(toSkill)
    const count = given.count('count') ?? COUNT
    if (!(count >= 1 && count <= COUNT_MAX)) {
      throw refuse('value', `count must be 1 to ${COUNT_MAX}, not ${count}.`, 'count')
    }
    const reader = new DefinitionReader(exchange, rooms)
    const patient = (await reader.read(`Patient/${exchange.id}`, 'id')) as unknown as Patient
    const { isWhole, ...ground } = await readGround(reader)
    const found = suggestTeams({ patient, skills, now: rooms.now(), ...ground }).slice(0, count)
    const waiting = await Promise.all(found.map((one) => countWaiting(one, exchange, rooms)))
    const outcome = outcomeOf(patient, isWhole)
    return parametersReply([
      ...found.map((one, i) => ({ name: 'suggestion', part: partsOf(one, waiting[i]) })),
      ...(outcome ? [{ name: 'outcome', resource: outcome }] : []),
    ])
  },
}

function toSkill(token: string): CodeableConcept {
  const [, system, code] = /^([^|]+)\|([^|]+)$/.exec(token) ?? []
  if (!system || !code) throw refuse('value', `skill must be system|code, not '${token}'.`, 'skill')
  return { coding: [{ system, code }] }
}

/** The units with the places that they cover, their people and teams. */
async function readGround(reader: DefinitionReader) {
  const _count = String(LOOKED_AT_MAX)
  const [services, roles, careTeams] = (await Promise.all([
    reader.search('HealthcareService', { 'active:not': 'false', _count }),
    reader.search('PractitionerRole', { 'active:not': 'false', 'service:missing': 'false', _count }),
    reader.search('CareTeam', { 'patient:missing': 'true', _count }),
  ])) as unknown as [HealthcareService[], PractitionerRole[], CareTeam[]]
  const ids = services.flatMap(({ coverageArea = [] }) =>
    coverageArea.flatMap(({ reference }) => /^Location\/([^/]+)$/.exec(reference ?? '')?.[1] ?? []),
  )
  const query = { _id: [...new Set(ids)].join(','), _count }
  const places = (ids.length > 0 ? await reader.search('Location', query) : []) as unknown as Location[]
  return {
    isWhole: [services, roles, careTeams, places].every(({ length }) => length < LOOKED_AT_MAX),
    locations: new Map(places.map((one) => [String(one.id), one])),
    staff: { ...NOBODY, services, roles, careTeams },
  }
}

async function countWaiting({ service, team }: TeamSuggestion, { access }: Exchange, { store, definitions }: Rooms) {
  if (!permits(access, 'Task', 's')) return undefined
  const owner = [`HealthcareService/${service.id}`, ...(team ? [`CareTeam/${team.id}`] : [])].join(',')
  const params = { owner, status: [...OPEN_STATUSES].join(','), _count: '0', _total: 'accurate' }
  const { total } = await store.search(access, parseSearch(definitions, 'Task', new URLSearchParams(params), 'strict'))
  return total
}

function partsOf({ service, team, area, isOpen, skilledCount }: TeamSuggestion, waiting: number | undefined) {
  const reference = (type: string, { id, name }: { id?: string; name?: string }) => ({
    ...{ reference: `${type}/${id}` },
    ...(name ? { display: name } : {}),
  })
  const parts: ParametersParameter[] = [
    { name: 'service', valueReference: reference('HealthcareService', service) },
    ...(team ? [{ name: 'team', valueReference: reference('CareTeam', team) }] : []),
    ...(area ? [{ name: 'area', valueCode: area }] : []),
    { name: 'open', valueBoolean: isOpen },
    { name: 'skilled', valueInteger: skilledCount },
    ...(waiting === undefined ? [] : [{ name: 'open-tasks', valueInteger: waiting }]),
  ]
  return parts
}

/** What was not looked at. Of the address it tells nothing that a read would not. */
export function outcomeOf({ address = [], meta }: Patient, isWhole: boolean): OperationOutcome | undefined {
  const isWithheld = meta?.security?.some(({ code }) => code === 'REDACTED')
  const isKnown = address.some(({ postalCode, district, city, state }) => postalCode ?? district ?? city ?? state)
  const issue: OperationOutcome['issue'] = [
    ...(isKnown ? [] : [{ ...(isWithheld ? WITHHELD : NO_ADDRESS), expression: ['Patient.address'] }]),
    ...(isWhole ? [] : [TOO_MANY]),
  ]
  return issue.length > 0 ? { resourceType: 'OperationOutcome', issue } : undefined
}

type Issue = OperationOutcome['issue'][number]
const WITHHELD: Issue = {
  ...{ severity: 'information', code: 'suppressed' },
  diagnostics: 'The address is withheld: no area was looked at.',
}
const NO_ADDRESS: Issue = {
  ...{ severity: 'warning', code: 'not-found' },
  diagnostics: 'The patient has no address: no area was looked at.',
}
const TOO_MANY: Issue = {
  ...{ severity: 'warning', code: 'incomplete' },
  diagnostics: `Of services, teams, people and places ${LOOKED_AT_MAX} each were looked at; there are more.`,
}
