import { expect, test } from '@jest/globals'
import { patientQuery } from './patient-query.ts'
import { snoozeUntil } from './snooze-until.ts'

test.each(['13116900216', '131169 00216', '131169-00216', ' 1311 6900 216 '])('%s is a number', (words) => {
  expect(patientQuery(words)).toMatchObject({
    identifier: 'urn:oid:2.16.578.1.12.4.1.4.1|13116900216,urn:oid:2.16.578.1.12.4.1.4.2|13116900216',
  })
})
test.each([
  ['Line  Danser', ['Line', 'Danser']],
  ['131169', ['131169']],
  ['Danser, Line', ['Danser', 'Line']],
  ['Åse,', ['Åse']],
])('%s is a name, each part of it', (words, name) => expect(patientQuery(words)).toMatchObject({ name }))
test.each(['', ' ', ',', 'Å', ' , '])('%j asks for nobody', (words) => expect(patientQuery(words)).toBeUndefined())

test.each([
  ['today', '2026-11-23T15:00:00'],
  ['tomorrow', '2026-11-24T08:00:00'],
  ['two-days', '2026-11-25T10:30:00'],
  ['week', '2026-11-30T10:30:00'],
] as const)('put aside for "%s" it comes back at %s', (choice, at) => {
  expect(snoozeUntil(choice, new Date('2026-11-23T10:30:00'))).toEqual(new Date(at))
})
