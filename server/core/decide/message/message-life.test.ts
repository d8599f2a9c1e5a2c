import type { Resource } from '../../fhir/resource.ts'
import { translated } from '../words/translated.ts'
import { answered, answeredMessages, isStale, takenBack } from './message-life.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const MESSAGE: Resource = { resourceType: 'CommunicationRequest', id: 'm', status: 'active' }
const communication = (status: string, ...references: string[]): Resource => ({
  ...{ resourceType: 'Communication', id: 'c', status },
  basedOn: references.map((reference) => ({ reference })),
})

test.each([
  ['completed', ['CommunicationRequest/m'], ['CommunicationRequest/m']],
  ['not-done', ['CommunicationRequest/m', 'ServiceRequest/s'], ['CommunicationRequest/m']],
  ['completed', ['https://fhir.example.org/CommunicationRequest/m'], ['CommunicationRequest/m']],
  ['completed', ['CommunicationRequest/m/_history/2'], ['CommunicationRequest/m']],
  ['completed', ['ServiceRequest/s'], []],
  ['in-progress', ['CommunicationRequest/m'], []],
  ['entered-in-error', ['CommunicationRequest/m'], []],
])('a Communication that is %s, based on %j, answers %j', (status, references, expected) => {
  expect(answeredMessages(communication(status, ...references))).toEqual(expected)
})

test('nothing else answers a message', () => {
  expect(answeredMessages(undefined)).toEqual([])
  expect(answeredMessages({ ...communication('completed', 'CommunicationRequest/m'), resourceType: 'Task' })).toEqual(
    [],
  )
})

test.each([
  ['completed', 'active', 'completed'],
  ['completed', 'on-hold', 'completed'],
  ['not-done', 'active', 'revoked'],
  ['completed', 'completed', undefined],
  ['not-done', 'revoked', undefined],
  ['preparation', 'active', undefined],
])('%s makes a message that is %s %s', (how, status, expected) => {
  expect(answered(communication(how), { ...MESSAGE, status }, NOW)?.status).toBe(expected)
})

test('what could not be sent says so in each language', () => {
  const [told = {}] = (answered(communication('not-done'), MESSAGE, NOW)?.note ?? []) as object[]
  expect(translated(told, 'text', 'nb')).toBe('Meldingen kunne ikke sendes.')
  expect(translated(told, 'text', 'en')).toBe('The message could not be sent.')
})

test.each([
  ['asked for a day ago', { authoredOn: '2026-11-21T12:00:00Z' }, true],
  ['asked for less than a day ago', { authoredOn: '2026-11-21T12:00:01Z' }, false],
  [
    'to be sent later than it was asked for',
    { authoredOn: '2026-11-20T12:00:00Z', occurrenceDateTime: '2026-11-22' },
    false,
  ],
  ['worth sending for a week', { authoredOn: '2026-11-20T12:00:00Z', occurrencePeriod: { end: '2026-11-27' } }, false],
  ['worth sending until now', { occurrencePeriod: { end: '2026-11-22T13:00:00+01:00' } }, true],
  ['worth sending today', { occurrencePeriod: { end: '2026-11-22' } }, false],
  ['worth sending until yesterday', { occurrencePeriod: { end: '2026-11-21' } }, true],
  ['that says no moment', {}, false],
  ['put on hold', { authoredOn: '2026-11-01', status: 'on-hold' }, false],
])('whether nobody has sent a message in time: one %s', (_which, more, expected) => {
  expect(isStale({ ...MESSAGE, ...more }, NOW)).toBe(expected)
})

test('other requests are not stale, however old', () => {
  expect(isStale({ ...MESSAGE, resourceType: 'ServiceRequest', authoredOn: '2020-01-01' }, NOW)).toBe(false)
})

test('what is taken back says why', () => {
  expect(takenBack(MESSAGE)).toMatchObject({
    ...{ act: 'update', resource: { id: 'm', status: 'revoked' } },
    ...{ resource: { statusReason: { text: 'Ingen sendte meldingen i tide; en ny er bedt om.' } } },
  })
})
