import { type Scope, toScopeText } from '../../access/scopes.ts'

const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const CONDITION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category'

/** Kinds of one type that a person may want to keep apart, by `category`. https://hl7.org/fhir/R4/observation.html */
export const PARTS: Readonly<Record<string, { system: string; codes: readonly string[] }>> = {
  Observation: {
    system: OBSERVATION_CATEGORY,
    codes: [
      'vital-signs',
      'survey',
      'laboratory',
      'social-history',
      'activity',
      'exam',
      'imaging',
      'procedure',
      'therapy',
    ],
  },
  Condition: { system: CONDITION_CATEGORY, codes: ['problem-list-item', 'encounter-diagnosis'] },
}

/** What a scope on all types is shown as: the kinds that patients know, and everything else as one. */
const KNOWN_TYPES = [
  ...['Patient', 'Observation', 'Condition', 'MedicationRequest', 'MedicationStatement', 'AllergyIntolerance'],
  ...['Immunization', 'Procedure', 'DiagnosticReport', 'CarePlan', 'CareTeam', 'Goal', 'Task', 'Appointment'],
  ...['Encounter', 'QuestionnaireResponse', 'Communication', 'DocumentReference', 'Device', 'RelatedPerson', 'Consent'],
  'Media',
]
export const EVERYTHING_ELSE = '*'
const OTHER_TYPES = [
  ...['Account', 'AdverseEvent', 'AppointmentResponse', 'AuditEvent', 'Basic', 'BodyStructure', 'ChargeItem', 'Claim'],
  ...['ClaimResponse', 'ClinicalImpression', 'CommunicationRequest', 'Composition', 'Coverage', 'DetectedIssue'],
  ...[
    'DeviceMetric',
    'DeviceRequest',
    'DeviceUseStatement',
    'EpisodeOfCare',
    'ExplanationOfBenefit',
    'FamilyMemberHistory',
  ],
  ...['Flag', 'Group', 'GuidanceResponse', 'ImagingStudy', 'List', 'Location', 'Measure', 'MeasureReport'],
  ...['Medication', 'MedicationAdministration', 'MedicationDispense', 'NutritionOrder', 'Organization', 'Person'],
  ...['PlanDefinition', 'ActivityDefinition', 'Practitioner', 'PractitionerRole', 'Provenance', 'Questionnaire'],
  ...['RequestGroup', 'RiskAssessment', 'Schedule', 'ServiceRequest', 'Slot', 'Specimen', 'SupplyRequest'],
  ...['ValueSet', 'CodeSystem', 'VisionPrescription'],
]

/** One kind of information that is asked for, and what the app wants to do with it. */
export type Offer = {
  /** A type, or `*` for everything that is not shown by itself. */
  type: string
  /** Of `cruds`. */
  letters: string
  /** Kinds of it that can be refused one by one. */
  parts: readonly string[]
}

/** What a person is asked: one question for each kind of information. In the order of the request. */
export function offersOf(scopes: Scope[]): Offer[] {
  const letters = new Map<string, string>()
  for (const scope of scopes)
    for (const type of typesShown(scope)) letters.set(type, union(letters.get(type) ?? '', scope.letters))
  return [...letters].map(([type, wanted]) => ({
    ...{ type, letters: wanted },
    // What is asked for by a filter already is not divided further.
    parts: scopes.some((scope) => scope.filter && scope.type === type) ? [] : (PARTS[type]?.codes ?? []),
  }))
}

export type Choices = {
  /** Types that the person has left ticked. */
  types: ReadonlySet<string>
  /** Parts that the person has left ticked, `Observation|vital-signs`. */
  parts: ReadonlySet<string>
}

/** Everything that is asked for. */
export const everything = (offers: Offer[]): Choices => ({
  types: new Set(offers.map(({ type }) => type)),
  parts: new Set(offers.flatMap(({ type, parts }) => parts.map((part) => `${type}|${part}`))),
})

/**
 * What is left of the scopes when a person has chosen. Never more than was asked for: a type that is refused is gone, one of
 * which only parts are allowed is filtered by them, and "all types" becomes a list as soon as one is refused.
 */
export function applyChoices(scopes: Scope[], choices: Choices): Scope[] {
  const left = scopes.flatMap((scope) => {
    if (scope.type !== '*') return choices.types.has(scope.type) ? partsOf(scope, choices) : []
    if (typesShown(scope).every((type) => choices.types.has(type) && isWhole(type, choices))) return [scope]
    const others = choices.types.has(EVERYTHING_ELSE) ? OTHER_TYPES : []
    const types = [...KNOWN_TYPES.filter((type) => choices.types.has(type)), ...others]
    return types.flatMap((type) => partsOf(written({ ...scope, type }), choices))
  })
  return [...new Map(left.map((scope) => [scope.text, scope])).values()]
}

function partsOf(scope: Scope, choices: Choices): Scope[] {
  const parts = PARTS[scope.type]
  if (!parts || scope.filter || isWhole(scope.type, choices)) return [scope]
  return parts.codes
    .filter((code) => choices.parts.has(`${scope.type}|${code}`))
    .map((code) => written({ ...scope, filter: [['category', `${parts.system}|${code}`]] }))
}

const isWhole = (type: string, { parts }: Choices) =>
  PARTS[type]?.codes.every((code) => parts.has(`${type}|${code}`)) ?? true
const typesShown = ({ type }: Scope) => (type === '*' ? [...KNOWN_TYPES, EVERYTHING_ELSE] : [type])
const written = (scope: Scope): Scope => ({ ...scope, text: toScopeText(scope) })
const union = (a: string, b: string) =>
  [...'cruds'].filter((letter) => a.includes(letter) || b.includes(letter)).join('')
