import { SHARED_TYPES } from '../shared-types.ts'

/** Names in the policy that stand for several types. */
export const TYPE_GROUPS: Readonly<Record<string, (type: string) => boolean>> = {
  /** People, places and organisations of the health service. */
  directory: (type) => DIRECTORY.has(type),
  /** What the health service knows: plans, questionnaires, codes, definitions. */
  knowledge: (type) => SHARED_TYPES.has(type) && !DIRECTORY.has(type),
  /** Everything that may be about a patient. */
  record: (type) => !SHARED_TYPES.has(type) && !NO_RECORD.has(type),
  /** What a patient or somebody near them adds. */
  contribution: (type) => CONTRIBUTION.has(type),
  /** What the daily work at a response centre adds to and changes. */
  'response-work': (type) => RESPONSE_WORK.has(type),
  /** What may well be of no patient: queues, teams, calendars, devices in stock. */
  operation: (type) => OPERATION.has(type),
  /** How this server itself is set up. */
  setup: (type) => SETUP.has(type),
}

const DIRECTORY: ReadonlySet<string> = new Set([
  ...['Practitioner', 'PractitionerRole', 'Organization', 'OrganizationAffiliation', 'Location', 'HealthcareService'],
  'Endpoint',
])
/** Not a patient's record, whatever they refer to. */
const NO_RECORD: ReadonlySet<string> = new Set([
  ...['AuditEvent', 'Subscription', 'MessageHeader', 'Parameters', 'OperationOutcome', 'TestReport', 'TestScript'],
])
const CONTRIBUTION: ReadonlySet<string> = new Set([
  ...['Observation', 'QuestionnaireResponse', 'Communication', 'Media', 'DocumentReference', 'MedicationStatement'],
])
const RESPONSE_WORK: ReadonlySet<string> = new Set([
  ...[
    'Task',
    'Observation',
    'QuestionnaireResponse',
    'Communication',
    'CommunicationRequest',
    'ServiceRequest',
    'Encounter',
  ],
  ...[
    'ClinicalImpression',
    'DetectedIssue',
    'DocumentReference',
    'Composition',
    'Flag',
    'Provenance',
    'Appointment',
    'CarePlan',
  ],
  ...['Goal', 'DeviceUseStatement', 'DeviceRequest', 'Device', 'Basic', 'RequestGroup'],
])
const OPERATION: ReadonlySet<string> = new Set([
  ...[
    'Task',
    'CareTeam',
    'Schedule',
    'Slot',
    'Device',
    'DeviceMetric',
    'Group',
    'Basic',
    'Communication',
    'MeasureReport',
  ],
  'List',
])
const SETUP: ReadonlySet<string> = new Set([
  ...['Subscription', 'SearchParameter', 'StructureDefinition', 'OperationDefinition', 'CompartmentDefinition'],
  ...[
    'CapabilityStatement',
    'ImplementationGuide',
    'MessageDefinition',
    'NamingSystem',
    'CodeSystem',
    'ValueSet',
    'ConceptMap',
  ],
])
