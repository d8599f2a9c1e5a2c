import { listOf, type Make, noteOf, reference, requesterOf } from './request-parts.ts'

/**
 * The kinds of https://hl7.org/fhir/R4/valueset-request-resource-types.html that a pathway seldom asks for. An ActivityDefinition
 * has no place for much of what some of them need; that must come by dynamicValue (see required-content.ts).
 */
export const RARER_KINDS: Record<string, Make> = {
  AppointmentResponse: ({ activity, context }) => ({
    resourceType: 'AppointmentResponse',
    actor: reference(context.practitioner ?? context.subject),
    participantStatus: 'needs-action',
    start: activity.timingPeriod?.end ? activity.timingPeriod.start : undefined,
    end: activity.timingPeriod?.start ? activity.timingPeriod.end : undefined,
    comment: activity.description,
  }),
  CarePlan: ({ activity, context, canonical, intent }) => ({
    resourceType: 'CarePlan',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    // request-intent knows orders of several sorts, a CarePlan one.
    intent: intent.endsWith('order') ? 'order' : intent === 'directive' ? 'proposal' : intent,
    category: listOf(activity.code),
    title: activity.title,
    description: activity.description,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    period: activity.timingPeriod,
    created: context.now.toISOString(),
    author: requesterOf(context),
  }),
  Claim: ({ activity, context }) => ({
    resourceType: 'Claim',
    status: 'draft',
    type: activity.code,
    // A proposal binds nobody.
    use: 'predetermination',
    patient: reference(context.subject),
    created: context.now.toISOString(),
    provider: requesterOf(context),
    priority: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/processpriority',
          code: activity.priority === 'stat' ? 'stat' : 'normal',
        },
      ],
    },
  }),
  Contract: ({ activity, context }) => ({
    resourceType: 'Contract',
    status: 'offered',
    issued: context.now.toISOString(),
    subject: listOf(reference(context.subject)),
    title: activity.title,
    author: requesterOf(context),
    topicCodeableConcept: activity.code,
    applies: activity.timingPeriod,
  }),
  EnrollmentRequest: ({ context }) => ({
    resourceType: 'EnrollmentRequest',
    status: 'draft',
    created: context.now.toISOString(),
    provider: requesterOf(context),
    candidate: reference(context.subject),
  }),
  ImmunizationRecommendation: ({ activity, context }) => ({
    resourceType: 'ImmunizationRecommendation',
    patient: reference(context.subject),
    date: context.now.toISOString(),
    authority: reference(context.organization),
    recommendation: activity.productCodeableConcept && [
      {
        vaccineCode: [activity.productCodeableConcept],
        forecastStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status', code: 'due' }],
        },
        ...(activity.description ? { description: activity.description } : {}),
      },
    ],
  }),
  NutritionOrder: ({ activity, context, canonical, intent }) => ({
    resourceType: 'NutritionOrder',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    patient: reference(context.subject),
    encounter: reference(context.encounter),
    dateTime: context.now.toISOString(),
    orderer: reference(context.practitioner),
    [activity.doNotPerform ? 'excludeFoodModifier' : 'foodPreferenceModifier']: listOf(activity.code),
    note: noteOf(activity),
  }),
  VisionPrescription: ({ context }) => ({
    resourceType: 'VisionPrescription',
    status: 'draft',
    created: context.now.toISOString(),
    patient: reference(context.subject),
    encounter: reference(context.encounter),
    dateWritten: context.now.toISOString(),
    prescriber: reference(context.practitioner),
  }),
}
