import type { StructureDefinition } from '@medplum/fhirtypes'
import { createDefinitionBook } from '../../definitions/definition-book.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../validator.ts'

const URL = 'http://example.org/extension'

/** A string extension that may stand where `context` says. */
const extensionOf = (context: object[], { isModifier = false } = {}) =>
  ({
    ...{ resourceType: 'StructureDefinition', url: URL, name: 'E', status: 'active', kind: 'complex-type' },
    ...{ abstract: false, type: 'Extension', derivation: 'constraint', context },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
    differential: {
      element: [
        { path: 'Extension', ...(isModifier && { isModifier }) },
        { path: 'Extension.url', fixedUri: URL },
        { path: 'Extension.value[x]', min: 1, type: [{ code: 'string' }] },
      ],
    },
  }) as unknown as StructureDefinition

const element = (expression: string) => [{ type: 'element', expression }]
const own = { url: URL, valueString: 'x' }

function errorsOf(body: object, extension?: StructureDefinition): string[] {
  const definitions = loadDefinitions()
  const book = createDefinitionBook(definitions)
  if (extension) book.change([{ id: 'x', resource: extension }], [])
  return createValidator(definitions, { source: book })
    .validate(body)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression }) => `${code} ${expression}`)
}

const patient = (fields: object) => ({ resourceType: 'Patient', ...fields })

describe('what an extension holds', () => {
  test.each<[string, object, string[]]>([
    ['as defined', own, []],
    [
      'another type of value',
      { url: URL, valueBoolean: true },
      ['structure Patient.extension[0].value.ofType(boolean)'],
    ],
    [
      'extensions instead of the value',
      { url: URL, extension: [{ url: 'a', valueCode: 'x' }] },
      ['required Patient.extension[0].value'],
    ],
    [
      'a url with a version',
      { ...own, url: `${URL}|1` },
      ['value Patient.extension[0].url', 'value Patient.extension[0].url'],
    ],
    ['one that nobody knows', { url: 'http://example.org/unknown', valueBoolean: true }, []],
  ])('%s', (_, extension, expected) =>
    expect(errorsOf(patient({ extension: [extension] }), extensionOf(element('Patient')))).toEqual(expected),
  )
})

describe('where it may stand', () => {
  const onResource = patient({ extension: [own] })
  const onName = patient({ name: [{ text: 'x', extension: [own] }] })
  const onBirthDate = patient({ _birthDate: { extension: [own] } })
  const onContained = patient({
    contained: [{ resourceType: 'Organization', id: 'o', name: 'x', extension: [own] }],
    managingOrganization: { reference: '#o' },
  })
  const inEntry = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource: onName }],
  }
  const around = 'http://example.org/around'
  const inExtension = patient({ extension: [{ url: around, valueString: 'x', _valueString: { extension: [own] } }] })

  const inItem = {
    ...{ resourceType: 'Questionnaire', status: 'active' },
    item: [{ linkId: '1', type: 'group', item: [{ linkId: '1.1', type: 'string', extension: [own] }] }],
  }

  test.each<[string, object, object[], boolean]>([
    ['on an element that refers to another', inItem, element('Questionnaire.item'), true],
    ['on the resource', onResource, element('Patient'), true],
    ['on any domain resource', onResource, element('DomainResource'), true],
    ['on any element', onName, element('Element'), true],
    ['on another resource', onResource, element('Observation'), false],
    ['on a named element', onName, element('Patient.name'), true],
    ['on a datatype, wherever it is used', onName, element('HumanName'), true],
    ['on another element', onName, element('Patient.contact'), false],
    ['on a primitive', onBirthDate, element('Patient.birthDate'), true],
    ['on any primitive of this type', onBirthDate, element('date'), true],
    ['on a contained resource', onContained, element('Organization'), true],
    ['not on what contains it', onContained, element('Patient'), false],
    ['in an entry of a Bundle', inEntry, element('Patient.name'), true],
    ['in an extension', inExtension, [{ type: 'extension', expression: around }], true],
    ['in an extension alone', onResource, [{ type: 'extension', expression: around }], false],
    ['where FHIRPath says', onName, [{ type: 'fhirpath', expression: 'Patient.name' }], true],
    [
      'where FHIRPath does not say',
      onName,
      [{ type: 'fhirpath', expression: "Patient.name.where(use = 'old')" }],
      false,
    ],
  ])('%s', (_, body, context, allowed) => {
    const errors = errorsOf(body, extensionOf(context))
    expect(errors).toEqual(allowed ? [] : [expect.stringMatching(/^structure .*extension\[0\]$/)])
  })
})

describe('an extension that nobody here knows', () => {
  const phone = { value: '555' } // cpt-2: a value needs a system
  const unknown = (fields: object) => patient({ extension: [{ url: 'http://example.org/unknown', ...fields }] })

  test.each<[string, object, string[]]>([
    ['is kept, also where its value breaks a rule of its type', unknown({ valueContactPoint: phone }), []],
    ['is kept with all below it', unknown({ extension: [{ url: 'number', valueContactPoint: phone }] }), []],
    [
      'must be readable',
      unknown({ valueContactPoint: { value: 5 } }),
      ['structure Patient.extension[0].value.ofType(ContactPoint).value'],
    ],
    [
      'has a value or extensions, not both',
      unknown({ valueContactPoint: phone, extension: [{ url: 'a', valueCode: 'b' }] }),
      ['invariant Patient.extension[0]'],
    ],
    [
      'says nothing of what stands beside it',
      { ...unknown({ valueBoolean: true }), telecom: [phone] },
      ['invariant Patient.telecom[0]'],
    ],
  ])('%s', (_, body, expected) => expect(errorsOf(body)).toEqual(expected))

  test('one that is known is judged whole', () => {
    const known = extensionOf(element('Patient'))
    const element2 = { path: 'Extension.value[x]', min: 1, type: [{ code: 'ContactPoint' }] }
    Object.assign(known, {
      differential: { element: [{ path: 'Extension' }, { path: 'Extension.url', fixedUri: URL }, element2] },
    })
    expect(errorsOf(patient({ extension: [{ url: URL, valueContactPoint: phone }] }), known)).toEqual([
      'invariant Patient.extension[0].value.ofType(ContactPoint)',
    ])
  })
})

describe('modifier extensions', () => {
  const modified = patient({ modifierExtension: [own] })
  test('are refused unless they are known, for they may turn the meaning round', () => {
    expect(errorsOf(modified)).toEqual(['not-supported Patient.modifierExtension[0]'])
    expect(errorsOf(modified, extensionOf(element('Patient'), { isModifier: true }))).toEqual([])
  })

  test('and others keep to their own places', () => {
    expect(errorsOf(modified, extensionOf(element('Patient')))).toEqual(['structure Patient.modifierExtension[0]'])
    expect(errorsOf(patient({ extension: [own] }), extensionOf(element('Patient'), { isModifier: true }))).toEqual([
      'structure Patient.extension[0]',
    ])
  })
})

describe('by mode', () => {
  const definitions = loadDefinitions()
  const misplaced = { resourceType: 'Basic', code: { text: 'x' }, modifierExtension: [own] }
  const severities = (mode: 'refuse' | 'warn' | 'off') =>
    createValidator(definitions, { modeOf: (type) => (type === 'Basic' ? mode : 'refuse') })
      .validate(misplaced)
      .map(({ severity }) => severity)

  test('refused, warned of, or not looked at; R4 itself holds in each', () => {
    expect(severities('refuse')).toEqual(['error'])
    expect(severities('warn')).toEqual(['warning'])
    expect(severities('off')).toEqual([])
    const lenient = createValidator(definitions, { modeOf: () => 'off' })
    expect(lenient.validate({ resourceType: 'Basic' })).toMatchObject([{ severity: 'error', code: 'required' }])
  })
})

test('a definition may say the pattern of a value on its type, as R4 does of its own primitives', () => {
  const regex = { url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: '[0-9]{4}' }
  const definition = {
    ...extensionOf(element('Patient')),
    differential: {
      element: [
        { id: 'Extension', path: 'Extension' },
        { id: 'Extension.value[x]', path: 'Extension.value[x]', type: [{ code: 'string', extension: [regex] }] },
      ],
    },
  }
  expect(errorsOf(definition)).toEqual([])
  expect(errorsOf(patient({ extension: [regex] }))).toEqual(['structure Patient.extension[0]'])
})
