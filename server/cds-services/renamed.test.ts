import { renamed, reversed } from './renamed.ts'

const names = new Map([
  ['Patient/p-line', 'Patient/demo-line'],
  ['https://ehr.example/fhir/Patient/p-line', 'Patient/demo-line'],
])

test('references are renamed wherever they stand, and nothing else', () => {
  const before = {
    subject: { reference: 'Patient/p-line', display: 'Patient/p-line' },
    performer: [{ reference: 'https://ehr.example/fhir/Patient/p-line' }, { reference: 'Patient/other' }],
    note: [{ text: 'Patient/p-line' }],
    value: null,
  }
  expect(renamed(before, names)).toEqual({
    subject: { reference: 'Patient/demo-line', display: 'Patient/p-line' },
    performer: [{ reference: 'Patient/demo-line' }, { reference: 'Patient/other' }],
    note: [{ text: 'Patient/p-line' }],
    value: null,
  })
})

test('on the way back the EHR is told its own, relative name', () => {
  expect(renamed({ reference: 'Patient/demo-line' }, reversed(names))).toEqual({ reference: 'Patient/p-line' })
})
