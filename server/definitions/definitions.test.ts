import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDerivedDefinitions } from './cache.ts'
import { loadDefinitions } from './definitions.ts'

const definitions = loadDefinitions()

const elementsOf = (type: string) => definitions.structure(type)?.snapshot?.element.map((element) => element.path) ?? []

test('the resource types are the 146 concrete ones of R4, without the abstract ones and without those of other makers', () => {
  expect(definitions.resourceTypes.size).toBe(146)
  for (const type of ['Observation', 'Parameters', 'Binary', 'Bundle'])
    expect(definitions.resourceTypes).toContain(type)
  for (const type of [
    'Resource',
    'DomainResource',
    'MetadataResource',
    'SubscriptionStatus',
    'Project',
    'Bot',
    'Quantity',
  ])
    expect(definitions.resourceTypes).not.toContain(type)
})

test('a structure is found by its canonical, with or without a version, and by its bare name', () => {
  const url = 'http://hl7.org/fhir/StructureDefinition/Observation'
  expect(definitions.structure(url)?.type).toBe('Observation')
  expect(definitions.structure(`${url}|4.0.1`)?.type).toBe('Observation')
  expect(definitions.structure('Observation')?.url).toBe(url)
  expect(definitions.structure('http://example.org/Observation')).toBeUndefined()
})

test.each([
  ['Meta', 'Meta.project'],
  ['Meta', 'Meta.author'],
  ['Binary', 'Binary.url'],
  ['EvidenceVariable', 'EvidenceVariable.characteristic.definitionReference'],
  ['DeviceDefinition', 'DeviceDefinition.classification'],
  ['DeviceDefinition', 'DeviceDefinition.bodySite'],
  ['EvidenceVariable', 'EvidenceVariable.characteristic.definitionByCombination'],
  ['EvidenceVariable', 'EvidenceVariable.characteristic.linkId'],
])('%s has no element %s, which the package added to R4', (type, path) => expect(elementsOf(type)).not.toContain(path))

test('what the package changed in R4 is restored', () => {
  const outcome = definitions
    .structure('Bundle')
    ?.snapshot?.element.find((e) => e.path === 'Bundle.entry.response.outcome')
  expect(outcome?.type).toEqual([{ code: 'Resource' }])
  expect(elementsOf('EvidenceVariable')).toContain('EvidenceVariable.characteristic.definition[x]')
})

test('what R4 has and its data elements lack is kept', () => {
  expect(elementsOf('MedicinalProductIngredient')).toContain(
    'MedicinalProductIngredient.specifiedSubstance.strength.presentation',
  )
  expect(elementsOf('Quantity')).toEqual(
    expect.arrayContaining(['Quantity.id', 'Quantity.extension', 'Quantity.comparator']),
  )
})

test('id and the value of primitives have their FHIR type, not that of FHIRPath', () => {
  const id = definitions
    .structure('Observation')
    ?.snapshot?.element.find((element) => element.path === 'Observation.id')
  expect(id?.type).toEqual([{ code: 'string' }])
})

test('search parameters are those of the type and of the types it is made from', () => {
  const codes = definitions.searchParameters('Observation').map((parameter) => parameter.code)
  expect(codes).toEqual(
    expect.arrayContaining(['code', 'date', 'patient', 'component-value-quantity', '_id', '_lastUpdated', '_text']),
  )
  expect(definitions.searchParameters('Binary').map((parameter) => parameter.code)).not.toContain('_text')
  expect(definitions.searchParameters('constructor')).toEqual([])
})

test('the patient compartment names the search parameters that lead to the patient', () => {
  expect(definitions.patientCompartment('Observation')).toEqual(['subject', 'performer'])
  expect(definitions.patientCompartment('Organization')).toEqual([])
  expect(definitions.patientCompartment('constructor')).toEqual([])
})

test('codes of a value set include those below other codes, and are undefined where a filter or a foreign system decides', () => {
  expect(definitions.codes('http://hl7.org/fhir/ValueSet/observation-status|4.0.1')).toContain(
    'http://hl7.org/fhir/observation-status|final',
  )
  expect(definitions.codes('http://hl7.org/fhir/ValueSet/condition-clinical')).toContain(
    'http://terminology.hl7.org/CodeSystem/condition-clinical|recurrence',
  )
  expect(definitions.codes('http://hl7.org/fhir/ValueSet/mimetypes')).toBeUndefined()
  expect(definitions.codes('http://example.org/unknown')).toBeUndefined()
})

describe('the kept copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'definitions-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is written at the first start, read at the second, and made anew when it is broken', () => {
    const first = readDerivedDefinitions(folder)
    const [file] = readdirSync(folder)
    expect(file).toMatch(/^definitions-[0-9a-f]{16}\.json$/)
    expect(readDerivedDefinitions(folder)).toEqual(first)
    writeFileSync(join(folder, file ?? ''), '{"structures":[')
    expect(readDerivedDefinitions(folder)).toEqual(first)
  })

  test('may be impossible to write', () => {
    const file = join(folder, 'not-a-folder')
    writeFileSync(file, '')
    expect(readDerivedDefinitions(file).structures.length).toBeGreaterThan(200)
  })
})
