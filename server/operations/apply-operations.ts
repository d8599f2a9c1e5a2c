import { apply, applyAsBundle, applyOneActivity } from './apply.ts'
import { enrol } from './enrol.ts'
import type { Operation, Parameter } from './operation.ts'

/** apply-parameters.ts reads them. */
const TAKEN: Parameter[] = [
  { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the definition.' },
  {
    name: 'version',
    type: 'string',
    min: 0,
    max: '1',
    documentation: 'Which version of the url; else the newest active.',
  },
  {
    ...{ name: 'subject', type: 'string', min: 1, max: '*' },
    documentation:
      'Whom it is applied to, such as Patient/1. Several of one type are answered one by one; a Group is its members.',
  },
  { name: 'encounter', type: 'string', min: 0, max: '1', documentation: 'The encounter in which it happens.' },
  { name: 'practitioner', type: 'string', min: 0, max: '1', documentation: 'Who applies it.' },
  { name: 'organization', type: 'string', min: 0, max: '1', documentation: 'For whom.' },
  { name: 'userType', type: 'CodeableConcept', min: 0, max: '1', documentation: '%userType in expressions.' },
  { name: 'userLanguage', type: 'CodeableConcept', min: 0, max: '1', documentation: 'Language of the result.' },
  { name: 'userTaskContext', type: 'CodeableConcept', min: 0, max: '1', documentation: '%userTaskContext.' },
  { name: 'setting', type: 'CodeableConcept', min: 0, max: '1', documentation: '%setting in expressions.' },
  { name: 'settingContext', type: 'CodeableConcept', min: 0, max: '1', documentation: '%settingContext.' },
  { name: 'useServerData', type: 'boolean', min: 0, max: '1', documentation: 'False: only data is looked at.' },
  { name: 'data', type: 'Bundle', min: 0, max: '1', documentation: 'Facts beside those that are stored here.' },
  {
    ...{ name: 'prefetchData', min: 0, max: '*' },
    documentation: 'Facts as CDS Hooks sends them beforehand.',
    part: [
      { name: 'key', type: 'string', min: 0, max: '1', documentation: 'What the sender calls them.' },
      { name: 'descriptor', type: 'DataRequirement', min: 0, max: '1', documentation: 'What was asked for.' },
      { name: 'data', type: 'Bundle', min: 1, max: '1', documentation: 'The facts.' },
    ],
  },
  {
    name: 'parameters',
    type: 'Parameters',
    min: 0,
    max: '1',
    documentation: 'Values that FHIRPath sees as %name, and CQL as its parameters; a name that is repeated is a list.',
  },
]
const MERGE: Parameter = {
  ...{ name: 'mergeNestedCarePlans', type: 'boolean', min: 0, max: '1' },
  documentation: 'Plans within the plan become actions of one RequestGroup.',
}
const PLAN: Parameter = {
  ...{ name: 'planDefinition', type: 'PlanDefinition', min: 0, max: '1' },
  documentation: 'The plan itself; at type level.',
}
const ACTIVITY: Parameter = {
  ...{ name: 'activityDefinition', type: 'ActivityDefinition', min: 0, max: '1' },
  documentation: 'The activity itself; at type level.',
}

/** https://hl7.org/fhir/R4/plandefinition-operation-apply.html */
export const planDefinitionApply: Operation = {
  code: 'apply',
  title: 'Apply a plan',
  description: 'What a plan proposes for one subject, as a CarePlan. Stores nothing.',
  resource: ['PlanDefinition'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [PLAN, ...TAKEN, MERGE],
  out: [{ name: 'return', type: 'CarePlan', min: 1, max: '*', documentation: 'What is proposed, one a subject.' }],
  takesAnything: true,
  handler: apply,
}

/** https://hl7.org/fhir/R5/plandefinition-operation-apply.html, under the name that other R4 servers give it. */
export const planDefinitionApplyAsBundle: Operation = {
  ...planDefinitionApply,
  code: 'r5.apply',
  title: 'Apply a plan, as a Bundle',
  description: 'What a plan proposes for one subject, as a Bundle that begins with a RequestGroup. Stores nothing.',
  isOwn: true,
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '*', documentation: 'What is proposed, one a subject.' }],
  handler: applyAsBundle,
}

/** Puts a patient in a plan: what $apply proposes, stored. */
export const planDefinitionEnrol: Operation = {
  ...planDefinitionApply,
  code: 'enrol',
  title: 'Enrol a patient in a plan',
  description:
    'Stores what a plan proposes for one patient, or what somebody has made of the proposal: CarePlan, Goals, RequestGroup, orders and Tasks that come with it, in one transaction.',
  isOwn: true,
  affectsState: true,
  in: [
    ...[PLAN, ...TAKEN, MERGE],
    {
      ...{ name: 'key', type: 'string', min: 0, max: '1' },
      documentation: 'The sender’s own name of this enrolment: what is sent twice with one key is done once.',
    },
    { name: 'careTeam', type: 'Reference', min: 0, max: '*', documentation: 'Who has the Tasks; the first owns them.' },
    {
      ...{ name: 'policy', type: 'uri', min: 0, max: '*' },
      documentation:
        'The legal basis: a law, a regulation, an agreement. Kept in the CarePlan, and as its Provenance with who said so.',
    },
    {
      ...{ name: 'consent', type: 'Reference', min: 0, max: '*' },
      documentation:
        'A Consent of the patient’s on which it rests; kept likewise. What the plan demands is also found unnamed, where the caller may read it.',
    },
    {
      ...{ name: 'eligibility', min: 0, max: '*' },
      documentation: 'What was made sure of before; kept in the CarePlan as the extension eligibility.',
      part: [
        {
          ...{ name: 'criterion', type: 'CodeableConcept', min: 1, max: '1' },
          documentation: 'Which, such as one of CodeSystem/eligibility-criterion, in the words in which it was asked.',
        },
        { name: 'met', type: 'boolean', min: 1, max: '1', documentation: 'Whether it was met.' },
      ],
    },
    {
      name: 'reason',
      type: 'string',
      min: 0,
      max: '1',
      documentation: 'Why the patient is followed; in the same Provenance.',
    },
    { name: 'period', type: 'Period', min: 0, max: '1', documentation: 'When it begins, else now; and when it ends.' },
    {
      ...{ name: 'select', type: 'string', min: 0, max: '*' },
      documentation: 'id of an action that is wanted where the plan leaves a choice.',
    },
    {
      ...{ name: 'omission', min: 0, max: '*' },
      documentation: 'Why an action that must be done unless documented is left out of the proposal.',
      part: [
        { name: 'actionId', type: 'string', min: 1, max: '1', documentation: 'Which action.' },
        { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why.' },
      ],
    },
    {
      ...{ name: 'proposal', type: 'Resource', min: 0, max: '1' },
      documentation: 'What $apply (CarePlan) or $r5.apply (Bundle) proposed, edited or not.',
    },
    {
      ...{ name: 'task', type: 'Task', min: 0, max: '*' },
      documentation:
        'What is to be done by hand, such as handing out equipment. Stored in the same transaction, for the patient, with the CarePlan as its focus.',
    },
  ],
  out: [{ name: 'return', type: 'CarePlan', min: 1, max: '1', documentation: 'The enrolment.' }],
  handler: enrol,
}

/** https://hl7.org/fhir/R4/activitydefinition-operation-apply.html */
export const activityDefinitionApply: Operation = {
  code: 'apply',
  title: 'Apply an activity',
  description: 'The request that an activity becomes for one subject. Stores nothing.',
  resource: ['ActivityDefinition'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [ACTIVITY, ...TAKEN],
  out: [{ name: 'return', type: 'Any', min: 1, max: '*', documentation: 'A request of the activity’s kind.' }],
  takesAnything: true,
  handler: applyOneActivity,
}
