import type { Consent, PlanDefinition } from '@medplum/fhirtypes'
import type { Language } from '../core/decide/words/language.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import { isGiven, type LegalBasis, missingBasis } from '../lifecycle/legal-basis/basis.ts'
import { demandInWords, isOfCategory } from '../lifecycle/legal-basis/demands.ts'
import type { DefinitionReader } from './definition-reader.ts'

type Enrolling = {
  reader: DefinitionReader
  /** `Patient/1` */
  subject: string
  now: Date
  language: Language
}

/**
 * By what right somebody is enrolled: what the caller names, and beside it the Consents of the patient that meet what the plan still
 * demands, as far as the caller may read them.
 * @param named policies, and Consents as `Consent/1`
 * @throws Refusal business-rule (a Consent that is not given by this patient now; each legal basis that the plan demands and nobody has
 *   brought), not-found, value
 */
export async function settleBasis(
  plan: PlanDefinition,
  named: LegalBasis,
  { reader, subject, now, language }: Enrolling,
): Promise<LegalBasis> {
  const given = await Promise.all(named.consents.map((reference) => readGiven(reference, { reader, subject, now })))
  const wanting = missingBasis(plan, { ...named, given }).filter(({ consents }) => consents.length > 0)
  const standing = wanting.length > 0 ? await readConsents(reader, subject, now) : []
  const found = standing.filter((consent) => wanting.some((demand) => isOfCategory(demand, consent)))
  const missing = missingBasis(plan, { ...named, given: [...given, ...found] })
  if (missing.length > 0) {
    throw new Refusal(
      missing.map(
        (demand): Issue => ({
          ...{ severity: 'error', code: 'business-rule' },
          diagnostics: NEEDED[language](demandInWords(demand)[language]),
          // Which parameter could bring it.
          expression: [
            ...(demand.policies.length > 0 ? ['policy'] : []),
            ...(demand.consents.length > 0 ? ['consent'] : []),
          ],
        }),
      ),
    )
  }
  const consents = [...named.consents, ...found.map(({ id }) => `Consent/${id}`)]
  return { policies: [...new Set(named.policies)], consents: [...new Set(consents)] }
}

const NEEDED = {
  nb: (what: string) => `Planen krever et rettslig grunnlag som ingen har oppgitt: ${what}.`,
  nn: (what: string) => `Planen krev eit rettsleg grunnlag som ingen har oppgjeve: ${what}.`,
  en: (what: string) => `The plan demands a legal basis that nobody has named: ${what}.`,
}

async function readGiven(reference: string, { reader, subject, now }: Omit<Enrolling, 'language'>): Promise<Consent> {
  const consent = (await reader.read(reference, 'consent')) as unknown as Consent
  if (isGiven(consent, subject, now)) return consent
  throw refuse('business-rule', `${reference} is no consent that ${subject} gives now.`, 'consent')
}

const readConsents = async (reader: DefinitionReader, patient: string, now: Date): Promise<Consent[]> =>
  ((await reader.search('Consent', { patient, status: 'active' })) as unknown as Consent[]).filter((consent) =>
    isGiven(consent, patient, now),
  )
