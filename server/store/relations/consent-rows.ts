import type { CodeableConcept, Coding, Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import { EVERYONE } from '../../access/vocabulary.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { aboutToken, systemCodeToken, tokenHash } from '../../search/token-hash.ts'
import { type Bounds, boundsOf, overlap } from './period.ts'
import type { AccessRowsBasis, RelationRow, RestrictionRow } from './relation-row.ts'

export const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope'
export const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'
export const SECURITY_PATH = 'Resource.meta.security'

/** A Consent that says who may see what. Those of another scope (research, treatment) decide nothing here. */
export const isAboutAccess = ({ scope }: Pick<Consent, 'scope'>): boolean =>
  (scope?.coding ?? []).some(({ system, code }) => system === CONSENT_SCOPE && code === 'patient-privacy')

/** Who may be given something by a Consent, beside those who have it by their work. */
const GRANTED = /^(?:RelatedPerson|Practitioner|PractitionerRole|Organization|CareTeam)\//

/**
 * What a Consent in force grants, and what it closes: its provision is the rule, the provisions within are its exceptions. Of what
 * `check-consent.ts` has let in.
 */
export function consentRows(
  consent: Consent,
  basis: AccessRowsBasis,
): { relation: RelationRow[]; restriction: RestrictionRow[] } {
  const { provision, status } = consent
  const patient = idIn(consent.patient, basis.baseUrl)
  if (status !== 'active' || !isAboutAccess(consent) || !provision || patient === undefined) {
    return { relation: [], restriction: [] }
  }
  const lasting = boundsOf(provision.period)
  const closed = provision.type === 'deny'
  const own = `Consent/${consent.id}`
  const exceptions = provision.provision ?? []
  const toRestriction = (one: ConsentProvision, rule: number, exception: boolean): RestrictionRow => ({
    ...{ rule, exception, patient, compartment: tokenHash(aboutToken(patient)) },
    ...{ whom: whomOf(one, basis.baseUrl) ?? whomOf(provision, basis.baseUrl) ?? [EVERYONE] },
    ...asColumns(overlap(lasting, boundsOf(one.period))),
    ...whatOf(one, basis),
  })
  if (closed) {
    const base = toRestriction(provision, 0, false)
    return {
      relation: [],
      restriction: [
        base,
        ...exceptions.filter(({ type }) => type === 'permit').map((one) => toRestriction(one, 0, true)),
        closesItself(base, own),
      ],
    }
  }
  const grantees = (whomOf(provision, basis.baseUrl) ?? []).filter((key) => GRANTED.test(key))
  const { types, codes } = whatOf(provision, basis)
  return {
    relation: grantees.map((grantee) => ({
      ...{ grantee, patient, compartment: tokenHash(aboutToken(patient)), kind: 'granted' as const, types, codes },
      ...asColumns(lasting),
    })),
    restriction: exceptions
      .filter(({ type }) => type === 'deny')
      .map((one, i) => toRestriction(one, i + 1, false))
      .flatMap((row) => [row, closesItself(row, own)]),
  }
}

/** What a Consent says of what is closed is closed to the same: they learn that there is something, not what. */
const closesItself = (row: RestrictionRow, own: string): RestrictionRow => ({
  ...row,
  rule: row.rule + CLOSES_ITSELF,
  ...{ types: null, codes: null, labels: null, low: null, high: null },
  data: [own],
})
const CLOSES_ITSELF = 500

const asColumns = ({ from, to }: Bounds) => ({ from_at: from, to_at: to })

function idIn(reference: Reference | undefined, baseUrl: string): string | undefined {
  const literal = reference?.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
  return literal?.type === 'Patient' ? literal.id : undefined
}

function whomOf({ actor = [] }: ConsentProvision, baseUrl: string): string[] | undefined {
  if (actor.length === 0) return undefined
  return actor.flatMap(({ reference }) => {
    const literal = reference.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
    return literal ? `${literal.type}/${literal.id}` : []
  })
}

type What = Pick<RestrictionRow, 'types' | 'codes' | 'labels' | 'data' | 'low' | 'high'>

function whatOf(
  { class: classes, code, securityLabel, data, dataPeriod }: ConsentProvision,
  basis: AccessRowsBasis,
): What {
  const done = dataPeriod && boundsOf(dataPeriod)
  return {
    types: listOf(classes, ({ code: type }) => (type ? [type] : [])),
    codes: listOf(code, (concept) => codeTokens(concept, basis.codePaths())),
    labels: listOf(securityLabel, ({ system = '', code: label = '' }) => [
      tokenHash(systemCodeToken(SECURITY_PATH, system, label)),
    ]),
    data: listOf(data, ({ reference }) => {
      const literal = reference.reference ? parseLiteralReference(reference.reference, basis.baseUrl) : undefined
      return literal ? [`${literal.type}/${literal.id}`] : []
    }),
    low: done ? done.from : null,
    high: done ? done.to : null,
  }
}

const listOf = <T>(list: T[] | undefined, toTexts: (one: T) => string[]): string[] | null =>
  list && list.length > 0 ? [...new Set(list.flatMap(toTexts))] : null

/** A code is closed wherever a type has it as its `code`. */
const codeTokens = ({ coding = [] }: CodeableConcept, paths: readonly string[]): string[] =>
  coding.flatMap(({ system = '', code }: Coding) =>
    code ? paths.map((path) => tokenHash(systemCodeToken(path, system, code))) : [],
  )
