import fc from 'fast-check'
import { parseJson } from '../core/fhir/json.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator, type ValidateOptions } from './validator.ts'

const definitions = loadDefinitions()
const { validate } = createValidator(definitions)

const SPO2 = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  subject: { reference: 'Patient/demo-line' },
  effectiveDateTime: '2026-03-05T08:15:00+01:00',
  valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
}
const BASIC = { resourceType: 'Basic', code: { text: 'x' } }
const QUESTIONNAIRE = { resourceType: 'Questionnaire', status: 'active' }
const CODE_SYSTEM = { resourceType: 'CodeSystem', status: 'active', content: 'complete' }
const STRUCTURE = {
  ...{
    resourceType: 'StructureDefinition',
    url: 'http://example.org/x',
    name: 'X',
    status: 'active',
    kind: 'resource',
  },
  ...{ abstract: false, type: 'Patient', derivation: 'constraint' },
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
}
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'

const extension = (value: object) => ({ ...BASIC, extension: [{ url: 'http://example.org/x', ...value }] })

/** `code expression` of each error, and the text of all. */
function errorsOf(body: unknown, options?: ValidateOptions) {
  const errors = validate(body, undefined, options).filter((issue) => issue.severity === 'error')
  return {
    short: errors.map(({ code, expression }) => `${code} ${expression}`),
    text: errors.map((issue) => issue.diagnostics).join('\n'),
  }
}

describe('conformant', () => {
  test.each<[string, object]>([
    ['a vital sign', SPO2],
    ['a resource with nothing optional', { resourceType: 'Patient' }],
    [
      'a blood pressure with components',
      {
        ...SPO2,
        valueQuantity: undefined,
        component: [
          { code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] }, valueQuantity: { value: 120 } },
        ],
      },
    ],
    [
      'an extension instead of a value',
      { resourceType: 'Patient', _birthDate: { extension: [{ url: 'http://x', valueCode: 'unknown' }] } },
    ],
    [
      'a required element that has an extension only',
      { ...SPO2, status: undefined, _status: { extension: [{ url: 'http://x', valueCode: 'unknown' }] } },
    ],
    [
      'arrays of primitives with extensions in step',
      {
        resourceType: 'Patient',
        name: [
          {
            given: ['Line', null, 'D'],
            _given: [null, { extension: [{ url: 'http://x', valueString: 'y' }] }, { id: 'a' }],
          },
        ],
      },
    ],
    ['an extension in an extension', extension({ extension: [{ url: 'inner', valueBoolean: true }] })],
    [
      'a contained resource that is referred to',
      {
        ...SPO2,
        contained: [{ resourceType: 'Device', id: 'oximeter' }],
        device: { reference: '#oximeter' },
      },
    ],
    [
      'a contained resource that refers to what is around it',
      {
        resourceType: 'Patient',
        contained: [
          {
            resourceType: 'Provenance',
            id: 'p',
            target: [{ reference: '#' }],
            recorded: '2026-01-01T00:00:00Z',
            agent: [{ who: { display: 'x' } }],
          },
        ],
      },
    ],
    [
      'a content reference as deep as it goes',
      {
        ...QUESTIONNAIRE,
        item: [
          {
            linkId: '1',
            type: 'group',
            item: [{ linkId: '1.1', type: 'group', item: [{ linkId: '1.1.1', type: 'decimal' }] }],
          },
        ],
      },
    ],
    ['a narrative', { resourceType: 'Patient', text: { status: 'generated', div: DIV } }],
    [
      'a no-break space and letters beyond ASCII in a text',
      { resourceType: 'Patient', name: [{ text: 'Åse\u00a0Øvergård 🫁' }] },
    ],
    [
      'a Bundle of resources',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource: SPO2 }],
      },
    ],
    [
      'parameters that hold a resource',
      { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: SPO2 }] },
    ],
  ])('%s', (_, body) => expect(validate(JSON.parse(JSON.stringify(body)))).toEqual([]))
})

describe('what is refused, with the code and the place', () => {
  test.each<[string, unknown, string]>([
    // No resource at all
    ['no object', 'text', 'structure Resource'],
    ['null', null, 'structure Resource'],
    ['an array', [], 'structure Resource'],
    ['an object without resourceType', {}, 'structure Resource.resourceType'],
    ['a type that R4 has not', { resourceType: 'SubscriptionStatus' }, 'structure Resource.resourceType'],
    ['an abstract type', { resourceType: 'DomainResource' }, 'structure Resource.resourceType'],
    ['a name that every object has', { resourceType: 'constructor' }, 'structure Resource.resourceType'],
    // Names
    ['an unknown element', { ...SPO2, valuequantity: 1 }, 'structure Observation.valuequantity'],
    ['an unknown element further in', { ...SPO2, code: { txt: 'x' } }, 'structure Observation.code.txt'],
    ['an element of another maker', { ...SPO2, meta: { project: 'x' } }, 'structure Observation.meta.project'],
    ['a name that is no identifier', { ...SPO2, 'a b': 1 }, 'structure Observation.`a b`'],
    ['__proto__', JSON.parse('{"resourceType":"Patient","__proto__":{"active":true}}'), 'structure Patient.__proto__'],
    ['extensions beside what is no primitive', { ...SPO2, _code: { id: 'a' } }, 'structure Observation._code'],
    [
      'resourceType inside a datatype',
      { ...SPO2, code: { resourceType: 'CodeableConcept', text: 'x' } },
      'structure Observation.code.resourceType',
    ],
    ['comments of DSTU2', { ...SPO2, fhir_comments: ['x'] }, 'structure Observation.fhir_comments'],
    // Cardinality
    ['a missing element', { ...SPO2, status: undefined }, 'required Observation.status'],
    [
      'a missing choice',
      { resourceType: 'MedicationStatement', status: 'active', subject: { reference: 'Patient/a' } },
      'required MedicationStatement.medication',
    ],
    ['an object where an array is due', { ...SPO2, category: { text: 'x' } }, 'structure Observation.category'],
    ['an array where one value is due', { ...SPO2, code: [{ text: 'x' }] }, 'structure Observation.code'],
    ['an empty array', { ...SPO2, category: [] }, 'structure Observation.category'],
    ['an empty object', { ...SPO2, code: {} }, 'invariant Observation.code'],
    ['an object with an id only', { ...SPO2, code: { id: 'a' } }, 'invariant Observation.code'],
    ['null for an object', { ...SPO2, code: null }, 'structure Observation.code'],
    ['null for a primitive', { ...SPO2, issued: null }, 'structure Observation.issued'],
    [
      'null for a resource',
      { resourceType: 'Bundle', type: 'collection', entry: [{ resource: null }] },
      'structure Bundle.entry[0].resource',
    ],
    [
      'null in an array',
      { resourceType: 'Patient', name: [{ given: ['a', null] }] },
      'structure Patient.name[0].given[1]',
    ],
    ['two of a choice', { ...SPO2, valueString: 'x' }, 'structure Observation.value.ofType(string)'],
    [
      'two of a choice, one by its extension',
      { ...SPO2, _valueString: { extension: [{ url: 'x', valueCode: 'x' }] } },
      'structure Observation.value.ofType(string)',
    ],
    [
      'an element that a profiled datatype forbids',
      { ...SPO2, referenceRange: [{ low: { value: 1, comparator: '<' } }] },
      'structure Observation.referenceRange[0].low.comparator',
    ],
    // Siblings of primitives
    [
      'siblings out of step',
      { resourceType: 'Patient', name: [{ given: ['a', 'b'], _given: [{ id: 'x' }] }] },
      'structure Patient.name[0].given',
    ],
    [
      'null on both sides',
      { resourceType: 'Patient', name: [{ given: ['a', null], _given: [null, null] }] },
      'structure Patient.name[0].given[1]',
    ],
    ['an id without a value', { ...SPO2, _issued: { id: 'a' } }, 'invariant Observation.issued'],
    ['a value in the sibling', { ...SPO2, _issued: { value: 'x' } }, 'structure Observation.issued.value'],
    // JSON types and formats
    [
      'text for a number',
      { ...SPO2, valueQuantity: { value: '84' } },
      'structure Observation.value.ofType(Quantity).value',
    ],
    ['a number for text', { ...SPO2, valueQuantity: { unit: 1 } }, 'structure Observation.value.ofType(Quantity).unit'],
    ['text for a boolean', { resourceType: 'Patient', active: 'true' }, 'structure Patient.active'],
    ['an object for a primitive', { resourceType: 'Patient', active: {} }, 'structure Patient.active'],
    ['a primitive for an object', { ...SPO2, code: 'x' }, 'structure Observation.code'],
    [
      'a day that does not exist',
      { ...SPO2, effectiveDateTime: '2024-02-30' },
      'value Observation.effective.ofType(dateTime)',
    ],
    ['an empty text', { resourceType: 'Patient', name: [{ text: '' }] }, 'value Patient.name[0].text'],
    ['a control character', { resourceType: 'Patient', name: [{ text: 'a\u0000b' }] }, 'value Patient.name[0].text'],
    [
      'a control character in a URI',
      extension({ url: 'http://a\u0000b', valueCode: 'x' }),
      'value Basic.extension[0].url',
    ],
    ['half a surrogate pair', { resourceType: 'Patient', name: [{ text: 'a\ud800b' }] }, 'value Patient.name[0].text'],
    ['an id with a slash', { resourceType: 'Patient', id: 'a/b' }, 'value Patient.id'],
    ['an id of 65 characters', { resourceType: 'Patient', id: 'a'.repeat(65) }, 'value Patient.id'],
    // Extensions
    ['an extension without url', { ...BASIC, extension: [{ valueCode: 'x' }] }, 'required Basic.extension[0].url'],
    ['an extension without anything', extension({}), 'invariant Basic.extension[0]'],
    [
      'an extension with value and extensions',
      extension({ valueCode: 'x', extension: [{ url: 'y', valueCode: 'x' }] }),
      'invariant Basic.extension[0]',
    ],
    ['an extension of an unknown type', extension({ valueTiger: 'x' }), 'structure Basic.extension[0].valueTiger'],
    // Contained
    [
      'a contained resource without id',
      { ...SPO2, contained: [{ resourceType: 'Device' }] },
      'required Observation.contained[0].id',
    ],
    [
      'a contained resource that is wrong by its own type',
      { ...SPO2, contained: [{ resourceType: 'Device', id: 'a', x: 1 }] },
      'structure Observation.contained[0].x',
    ],
    ['a contained resource that nobody refers to', { ...BASIC, contained: [{ ...BASIC, id: 'a' }] }, 'invariant Basic'],
    [
      'a contained resource in a contained resource',
      {
        ...BASIC,
        subject: { reference: '#a' },
        contained: [{ ...BASIC, id: 'a', subject: { reference: '#b' }, contained: [{ ...BASIC, id: 'b' }] }],
      },
      'invariant Basic.contained[0].contained',
    ],
    [
      'a contained resource with a version',
      { ...BASIC, subject: { reference: '#a' }, contained: [{ ...BASIC, id: 'a', meta: { versionId: '1' } }] },
      'invariant Basic',
    ],
    [
      'a contained resource with a label',
      {
        ...BASIC,
        subject: { reference: '#a' },
        contained: [{ ...BASIC, id: 'a', meta: { security: [{ code: 'R' }] } }],
      },
      'invariant Basic',
    ],
    // References
    ['a reference to no type', { ...SPO2, subject: { reference: 'Patent/a' } }, 'value Observation.subject.reference'],
    [
      'a reference that is a name',
      { ...SPO2, subject: { reference: 'Line Danser' } },
      'value Observation.subject.reference',
    ],
    [
      'a reference with an id that is none',
      { ...SPO2, subject: { reference: 'Patient/a_b' } },
      'value Observation.subject.reference',
    ],
    ['a reference to another type', { ...SPO2, subject: { reference: 'Practitioner/a' } }, 'value Observation.subject'],
    [
      'an absolute reference to another type',
      { ...SPO2, subject: { reference: 'https://ehr.example.org/fhir/Practitioner/a/_history/2' } },
      'value Observation.subject',
    ],
    [
      'a reference that says to be of another type',
      { ...SPO2, subject: { type: 'Practitioner', identifier: { value: '1' } } },
      'value Observation.subject',
    ],
    [
      'a contained resource of another type',
      { ...SPO2, contained: [{ ...BASIC, id: 'a' }], subject: { reference: '#a' } },
      'value Observation.subject',
    ],
    [
      'a reference to nothing contained',
      { ...SPO2, subject: { reference: '#a' } },
      'invariant Observation.subject.reference',
    ],
    ['a reference to itself', { ...BASIC, subject: { reference: '#' } }, 'invariant Basic.subject.reference'],
    [
      'a urn:uuid that is none',
      { ...SPO2, subject: { reference: 'urn:uuid:1' } },
      'value Observation.subject.reference',
    ],
    [
      'a search outside a transaction',
      { ...SPO2, subject: { reference: 'Patient?identifier=1' } },
      'value Observation.subject.reference',
    ],
    // Bindings
    ['a code that is not bound', { ...SPO2, status: 'finished' }, 'code-invalid Observation.status'],
    [
      'a concept without a bound coding',
      {
        resourceType: 'Condition',
        subject: { reference: 'Patient/a' },
        clinicalStatus: { coding: [{ system: 'http://example.org', code: 'active' }] },
      },
      'code-invalid Condition.clinicalStatus',
    ],
    [
      'a concept without a coding',
      { resourceType: 'Condition', subject: { reference: 'Patient/a' }, clinicalStatus: { text: 'active' } },
      'code-invalid Condition.clinicalStatus',
    ],
    // Invariants: native, and by FHIRPath
    ['obs-6', { ...SPO2, dataAbsentReason: { text: 'x' } }, 'invariant Observation'],
    ['obs-7', { ...SPO2, component: [{ code: SPO2.code, valueInteger: 1 }] }, 'invariant Observation'],
    ['obs-3', { ...SPO2, referenceRange: [{ appliesTo: [{ text: 'x' }] }] }, 'invariant Observation.referenceRange[0]'],
    ['qty-3', { ...SPO2, valueQuantity: { value: 1, code: '%' } }, 'invariant Observation.value.ofType(Quantity)'],
    [
      'per-1',
      { ...SPO2, effectiveDateTime: undefined, effectivePeriod: { start: '2026-02-02', end: '2026-02-01' } },
      'invariant Observation.effective.ofType(Period)',
    ],
    [
      'tim-2',
      { ...SPO2, effectiveDateTime: undefined, effectiveTiming: { repeat: { period: 1 } } },
      'invariant Observation.effective.ofType(Timing).repeat',
    ],
    ['cpt-2', { resourceType: 'Patient', telecom: [{ value: '12345678' }] }, 'invariant Patient.telecom[0]'],
    ['att-1', { resourceType: 'Patient', photo: [{ data: 'AAAA' }] }, 'invariant Patient.photo[0]'],
    [
      'rng-2',
      { ...SPO2, valueQuantity: undefined, valueRange: { low: { value: 2 }, high: { value: 1 } } },
      'invariant Observation.value.ofType(Range)',
    ],
    ['pat-1', { resourceType: 'Patient', contact: [{ gender: 'female' }] }, 'invariant Patient.contact[0]'],
    [
      'org-2',
      { resourceType: 'Organization', name: 'x', address: [{ use: 'work' }, { use: 'home' }] },
      'invariant Organization.address[1]',
    ],
    [
      'inv-1 of Task',
      {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        authoredOn: '2026-02-02',
        lastModified: '2026-02-01',
      },
      'invariant Task',
    ],
    [
      'que-2',
      { ...QUESTIONNAIRE, item: [{ linkId: '1', type: 'group', item: [{ linkId: '1', type: 'string' }] }] },
      'invariant Questionnaire',
    ],
    ['que-1', { ...QUESTIONNAIRE, item: [{ linkId: '1', type: 'group' }] }, 'invariant Questionnaire.item[0]'],
    [
      'app-3, by FHIRPath',
      { resourceType: 'Appointment', status: 'booked', participant: [{ status: 'accepted', type: [{ text: 'x' }] }] },
      'invariant Appointment',
    ],
    [
      'lst-2, by FHIRPath',
      { resourceType: 'List', status: 'current', mode: 'working', entry: [{ item: { display: 'x' }, deleted: true }] },
      'invariant List',
    ],
    // What is distinct in definitions
    [
      'csd-1',
      { ...CODE_SYSTEM, concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'b' }] },
      'invariant CodeSystem',
    ],
    [
      'sdf-17',
      { ...STRUCTURE, differential: { element: ['', '.name'].map((below) => ({ id: 'x', path: `Patient${below}` })) } },
      'invariant StructureDefinition',
    ],
    [
      'eld-14',
      {
        ...STRUCTURE,
        differential: {
          element: [
            {
              ...{ id: 'x', path: 'Patient' },
              constraint: ['k', 'k'].map((key) => ({ key, severity: 'error', human: 'x', expression: 'true' })),
            },
          ],
        },
      },
      'invariant StructureDefinition.differential.element[0]',
    ],
    // Bundle
    [
      'bdl-7',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          { fullUrl: 'urn:oid:1.2', resource: BASIC },
          { fullUrl: 'urn:oid:1.2', resource: BASIC },
        ],
      },
      'invariant Bundle',
    ],
    ['bdl-3', { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: BASIC }] }, 'invariant Bundle'],
    [
      'a wrong resource in an entry',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ resource: BASIC }, { resource: { ...SPO2, status: 1 } }],
      },
      'structure Bundle.entry[1].resource.status',
    ],
    [
      'a relative fullUrl',
      { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'Patient/1', resource: BASIC }] },
      'value Bundle.entry[0].fullUrl',
    ],
    // What the standard says in words
    [
      'a wrong size of an attachment',
      { resourceType: 'Patient', photo: [{ contentType: 'image/png', data: 'AAAA', size: 4 }] },
      'value Patient.photo[0].size',
    ],
  ])('%s', (_, body, expected) => {
    const { short } = errorsOf(dropUndefined(body))
    expect(short).toContain(expected)
    expect(short).toHaveLength(1)
  })
})

/** Only what JSON can hold; `JSON.stringify` would lose what is tested with `__proto__` and with lone surrogates. */
function dropUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  for (const [name, item] of Object.entries(value))
    if (item === undefined) delete (value as Record<string, unknown>)[name]
  return value
}

describe('the words', () => {
  test.each<[string, unknown, string]>([
    ['a name with the wrong case', { ...SPO2, valuequantity: 1 }, 'Did you mean valueQuantity?'],
    ['a name with a typing error', { ...SPO2, efectiveDateTime: '2024' }, 'Did you mean effectiveDateTime?'],
    ['a code that is not bound', { ...SPO2, status: 'finished' }, 'registered, preliminary, final'],
    [
      'a reference to another type',
      { ...SPO2, subject: { reference: 'Practitioner/a' } },
      'Patient or Group or Device or Location',
    ],
    ['an invariant', { ...SPO2, dataAbsentReason: { text: 'x' } }, 'obs-6: dataAbsentReason SHALL only be present if'],
    ['a format', { ...SPO2, effectiveDateTime: '5.3.2026' }, 'YYYY-MM-DD'],
  ])('about %s say what was expected', (_, body, words) => expect(errorsOf(body).text).toContain(words))

  test('about a name far from all others suggest nothing', () => {
    expect(errorsOf({ ...SPO2, tiger: 1 }).text).not.toContain('Did you mean')
  })

  test('do not grow with what was sent', () => {
    const long = 'x'.repeat(1_000_000)
    const issues = validate({
      resourceType: 'Patient',
      [long]: 1,
      id: long,
      gender: long,
      managingOrganization: { reference: long },
    })
    expect(JSON.stringify(issues).length).toBeLessThan(5_000)
  })
})

test('nothing beside a value is worth a warning; where the value is missing too, it is an error', () => {
  expect(validate({ resourceType: 'Patient', gender: 'male', _gender: {} })).toMatchObject([
    { severity: 'warning', code: 'invariant', expression: ['Patient.gender'] },
  ])
  expect(errorsOf({ resourceType: 'Patient', _gender: {} }).short).toEqual(['invariant Patient.gender'])
})

test('the type that the URL names must be that of the body', () => {
  expect(validate(SPO2, 'Observation')).toEqual([])
  expect(validate(SPO2, 'Patient')).toEqual([
    expect.objectContaining({ severity: 'error', code: 'invalid', expression: ['Observation.resourceType'] }),
  ])
})

test('all issues come at once, at most 100 and a word that there are more', () => {
  const { short } = errorsOf({ ...SPO2, status: 'x', issued: 'y', subject: { reference: 'z' } })
  expect(short).toHaveLength(3)
  const issues = validate({ resourceType: 'Patient', name: Array.from({ length: 5_000 }, () => ({ x: 1 })) })
  expect(issues).toHaveLength(101)
  expect(issues.at(-1)).toMatchObject({
    severity: 'information',
    diagnostics: 'There are more issues than are listed here.',
  })
})

test('the literal of a number decides where a whole number is due', () => {
  const body = (literal: string) => parseJson(`{"resourceType":"Patient","multipleBirthInteger":${literal}}`)
  for (const literal of ['3', '-2147483648']) expect(validate(body(literal))).toEqual([])
  for (const literal of ['3.0', '3e0', '2147483648', '1.5'])
    expect(errorsOf(body(literal)).short).toEqual(['value Patient.multipleBirth.ofType(integer)'])
})

describe('a transaction', () => {
  const conditional = { ...SPO2, subject: { reference: 'Patient?identifier=http://example.org|1' } }

  test('may refer by a search', () => {
    expect(validate(conditional, 'Observation', { conditionalReferences: true })).toEqual([])
    expect(
      errorsOf({ ...SPO2, subject: { reference: 'Patent?name=x' } }, { conditionalReferences: true }).short,
    ).toEqual(['value Observation.subject.reference'])
  })

  test('can have its resources looked at one by one, at their place in it', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: { ...SPO2, status: 'x' }, request: { method: 'POST', url: 'Observation' } }],
    }
    expect(validate(bundle, 'Bundle', { skipEntryResources: true })).toEqual([])
    expect(errorsOf(bundle.entry[0]?.resource, { path: 'Bundle.entry[0].resource' }).short).toEqual([
      'code-invalid Bundle.entry[0].resource.status',
    ])
  })

  test('gives each entry contained resources of its own', () => {
    const entry = (reference: string) => ({
      resource: { ...SPO2, contained: [{ resourceType: 'Device', id: 'a' }], device: { reference } },
    })
    const { short } = errorsOf({ resourceType: 'Bundle', type: 'collection', entry: [entry('#a'), entry('#b')] })
    expect(short).toEqual(['invariant Bundle.entry[1].resource.device.reference'])
  })
})

// Some 300 ms in all; where time grows with the square it is hours, and the limit of the test ends it.
test('the time that a body takes grows with its length only', () => {
  const list = (count: number, item: (i: number) => object) => Array.from({ length: count }, (_, i) => item(i))
  for (const body of [
    { ...CODE_SYSTEM, concept: list(20_000, (i) => ({ code: `c${i}` })) },
    { ...BASIC, contained: list(5_000, (i) => ({ ...BASIC, id: `c${i}`, subject: { reference: '#' } })) },
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: list(20_000, (i) => ({ fullUrl: `urn:oid:1.${i}`, resource: BASIC })),
    },
    { ...QUESTIONNAIRE, item: list(20_000, (i) => ({ linkId: `${i}`, type: 'string' })) },
  ])
    expect(validate(body)).toEqual([])
})

test('an invariant of severity warning warns', () => {
  expect(validate({ ...QUESTIONNAIRE, name: 'no name' })).toEqual([
    expect.objectContaining({ severity: 'warning', code: 'invariant', expression: ['Questionnaire'] }),
  ])
})

describe('a code outside an extensible binding', () => {
  const MARITAL = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus'
  const married = (maritalStatus: object) => validate({ resourceType: 'Patient', maritalStatus })
  const seen = (code: string) =>
    validate({
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
    })

  test.each([
    ['of a listed code system', () => married({ coding: [{ system: MARITAL, code: 'QQ' }] }), 'Patient.maritalStatus'],
    [
      'of a system of one’s own',
      () => married({ coding: [{ system: 'urn:mine', code: 'M' }] }),
      'Patient.maritalStatus',
    ],
    ['outside a branch of a hierarchy', () => seen('PBILLACCT'), 'Encounter.class'],
    ['that is excluded', () => seen('_ActEncounterCode'), 'Encounter.class'],
  ])('%s warns', (_, issues, place) => {
    expect(issues()).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'code-invalid', expression: [place] }),
    ])
  })

  test('beside one inside it, or words alone, do not', () => {
    const coding = [
      { system: 'urn:mine', code: 'x' },
      { system: MARITAL, code: 'M' },
    ]
    expect([married({ coding }), seen('AMB'), married({ text: 'gift' })]).toEqual([[], [], []])
  })
})

test('every resource type compiles', () => {
  for (const type of definitions.resourceTypes)
    expect(validate({ resourceType: type, id: 'a' }, type)).toEqual(expect.any(Array))
})

describe('whatever comes', () => {
  const anything = fc.jsonValue({ maxDepth: 5 })

  test('is answered with issues that have a place, and never with a fault', () => {
    fc.assert(
      fc.property(anything, (body) => {
        for (const { expression, diagnostics } of validate(body)) {
          expect(expression?.[0]).toMatch(/^Resource/)
          expect(diagnostics).not.toBe('')
        }
      }),
    )
  })

  test('stands in the place of any part of a resource, it is answered too', () => {
    const whole = {
      ...SPO2,
      id: 'a',
      meta: { tag: [{ code: 'x' }] },
      contained: [{ resourceType: 'Device', id: 'd' }],
      device: { reference: '#d' },
      text: { status: 'generated', div: DIV },
      referenceRange: [{ low: { value: 1 } }],
      component: [{ code: { text: 'x' }, valueRange: { low: { value: 1 }, high: { value: 2 } } }],
      extension: [{ url: 'http://x', valueTiming: { repeat: { count: 1, when: ['HS'] } } }],
    }
    const paths = pathsOf(whole)
    fc.assert(
      fc.property(fc.constantFrom(...paths), anything, (path, value) => {
        for (const { expression } of validate(put(structuredClone(whole), path, value)))
          expect(expression).toHaveLength(1)
      }),
      { numRuns: 1_000 },
    )
  })
})

type Path = (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const names: Path = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  const inner = names.flatMap((name) => pathsOf((value as Record<string | number, unknown>)[name], [...path, name]))
  return path.length ? [path, ...inner] : inner
}

function put(whole: unknown, path: Path, value: unknown): unknown {
  const last = path.at(-1) ?? ''
  const holder = path.slice(0, -1).reduce((at, name) => (at as Record<string | number, unknown>)[name], whole)
  Object.defineProperty(holder, last, { value, enumerable: true, writable: true, configurable: true })
  return whole
}
