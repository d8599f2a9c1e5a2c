import type {
  CarePlan,
  Composition,
  CompositionSection,
  Extension,
  Goal,
  GoalTarget,
  PlanDefinition,
  ServiceRequest,
} from '@medplum/fhirtypes'
import { isLimit, ZONE_ADVICE } from '../core/decide/plan/vocabulary.ts'
import { COLOUR_WORDS } from '../core/decide/words/coded-words.ts'
import type { Language } from '../core/decide/words/language.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import { quantityInWords } from '../core/decide/words/words.ts'
import { compositionOf } from './care-plan-document.ts'
import { dayOf, said, section, table } from './narrative-section.ts'
import { PLAN_DOCUMENT_WORDS as WORDS } from './plan-document-words.ts'
import { valueInWords } from './value-words.ts'

const ZONES = ['green', 'yellow', 'red'] as const

export type PlanDocumentFacts = {
  carePlan: CarePlan
  /** The version that is followed, where it is still there. */
  plan: PlanDefinition | undefined
  goals: Goal[]
  /** What the patient is asked to do: orders based on the CarePlan that are in force. */
  requests: ServiceRequest[]
  /** Names of who is responsible, such as the teams of the CarePlan. */
  responsible: string[]
  now: Date
}

/**
 * The plan as it was agreed, as a document: what to do in each zone, where the zones begin, goals, what is asked for, and who is responsible;
 * in each language that people read here. Pure.
 */
export function planDocument(facts: PlanDocumentFacts): Composition {
  const { carePlan, plan, now } = facts
  const { start } = carePlan.period ?? {}
  const title = tell((language) => `${WORDS.title[language]}: ${titleIn(carePlan, plan, language)}`)
  return {
    ...compositionOf({ kind: 'plan', carePlan, title, period: start ? carePlan.period : undefined, now }),
    section: [
      agreedSection(facts),
      zoneSection(facts),
      limitSection(facts),
      goalsSection(facts),
      requestSection(facts.requests),
    ],
  }
}

/** What the plan calls itself in this language; what the CarePlan is called, where the plan is not there any more. */
export const titleIn = (carePlan: CarePlan, plan: PlanDefinition | undefined, language: Language): string =>
  (plan && translated(plan, 'title', language)) ?? carePlan.title ?? WORDS.title[language]

function agreedSection({ carePlan, plan, responsible }: PlanDocumentFacts): CompositionSection {
  const { period } = carePlan
  const rows = (language: Language) => [
    [WORDS.plan[language], [titleIn(carePlan, plan, language), plan?.version].filter(Boolean).join(' ')],
    [WORDS.since[language], period?.start ? dayOf(period.start) : WORDS.unknown[language]],
    ...(period?.end ? [[WORDS.until[language], dayOf(period.end)]] : []),
    ...(responsible.length > 0 ? [[WORDS.responsible[language], responsible.join(', ')]] : []),
  ]
  return section(WORDS.agreed, table([], rows), [`CarePlan/${carePlan.id}`])
}

function zoneSection({ carePlan, plan }: PlanDocumentFacts): CompositionSection {
  const own = (carePlan.extension ?? []).filter(isAdvice)
  const advice = own.length > 0 ? own : (plan?.extension ?? []).filter(isAdvice)
  const ofZone = (zone: string) => advice.find((one) => part(one, 'zone')?.valueCode === zone)
  const zones = ZONES.filter((zone) => ofZone(zone))
  if (zones.length === 0) return section(WORDS.zones, said(WORDS.noZones))
  const rows = (language: Language) =>
    zones.map((zone) => {
      const told = (name: string) => textOf(part(ofZone(zone), name), language)
      return [COLOUR_WORDS[zone][language], told('todo'), told('call'), told('outside-hours')]
    })
  return section(WORDS.zones, table(WORDS.zoneHeader, rows))
}

const isAdvice = ({ url }: Extension): boolean => url === ZONE_ADVICE
const part = (extension: Extension | undefined, name: string): Extension | undefined =>
  extension?.extension?.find(({ url }) => url === name)
const textOf = (extension: Extension | undefined, language: Language): string =>
  extension ? (translated(extension, 'valueString', language) ?? '') : ''

type LimitLine = { what: Told; zone: (typeof ZONES)[number]; isLow: boolean; value: Told; isOwn: boolean }

/** Limits that are a number; those of trends and of the usual value are told by the plan's own text. The person's own count before the plan's. */
function limitSection({ goals, plan }: PlanDocumentFacts): CompositionSection {
  const own = goals.flatMap(({ target = [] }) => target.flatMap((one) => limitLine(one, true)))
  const ofPlan = (plan?.goal ?? []).flatMap(({ target = [] }) =>
    target.flatMap((one) => limitLine(one as GoalTarget, false)),
  )
  const key = ({ what, zone, isLow }: LimitLine) => `${what.nb} ${zone} ${isLow}`
  const named = new Set(own.map(key))
  const lines = [...own, ...ofPlan.filter((line) => !named.has(key(line)))]
  if (lines.length === 0) return section(WORDS.limits, said(WORDS.noLimits))
  const rows = (language: Language) =>
    lines.map(({ what, zone, isLow, value, isOwn }) => [
      what[language],
      COLOUR_WORDS[zone][language],
      `${(isLow ? WORDS.below : WORDS.above)[language]} ${value[language]}`,
      (isOwn ? WORDS.own : WORDS.ofPlan)[language],
    ])
  return section(WORDS.limits, table(WORDS.limitHeader, rows))
}

function limitLine({ extension = [], measure, detailQuantity, detailRange }: GoalTarget, isOwn: boolean): LimitLine[] {
  const limit = extension.find(isLimit)
  const parts = limit?.extension ?? []
  const zone = ZONES.find((one) => one === part(limit, 'zone')?.valueCode)
  const quantity = detailQuantity ?? detailRange?.low ?? detailRange?.high
  const isSimple = parts.every(({ url }) => url === 'zone' || url === 'side')
  if (!zone || !isSimple || quantity?.value === undefined) return []
  const { value, unit, code } = quantity
  return [
    {
      what: tell((language) => (measure && translated(measure, 'text', language)) || codeOf(measure)),
      ...{ zone, isLow: part(limit, 'side')?.valueCode !== 'high', isOwn },
      value: tell((language) => quantityInWords(value, unit ?? code ?? '', language)),
    },
  ]
}

const codeOf = (concept: GoalTarget['measure']): string =>
  concept?.coding?.map(({ display, code }) => display ?? code ?? '')[0] ?? ''

function goalsSection({ goals }: PlanDocumentFacts): CompositionSection {
  const active = goals.filter(({ lifecycleStatus }) => lifecycleStatus !== 'entered-in-error')
  if (active.length === 0) return section(WORDS.goals, said(WORDS.noGoals))
  const rows = (language: Language) =>
    active.map(({ description = {}, startDate }) => [
      translated(description, 'text', language) ?? description.coding?.[0]?.display ?? WORDS.goals[language],
      startDate ? dayOf(startDate) : '',
    ])
  return section(
    WORDS.goals,
    table([WORDS.goals, WORDS.since], rows),
    active.map(({ id }) => `Goal/${id}`),
  )
}

function requestSection(requests: ServiceRequest[]): CompositionSection {
  if (requests.length === 0) return section(WORDS.requests, said(WORDS.noRequests))
  const rows = (language: Language) =>
    requests.map(({ code, occurrenceTiming, patientInstruction }) => [
      (code && translated(code, 'text', language)) ?? codeOf(code),
      occurrenceTiming ? valueInWords(occurrenceTiming, language) : '',
      patientInstruction ?? '',
    ])
  return section(
    WORDS.requests,
    table(WORDS.requestHeader, rows),
    requests.map(({ id }) => `ServiceRequest/${id}`),
  )
}
