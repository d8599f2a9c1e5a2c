import type { Coding, Consent, Extension, PlanDefinition } from '@medplum/fhirtypes'
import type { PlanProblem } from '../../core/decide/plan/plan-problem.ts'
import { FYLGJE } from '../../core/decide/plan/vocabulary.ts'
import { type Told, tell } from '../../core/decide/words/told.ts'
import { translated } from '../../core/decide/words/translated.ts'

/** On a PlanDefinition: nobody is followed by it without this legal basis. Several are needed all. */
export const LEGAL_BASIS_REQUIRED = `${FYLGJE}/StructureDefinition/legal-basis-required`

/** On a PlanDefinition: nobody else takes its patients over, and sees their record for it, without this legal basis. Several are needed all. */
export const HANDOVER_BASIS_REQUIRED = `${FYLGJE}/StructureDefinition/handover-basis-required`

/** One legal basis that a plan demands; any of what it names will do. */
export type LegalDemand = {
  /** What people call it. */
  title?: Told
  /** Laws, regulations, agreements, by the uris that they are known by. */
  policies: string[]
  /** Categories of a Consent of the patient's. */
  consents: Coding[]
}

/** What a plan demands before anybody is followed by it; most demand nothing. */
export const demandsOf = ({ extension = [] }: Pick<PlanDefinition, 'extension'>): LegalDemand[] =>
  extension.filter(({ url }) => url === LEGAL_BASIS_REQUIRED).map(toDemand)

/** What an extension demands, by its parts title, policy and consent. */
export function toDemand({ extension: parts = [] }: Extension): LegalDemand {
  const title = parts.find(({ url }) => url === 'title')
  return {
    ...(title?.valueString ? { title: tell((language) => translated(title, 'valueString', language) ?? '') } : {}),
    policies: parts.flatMap(({ url, valueUri }) => (url === 'policy' && valueUri ? [valueUri] : [])),
    consents: parts.flatMap(({ url, valueCoding }) => (url === 'consent' && valueCoding ? [valueCoding] : [])),
  }
}

/** Whether a Consent is of a category that the demand names. */
export const isOfCategory = ({ consents }: LegalDemand, { category = [] }: Consent): boolean =>
  category.some(({ coding = [] }) =>
    coding.some((one) => consents.some(({ system, code }) => one.system === system && one.code === code)),
  )

/** What would do, for whoever has to bring it: «samtykke til X, eller https://lovdata.no/…». */
export const demandInWords = ({ title, policies, consents }: LegalDemand): Told =>
  tell((language) => {
    const named = consents.map(({ display, code }) => `${WORDS[language].consent} ${display ?? code}`)
    const ways = [...named, ...policies].join(`, ${WORDS[language].or} `)
    return title ? `${title[language]} (${ways})` : ways
  })

const WORDS = {
  nb: { consent: 'pasientens samtykke:', or: 'eller' },
  nn: { consent: 'samtykket til pasienten:', or: 'eller' },
  en: { consent: 'the patient’s consent:', or: 'or' },
} as const

/** What is wrong with the demands themselves: one that nothing can meet would keep everybody out. */
export const checkDemands = (plan: PlanDefinition): PlanProblem[] =>
  (plan.extension ?? []).flatMap((extension, i) => {
    if (extension.url !== LEGAL_BASIS_REQUIRED && extension.url !== HANDOVER_BASIS_REQUIRED) return []
    const at = `PlanDefinition.extension[${i}]`
    const { policies, consents } = toDemand(extension)
    if (policies.length + consents.length === 0) {
      return [
        { diagnostics: 'A legal basis that is demanded names a policy, or the category of a consent.', expression: at },
      ]
    }
    const wrong = (diagnostics: string): PlanProblem => ({ diagnostics, expression: `${at}.extension` })
    return [
      ...policies.flatMap((uri) => (isAbsolute(uri) ? [] : [wrong(`The policy '${uri}' must be an absolute uri.`)])),
      ...consents.flatMap(({ system, code }) =>
        system && code ? [] : [wrong('The category of a consent has a system and a code.')],
      ),
    ]
  })

/** A legal basis is known by a name that is the same everywhere. */
export const isAbsolute = (uri: string): boolean => /^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)
