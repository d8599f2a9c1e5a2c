/** What happens here that others may want to be told of. https://hl7.org/fhir/uv/subscriptions-backport/components.html */
export type Topic = {
  /** Canonical, without a version. */
  url: string
  title: string
  description: string
  triggers: readonly Trigger[]
}

export type Interaction = 'create' | 'update' | 'delete'

export type Trigger = {
  type: string
  interactions: readonly Interaction[]
  /** Only what such a search would find. */
  criteria?: string
}

const ALL: readonly Interaction[] = ['create', 'update', 'delete']
const FYLGJE = 'http://fylgje.no/fhir'
const topicUrl = (name: string) => `${FYLGJE}/SubscriptionTopic/${name}`

/** Every topic there is. The CapabilityStatement names them, and each is stored as a Basic. */
export const TOPICS: readonly Topic[] = [
  {
    url: topicUrl('task-changes'),
    title: 'Task changes',
    description: 'A Task is made, changed or deleted.',
    triggers: [{ type: 'Task', interactions: ALL }],
  },
  {
    url: topicUrl('triage'),
    title: 'Triage',
    description: 'A measurement or an answer has got its colour, or another one.',
    triggers: [
      {
        type: 'ClinicalImpression',
        interactions: ['create', 'update'],
        criteria: `identifier=${FYLGJE}/NamingSystem/triage|`,
      },
    ],
  },
  {
    url: topicUrl('plan-changes'),
    title: 'Plan changes',
    description: 'A patient’s care plan, or a goal with its limits, is made, changed or deleted.',
    triggers: [
      { type: 'CarePlan', interactions: ALL },
      { type: 'Goal', interactions: ALL },
    ],
  },
  {
    url: topicUrl('measurements'),
    title: 'Measurements',
    description: 'An Observation is stored, corrected or deleted.',
    triggers: [{ type: 'Observation', interactions: ALL }],
  },
  {
    url: topicUrl('answers'),
    title: 'Answers',
    description: 'The answers to a form are stored, corrected or deleted.',
    triggers: [{ type: 'QuestionnaireResponse', interactions: ALL }],
  },
  {
    url: topicUrl('messages'),
    title: 'Messages',
    description: 'A Communication is written, read, corrected or deleted.',
    triggers: [{ type: 'Communication', interactions: ALL }],
  },
  {
    url: topicUrl('documents'),
    title: 'Documents',
    description: 'A document about a patient, or a report of a laboratory, is stored, replaced or deleted.',
    triggers: [
      { type: 'DocumentReference', interactions: ALL },
      { type: 'DiagnosticReport', interactions: ALL },
    ],
  },
  {
    url: topicUrl('sperring'),
    title: 'Restrictions',
    description: 'What a patient has closed, or let somebody see, is said, changed or withdrawn.',
    triggers: [
      {
        type: 'Consent',
        interactions: ALL,
        criteria: 'scope=http://terminology.hl7.org/CodeSystem/consentscope|patient-privacy',
      },
    ],
  },
]

/** @param canonical with or without a version */
export const findTopic = (canonical: string): Topic | undefined =>
  TOPICS.find(({ url }) => url === canonical.split('|')[0])

const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic'

/**
 * A topic as R4 can store it: a Basic with the elements of R5 as extensions.
 * @see https://hl7.org/fhir/versions.html#extensions
 */
export const toBasic = ({ url, title, description, triggers }: Topic) => ({
  resourceType: 'Basic' as const,
  id: `topic-${url.slice(url.lastIndexOf('/') + 1)}`,
  code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }], text: title },
  extension: [
    { url: `${R5}.url`, valueUri: url },
    { url: `${R5}.title`, valueString: title },
    { url: `${R5}.status`, valueCode: 'active' },
    { url: `${R5}.description`, valueMarkdown: description },
    ...triggers.map(({ type, interactions, criteria }) => ({
      url: `${R5}.resourceTrigger`,
      extension: [
        { url: 'resource', valueUri: `http://hl7.org/fhir/StructureDefinition/${type}` },
        ...interactions.map((one) => ({ url: 'supportedInteraction', valueCode: one })),
        ...(criteria
          ? [{ url: 'queryCriteria', extension: [{ url: 'current', valueString: `${type}?${criteria}` }] }]
          : []),
      ],
    })),
    ...triggers.map(({ type }) => ({
      url: `${R5}.canFilterBy`,
      extension: [
        { url: 'resource', valueUri: `http://hl7.org/fhir/StructureDefinition/${type}` },
        { url: 'description', valueMarkdown: `Any search parameter of ${type}.` },
      ],
    })),
  ],
})
