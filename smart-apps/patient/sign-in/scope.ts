/** What the app asks for; what is granted may be less. `offline_access`: what waits is sent when the app is opened again, days later. */
export const PATIENT_SCOPE = [
  ...['openid', 'fhirUser', 'profile', 'offline_access', 'launch/patient', 'patient/*.rs', 'patient/Observation.c'],
  ...[
    'patient/QuestionnaireResponse.cu',
    'patient/Communication.c',
    'patient/Media.c',
    'patient/Consent.cu',
    'patient/RelatedPerson.cu',
  ],
].join(' ')
