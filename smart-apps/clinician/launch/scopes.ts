/** What the app asks for, when the server's entry in APP_ISSUERS says nothing else. What is granted may be less. */
const ASKED = [
  ...['openid', 'fhirUser', 'online_access'],
  ...['user/Patient.rs', 'user/Task.cruds', 'user/Observation.cruds', 'user/CarePlan.cruds', 'user/Goal.cruds'],
  ...['user/ServiceRequest.cruds', 'user/Communication.cruds', 'user/CommunicationRequest.cruds'],
  // Pictures that come with messages.
  'user/Media.rs',
  ...[
    'user/QuestionnaireResponse.cruds',
    'user/Questionnaire.rs',
    'user/PlanDefinition.rus',
    'user/ActivityDefinition.rs',
  ],
  ...['user/ClinicalImpression.rs', 'user/MedicationStatement.rs', 'user/MedicationRequest.rs', 'user/Condition.rs'],
  // Critical information of kjernejournal tells of procedures too.
  'user/Procedure.rs',
  ...['user/AllergyIntolerance.rs', 'user/Encounter.rs', 'user/EpisodeOfCare.cruds', 'user/CareTeam.rs'],
  ...['user/Practitioner.rs', 'user/PractitionerRole.rs', 'user/Organization.rs', 'user/HealthcareService.rs'],
  ...['user/RelatedPerson.cruds', 'user/Consent.cruds', 'user/Flag.rs', 'user/DocumentReference.cruds'],
  ...['user/DiagnosticReport.rs', 'user/Device.rs', 'user/DeviceUseStatement.rs', 'user/Provenance.crs'],
  ...[
    'user/AuditEvent.rs',
    'user/MeasureReport.rs',
    'user/RequestGroup.crs',
    'user/Composition.rs',
    'user/Schedule.rs',
    'user/Slot.rs',
    // What changes is told, by Subscriptions of our own.
    'user/Subscription.cruds',
  ],
]

/** `launch` binds the sign-in to what the EHR has open; without one the worklist is opened, for no single patient. */
export const scopeAsked = (isLaunch: boolean): string => [...(isLaunch ? ['launch'] : []), ...ASKED].join(' ')

/** The letters of SMART's scopes: create, read, update, delete, search. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's'

/**
 * Whether a granted scope speaks of this. The server decides; the app only does not offer what will be refused. Scopes of SMART v1
 * (`read`, `write`, `*`) count as well, and one with a query as far as its type goes.
 * @see https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */
export function mayDo(scope: string, type: string, permission: Permission): boolean {
  return scope.split(/\s+/).some((one) => {
    const [, ofType, given = ''] = /^(?:user|patient|system)\/([A-Za-z*]+)\.([a-z*]+)(?:\?.*)?$/.exec(one) ?? []
    if (ofType !== type && ofType !== '*') return false
    if (given === '*') return true
    if (given === 'read') return permission === 'r' || permission === 's'
    if (given === 'write') return permission === 'c' || permission === 'u' || permission === 'd'
    return given.includes(permission)
  })
}
