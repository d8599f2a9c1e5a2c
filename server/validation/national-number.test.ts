import { loadDefinitions } from '../definitions/definitions.ts'
import { FNR, ORGANIZATION_NUMBER } from '../national-numbers/systems.ts'
import { createValidator } from './validator.ts'

const definitions = loadDefinitions()
const strict = createValidator(definitions, { nationalNumbers: { mode: 'refuse', acceptsSynthetic: false } })
const demo = createValidator(definitions, { nationalNumbers: { mode: 'refuse', acceptsSynthetic: true } })
const mild = createValidator(definitions, { nationalNumbers: { mode: 'warn', acceptsSynthetic: false } })
const off = createValidator(definitions)

const patient = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: FNR, value }] })
const TENOR = '17847100079'

test('a wrong check digit is refused, at the value and without telling it', () => {
  const [issue, ...more] = strict.validate(patient('13116900217'))
  expect(more).toEqual([])
  expect(issue).toMatchObject({ severity: 'error', code: 'value', expression: ['Patient.identifier[0].value'] })
  expect(issue?.diagnostics).not.toContain('13116900217')
})

test('wherever an Identifier stands: in a reference, in a Bundle', () => {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { identifier: { system: FNR, value: '13116900217' } },
    performer: [{ identifier: { system: ORGANIZATION_NUMBER, value: '991324968' } }],
  }
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: observation }] }
  expect(strict.validate(bundle).map(({ expression }) => expression)).toEqual([
    ['Bundle.entry[0].resource.subject.identifier.value'],
  ])
})

test('a number of a series for tests is refused where only those of people are accepted', () => {
  expect(strict.validate(patient(TENOR))).toEqual([
    expect.objectContaining({ severity: 'error', code: 'value', expression: ['Patient.identifier[0].value'] }),
  ])
  expect(demo.validate(patient(TENOR))).toEqual([])
})

test('what is only warned of is stored all the same, and switched off nothing is said', () => {
  expect(mild.validate(patient('13116900217'))).toEqual([expect.objectContaining({ severity: 'warning' })])
  expect(off.validate(patient('13116900217'))).toEqual([])
})

test('a value that is missing, for a reason, is nobody’s wrong number', () => {
  const reason = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }
  const masked = { resourceType: 'Patient', identifier: [{ system: FNR, _value: { extension: [reason] } }] }
  expect(strict.validate(masked).filter(({ severity }) => severity === 'error')).toEqual([])
})
