import type { ActivityDefinition } from '@medplum/fhirtypes'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../../validation/validator.ts'
import type { Refusal } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
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

/** The kinds that a pathway mostly asks for. */
const COMMON = [
  ...['Task', 'ServiceRequest', 'MedicationRequest', 'CommunicationRequest', 'DeviceRequest', 'SupplyRequest'],
  'Appointment',
]
const OTHER_CODE = { coding: [{ system: 'http://example.org/codes', code: 'other' }], text: 'Other' }
const PERIOD = { start: '2026-12-01T08:00:00Z', end: '2026-12-01T09:00:00Z' }
const TIMING = { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const, count: 3, boundsPeriod: PERIOD } }
const OTHER_PLACE = { reference: 'Location/l2' }
const NURSE = { type: 'practitioner' as const, role: { text: 'nurse' } }
const HOURS = { value: 1.5, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' }
const LINK = [{ type: 'citation' as const, url: 'http://example.org/x' }]
const DO_NOT = {
  modifierExtension: [{ url: 'http://hl7.org/fhir/StructureDefinition/request-doNotPerform', valueBoolean: true }],
}
const occurrence = (value: object, message = value) => ({
  ...{ ServiceRequest: value, CommunicationRequest: message, DeviceRequest: value, SupplyRequest: value },
})
const profile = Object.fromEntries(COMMON.map((kind) => [kind, { meta: { profile: ['http://example.org/p'] } }]))

test.each([
  ['MedicationRequest', 'medicationReference', 'Medication/m1'],
  ['DeviceRequest', 'codeReference', 'Device/d1'],
  ['SupplyRequest', 'itemReference', 'Device/d1'],
])('a product that is a resource: %s.%s', (kind, element, reference) => {
  const productReference = { reference }
  const resource = made({ kind: kind as 'Task', productCodeableConcept: undefined, productReference })
  expect(resource[element]).toEqual(productReference)
  expect(validator.validate(resource, kind).filter(({ severity }) => severity === 'error')).toEqual([])
})

test.each([
  [{ event: ['2026-12-01T08:00:00Z'] }, { occurrenceDateTime: '2026-12-01T08:00:00Z' }],
  [{ event: ['2026-12-01T08:00:00Z', '2026-12-02T08:00:00Z'] }, {}],
  [{ repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } }, {}],
])('a message cannot say again and again: %j is %j', (timingTiming, said) => {
  const { occurrenceDateTime, occurrencePeriod, occurrenceTiming } = made({
    ...{ kind: 'CommunicationRequest', timingPeriod: undefined, timingTiming },
  })
  expect(JSON.parse(JSON.stringify({ occurrenceDateTime, occurrencePeriod, occurrenceTiming }))).toEqual(said)
})

/** Where each element goes, by kind; in a kind that is not named it changes nothing. */
const ELEMENTS: [element: string, given: Partial<ActivityDefinition>, becomes: Record<string, object>][] = [
  [
    'priority',
    { priority: 'stat' },
    {
      ...Object.fromEntries(COMMON.map((kind) => [kind, { priority: 'stat' }])),
      Appointment: { priority: 1 },
    },
  ],
  [
    'code',
    { code: OTHER_CODE },
    {
      Task: { code: OTHER_CODE },
      ServiceRequest: { code: OTHER_CODE },
      CommunicationRequest: { reasonCode: [{ coding: OTHER_CODE.coding }], payload: [{ contentString: 'Other' }] },
      Appointment: { serviceType: [OTHER_CODE] },
    },
  ],
  [
    'description',
    { description: 'Said' },
    {
      Task: { description: 'Said' },
      ServiceRequest: { note: [{ text: 'Said' }] },
      Appointment: { description: 'Said' },
    },
  ],
  [
    'timingPeriod',
    { timingPeriod: PERIOD },
    {
      ...occurrence({ occurrencePeriod: PERIOD }),
      Task: { restriction: { period: PERIOD } },
      MedicationRequest: { dispenseRequest: { validityPeriod: PERIOD } },
      Appointment: PERIOD,
    },
  ],
  [
    'timingDateTime',
    { timingDateTime: '2026-12-01' },
    {
      ...occurrence({ occurrenceDateTime: '2026-12-01' }),
      Task: { restriction: { period: { start: '2026-12-01', end: '2026-12-01' } } },
      Appointment: { requestedPeriod: [{ start: '2026-12-01' }] },
    },
  ],
  [
    'timingTiming',
    { timingTiming: TIMING },
    {
      ...occurrence({ occurrenceTiming: TIMING }, { occurrencePeriod: PERIOD }),
      Task: { restriction: { repetitions: 3, period: PERIOD } },
    },
  ],
  [
    'timingDuration',
    { timingDuration: HOURS },
    {
      MedicationRequest: { dispenseRequest: { dispenseInterval: HOURS } },
      Appointment: { minutesDuration: 90 },
    },
  ],
  ['timingRange', { timingRange: { low: { value: 1, code: 'd' } } }, {}],
  ['timingAge', { timingAge: { value: 60, code: 'a' } }, {}],
  [
    'location',
    { location: OTHER_PLACE },
    {
      Task: { location: OTHER_PLACE },
      ServiceRequest: { locationReference: [OTHER_PLACE] },
      SupplyRequest: { deliverFrom: OTHER_PLACE },
      Appointment: { participant: [{ actor: SUBJECT_REFERENCE }, { actor: OTHER_PLACE }] },
    },
  ],
  [
    'participant',
    { participant: [NURSE] },
    {
      Task: { performerType: [NURSE.role] },
      ServiceRequest: { performerType: NURSE.role },
      MedicationRequest: { performerType: NURSE.role },
      CommunicationRequest: { recipient: [REQUESTER] },
      DeviceRequest: { performerType: NURSE.role },
      Appointment: { participant: [{ actor: SUBJECT_REFERENCE }, { type: [NURSE.role], actor: REQUESTER }] },
    },
  ],
  [
    'productCodeableConcept',
    { productCodeableConcept: OTHER_CODE },
    {
      MedicationRequest: { medicationCodeableConcept: OTHER_CODE },
      DeviceRequest: { codeCodeableConcept: OTHER_CODE },
      SupplyRequest: { itemCodeableConcept: OTHER_CODE },
    },
  ],
  [
    'quantity',
    { quantity: { value: 7 } },
    {
      ServiceRequest: { quantityQuantity: { value: 7 } },
      MedicationRequest: { dispenseRequest: { quantity: { value: 7 } } },
      SupplyRequest: { quantity: { value: 7 } },
    },
  ],
  ['dosage', { dosage: [{ text: 'twice' }] }, { MedicationRequest: { dosageInstruction: [{ text: 'twice' }] } }],
  ['bodySite', { bodySite: [{ text: 'arm' }] }, { ServiceRequest: { bodySite: [{ text: 'arm' }] } }],
  [
    'doNotPerform',
    { doNotPerform: true },
    {
      ServiceRequest: { doNotPerform: true },
      MedicationRequest: { doNotPerform: true },
      CommunicationRequest: { doNotPerform: true },
      ...{ Task: DO_NOT, DeviceRequest: DO_NOT, SupplyRequest: DO_NOT },
    },
  ],
  [
    'relatedArtifact',
    { relatedArtifact: LINK },
    {
      Task: { input: [{ type: { text: 'citation' }, valueAttachment: { url: LINK[0]?.url } }] },
      CommunicationRequest: {
        payload: [{ contentString: 'Weigh yourself' }, { contentAttachment: { url: LINK[0]?.url } }],
      },
    },
  ],
  ['profile', { profile: 'http://example.org/p' }, profile],
  [
    'what a Task is done with',
    {
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith',
          valueCanonical: 'http://example.org/Questionnaire/q',
        },
      ],
    },
    {
      Task: { input: [{ type: CODE, valueCanonical: 'http://example.org/Questionnaire/q' }] },
      ServiceRequest: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/servicerequest-questionnaireRequest',
            valueReference: { reference: 'http://example.org/Questionnaire/q' },
          },
        ],
      },
    },
  ],
]

test.each(
  ELEMENTS.flatMap(([element, given, becomes]) => COMMON.map((kind) => [element, kind, given, becomes[kind]] as const)),
)('%s in a %s', (_element, kind, given, becomes) => {
  // No more than each kind needs, so that what an element does is seen.
  const bare = { kind: kind as 'Task', status: 'active' as const, code: CODE, productCodeableConcept: PRODUCT }
  const of = (more: Partial<ActivityDefinition>) => {
    const activity = { resourceType: 'ActivityDefinition' as const, ...bare, quantity: { value: 1 }, ...more }
    return applyActivity({ activity, subject: SUBJECT, context: CONTEXT, variables: {}, now: NOW })
  }
  const without = of({})
  if (becomes) expect(of(given)).toMatchObject(becomes)
  if (becomes) expect(without).not.toMatchObject(becomes)
  else expect(of(given)).toEqual(without)
  expect(validator.validate(of(given), kind).filter(({ severity }) => severity === 'error')).toEqual([])
})

test.each([
  ...COMMON.filter((kind) => kind !== 'Appointment').map((kind) => [kind, 'requester'] as const),
  ['CarePlan', 'author'] as const,
])('without a practitioner, a %s is asked for by the organization: %s', (kind, element) => {
  const resource = made({ kind: kind as 'Task' }, { organization: 'Organization/o1' })
  expect(resource[element]).toEqual({ reference: 'Organization/o1' })
  expect(resource.recorder).toBeUndefined()
  expect(made({ kind: kind as 'Task' }, {})[element]).toBeUndefined()
})

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

test.each(['burden', 'step-down', 'quality-required', 'occurrence-policy'])(
  'what an activity says of the request by %s, the ServiceRequest says',
  (name) => {
    const said = { url: `http://fylgje.no/fhir/StructureDefinition/${name}`, valueString: 'as said' }
    const other = { url: 'http://example.org/of-the-activity-alone', valueString: 'stays there' }
    expect(made({ kind: 'ServiceRequest', extension: [other, said] }).extension).toEqual([said])
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
