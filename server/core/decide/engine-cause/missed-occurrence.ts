import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import { type AskedFor, toAskedFor } from '../schedule/asked-for.ts'
import { occurrencesBetween } from '../schedule/follow-schedule.ts'
import { isResultOf } from '../schedule/fulfilment.ts'
import { madeAt } from '../schedule/made-at.ts'
import type { AskedOccurrence } from '../schedule/occurrences.ts'
import { OCCURRENCE_POLICY } from '../schedule/policy.ts'
import type { Language } from '../words/language.ts'
import { momentInWords } from '../words/moment-in-words.ts'

/** Who asked at one moment, as each was then. */
export type AskingThen = {
  /** `Type/id` of what asks, and which of its activities. */
  about: string
  activity: string
  /** What asks: a ServiceRequest, CarePlan or Task. */
  request: Resource
  carePlans: CarePlan[]
  plansOf: (carePlan: CarePlan) => PlanDefinition[]
}

/** Who says how an occurrence is followed; `default`: nobody does, and the usual holds. */
export type PolicySource = 'request' | 'care-plan' | 'plan' | 'default'

/** One thing that was asked for at one time, and did not come. */
export type MissedOccurrence = {
  asked: AskedFor
  occurrence: AskedOccurrence
  request: Resource
  plan?: PlanDefinition
  /** Part of following a plan, or an order of its own. */
  askedBy: 'plan' | 'order'
  graceFrom: PolicySource
}

/**
 * The occurrence that was due then, worked out anew from what asked then.
 * @returns undefined where what is kept does not ask for anything at that time, as when it was written back with other times
 */
export function missedOccurrence(then: AskingThen, dueAt: Date): MissedOccurrence | undefined {
  const { about, activity, request, carePlans, plansOf } = then
  const own = <T>(type: string) => (request.resourceType === type ? [request as unknown as T] : [])
  const { asked } = toAskedFor({
    carePlans: [...carePlans, ...own<CarePlan>('CarePlan')],
    requests: own('ServiceRequest'),
    tasks: own('Task'),
    plansOf,
    only: new Set([about]),
  })
  const one = asked.find(({ name }) => name === activity)
  const occurrence = one && occurrencesBetween(one, new Date(dueAt.getTime() - 1), dueAt).find(isDue(dueAt))
  if (!one || !occurrence) return undefined
  const [plan] = one.carePlan ? plansOf(one.carePlan) : []
  return {
    ...{ asked: one, occurrence, request },
    ...(plan ? { plan } : {}),
    askedBy: plan ? 'plan' : 'order',
    graceFrom: graceFrom(then, one, plan),
  }
}

const isDue = (dueAt: Date) => (occurrence: AskedOccurrence) => occurrence.dueAt.getTime() === dueAt.getTime()

function graceFrom({ request, activity }: AskingThen, { carePlan }: AskedFor, plan?: PlanDefinition): PolicySource {
  const activities = request.resourceType === 'CarePlan' ? ((request as unknown as CarePlan).activity ?? []) : []
  const detail = activities.find(({ id }, i) => (id ?? `activity[${i}]`) === activity)?.detail
  const holders: [PolicySource, object | undefined][] = [
    ['request', request.resourceType === 'CarePlan' ? detail : request],
    ['care-plan', carePlan],
    ['plan', plan],
  ]
  return holders.find(([, holder]) => saysGrace(holder))?.[0] ?? 'default'
}

function saysGrace(holder: object | undefined): boolean {
  const { extension = [] } = (holder ?? {}) as { extension?: { url: string; extension?: { url: string }[] }[] }
  const policies = extension.filter(({ url }) => url === OCCURRENCE_POLICY)
  return policies.some((policy) => policy.extension?.some(({ url }) => url === 'grace'))
}

/** What was looked at: results of what was asked for, by when they were made. */
export type Sought = {
  /** Made within the window and known then: each counted for an occurrence before. */
  within: Resource[]
  /** The last one made before the window opened, as far back as was looked. */
  before?: Resource
  /** Made within the window, and here only after it had been missed. */
  late: Resource[]
}

/**
 * @param known results as they were when the occurrence was found missing
 * @param now   the same as they are now
 */
export function soughtFor({ asked, occurrence }: MissedOccurrence, known: Resource[], now: Resource[]): Sought {
  const { opensAt, closesAt } = occurrence
  const isWithin = (result: Resource) => madeAt(result) >= +opensAt && madeAt(result) < +closesAt
  const mine = known.filter((result) => isResultOf(asked, result))
  const before = mine
    .filter((result) => madeAt(result) < +opensAt)
    .sort((one, other) => madeAt(one) - madeAt(other))
    .at(-1)
  const ids = new Set(mine.map(({ id }) => id))
  return {
    within: mine.filter(isWithin),
    ...(before ? { before } : {}),
    late: now.filter((result) => isResultOf(asked, result) && isWithin(result) && !ids.has(result.id)),
  }
}

type Words = {
  asked: (title: string, request: string) => string
  by: Record<MissedOccurrence['askedBy'], (plan: string) => string>
  due: (due: string, opens: string, closes: string) => string
  source: Record<PolicySource, string>
  none: string
  used: (count: number) => string
  before: (at: string) => string
  late: (at: string) => string
}

const WORDS: Readonly<Record<Language, Words>> = {
  nb: {
    asked: (title, request) => `«${title}» var bedt om (${request})`,
    by: { plan: (plan) => `som del av planen ${plan}.`, order: () => 'i en egen bestilling, uten plan.' },
    due: (due, opens, closes) =>
      `Den skulle komme ${due}; det som ble målt eller besvart fra ${opens} til ${closes}, telte`,
    source: {
      request: 'fristen står i bestillingen',
      'care-plan': 'fristen står i pasientens plan',
      plan: 'fristen står i planen',
      default: 'ingen frist er satt, så den vanlige gjelder',
    },
    none: 'Ingenting av det som var kommet da tiden var ute, lå i dette tidsrommet.',
    used: (count) => `${count} i dette tidsrommet telte for et tidligere tidspunkt, så for dette kom det ingenting.`,
    before: (at) => `Det siste før det var fra ${at}.`,
    late: (at) => `Senere kom det ett fra ${at}.`,
  },
  nn: {
    asked: (title, request) => `«${title}» var bede om (${request})`,
    by: { plan: (plan) => `som del av planen ${plan}.`, order: () => 'i ei eiga bestilling, utan plan.' },
    due: (due, opens, closes) =>
      `Det skulle kome ${due}; det som vart målt eller svart på frå ${opens} til ${closes}, talde`,
    source: {
      request: 'fristen står i bestillinga',
      'care-plan': 'fristen står i planen til pasienten',
      plan: 'fristen står i planen',
      default: 'ingen frist er sett, så den vanlege gjeld',
    },
    none: 'Ingenting av det som var kome då tida var ute, låg i dette tidsrommet.',
    used: (count) => `${count} i dette tidsrommet talde for eit tidlegare tidspunkt, så for dette kom det ingenting.`,
    before: (at) => `Det siste før det var frå ${at}.`,
    late: (at) => `Seinare kom det eitt frå ${at}.`,
  },
  en: {
    asked: (title, request) => `“${title}” was asked for (${request})`,
    by: { plan: (plan) => `as part of the plan ${plan}.`, order: () => 'by an order of its own, without a plan.' },
    due: (due, opens, closes) => `It was due ${due}; what was measured or answered from ${opens} to ${closes} counted`,
    source: {
      request: 'the order says how long',
      'care-plan': 'the patient’s plan says how long',
      plan: 'the plan says how long',
      default: 'nobody has said how long, so the usual holds',
    },
    none: 'Nothing of what had come when the time was over lay in this window.',
    used: (count) => `${count} in this window counted for an earlier time, so nothing came for this one.`,
    before: (at) => `The last before it was from ${at}.`,
    late: (at) => `Later one came from ${at}.`,
  },
}

/** In plain language: who asked, when it was due and until when it would have counted, and that nothing came. */
export function missedInWords(missed: MissedOccurrence, sought: Sought, language: Language): string {
  const words = WORDS[language]
  const { asked, occurrence, request, plan, askedBy, graceFrom } = missed
  const at = (moment: Date) => momentInWords(moment, language)
  const title = plan ? `${plan.title ?? plan.name ?? plan.url} (${plan.version ?? '–'})` : ''
  const lastLate = sought.late.at(-1)
  return [
    `${words.asked(asked.title, versionedReference(request))} ${words.by[askedBy](title)}`,
    `${words.due(at(occurrence.dueAt), at(occurrence.opensAt), at(occurrence.closesAt))} (${words.source[graceFrom]}).`,
    sought.within.length > 0 ? words.used(sought.within.length) : words.none,
    ...(sought.before ? [words.before(at(new Date(madeAt(sought.before))))] : []),
    ...(lastLate ? [words.late(at(new Date(madeAt(lastLate))))] : []),
  ].join(' ')
}
