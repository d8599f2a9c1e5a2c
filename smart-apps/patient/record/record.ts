import type {
  ActivityDefinition,
  Appointment,
  CarePlan,
  ClinicalImpression,
  Communication,
  Device,
  Goal,
  HealthcareService,
  Media,
  MedicationStatement,
  Observation,
  Patient,
  PlanDefinition,
  Questionnaire,
  QuestionnaireResponse,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'

import type { Difference } from '../judge/differences.ts'

/** What a patient needs of their record on the phone, with and without a net: a copy, and from when it is. */
export type OwnRecord = {
  /** ISO instant. */
  readAt: string
  patient: Patient
  carePlans: CarePlan[]
  goals: Goal[]
  /** In which somebody follows the patient, in the version that their CarePlan names, with what its actions name. */
  plans: PlanDefinition[]
  activities: ActivityDefinition[]
  questionnaires: Questionnaire[]
  requests: ServiceRequest[]
  /** Open ones. */
  tasks: Task[]
  /** Of the last 90 days, newest first. */
  observations: Observation[]
  answers: QuestionnaireResponse[]
  /** What was answered before that of forms that teach: what was read stays read. Left out by an app of before. */
  readBefore?: QuestionnaireResponse[]
  /** How what was sent was judged, newest first. */
  triages: ClinicalImpression[]
  communications: Communication[]
  /** That were sent, without their bytes. Left out by an app of before. */
  pictures?: Media[]
  services: HealthcareService[]
  devices: Device[]
  /** From today on. Left out by an app of before. */
  appointments?: Appointment[]
  medicines?: MedicationStatement[]
  /** Where this phone had judged otherwise than the server. Left out where it never has, or by an app of before. */
  differences?: Difference[]
  /** What could not be read, and is as it was before, or is not there. */
  missing: string[]
}

export const RECORD_DAYS = 90
