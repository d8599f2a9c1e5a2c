import { D_NUMBER, FNR, HPR_NUMBER } from '../../national-numbers/systems.ts'
import { numberOf } from './trusted-ehr.ts'

const LINE = { system: FNR, value: '13116900216' }
const named = (...identifier: unknown[]) => numberOf({ resourceType: 'Patient', identifier }, [FNR, D_NUMBER])

test.each([
  ['by its own name', [LINE]],
  ['by another name of its system', [{ ...LINE, system: 'http://hl7.no/fhir/NamingSystem/FNR' }]],
  ['by both', [LINE, { ...LINE, system: 'http://hl7.no/fhir/NamingSystem/FNR' }]],
  ['beside numbers of the EHR alone', [{ system: 'urn:ehr', value: '7' }, LINE]],
])('the number of an EHR’s patient, %s', (_how, identifier) => {
  expect(named(...identifier)).toEqual(LINE)
})

test.each([
  ['none', []],
  ['one of another kind', [{ system: HPR_NUMBER, value: '431001110' }]],
  ['two that differ', [LINE, { system: FNR, value: '12057900499' }]],
  ['one without a value', [{ system: FNR }]],
  ['what is no identifier', [null, 'x']],
])('with %s nobody is meant', (_how, identifier) => {
  expect(named(...identifier)).toBeUndefined()
})
