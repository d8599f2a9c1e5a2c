import type { ActivityDefinition } from '@medplum/fhirtypes'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Refusal } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { createValidator } from '../validation/validator.ts'
import { applyActivity } from './apply-activity.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const SUBJECT: Resource = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Danser' }] }
const CODE = { coding: [{ system: 'http://example.org/codes', code: 'weigh' }], text: 'Weigh yourself' }
const PRODUCT = { coding: [{ system: 'http://example.org/products', code: 'scale' }] }
const value = (path: string, expression: string) => ({
  path,
  expression: { language: 'text/fhirpath' as const, expression },
})

/** Everything that R4's ActivityDefinition can say of a request. */
const FULL: Omit<ActivityDefinition, 'resourceType' | 'kind'> = {
  url: 'http://example.org/ActivityDefinition/full',
  version: '2.0.0',
  status: 'active',
  title: 'Weighing',
  description: 'Weigh yourself in the morning',
  code: CODE,
  priority: 'urgent',
  timingPeriod: { start: '2026-11-23', end: '2026-11-30' },
  location: { reference: 'Location/l1' },
  participant: [
    { type: 'patient', role: { text: 'patient' } },
    { type: 'practitioner', role: { text: 'nurse' } },
  ],
  productCodeableConcept: PRODUCT,
  quantity: { value: 1 },
  dosage: [{ text: 'once' }],
  bodySite: [{ text: 'whole' }],
  relatedArtifact: [{ type: 'documentation', url: 'http://example.org/how', display: 'How' }],
}
const CONTEXT = {
  practitioner: 'Practitioner/n1',
  organization: 'Organization/o1',
  encounter: 'Encounter/e1',
}

const made = (activity: Partial<ActivityDefinition>, context: Partial<typeof CONTEXT> = CONTEXT): Resource => {
  const whole = { resourceType: 'ActivityDefinition', ...FULL, ...activity } as ActivityDefinition
  return applyActivity({ activity: whole, subject: SUBJECT, context, variables: {}, now: NOW })
}

const DUE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status', code: 'due' }],
}
const SUBJECT_REFERENCE = { reference: 'Patient/p1' }
const REQUESTER = { reference: 'Practitioner/n1' }
const CANONICAL = 'http://example.org/ActivityDefinition/full|2.0.0'

const KINDS: [kind: string, elements: object, more?: Partial<ActivityDefinition>][] = [
  [
    'Task',
    {
      ...{ status: 'draft', intent: 'proposal', priority: 'urgent', code: CODE, for: SUBJECT_REFERENCE },
      ...{ instantiatesCanonical: CANONICAL, requester: REQUESTER, encounter: { reference: 'Encounter/e1' } },
      ...{ authoredOn: NOW.toISOString(), performerType: [{ text: 'patient' }, { text: 'nurse' }] },
      restriction: { period: FULL.timingPeriod },
      input: [{ type: { text: 'documentation' }, valueAttachment: { url: 'http://example.org/how', title: 'How' } }],
    },
  ],
  [
    'ServiceRequest',
    {
      ...{ instantiatesCanonical: [CANONICAL], code: CODE, subject: SUBJECT_REFERENCE, requester: REQUESTER },
      ...{ occurrencePeriod: FULL.timingPeriod, locationReference: [FULL.location], bodySite: FULL.bodySite },
      ...{ quantityQuantity: { value: 1 }, performerType: { text: 'patient' } },
    },
  ],
  [
    'MedicationRequest',
    {
      ...{ medicationCodeableConcept: PRODUCT, dosageInstruction: FULL.dosage, recorder: REQUESTER },
      dispenseRequest: { validityPeriod: FULL.timingPeriod, quantity: { value: 1 } },
    },
  ],
  [
    'CommunicationRequest',
    {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/workflow-instantiatesCanonical',
          valueCanonical: CANONICAL,
        },
      ],
      payload: [
        { contentString: 'Weigh yourself' },
        { contentAttachment: { url: 'http://example.org/how', title: 'How' } },
      ],
      recipient: [SUBJECT_REFERENCE, REQUESTER],
    },
  ],
  ['DeviceRequest', { codeCodeableConcept: PRODUCT, intent: 'proposal', occurrencePeriod: FULL.timingPeriod }],
  ['SupplyRequest', { itemCodeableConcept: PRODUCT, quantity: { value: 1 }, deliverTo: SUBJECT_REFERENCE }],
  [
    'Appointment',
    {
      ...{ status: 'proposed', priority: 7, start: '2026-11-23T08:00:00Z', end: '2026-11-23T09:00:00Z' },
      participant: [
        { actor: SUBJECT_REFERENCE, status: 'needs-action' },
        { type: [{ text: 'nurse' }], actor: REQUESTER, status: 'needs-action' },
        { actor: FULL.location, status: 'needs-action' },
      ],
    },
    { timingPeriod: { start: '2026-11-23T08:00:00Z', end: '2026-11-23T09:00:00Z' } },
  ],
  [
    'AppointmentResponse',
    { participantStatus: 'needs-action', actor: REQUESTER, appointment: { reference: 'Appointment/a1' } },
    {
      timingPeriod: undefined,
      dynamicValue: [value('appointment.reference', "'Appointment/a1'")],
    },
  ],
  ['CarePlan', { intent: 'proposal', category: [CODE], period: FULL.timingPeriod, author: REQUESTER }],
  [
    'Claim',
    { use: 'predetermination', type: CODE, patient: SUBJECT_REFERENCE, provider: REQUESTER },
    {
      dynamicValue: [
        value('insurance[0].sequence', '1'),
        value('insurance[0].focal', 'true'),
        value('insurance[0].coverage.reference', "'Coverage/c1'"),
      ],
    },
  ],
  ['Contract', { status: 'offered', subject: [SUBJECT_REFERENCE], author: REQUESTER, topicCodeableConcept: CODE }],
  ['EnrollmentRequest', { candidate: SUBJECT_REFERENCE, provider: REQUESTER, created: NOW.toISOString() }],
  [
    'ImmunizationRecommendation',
    {
      patient: SUBJECT_REFERENCE,
      recommendation: [{ vaccineCode: [PRODUCT], forecastStatus: DUE, description: FULL.description }],
    },
  ],
  ['NutritionOrder', { patient: SUBJECT_REFERENCE, orderer: REQUESTER, foodPreferenceModifier: [CODE] }],
  [
    'VisionPrescription',
    { patient: SUBJECT_REFERENCE, prescriber: REQUESTER, dateWritten: NOW.toISOString() },
    {
      dynamicValue: [
        value('lensSpecification[0].product.text', "'lens'"),
        value('lensSpecification[0].eye', "'right'"),
      ],
    },
  ],
]

const validator = createValidator(loadDefinitions())

// jest takes a third parameter that no row fills for its own callback, and waits for it.
test.each(KINDS.map(([kind, elements, more = {}]) => [kind, elements, more] as const))(
  'an activity of kind %s becomes one, element by element, and it is valid R4',
  (kind, elements, more) => {
    const resource = made({ kind: kind as 'Task', ...more })
    const asked = Object.keys(elements).map((name) => [name, resource[name]])
    expect([resource.resourceType, Object.fromEntries(asked)]).toEqual([kind, elements])
    expect(validator.validate(resource, kind).filter(({ severity }) => severity === 'error')).toEqual([])
  },
)

test.each([
  ['ServiceRequest', { code: undefined }, CONTEXT, 'ActivityDefinition.code'],
  ['MedicationRequest', { productCodeableConcept: undefined }, CONTEXT, 'ActivityDefinition.product'],
  ['ImmunizationRecommendation', { productCodeableConcept: undefined }, CONTEXT, 'ActivityDefinition.product'],
  ['SupplyRequest', { quantity: undefined }, CONTEXT, 'ActivityDefinition.quantity'],
  ['DeviceRequest', { productCodeableConcept: undefined, code: undefined }, CONTEXT, 'ActivityDefinition.product'],
  ['AppointmentResponse', {}, CONTEXT, 'ActivityDefinition.dynamicValue'],
  ['Claim', {}, CONTEXT, 'ActivityDefinition.dynamicValue'],
  ['Claim', {}, {}, 'practitioner'],
  ['VisionPrescription', {}, {}, 'practitioner'],
])('%s with %j lacks something and is refused', (kind, more, context, element) => {
  expect(issueOf(() => made({ kind: kind as 'Task', ...more }, context))).toMatchObject({
    code: 'required',
    expression: [element],
  })
})

test.each([
  [{ kind: 'Observation' as 'Task' }, 'invalid', 'ActivityDefinition.kind'],
  [{}, 'invalid', 'ActivityDefinition.kind'],
  [
    {
      kind: 'Task' as const,
      dynamicValue: [
        { path: 'description', expression: { language: 'text/x' as 'text/fhirpath', expression: 'Name' } },
      ],
    },
    'not-supported',
    'ActivityDefinition.dynamicValue[0].expression',
  ],
])('%j is refused', (activity, code, element) => {
  expect(issueOf(() => made(activity))).toMatchObject({ code, expression: [element] })
})

test('what a dynamicValue brings is not missing', () => {
  const dynamicValue = [value('medicationCodeableConcept.text', "'insulin'")]
  const resource = made({ kind: 'MedicationRequest', productCodeableConcept: undefined, dynamicValue })
  expect(resource.medicationCodeableConcept).toEqual({ text: 'insulin' })
})

test('a dynamicValue that fails is told in the result', () => {
  const resource = made({ kind: 'Task', dynamicValue: [value('nowhere', "'x'"), value('description', "'set'")] })
  expect(resource).toMatchObject({
    description: 'set',
    contained: [{ resourceType: 'OperationOutcome', issue: [{ expression: ['ActivityDefinition.dynamicValue[0]'] }] }],
    extension: [{ valueReference: { reference: '#messages' } }],
  })
})

test('what the product is made of comes along with it', () => {
  const resource = made({
    kind: 'MedicationRequest',
    productCodeableConcept: undefined,
    productReference: { reference: '#med' },
    contained: [
      { resourceType: 'Medication', id: 'med', ingredient: [{ itemReference: { reference: '#sub' } }] },
      { resourceType: 'Substance', id: 'sub', code: { text: 'citalopram' } },
      { resourceType: 'Substance', id: 'other', code: { text: 'nothing to do with it' } },
    ],
  })
  expect((resource.contained as Resource[]).map(({ id }) => id)).toEqual(['med', 'sub'])
  expect(resource.medicationReference).toEqual({ reference: '#med' })
})

test.each(['Task', 'DeviceRequest', 'SupplyRequest'])(
  'not to do it is said by a %s in an extension that changes it',
  (kind) => {
    expect(made({ kind: kind as 'Task', doNotPerform: true }).modifierExtension).toEqual([
      { url: 'http://hl7.org/fhir/StructureDefinition/request-doNotPerform', valueBoolean: true },
    ])
  },
)

function issueOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    return (error as Refusal).issues[0]
  }
  throw new Error('It was not refused.')
}
