import type { ActivityDefinition, Extension, ServiceRequest } from '@medplum/fhirtypes'
import { OCCURRENCE_POLICY } from '../core/decide/schedule/policy.ts'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { QUESTIONNAIRE_REQUEST } from '../core/fhir/questionnaire-request.ts'
import { activityDefinition } from './copd-pathway.ts'
import { type DemoPatient, subjectOf } from './roster.ts'
import { DAYS } from './timeline.ts'

const COLLECT_WITH = 'http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith'
/** What the plan for COPD asks of everybody whom it follows. */
const ACTIVITIES = ['measure-spo2-and-pulse', 'copd-answer-diary', 'copd-weigh']
/** The made-up measurements come when the person usually gets up, not when the plan asks. */
const EARLY_HOURS = 5
const GRACE_HOURS = 12

/**
 * What a patient is asked for, as an enrolment orders it. Of the patient alone who has a login: an app shows what to do now. What does not
 * come makes no Task of its own, for the demo's days begin when it is started; the rule of the plan about silence holds all the same.
 */
export function demoOrders(patient: DemoPatient, now: Date): ServiceRequest[] {
  const start = toOsloDateTime(fromOsloClock(addDays(toOsloClock(now).date, -DAYS), 10 * 60))
  return ACTIVITIES.map((id) => {
    const activity = activityDefinition(id)
    const form = activity.extension?.find(({ url }) => url === COLLECT_WITH)?.valueCanonical
    return {
      resourceType: 'ServiceRequest',
      id: `demo-${patient.slug}-${id.replace(/^copd-/, '')}`,
      extension: [
        ...(form ? [{ url: QUESTIONNAIRE_REQUEST, valueReference: { reference: form } }] : []),
        policyOf(activity),
      ],
      instantiatesCanonical: [`${activity.url}|${activity.version}`],
      basedOn: [{ reference: `CarePlan/demo-${patient.slug}-kols` }],
      status: 'active',
      intent: 'order',
      code: activity.code,
      subject: subjectOf(patient),
      occurrenceTiming: activity.timingTiming,
      authoredOn: start,
      requester: { reference: 'Practitioner/demo-doctor' },
      ...(activity.description ? { patientInstruction: activity.description } : {}),
    }
  })
}

const hours = (value: number) => ({ value, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' })
/** What is to be done some time of the day has the whole of it. */
function policyOf({ timingTiming }: ActivityDefinition): Extension {
  const hasTime = (timingTiming?.repeat?.timeOfDay ?? []).length > 0
  return {
    url: OCCURRENCE_POLICY,
    extension: [
      ...(hasTime
        ? [
            { url: 'early', valueDuration: hours(EARLY_HOURS) },
            { url: 'grace', valueDuration: hours(GRACE_HOURS) },
          ]
        : []),
      { url: 'missing', valueCode: 'none' },
    ],
  }
}
