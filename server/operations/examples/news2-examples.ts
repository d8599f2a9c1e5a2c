import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
const UCUM = 'http://unitsofmeasure.org'

const coded = (code: string, system = LOINC) => ({ coding: [{ system, code }] })
const amount = (value: number, unit: string) => ({ value, unit, system: UCUM, code: unit })

/** Somebody who was measured by a nurse ten minutes ago: every part but those that are left out. */
function measured(id: string, ...left: string[]): ExampleStep[] {
  const parts: { [part: string]: object } = {
    rate: { code: coded('9279-1'), valueQuantity: amount(22, '/min') },
    spo2: { code: coded('59408-5'), valueQuantity: amount(93, '%') },
    flow: { code: coded('3151-8'), valueQuantity: amount(0, 'L/min') },
    pressure: {
      code: coded('85354-9'),
      component: [
        { code: coded('8480-6'), valueQuantity: amount(105, 'mm[Hg]') },
        { code: coded('8462-4'), valueQuantity: amount(70, 'mm[Hg]') },
      ],
    },
    pulse: { code: coded('8867-4'), valueQuantity: amount(95, '/min') },
    consciousness: {
      code: coded('1104441000000107', SNOMED),
      valueCodeableConcept: coded('248234008', SNOMED),
    },
    temperature: { code: coded('8310-5'), valueQuantity: amount(37.1, 'Cel') },
  }
  return [
    {
      ...{ method: 'PUT', path: `Patient/${id}` },
      body: { resourceType: 'Patient', id, name: [{ text: 'Ola Eksempel' }], birthDate: '1950-05-17' },
    },
    ...Object.entries(parts)
      .filter(([part]) => !left.includes(part))
      .map(
        ([part, fields]): ExampleStep => ({
          ...{ method: 'PUT', path: `Observation/${id}-${part}` },
          body: {
            ...{ resourceType: 'Observation', id: `${id}-${part}`, status: 'final' },
            subject: { reference: `Patient/${id}` },
            effectiveDateTime: '{{10 minutes ago}}',
            performer: [{ reference: 'Practitioner/demo-nurse' }],
            ...fields,
          },
        }),
      ),
  ]
}

const asked = (id: string, ...more: object[]) => ({
  ...({ method: 'POST', path: 'Observation/$news2' } as const),
  body: parameters(
    { name: 'subject', valueReference: { reference: `Patient/${id}` } },
    { name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse' } },
    ...more,
  ),
})

/** By the id of the OperationDefinition. */
export const NEWS2_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Observation-news2': [
    {
      title: 'All seven parts were measured: the total, its parts, and what it rests on.',
      before: measured('example-news2'),
      request: asked('example-news2'),
      response: {
        status: 201,
        body: {
          ...{ resourceType: 'Observation', status: 'final' },
          code: { coding: [{ system: SNOMED, code: '1104051000000101' }] },
          valueQuantity: { value: 6, code: '{score}' },
          interpretation: [{ text: 'Middels: 5–6. Kliniker vurderer snarest' }],
          derivedFrom: [{ reference: 'Observation/example-news2-rate/_history/1' }],
          performer: [{ reference: 'Practitioner/demo-nurse' }],
        },
      },
    },
    {
      title: 'A part is missing: there is no total, and it says which.',
      before: measured('example-news2-missing', 'consciousness'),
      request: asked('example-news2-missing'),
      response: {
        status: 201,
        body: { resourceType: 'Observation', note: [{ text: 'Ingen sum. Mangler: bevissthet.' }] },
      },
    },
    {
      title: 'Scale 2 without a Goal that aims at 88–92 % is refused.',
      before: measured('example-news2-scale'),
      request: asked('example-news2-scale', { name: 'scale', valueInteger: 2 }),
      response: {
        status: 422,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule', expression: ['scale'] }] },
      },
    },
  ],
}
