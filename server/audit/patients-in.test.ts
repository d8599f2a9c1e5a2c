import { expect, test } from '@jest/globals'
import { patientsIn } from './patients-in.ts'

const BASE = 'http://localhost:8080/fhir'
const of = (resource: object) => patientsIn({ type: 'Task', id: '1', text: JSON.stringify(resource) }, BASE)

test.each([
  ['its subject', { for: { reference: 'Patient/line' } }, ['line']],
  [
    'each that it tells of, once',
    { a: [{ reference: 'Patient/line' }, { reference: 'Patient/ola' }, { reference: 'Patient/line' }] },
    ['line', 'ola'],
  ],
  ['a version of one', { for: { reference: 'Patient/line/_history/3' } }, ['line']],
  ['one by our address', { for: { reference: `${BASE}/Patient/line` } }, ['line']],
  ['none of another server', { for: { reference: 'http://other.example/fhir/Patient/line' } }, []],
  ['no name that only ends so', { for: { reference: 'MyPatient/line' } }, []],
  ['nobody', { owner: { reference: 'Practitioner/kari' } }, []],
])('finds %s', (_rule, resource, patients) => expect(of(resource)).toEqual(patients))

test('a Patient is one itself, with or without a text', () => {
  expect(patientsIn({ type: 'Patient', id: 'line' })).toEqual(['line'])
})
