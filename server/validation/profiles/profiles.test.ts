import type { StructureDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { createDefinitionBook } from '../../definitions/definition-book.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../validator.ts'

const definitions = loadDefinitions()
const URL = 'http://example.org/profile'
const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/'

type Elements = Record<string, unknown>[]

/** A profile by its differential. */
const profileOf = (type: string, element: Elements, more: object = {}) =>
  ({
    ...{
      resourceType: 'StructureDefinition',
      url: URL,
      name: 'P',
      status: 'active',
      kind: 'resource',
      abstract: false,
    },
    ...{ type, baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, derivation: 'constraint' },
    differential: { element },
    ...more,
  }) as unknown as StructureDefinition

function validatorOf(stored: StructureDefinition[], codes: ReadonlyMap<string, ReadonlySet<string>> = new Map()) {
  const book = createDefinitionBook(definitions)
  book.change(
    stored.map((resource, i) => ({ id: String(i), resource })),
    [],
  )
  book.takeCodes(codes)
  return createValidator(definitions, { source: book })
}

/** `code expression` of each issue of the given severity, by the profile and with whatever else is stored. */
function issuesOf(body: object, stored: StructureDefinition[], severity = 'error', profile = URL): string[] {
  return validatorOf(stored)
    .validate(body, undefined, { profiles: [profile] })
    .filter((issue) => issue.severity === severity)
    .map(({ code, expression }) => `${code} ${expression}`)
}

const patient = (fields: object) => ({ resourceType: 'Patient', ...fields })
const coding = (code: string) => ({ coding: [{ system: LOINC, code }] })
const kilograms = (value: number) => ({ value, system: UCUM, code: 'kg' })
const grams = (value: number) => ({ value, system: UCUM, code: 'g' })
const observation = (fields: object) => ({ resourceType: 'Observation', status: 'final', code: coding('x'), ...fields })

describe('what an element must be', () => {
  const requireName = profileOf('Patient', [{ path: 'Patient.name', min: 1 }])
  const closedBirthDate = profileOf('Patient', [{ path: 'Patient.birthDate', max: '0' }])
  const oneName = profileOf('Patient', [{ path: 'Patient.name', max: '1' }])
  const fixedCode = profileOf('Observation', [{ path: 'Observation.code.coding.code', fixedCode: 'a' }])
  const patternCode = profileOf('Observation', [{ path: 'Observation.code', patternCodeableConcept: coding('a') }])
  const shortFamily = profileOf('Patient', [{ path: 'Patient.name.family', maxLength: 3 }])
  const limited = profileOf('Observation', [
    { path: 'Observation.valueQuantity', minValueQuantity: kilograms(1), maxValueQuantity: kilograms(500) },
  ])
  const quantityOnly = profileOf('Observation', [{ path: 'Observation.value[x]', type: [{ code: 'Quantity' }] }])
  const toPatient = profileOf('Observation', [
    { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${STRUCTURE}Patient`] }] },
  ])
  const femaleAdult = profileOf('Patient', [
    {
      path: 'Patient',
      constraint: [{ key: 'p-1', severity: 'error', human: 'is active', expression: 'active = true' }],
    },
  ])
  const nested = profileOf('Patient', [{ path: 'Patient.contact.name.family', min: 1 }])

  test.each<[string, StructureDefinition, object, object, string]>([
    ['there', requireName, patient({ name: [{ text: 'x' }] }), patient({}), 'required Patient.name'],
    ['absent', closedBirthDate, patient({}), patient({ birthDate: '1970' }), 'structure Patient.birthDate'],
    [
      'once at most',
      oneName,
      patient({ name: [{ text: 'a' }] }),
      patient({ name: [{ text: 'a' }, { text: 'b' }] }),
      'structure Patient.name',
    ],
    [
      'a fixed value',
      fixedCode,
      observation({ code: coding('a') }),
      observation({ code: coding('b') }),
      'value Observation.code.coding[0].code',
    ],
    [
      'a pattern',
      patternCode,
      observation({ code: { ...coding('a'), text: 'A' } }),
      observation({ code: { text: 'A' } }),
      'value Observation.code',
    ],
    [
      'no longer than',
      shortFamily,
      patient({ name: [{ family: 'Åse' }] }),
      patient({ name: [{ family: 'Lien' }] }),
      'value Patient.name[0].family',
    ],
    [
      'above a least value, in whatever unit',
      limited,
      observation({ valueQuantity: grams(1000) }),
      observation({ valueQuantity: grams(999) }),
      'value Observation.value.ofType(Quantity)',
    ],
    [
      'below a greatest value',
      limited,
      observation({ valueQuantity: kilograms(500) }),
      observation({ valueQuantity: kilograms(501) }),
      'value Observation.value.ofType(Quantity)',
    ],
    [
      'of one type',
      quantityOnly,
      observation({ valueQuantity: grams(1) }),
      observation({ valueString: 'x' }),
      'structure Observation.value.ofType(string)',
    ],
    [
      'a reference to one type',
      toPatient,
      observation({ subject: { reference: 'Patient/1' } }),
      observation({ subject: { reference: 'Group/1' } }),
      'value Observation.subject',
    ],
    ['as an invariant says', femaleAdult, patient({ active: true }), patient({ active: false }), 'invariant Patient'],
    [
      'there below a datatype',
      nested,
      patient({ contact: [{ name: { family: 'x' } }] }),
      patient({ contact: [{ name: { text: 'x' } }] }),
      'required Patient.contact[0].name.family',
    ],
  ])('%s', (_, profile, good, bad, expected) => {
    expect(issuesOf(good, [profile])).toEqual([])
    expect(issuesOf(bad, [profile])).toEqual([expected])
  })
})

describe('slices are told apart', () => {
  const slicing = (type: string, path: string, rules = 'closed', ordered = false) => ({
    slicing: { discriminator: [{ type, path }], rules, ordered },
  })
  const component = (code: string, value: object = { valueInteger: 1 }) => ({ code: coding(code), ...value })
  const components = (...all: object[]) => observation({ component: all })
  const C = 'Observation.component'

  const byValue = profileOf('Observation', [
    { path: C, ...slicing('value', 'code.coding.code') },
    { path: C, sliceName: 'a', min: 1, max: '1' },
    { path: `${C}.code.coding.code`, fixedCode: 'a' },
    { path: C, sliceName: 'b' },
    { path: `${C}.code.coding.code`, fixedCode: 'b' },
  ])
  const byPattern = profileOf('Observation', [
    { path: C, ...slicing('pattern', 'code') },
    { path: C, sliceName: 'a', min: 1, max: '1' },
    { path: `${C}.code`, patternCodeableConcept: coding('a') },
    { path: C, sliceName: 'b' },
    { path: `${C}.code`, patternCodeableConcept: coding('b') },
  ])
  const byType = profileOf('Observation', [
    { path: C, ...slicing('type', 'value') },
    { path: C, sliceName: 'a', min: 1, max: '1' },
    { path: `${C}.valueInteger`, min: 1 },
    { path: C, sliceName: 'b' },
    { path: `${C}.valueString`, min: 1 },
  ])
  const byExistence = profileOf('Observation', [
    { path: C, ...slicing('exists', 'interpretation') },
    { path: C, sliceName: 'a', min: 1, max: '1' },
    { path: `${C}.interpretation`, min: 1 },
    { path: C, sliceName: 'b' },
    { path: `${C}.interpretation`, max: '0' },
  ])

  const interpreted = { interpretation: [{ text: 'x' }] }
  test.each<[string, StructureDefinition, object, object | undefined, object]>([
    ['by value', byValue, component('a'), component('c'), component('b')],
    ['by pattern', byPattern, component('a'), component('c'), component('b')],
    ['by type', byType, component('a'), component('x', { valueBoolean: true }), component('x', { valueString: 'x' })],
    ['by what is there', byExistence, component('a', interpreted), undefined, component('b')],
  ])('%s', (_, profile, ofFirst, ofNone, ofSecond) => {
    expect(issuesOf(components(ofFirst, ofSecond, ofSecond), [profile])).toEqual([])
    expect(issuesOf(components(ofSecond), [profile])).toEqual(['required Observation.component'])
    expect(issuesOf(components(ofFirst, ofFirst), [profile])).toEqual(['structure Observation.component'])
    if (ofNone) expect(issuesOf(components(ofFirst, ofNone), [profile])).toEqual(['structure Observation.component[1]'])
  })

  test('by profile, in a Bundle', () => {
    const named = profileOf('Patient', [{ path: 'Patient.name', min: 1 }], { url: 'http://example.org/named' })
    const bundle = profileOf('Bundle', [
      { path: 'Bundle.entry', ...slicing('profile', 'resource') },
      { path: 'Bundle.entry', sliceName: 'named', min: 1 },
      { path: 'Bundle.entry.resource', type: [{ code: 'Patient', profile: ['http://example.org/named'] }] },
    ])
    const collection = (resource: object) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource }],
    })
    expect(issuesOf(collection(patient({ name: [{ text: 'x' }] })), [bundle, named])).toEqual([])
    expect(issuesOf(collection(patient({})), [bundle, named])).toEqual([
      'structure Bundle.entry[0]',
      'required Bundle.entry',
    ])
  })

  test('by the type of what a reference leads to', () => {
    const list = profileOf('List', [
      { path: 'List.entry', ...slicing('type', 'item.resolve()') },
      { path: 'List.entry', sliceName: 'patient', max: '1' },
      { path: 'List.entry.item', type: [{ code: 'Reference', targetProfile: [`${STRUCTURE}Patient`] }] },
    ])
    const listOf = (...references: string[]) => ({
      ...{ resourceType: 'List', status: 'current', mode: 'working' },
      entry: references.map((reference) => ({ item: { reference } })),
    })
    expect(issuesOf(listOf('Patient/1'), [list])).toEqual([])
    expect(issuesOf(listOf('Patient/1', 'Patient/2'), [list])).toEqual(['structure List.entry'])
    expect(issuesOf(listOf('Device/1'), [list])).toEqual(['structure List.entry[0]'])
  })

  test.each([
    ['open', false, ['c', 'a', 'b'], []],
    ['openAtEnd', false, ['a', 'b', 'c'], []],
    ['openAtEnd', false, ['c', 'a', 'b'], ['structure Observation.component[1]', 'structure Observation.component[2]']],
    ['open', true, ['a', 'c', 'b'], []],
    ['open', true, ['b', 'a'], ['structure Observation.component[1]']],
  ])('%s, ordered %s: %j', (rules, ordered, codes, expected) => {
    const elements = byValue.differential?.element as unknown as Elements
    const profile = profileOf('Observation', [
      { path: C, ...slicing('value', 'code.coding.code', rules, ordered) },
      ...elements.slice(1),
    ])
    expect(issuesOf(components(...codes.map((code) => component(code))), [profile])).toEqual(expected)
  })

  test('what the unsliced element asks holds in every slice, and a slice may ask for more', () => {
    const elements = byValue.differential?.element as unknown as Elements
    const profile = profileOf('Observation', [
      ...elements.slice(0, 1),
      { path: `${C}.dataAbsentReason`, max: '0' },
      ...elements.slice(1),
      { id: `${C}:a.valueInteger`, path: `${C}.valueInteger`, min: 1 },
    ])
    const absent = { dataAbsentReason: { text: 'x' } }
    expect(issuesOf(components(component('a'), component('b', absent)), [profile])).toEqual([
      'structure Observation.component[1].dataAbsentReason',
    ])
    expect(issuesOf(components(component('a', absent)), [profile])).toEqual([
      'structure Observation.component[0].dataAbsentReason',
      'required Observation.component[0].value',
    ])
  })

  test('a slice that the discriminator cannot tell is reported, and refuses nobody', () => {
    const profile = profileOf('Observation', [
      { path: C, ...slicing('value', 'code', 'open') },
      { path: C, sliceName: 'a' },
    ])
    expect(issuesOf(components(component('a')), [profile])).toEqual([])
    expect(issuesOf(components(component('a')), [profile], 'warning')).toEqual(['processing Observation'])
  })
})

describe('profiles that are made from others', () => {
  const parent = profileOf('Patient', [{ path: 'Patient.name', min: 1 }], { url: 'http://example.org/parent' })
  const made = { baseDefinition: 'http://example.org/parent' }

  test('what the parent asks holds too', () => {
    const child = profileOf('Patient', [{ path: 'Patient.birthDate', min: 1 }], made)
    expect(issuesOf(patient({ name: [{ text: 'x' }], birthDate: '1970' }), [parent, child])).toEqual([])
    expect(issuesOf(patient({}), [parent, child])).toEqual(['required Patient.name', 'required Patient.birthDate'])
  })

  test('without the parent its snapshot is taken, and without that, what is there and a warning', () => {
    const element = [
      { path: 'Patient.name', min: 1 },
      { path: 'Patient.birthDate', min: 1 },
    ]
    const child = profileOf('Patient', [element[1] ?? {}], {
      ...made,
      snapshot: { element: [{ path: 'Patient' }, ...element] },
    })
    expect(issuesOf(patient({}), [child])).toEqual(['required Patient.name', 'required Patient.birthDate'])
    const bare = { ...child, snapshot: undefined } as StructureDefinition
    expect(issuesOf(patient({}), [bare])).toEqual(['required Patient.birthDate'])
    expect(issuesOf(patient({}), [bare], 'warning')).toEqual(['processing Patient'])
  })

  test('a slice that the parent defines is constrained by name', () => {
    const sliced = profileOf(
      'Patient',
      [
        { path: 'Patient.identifier', slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' } },
        { path: 'Patient.identifier', sliceName: 'fnr' },
        { path: 'Patient.identifier.system', fixedUri: 'urn:oid:2.16.578.1.12.4.1.4.1' },
      ],
      { url: 'http://example.org/parent' },
    )
    const child = profileOf(
      'Patient',
      [{ id: 'Patient.identifier:fnr', path: 'Patient.identifier', sliceName: 'fnr', min: 1 }],
      made,
    )
    const identified = (system: string) => patient({ identifier: [{ system, value: '1' }] })
    expect(issuesOf(identified('urn:oid:2.16.578.1.12.4.1.4.1'), [sliced, child])).toEqual([])
    expect(issuesOf(identified('urn:x'), [sliced, child])).toEqual(['required Patient.identifier'])
  })

  test('two that lead to each other end', () => {
    const circle = profileOf('Patient', [{ path: 'Patient.name', min: 1 }], { baseDefinition: URL })
    expect(issuesOf(patient({}), [circle])).toEqual(['required Patient.name'])
    const linked = profileOf('Patient', [
      { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [URL] }] },
    ])
    const twin = (id: string, other: string) => ({
      ...patient({ id, link: [{ other: { reference: other }, type: 'seealso' }] }),
    })
    const twins = { ...twin('c', '#a'), contained: [twin('a', '#b'), twin('b', '#a')] }
    expect(issuesOf(twins, [linked])).toEqual([])
  })

  test('references that fork at each link are followed once', () => {
    const linked = profileOf('Patient', [
      { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [URL] }] },
    ])
    const count = 60
    const link = (i: number) => ({ other: { reference: `#p${(i + 1) % count}` }, type: 'seealso' })
    const contained = Array.from({ length: count }, (_, i) => patient({ id: `p${i}`, link: [link(i), link(i)] }))
    const began = performance.now()
    expect(issuesOf({ ...patient({ link: [link(-1)] }), contained }, [linked])).toEqual([])
    expect(performance.now() - began).toBeLessThan(30_000)
  })

  test('whatever comes is told of, never thrown', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('Patient', 'x', 1, true, null, '#a', 'Patient/1'),
        fc.array(tie('any'), { maxLength: 2 }),
        fc.dictionary(
          fc.constantFrom(
            'resourceType',
            'id',
            'contained',
            'link',
            'other',
            'reference',
            'component',
            'code',
            'coding',
          ),
          tie('any'),
          { maxKeys: 4 },
        ),
        fc.dictionary(
          fc.constantFrom(
            'extension',
            'url',
            '_birthDate',
            'valueQuantity',
            'category',
            'entry',
            'resource',
            'meta',
            'profile',
          ),
          tie('any'),
          { maxKeys: 4 },
        ),
      ),
    })).any
    const linked = profileOf('Patient', [
      { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [URL] }] },
      { path: 'Patient.birthDate.extension', min: 1 },
    ])
    const validator = validatorOf([linked])
    fc.assert(
      fc.property(fc.constantFrom('Patient', 'Observation', 'Bundle'), value, (resourceType, fields) => {
        const body = { ...(typeof fields === 'object' ? fields : {}), resourceType }
        validator.validate(body, undefined, { profiles: [URL, `${STRUCTURE}bp`] })
      }),
      { numRuns: 2_000 },
    )
  })

  test('one that is for another type, and one that nobody knows', () => {
    expect(issuesOf(observation({}), [parent], 'error', 'http://example.org/parent')).toEqual(['structure Observation'])
    expect(issuesOf(patient({}), [], 'error', 'http://example.org/nowhere')).toEqual(['not-found Patient'])
    const claiming = patient({ meta: { profile: ['http://example.org/nowhere'] } })
    const validator = createValidator(definitions)
    expect(validator.validate(claiming)).toMatchObject([
      { severity: 'warning', expression: ['Patient.meta.profile[0]'] },
    ])
  })

  test('what is stored with an element that R4 lacks asks nothing for it', () => {
    const wrong = profileOf('Patient', [{ path: 'Patient.dateOfBirth', min: 1 }])
    expect(issuesOf(patient({}), [wrong])).toEqual([])
    expect(issuesOf(patient({}), [wrong], 'warning')).toEqual(['processing Patient'])
  })
})

describe('bindings', () => {
  const bound = (strength: string) =>
    profileOf('Observation', [{ path: 'Observation.code', binding: { strength, valueSet: 'http://example.org/vs' } }])
  const codes = new Map([['http://example.org/vs', new Set([`${LOINC}|a`])]])

  test.each([
    ['required', 'a', []],
    ['required', 'b', ['error Observation.code']],
    ['extensible', 'b', ['warning Observation.code']],
    ['preferred', 'b', []],
  ])('%s, with the code %s', (strength, code, expected) => {
    const issues = validatorOf([bound(strength)], codes).validate(observation({ code: coding(code) }), undefined, {
      profiles: [URL],
    })
    expect(issues.map(({ severity, expression }) => `${severity} ${expression}`)).toEqual(expected)
  })

  test('to a value set that cannot be listed here refuses nobody', () =>
    expect(issuesOf(observation({}), [bound('required')])).toEqual([]))
})

describe('R4 itself', () => {
  const VITALS = `${STRUCTURE}vitalsigns`
  const weight = observation({
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: coding('29463-7'),
    subject: { reference: 'Patient/1' },
    effectiveDateTime: '2026-03-05',
    valueQuantity: { value: 70, unit: 'kg', system: UCUM, code: 'kg' },
  })

  test('vital signs, and body weight, which is made from them', () => {
    expect(issuesOf(weight, [], 'error', VITALS)).toEqual([])
    expect(issuesOf(weight, [], 'error', `${STRUCTURE}bodyweight`)).toEqual([])
    const inStone = { ...weight, valueQuantity: { value: 11, unit: 'st', system: UCUM, code: '[stone_av]' } }
    expect(issuesOf(inStone, [], 'error', VITALS)).toEqual([])
    expect(issuesOf(inStone, [], 'error', `${STRUCTURE}bodyweight`)).toEqual([
      'code-invalid Observation.value.ofType(Quantity).code',
    ])
    const { category: _, ...withoutCategory } = weight as { category?: unknown }
    expect(issuesOf(withoutCategory, [], 'error', VITALS)).toEqual([
      'required Observation.category',
      'required Observation.category',
    ])
  })
})
