import type { CodeableConcept, Coding, Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import { EVERYONE } from '../../access/vocabulary.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { SECURITY_PATH } from '../../search/reach-condition.ts'
import { aboutToken, systemCodeToken, tokenHash } from '../../search/token-hash.ts'
import { isAboutAccess, rulesOf } from './consent-rules.ts'
import { type Bounds, boundsOf, overlap } from './period.ts'
import { type AccessRowsBasis, CLOSES_ITSELF, type RelationRow, type RestrictionRow } from './relation-row.ts'

/** Who may be given something by a Consent, beside those who have it by their work. */
const GRANTED = /^(?:RelatedPerson|Practitioner|PractitionerRole|Organization|CareTeam)\//

/** What a Consent in force grants, and what it closes. Of what `check-consent.ts` has let in. */
export function consentRows(
  consent: Consent,
  basis: AccessRowsBasis,
): { relation: RelationRow[]; restriction: RestrictionRow[] } {
  const patient = idIn(consent.patient, basis.baseUrl)
  if (consent.status !== 'active' || !isAboutAccess(consent) || patient === undefined) {
    return { relation: [], restriction: [] }
  }
  const lasting = boundsOf(consent.provision?.period)
  const about = { patient, compartment: tokenHash(aboutToken(patient)) }
  const own = `Consent/${consent.id}`
  const toRestriction = (one: ConsentProvision, rule: number, exception: boolean): RestrictionRow => ({
    ...{ rule, exception, ...about },
    ...{ whom: whomOf(one, basis.baseUrl) ?? [EVERYONE] },
    ...asColumns(overlap(lasting, boundsOf(one.period))),
    ...whatOf(one, basis),
  })
  const { closes, grants } = rulesOf(consent, basis)
  return {
    relation: grants.flatMap((one) => {
      const { types, codes } = whatOf(one, basis)
      const grantees = (whomOf(one, basis.baseUrl) ?? []).filter((key) => GRANTED.test(key))
      return grantees.map((grantee) => ({
        ...{ grantee, ...about, kind: 'granted' as const, types, codes },
        ...asColumns(overlap(lasting, boundsOf(one.period))),
      }))
    }),
    restriction: closes.flatMap(({ what, but }, rule) => {
      const row = toRestriction(what, rule, false)
      return [row, ...but.map((one) => toRestriction(one, rule, true)), closesItself(row, own)]
    }),
  }
}

/** What a Consent says of what is closed is closed to the same: they learn that there is something, not what. */
const closesItself = (row: RestrictionRow, own: string): RestrictionRow => ({
  ...row,
  rule: row.rule + CLOSES_ITSELF,
  ...{ types: null, codes: null, labels: null, low: null, high: null },
  data: [own],
})

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
