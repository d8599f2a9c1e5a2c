import type { CarePlan, Extension, Goal, GoalTarget } from '@medplum/fhirtypes'
import { LIMIT } from '../core/decide/plan/vocabulary.ts'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { RESPONSE_TEAM } from './organizations.ts'
import { type DemoPatient, subjectOf } from './roster.ts'
import { DAYS } from './timeline.ts'

const SPO2 = {
  coding: [
    { system: 'http://loinc.org', code: '59408-5' },
    { system: 'http://loinc.org', code: '2708-6' },
  ],
  text: 'SpO2',
}

/**
 * What makes a patient followed: the plan as it was agreed, and a Goal with the limits.
 * @param plan canonical of the PlanDefinition, with its version
 */
export function demoEnrolment(patient: DemoPatient, plan: string, now: Date): (CarePlan | Goal)[] {
  const { slug } = patient
  const subject = subjectOf(patient)
  const start = addDays(toOsloClock(now).date, -DAYS)
  const goal: Goal = {
    resourceType: 'Goal',
    id: `demo-${slug}-spo2`,
    lifecycleStatus: 'active',
    description: { text: patient.limits ? 'Egne grenser for oksygenmetning' : 'Oksygenmetning som vanlig' },
    subject,
    startDate: start,
    expressedBy: { reference: 'Practitioner/demo-doctor' },
    target: targetsOf(patient),
  }
  const carePlan: CarePlan = {
    resourceType: 'CarePlan',
    id: `demo-${slug}-kols`,
    instantiatesCanonical: [plan],
    status: 'active',
    intent: 'plan',
    title: 'Digital hjemmeoppfølging ved KOLS',
    subject,
    period: { start: toOsloDateTime(fromOsloClock(start, 10 * 60)) },
    created: toOsloDateTime(fromOsloClock(start, 10 * 60)),
    author: { reference: 'Practitioner/demo-doctor' },
    careTeam: [RESPONSE_TEAM],
    addresses: [{ reference: `Condition/demo-${slug}-kols` }],
    goal: [{ reference: `Goal/${goal.id}` }],
  }
  return [goal, carePlan]
}

/** The person's usual value always; limits only where they differ from the plan's own. */
function targetsOf({ limits, baseline }: DemoPatient): GoalTarget[] {
  const usual = percent([part('zone', 'baseline')], Math.round(baseline.spo2))
  if (!limits) return [usual]
  return [
    percent([part('zone', 'yellow'), part('side', 'low')], limits.yellowBelow, '<'),
    percent([part('zone', 'red'), part('side', 'low')], limits.redBelow, '<'),
    usual,
  ]
}

function percent(parts: Extension[], value: number, comparator?: '<'): GoalTarget {
  return {
    extension: [{ url: LIMIT, extension: parts }],
    measure: SPO2,
    detailQuantity: {
      value,
      ...(comparator ? { comparator } : {}),
      unit: '%',
      system: 'http://unitsofmeasure.org',
      code: '%',
    },
  }
}

const part = (url: string, valueCode: string): Extension => ({ url, valueCode })
