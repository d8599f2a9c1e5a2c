import { loadDefinitions } from '../definitions/definitions.ts'
import { examine } from './examine.ts'
import { createValidator, type Validator } from './validator.ts'
import { vitalSignProfiles } from './vital-signs.ts'

const definitions = loadDefinitions()
const validators = {
  off: createValidator(definitions),
  warn: createValidator(definitions, { vitalSigns: 'warn' }),
  refuse: createValidator(definitions, { vitalSigns: 'refuse' }),
}

const temperature = (rest: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
  subject: { reference: 'Patient/a' },
  effectiveDateTime: '2026-03-01T08:00:00Z',
  valueQuantity: { value: 37, unit: '°C', system: 'http://unitsofmeasure.org', code: 'Cel' },
  ...rest,
})
const inKelvin = temperature({
  valueQuantity: { value: 310, unit: 'K', system: 'http://unitsofmeasure.org', code: 'K' },
})

const found = (mode: keyof typeof validators, body: object) =>
  validators[mode].validate(body, 'Observation').map(({ severity, expression }) => `${severity} ${expression}`)

test('a vital sign that does not claim its profile is judged by it as the setting says', () => {
  const place = 'Observation.value.ofType(Quantity).code'
  expect(found('off', inKelvin)).toEqual([])
  expect(found('warn', inKelvin)).toEqual([`warning ${place}`])
  expect(found('refuse', inKelvin)).toEqual([`error ${place}`])
})

test('one that conforms, and what is no vital sign, have nothing to fear', () => {
  expect(found('refuse', temperature())).toEqual([])
  expect(found('refuse', { ...inKelvin, code: { coding: [{ system: 'urn:own', code: '8310-5' }] } })).toEqual([])
  expect(found('refuse', { ...inKelvin, code: { text: '8310-5' } })).toEqual([])
})

test('$validate warns of it in any case, and refuses nothing that would be stored', () => {
  const severities = (mode: keyof typeof validators) =>
    examine(validators[mode], inKelvin, 'Observation', []).map(({ severity }) => severity)
  expect(severities('off')).toEqual(['warning'])
  expect(severities('warn')).toEqual(['warning'])
  expect(severities('refuse')).toEqual(['error'])
})

test('a profile that is asked for refuses, also where the code or the claim would only have warned of it', () => {
  const profile = 'http://hl7.org/fhir/StructureDefinition/bodytemp'
  const severities = (validator: Validator, body: object) =>
    examine(validator, body, 'Observation', [profile]).map(({ severity }) => severity)
  expect(severities(validators.off, inKelvin)).toEqual(['error'])
  expect(severities(validators.warn, inKelvin)).toEqual(['error'])
  expect(severities(validators.off, temperature())).toEqual([])
  const claimed = { ...inKelvin, meta: { profile: [profile] } }
  expect(severities(createValidator(definitions, { modeOf: () => 'warn' }), claimed)).toEqual(['error'])
})

test('one that claims the profile is told once', () => {
  const profile = ['http://hl7.org/fhir/StructureDefinition/bodytemp']
  expect(found('refuse', { ...inKelvin, meta: { profile } })).toHaveLength(1)
})

test('every profile of the list is there', () => {
  const codes = ['85353-1', '9279-1', '8867-4', '2708-6', '8310-5', '8302-2', '9843-4', '29463-7', '39156-5', '85354-9']
  const coding = codes.map((code) => ({ system: 'http://loinc.org', code }))
  const profiles = vitalSignProfiles({ resourceType: 'Observation', code: { coding } })
  expect(profiles.map((url) => definitions.profile(url)?.url)).toEqual(profiles)
  expect(profiles).toHaveLength(codes.length)
})
