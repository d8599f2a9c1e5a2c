import type { HttpAnswer } from './http-answer.ts'
import { foundIn, refusalOf } from './looked-up.ts'

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ status, header: (name) => headers[name.toLowerCase()] ?? null },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const outcome = (diagnostics: string, code = 'KI-0005') => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'invalid', diagnostics, details: { coding: [{ code }] } }],
})

test.each([
  [400, 'processing'],
  [401, 'processing'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [410, 'not-found'],
  [429, 'throttled'],
  [500, 'transient'],
  [503, 'transient'],
] as const)('what it answers with %s is refused as %s', (status, code) => {
  const { issues } = refusalOf(answered(status, outcome('Nei')), 'Kjernejournal')
  expect(issues).toMatchObject([{ code, details: { coding: [{ code: 'KI-0005' }] } }])
  expect(issues[0]?.diagnostics).toBe(`Kjernejournal answered ${status} (KI-0005): Nei`)
})

test('its words are told without numbers of people, and what is no OperationOutcome without words', () => {
  const [issue] = refusalOf(answered(403, outcome('Sperret for 13116900216')), 'Kjernejournal').issues
  expect(issue?.diagnostics).not.toContain('13116900216')
  const [other] = refusalOf(answered(502, '<html>13116900216</html>'), 'Kjernejournal').issues
  expect(other?.diagnostics).toBe('Kjernejournal answered 502.')
})

test('how long to wait is told where it is said', () => {
  expect(refusalOf(answered(429, '', { 'retry-after': '7' }), 'K').retryAfterSeconds).toBe(7)
  expect(refusalOf(answered(429, ''), 'K').retryAfterSeconds).toBeUndefined()
})

test('what is of another type is left out, that there is another page is seen, and what is no Bundle is refused', () => {
  const document = { resourceType: 'DocumentReference', id: 'a' }
  const bundle = {
    ...{ resourceType: 'Bundle', link: [{ relation: 'next', url: 'https://x' }] },
    entry: [{ resource: document }, { resource: { resourceType: 'OperationOutcome' } }, {}],
  }
  expect(foundIn(answered(200, bundle), ['DocumentReference'], 'K')).toEqual({ found: [document], isCut: true })
  expect(foundIn(answered(200, { resourceType: 'Bundle' }), ['DocumentReference'], 'K')).toEqual({
    ...{ found: [], isCut: false },
  })
  for (const body of ['no', 'null', {}]) expect(() => foundIn(answered(200, body), [], 'K')).toThrow('no Bundle')
})
