import type { HttpAnswer } from '../http-answer.ts'
import { toAnswers } from './batch-answer.ts'
import type { Entry } from './entry.ts'

const NOW = new Date('2026-11-23T08:00:00Z')
const entry = (fullUrl: string, request?: Entry['request']): Entry => ({
  ...{ fullUrl, resource: { resourceType: 'Observation', status: 'final', code: {} } },
  ...(request ? { request } : {}),
})
const NEW = entry('urn:uuid:a', { method: 'POST', url: 'Observation' })
const AGAIN = entry('urn:uuid:b', { method: 'PUT', url: 'Observation/9' })
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ status, header: (name) => headers[name] ?? null, body: JSON.stringify(body) },
})
const responses = (...entries: object[]) =>
  answer(200, { resourceType: 'Bundle', type: 'batch-response', entry: entries })
const one = (fullUrl: string, response: object) => ({ fullUrl, response })

test('entries are known by their fullUrl, in whatever order they are answered', () =>
  expect(
    toAnswers(
      responses(
        one('urn:uuid:b', { status: '200 OK' }),
        one('urn:uuid:a', { status: '201 Created', location: 'https://pmd/Observation/17/_history/1' }),
      ),
      [NEW, AGAIN],
      NOW,
    ),
  ).toEqual([
    { kind: 'accepted', location: 'Observation/17' },
    { kind: 'accepted', location: 'Observation/9' },
  ]))

const OUTCOME = {
  resourceType: 'OperationOutcome',
  issue: [{ code: 'value', diagnostics: 'Ukjent pasient 13116900216' }],
}
test.each([
  ['no place', { status: '201' }, 'again', { code: 'no-place', values: { status: 201 } }],
  [
    'a place of something else',
    { status: '201', location: 'Patient/1' },
    'again',
    { code: 'no-place', values: { status: 201 } },
  ],
  ['no status', { location: 'Observation/1' }, 'again', { code: 'not-understood' }],
  ['a fault of the receiver', { status: '503' }, 'again', { code: 'answered', values: { status: 503 } }],
  ['429', { status: '429 Too Many Requests' }, 'again', { code: 'answered', values: { status: 429 } }],
  [
    'a refusal',
    { status: '422', outcome: OUTCOME },
    'refused',
    { values: { status: 422, quote: 'Ukjent pasient ***********' } },
  ],
] as const)('an entry with %s', (_case, response, kind, reason) =>
  expect(toAnswers(responses(one('urn:uuid:a', response)), [NEW], NOW)).toMatchObject([{ kind, reason }]),
)

test.each([
  ['another Bundle', answer(200, { resourceType: 'Bundle', type: 'searchset', entry: [] }), 'again'],
  ['no Bundle', answer(200, 'OK'), 'again'],
  ['a receipt without its entry', responses(one('urn:uuid:c', { status: '201', location: 'Observation/1' })), 'again'],
  ['202', answer(202, {}, { location: 'Observation/1' }), 'again'],
  ['a refusal of the whole', answer(422, OUTCOME), 'refused'],
] as const)('%s is no receipt', (_case, said, kind) =>
  expect(toAnswers(said, [NEW, AGAIN], NOW).map((told) => told.kind)).toEqual([kind, kind]),
)

test('it says when it may be tried again', () =>
  expect(toAnswers(answer(429, {}, { 'retry-after': '60' }), [NEW], NOW)).toEqual([
    { kind: 'again', reason: { code: 'answered', values: { status: 429 } }, afterSeconds: 60 },
  ]))
