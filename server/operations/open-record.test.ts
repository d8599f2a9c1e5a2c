import { keeperOf } from './open-record.ts'

test.each([
  ['Organization/demo-granli', 'Organization/demo-granli'],
  ['#org', undefined],
  ['https://elsewhere.example/fhir/Organization/1', undefined],
  ['Organization/1/_history/2', undefined],
  ['urn:uuid:0b7c3a5e-0000-4000-8000-000000000001', undefined],
  [undefined, undefined],
])('of a record that %s keeps, the queue of the review is %s', (reference, queue) => {
  expect(keeperOf({ managingOrganization: { ...(reference ? { reference } : { display: 'Granli' }) } })).toBe(queue)
  expect(keeperOf({})).toBeUndefined()
})
