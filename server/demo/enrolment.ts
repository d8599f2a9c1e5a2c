import type { CarePlan, Extension, Goal, GoalTarget, Provenance, ServiceRequest } from '@medplum/fhirtypes'
import { limitsProvenance } from '../core/decide/limits/limits-provenance.ts'
import { LIMIT } from '../core/decide/plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../core/decide/schedule/policy.ts'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { activityDefinition } from './copd-pathway.ts'
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
export function demoEnrolment(
  patient: DemoPatient,
  plan: string,
  now: Date,
): (CarePlan | Goal | Provenance | ServiceRequest)[] {
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
  const limitsSet: Provenance = {
    ...limitsProvenance({
      ...{ goal: `Goal/${goal.id}/_history/1`, subject: subject.reference, actor: 'Practitioner/demo-doctor' },
      reason: patient.limits ? OWN_REASON : 'Som vanlig for pasienten; forløpets grenser gjelder.',
      at: fromOsloClock(start, 10 * 60),
    }),
    id: `demo-${slug}-limits-set`,
  }
  // Whoever has fallen silent is missed by the plan's own clock; a second one would miss them twice. Line has orders of her own.
  const asked = patient.story === 'silent' || slug === 'line' ? [] : [measuring(patient, carePlan, start)]
  return [goal, carePlan, limitsSet, ...asked]
}

const OWN_REASON = 'Lav metning i stabil fase; grensene er avtalt med pasienten og fastlegen.'

/**
 * What the plan asks everybody for each morning. It was agreed that somebody asks when three days have gone by: a demo that is left running
 * over night has patients who measure no more until it is started again.
 */
function measuring({ slug }: DemoPatient, carePlan: CarePlan, start: string): ServiceRequest {
  const { url, version, code, timingTiming } = activityDefinition('measure-spo2-and-pulse')
  return {
    ...{ resourceType: 'ServiceRequest', id: `demo-${slug}-measure`, status: 'active', intent: 'order' },
    extension: [{ url: OCCURRENCE_POLICY, extension: [{ url: 'grace', valueDuration: GRACE }] }],
    instantiatesCanonical: [`${url}|${version}`],
    ...(code && { code }),
    subject: carePlan.subject,
    ...(timingTiming && { occurrenceTiming: timingTiming }),
    authoredOn: toOsloDateTime(fromOsloClock(start, 10 * 60)),
    requester: { reference: 'Practitioner/demo-doctor' },
    basedOn: [{ reference: `CarePlan/${carePlan.id}` }],
  }
}

const GRACE = { value: 3, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }

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
