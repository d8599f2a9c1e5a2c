import fc from 'fast-check'
import type { Resource } from '../../core/fhir/resource.ts'
import { degreesOf } from './protection.ts'
import { restored } from './restore.ts'
import { tellsPlace, withheld } from './withhold.ts'

const LABEL = { system: 'http://ehelse.no/fhir/ValueSet/gd-person-addressprotection', code: 'strengtFortrolig' }
const marked = (code: string) => ({
  url: 'http://ehelse.no/fhir/StructureDefinition/gd-address-metadata',
  extension: [{ url: 'confidentiality', valueCode: code }],
})
const MASK = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }

const PATIENT: Resource = {
  resourceType: 'Patient',
  id: 'p',
  meta: { security: [LABEL] },
  text: { status: 'generated', div: '<div>Storgata 1</div>' },
  name: [{ family: 'Danser' }],
  address: [{ line: ['Storgata 1'], city: 'Oslo' }, { city: 'Bergen' }],
  telecom: [{ system: 'phone', value: '11223344' }],
  contact: [
    { name: { family: 'A' }, telecom: [{ value: '1' }] },
    { name: { family: 'B' }, address: { city: 'Oslo' } },
  ],
  extension: [{ url: 'http://example.org/cabin', valueAddress: { city: 'Geilo' } }],
}

describe('which addresses are protected', () => {
  const patient = (rest: object): Resource => ({ resourceType: 'Patient', ...rest })
  test.each<[string, Resource, string[]]>([
    ['a label of the person', PATIENT, ['strengtFortrolig']],
    ['a label that says it is not', patient({ meta: { security: [{ ...LABEL, code: 'ugradert' }] } }), []],
    ['a label of another system', patient({ meta: { security: [{ system: 'x', code: 'fortrolig' }] } }), []],
    ['the extension of an address', patient({ address: [{ extension: [marked('fortrolig')] }] }), ['fortrolig']],
    ['an address of a client', patient({ address: [{ extension: [marked('klientadresse')] }] }), ['fortrolig']],
    ['a contact’s address', patient({ contact: [{ address: { extension: [marked('fortrolig')] } }] }), ['fortrolig']],
    ['an open address', patient({ address: [{ extension: [marked('ugradert')] }] }), []],
    ['a home', { resourceType: 'Location', type: [{ coding: [{ code: 'PTRES' }] }] }, ['strengtFortrolig']],
    ['a house', { resourceType: 'Location', physicalType: { coding: [{ code: 'ho' }] } }, ['strengtFortrolig']],
    ['a ward', { resourceType: 'Location', physicalType: { coding: [{ code: 'wa' }] } }, []],
    ['a type that nobody lives in', { resourceType: 'Observation', meta: { security: [LABEL] } }, []],
  ])('%s', (_, resource, degrees) => expect(degreesOf(resource)).toEqual(degrees))
})

describe('a copy without addresses', () => {
  test('has no translation of a place’s name either', () => {
    const translated = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/translation', valueString: 'Gate' }],
    }
    const place = {
      resourceType: 'Location',
      name: 'Storgata',
      _name: translated,
      alias: ['Hjem'],
      _alias: [translated],
    }
    const { meta: _placeMeta, ...left } = withheld(place)
    expect(left).toEqual({ resourceType: 'Location' })
    const location = { reference: 'Location/1', display: 'Storgata', _display: translated }
    const encounter = { resourceType: 'Encounter', location: [{ location }] }
    const { meta: _meta, ...shown } = withheld(encounter)
    expect(shown).toEqual({ resourceType: 'Encounter', location: [{ location: { reference: 'Location/1' } }] })
    expect(restored({ ...shown } as Resource, encounter)).toMatchObject(encounter)
  })

  test('has placeholders and labels, and no narrative', () => {
    const { text: _text, meta, ...rest } = PATIENT
    expect(withheld(PATIENT)).toEqual({
      ...rest,
      meta: {
        security: [LABEL, expect.objectContaining({ code: 'REDACTED' })],
        tag: [expect.objectContaining({ code: 'SUBSETTED' })],
      },
      address: [MASK],
      telecom: [MASK],
      contact: [
        { name: { family: 'A' }, telecom: [MASK] },
        { name: { family: 'B' }, address: MASK },
      ],
      extension: [{ url: 'http://example.org/cabin', valueAddress: MASK }],
    })
  })

  test('reaches what is contained, and the words of a reference to a place', () => {
    const location = { resourceType: 'Location', id: 'l', name: 'Storgata 1', position: { longitude: 1, latitude: 2 } }
    const encounter = {
      ...{ resourceType: 'Encounter', contained: [location, { resourceType: 'Patient', address: [{ city: 'Oslo' }] }] },
      location: [{ location: { reference: 'Location/home', display: 'Storgata 1' } }],
      serviceProvider: { reference: 'Organization/1', display: 'Legevakt' },
    }
    const text = JSON.stringify(withheld(encounter))
    expect(text).not.toMatch(/Storgata|Oslo|longitude/)
    expect(text).toMatch(/Location\/home.*Legevakt/)
  })

  test.each<[string, Resource]>([
    ['an Observation', { resourceType: 'Observation', text: { div: 'x' }, valueString: 'x' }],
    ['an Endpoint, whose address is a url', { resourceType: 'Endpoint', address: 'https://x' }],
  ])('%s is left as it is', (_, resource) => expect(withheld(resource)).toBe(resource))
})

describe('what is written back', () => {
  const shown = withheld(PATIENT)
  const strip = ({ address: _a, telecom: _t, ...rest }: Resource): Resource => rest as Resource

  test.each<[string, Resource]>([
    ['as it was shown', shown],
    ['without the placeholders', strip(shown)],
    ['without labels', { ...shown, meta: {} }],
    ['with the contacts in another order', { ...shown, contact: (shown.contact as unknown[]).toReversed() }],
  ])('%s keeps what is stored', (_, given) => {
    const after = restored(given, PATIENT)
    expect(new Set(after.contact as unknown[])).toEqual(new Set(PATIENT.contact as unknown[]))
    expect(after).toMatchObject({ address: PATIENT.address, telecom: PATIENT.telecom, text: PATIENT.text })
    expect(after.meta).toMatchObject({ security: [LABEL] })
  })

  test('of the labels of the copy nothing stays, not even an empty list', () => {
    const stored: Resource = { resourceType: 'RelatedPerson', address: [{ city: 'Oslo' }] }
    expect(restored(withheld(stored), stored)).toEqual({ ...stored, meta: {} })
  })

  test('a change of the rest is kept', () => {
    const given = {
      ...shown,
      name: [{ family: 'Ny' }],
      contact: [...(shown.contact as object[]), { name: { text: 'C' } }],
    }
    expect(restored(given, PATIENT)).toMatchObject({
      name: [{ family: 'Ny' }],
      contact: [...(PATIENT.contact as object[]), { name: { text: 'C' } }],
      address: PATIENT.address,
    })
  })

  test.each<[string, Resource, string]>([
    ['a new address', { ...shown, address: [{ city: 'Her' }] }, 'Patient.address'],
    ['one more', { ...shown, telecom: [MASK, { value: '2' }] }, 'Patient.telecom'],
    ['a contact less', { ...shown, contact: [(shown.contact as object[])[0]] }, 'Patient.contact[1]'],
    ['no contacts', { ...shown, contact: undefined } as Resource, 'Patient.contact'],
  ])('%s is refused', (_, given, path) => {
    const { contact, ...rest } = given
    const sent = (contact === undefined ? rest : given) as Resource
    expect(() => restored(sent, PATIENT)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ code: 'forbidden', expression: [path] })] }),
    )
  })

  const city = fc.constantFrom('Oslo', 'Bergen', 'Bodø')
  const address = fc.record({ city, line: fc.array(fc.string(), { maxLength: 2 }) }, { requiredKeys: [] })
  const person = fc.record(
    {
      name: fc.array(fc.record({ family: fc.string() }), { maxLength: 2 }),
      address: fc.array(address, { minLength: 1, maxLength: 3 }),
      telecom: fc.array(fc.record({ value: fc.string() }), { minLength: 1, maxLength: 2 }),
      contact: fc.array(fc.record({ name: fc.record({ text: fc.string() }), address }, { requiredKeys: [] }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  )
  test('whatever is stored comes back from its copy, and the copy tells no place', () => {
    fc.assert(
      fc.property(person, (fields) => {
        const stored: Resource = { resourceType: 'Patient', id: 'x', ...fields }
        const copy = withheld(stored)
        expect(JSON.stringify(copy)).not.toMatch(/"(?:city|line|value)":/)
        expect({ ...restored(copy, stored), meta: undefined }).toEqual({ ...stored, meta: undefined })
        expect(withheld(copy)).toEqual(copy)
      }),
    )
  })
})

test.each([
  ['Patient', 'Patient.address.city', true],
  ['Patient', "Patient.telecom.where(system='phone')", true],
  ['Patient', 'Patient.extension.value', true],
  ['Patient', 'Patient{Patient.descendants()}', true],
  ['Location', 'Location.name', true],
  ['Patient', 'Patient.name', false],
  ['Patient', 'Patient.generalPractitioner', false],
])('%s: %s leads to a place: %s', (type, path, tells) => expect(tellsPlace(type, path)).toBe(tells))
