import { backoffMilliseconds } from './backoff.ts'
import { toAnswer } from './http-answer.ts'
import { toProgress } from './jft/status-answer.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const answered = (status: number, headers: Record<string, string> = {}, body = '') =>
  toAnswer({ status, header: (name) => headers[name] ?? null, body }, NOW)
const outcome = (...issue: object[]) => JSON.stringify({ resourceType: 'OperationOutcome', issue })

test.each(['https://api.write.jft.nhn.no/v1/Bundle/17', '/v1/Bundle/17', 'Bundle/17/_history/1'])(
  '202 with the location %s is a receipt',
  (location) => expect(answered(202, { location })).toEqual({ kind: 'accepted', location: '17' }),
)

test.each([
  ['202 without a location', 202, {}],
  ['202 with the location of something else', 202, { location: '/v1/Composition/17' }],
  ['200', 200, { location: '/v1/Bundle/17' }],
  ['201', 201, { location: '/v1/Bundle/17' }],
  ['a redirect', 302, { location: 'https://elsewhere.example/v1/Bundle/17' }],
  ['401 twice', 401, {}],
  ['403', 403, {}],
  ['404', 404, {}],
  ['405', 405, {}],
  ['408', 408, {}],
  ['500', 500, {}],
  ['503', 503, {}],
])('%s is no receipt, and is tried again', (_case, status, headers: Record<string, string>) =>
  expect(answered(status, headers)).toMatchObject({ kind: 'again', reason: { values: { status } } }),
)

test.each([400, 409, 413, 415, 422])('%s is never tried again', (status) =>
  expect(answered(status)).toEqual({ kind: 'refused', reason: { code: 'answered', values: { status } } }),
)

test('the reason is what the OperationOutcome says, and where, without the number of anybody', () => {
  const body = outcome(
    { severity: 'error', code: 'required', diagnostics: 'severity is empty', expression: ['DetectedIssue.severity'] },
    { severity: 'error', code: 'value', details: { text: '13116900216 is unknown' } },
  )
  expect(answered(400, {}, body)).toEqual({
    kind: 'refused',
    reason: {
      code: 'answered-with',
      values: { status: 400, quote: 'severity is empty (DetectedIssue.severity); *********** is unknown' },
    },
  })
})

test.each([
  ['7', 7],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After %s is obeyed', (header, afterSeconds) =>
  expect(answered(429, { 'retry-after': header })).toEqual({
    ...{ kind: 'again', reason: { code: 'answered', values: { status: 429 } } },
    ...(afterSeconds === undefined ? {} : { afterSeconds }),
  }),
)

test('it waits twice as long each time, at most a quarter of an hour, and not as long as others', () => {
  expect([1, 2, 3, 30, 1000].map((attempts) => backoffMilliseconds(attempts, 0))).toEqual([
    ...[2_500, 5_000, 10_000, 450_000, 450_000],
  ])
  expect(backoffMilliseconds(1, 0.999)).toBeGreaterThan(4_900)
  expect(backoffMilliseconds(1000, 0.999)).toBeLessThanOrEqual(900_000)
})

const FAILED = { kind: 'failed', reason: { code: 'journaling-failed' } }
const parameters = (...parameter: object[]) => JSON.stringify({ resourceType: 'Parameters', parameter })
test.each([
  ['journaled', 200, JSON.stringify({ status: 'journaled' }), { kind: 'journaled' }],
  ['journaled as Parameters', 200, parameters({ name: 'status', valueCode: 'journaled' }), { kind: 'journaled' }],
  ['registered', 200, JSON.stringify({ status: 'registered' }), { kind: 'under-way' }],
  ['read', 200, JSON.stringify({ status: 'read' }), { kind: 'under-way' }],
  [
    ...['failed', 200, JSON.stringify({ status: 'failed', reason: 'ukjent pasient' })],
    { kind: 'failed', reason: { code: 'journaling-failed-with', values: { quote: 'ukjent pasient' } } },
  ],
  ['failed, and not why', 200, JSON.stringify({ status: 'failed' }), FAILED],
  ['not known there', 404, '', { kind: 'unknown', reason: { code: 'not-known-there' } }],
  ['out of order', 503, '', { kind: 'unknown', reason: { code: 'answered-to-status', values: { status: 503 } } }],
  ['something else', 200, JSON.stringify({ status: 'eaten' }), { kind: 'unknown', reason: { code: 'not-understood' } }],
  ['no JSON', 200, '<html>', { kind: 'unknown', reason: { code: 'not-understood' } }],
] as const)('$status says %s', (_case, status, body, expected) =>
  expect(toProgress({ status, body })).toEqual(expected),
)
