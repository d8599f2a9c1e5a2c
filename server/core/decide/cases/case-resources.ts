import type {
  Basic,
  CarePlan,
  CarePlanActivity,
  Communication,
  Extension,
  Goal,
  GoalTarget,
  Observation,
  QuestionnaireResponse,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import { toDataAccess } from '../plan/data-access.ts'
import { toNamedEvent } from '../plan/named-event.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../schedule/policy.ts'
import { taskCode } from '../words/coded-words.ts'
import type { CaseAsked, CaseEvent, CaseLimit, CaseMeasure, CasePatient } from './pathway-case.ts'

/** Whom a case is about. */
export const SUBJECT = { reference: 'Patient/case' }
const UCUM = 'http://unitsofmeasure.org'
const quantity = ({ value, unit }: Partial<CaseMeasure>) => ({ value, unit, code: unit, system: UCUM })
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })

/** @param canonical of the plan that is followed */
export function carePlanOf({ asked = [], enrolledUntil }: CasePatient, canonical: string, start: string): CarePlan {
  const activity = asked.flatMap((one) => activityOf(one) ?? [])
  return {
    resourceType: 'CarePlan',
    id: 'case',
    status: 'active',
    intent: 'plan',
    subject: SUBJECT,
    instantiatesCanonical: [canonical],
    period: { start, ...(enrolledUntil ? { end: enrolledUntil } : {}) },
    goal: [{ reference: 'Goal/case' }],
    careTeam: [{ reference: 'CareTeam/case' }],
    ...(activity.length > 0 ? { activity } : {}),
  }
}

/** What is to be answered is an activity of the CarePlan; what is to be measured a request of its own. */
function activityOf({ id, questionnaire, repeat, ...policy }: CaseAsked): CarePlanActivity | undefined {
  if (!questionnaire) return undefined
  const instantiatesCanonical = [questionnaire]
  const detail = { status: 'scheduled' as const, description: id, instantiatesCanonical, scheduledTiming: { repeat } }
  return { id, detail: { ...detail, extension: policyOf(policy) } }
}

export function requestsOf({ asked = [] }: CasePatient, start: string): ServiceRequest[] {
  return asked.flatMap(({ id, code, repeat, ...policy }): ServiceRequest[] => {
    if (!code) return []
    return [
      {
        resourceType: 'ServiceRequest',
        id,
        extension: policyOf(policy),
        status: 'active',
        intent: 'order',
        code: { ...loinc(code), text: id },
        subject: SUBJECT,
        basedOn: [{ reference: 'CarePlan/case' }],
        authoredOn: start,
        occurrenceTiming: { repeat },
      },
    ]
  })
}

function policyOf(policy: Omit<CaseAsked, 'id' | 'repeat'>): Extension[] {
  const parts = (['reminder', 'nudge', 'early', 'grace'] as const).flatMap((url) => {
    const minutes = policy[url]
    return minutes === undefined ? [] : [{ url, valueDuration: quantity({ value: minutes, unit: 'min' }) }]
  })
  const missing = policy.missing ? [{ url: 'missing', valueCode: policy.missing }] : []
  return [{ url: OCCURRENCE_POLICY, extension: [...parts, ...missing] }].filter(({ extension }) => extension.length > 0)
}

export function goalOf(limits: CaseLimit[] = [], baseline?: CaseMeasure): Goal {
  return {
    resourceType: 'Goal',
    id: 'case',
    lifecycleStatus: 'active',
    description: { text: 'Egne grenser' },
    subject: SUBJECT,
    target: [...limits.map(targetOf), ...(baseline ? [baselineOf(baseline)] : [])],
  }
}

function targetOf(limit: CaseLimit): GoalTarget {
  const { zone, side, relativeTo, trend, windowDays, from, to, code, comparator } = limit
  const codes = Object.entries({ zone, side, relativeTo, trend }).flatMap(([url, valueCode]) =>
    valueCode === undefined ? [] : [{ url, valueCode }],
  )
  const times = Object.entries({ from, to }).flatMap(([url, valueTime]) => (valueTime ? [{ url, valueTime }] : []))
  const window = windowDays ? [{ url: 'window', valueDuration: quantity({ value: windowDays, unit: 'd' }) }] : []
  return {
    extension: [{ url: LIMIT, extension: [...codes, ...times, ...window] }],
    measure: loinc(code),
    detailQuantity: { ...quantity(limit), ...(comparator ? { comparator } : {}) },
  }
}

const baselineOf = (baseline: CaseMeasure): GoalTarget => ({
  extension: [{ url: LIMIT, extension: [{ url: 'zone', valueCode: 'baseline' }] }],
  measure: loinc(baseline.code),
  detailQuantity: quantity(baseline),
})

export function observationOf({ at, measured }: Extract<CaseEvent, { measured: unknown }>): Observation {
  return {
    resourceType: 'Observation',
    id: measured.id,
    status: (measured.status ?? 'final') as Observation['status'],
    code: loinc(measured.code),
    subject: SUBJECT,
    effectiveDateTime: measured.measuredAt ?? at,
    ...(measured.value === undefined ? {} : { valueQuantity: quantity(measured) }),
  }
}

type Answered = Extract<CaseEvent, { answered: unknown }>
export function responseOf({ at, answered, id, questionnaire, basedOn }: Answered): QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire,
    ...(basedOn ? { basedOn: [{ reference: basedOn }] } : {}),
    subject: SUBJECT,
    authored: at,
    item: Object.entries(answered).map(([linkId, value]) => ({
      linkId,
      answer: [
        typeof value === 'boolean'
          ? { valueBoolean: value }
          : typeof value === 'number'
            ? { valueInteger: value }
            : { valueCoding: { code: value } },
      ],
    })),
  }
}

/** A referral to the plan, as whoever refers sends it. */
export const referralTaskOf = (
  { at, referredBy }: Extract<CaseEvent, { referredBy: string }>,
  canonical: string,
): Task => ({
  resourceType: 'Task',
  id: 'referral',
  status: 'requested',
  intent: 'order',
  code: taskCode('referral'),
  instantiatesCanonical: canonical,
  for: SUBJECT,
  requester: { reference: referredBy },
  owner: { reference: 'CareTeam/case' },
  authoredOn: at,
})

/** What whoever sends messages tells of some. @param messages `CommunicationRequest/1` */
export function communicationOf(at: string, isSent: boolean, messages: string[]): Communication {
  return {
    resourceType: 'Communication',
    id: `told-${messages.map((one) => one.slice('CommunicationRequest/'.length)).join('-')}`,
    status: isSent ? 'completed' : 'not-done',
    subject: SUBJECT,
    basedOn: messages.map((reference) => ({ reference })),
    sent: at,
  }
}

/** @param count how many there have been, for an id of its own */
export const accessOf = ({ at, accessed, by }: Extract<CaseEvent, { accessed: string }>, count: number): Basic => ({
  // A case says no versions: what stood then was given.
  ...toDataAccess({ subject: SUBJECT.reference, at, author: by, given: [`${accessed}/_history/1`] }),
  id: `event-${count}`,
})

export const namedEventOf = ({ at, event, about }: Extract<CaseEvent, { event: string }>, count: number): Basic => ({
  ...toNamedEvent({ name: event, subject: SUBJECT.reference, at, about }),
  id: `event-${count}`,
})
