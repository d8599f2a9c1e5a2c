import type { CarePlan, ClinicalImpression, PlanDefinition, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import { decide } from '../../../server/core/decide/decide.ts'
import { type CompiledPlan, compilePlan, type Definition } from '../../../server/core/decide/plan/compile-plan.ts'
import type { Resource } from '../../../server/core/fhir/resource.ts'
import { calculated } from '../../form/answering.ts'
import { LANGUAGES, type Language } from '../../texts/language.ts'
import { ZONES } from '../../ui/zone.ts'
import type { OwnRecord } from '../record/record.ts'
import type { Entry, Made, PhoneVerdict } from '../sending/entry.ts'
import { asStored, resultsOf } from '../today/day.ts'
import { verdictOf } from '../today/zone.ts'

/** Plans are looked through once, as long as they are the same ones. */
const compiled = new WeakMap<PlanDefinition, CompiledPlan>()

/**
 * What the patient's plans say of something that was just measured or answered: the engine's own core, with what the phone knows. The most
 * urgent of several plans counts.
 * @param earlier saved before it and not in the record yet
 * @returns undefined where no plan looks at it
 */
export function judge(
  record: OwnRecord,
  earlier: readonly Entry[],
  entry: Pick<Entry, 'id' | 'resource' | 'savedAt'>,
  now: Date,
): PhoneVerdict | undefined {
  const current = asStored({ ...entry, state: 'waiting' }) as unknown as Resource
  const verdicts = record.carePlans.flatMap((carePlan) => {
    const plan = planOf(carePlan, record)
    if (!plan) return []
    const { triage } = decide({
      ...{ plan, carePlan, goals: record.goals, now },
      happening: { kind: 'data', interaction: 'create', current },
      history: [...resultsOf(record, earlier), current],
      openTasks: record.tasks,
      requests: record.requests as unknown as Resource[],
      subject: record.patient as unknown as Resource,
      newId: () => crypto.randomUUID(),
    })
    return triage ? (toVerdict(triage.impression, now) ?? []) : []
  })
  const verdict = ZONES.flatMap((zone) => verdicts.filter((one) => one.zone === zone))[0]
  return verdict?.zone === 'green' && isWorkedOutLater(entry.resource, record) ? undefined : verdict
}

/** What the server works out in a form, and the phone could not: without it a plan finds nothing wrong, which is no green. */
export function isWorkedOutLater(resource: Made, { questionnaires }: Pick<OwnRecord, 'questionnaires'>): boolean {
  if (resource.resourceType !== 'QuestionnaireResponse') return false
  const [url, version] = resource.questionnaire?.split('|') ?? []
  const forms = questionnaires.filter((one) => one.url === url && (version === undefined || one.version === version))
  const answered = linkIdsIn(resource.item)
  return forms.some(({ item }) => calculated(item).some(({ linkId = '' }) => !answered.has(linkId)))
}

const linkIdsIn = (items: QuestionnaireResponseItem[] = []): Set<string> =>
  new Set(
    items.flatMap(({ linkId = '', item, answer = [] }) => [
      ...(answer.length > 0 ? [linkId] : []),
      ...linkIdsIn(item),
      ...answer.flatMap((one) => [...linkIdsIn(one.item)]),
    ]),
  )

function planOf({ instantiatesCanonical = [] }: CarePlan, record: OwnRecord): CompiledPlan | undefined {
  const definition = record.plans.find(({ url }) => instantiatesCanonical.some((one) => one.split('|')[0] === url))
  if (!definition) return undefined
  const known = compiled.get(definition)
  if (known) return known
  const definitions: Definition[] = [...record.activities, ...record.questionnaires]
  const find = (canonical: string) => {
    const [url, version] = canonical.split('|')
    return definitions.find((one) => one.url === url && (version === undefined || one.version === version))
  }
  const plan = compilePlan(definition, find)
  compiled.set(definition, plan)
  return plan
}

function toVerdict(impression: ClinicalImpression, now: Date): PhoneVerdict | undefined {
  const found = LANGUAGES.map((language) => [language, verdictOf(impression, language)] as const)
  const verdict = found[0]?.[1]
  if (!verdict) return undefined
  const reason = Object.fromEntries(found.map(([language, one]) => [language, one?.reason ?? ''])) as Record<
    Language,
    string
  >
  return { zone: verdict.zone, reason, at: (verdict.at ?? now).toISOString() }
}
