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

test('its code is told without numbers of people, and as long as a code is', () => {
  const [issue] = refusalOf(answered(400, outcome('Nei', `13116900216 ${'x'.repeat(100)}`)), 'K').issues
  const [{ code = '' } = {}] = issue?.details?.coding ?? []
  expect([code.length, code.slice(0, 14)]).toEqual([64, '131169***** xx'])
  const [other] = refusalOf(answered(400, '', { 'nhn-error-code': '13116900216' }), 'K').issues
  expect(other?.diagnostics).toBe('K answered 400 (131169*****).')
})

const wrong = (severity: string) => ({
  ...{ resource: { resourceType: 'OperationOutcome', issue: [{ severity, code: 'processing' }] } },
  search: { mode: 'outcome' },
})
test.each([
  ['nothing', [], false],
  ['a match alone', [{ resource: { resourceType: 'Condition' } }], false],
  ['what is included', [{ resource: { resourceType: 'Practitioner' }, search: { mode: 'include' } }], false],
  ['a match of another type', [{ resource: { resourceType: 'Observation' }, search: { mode: 'match' } }], true],
  ['an error', [wrong('error')], true],
  ['a warning', [wrong('warning')], true],
  ['what is only informed of', [wrong('information')], false],
  ['null', [null], true],
  ['an entry with nothing', [{ resource: null }], true],
] as const)('an answer with %s has something that is not shown: %s', (_case, entry, expected) => {
  const answer = answered(200, { resourceType: 'Bundle', link: null, entry })
  expect(foundIn(answer, ['Condition'], 'K').isIncomplete).toBe(expected)
})

test('a member that is null is none, and where a resource stands is known', () => {
  const entry = [
    { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Condition', subject: null, note: [null, {}], _x: [null] } },
  ]
  const { found, fullUrls } = foundIn(answered(200, { resourceType: 'Bundle', entry }), ['Condition'], 'K')
  expect([found, [...fullUrls.values()]]).toEqual([
    [{ resourceType: 'Condition', note: [{}], _x: [null] }],
    ['urn:uuid:1'],
  ])
})

test('of nulls those stay that FHIR knows: in lists of values, and of their extensions; entries are counted', () => {
  const name = { given: ['Line', null], _given: [null, { id: 'a' }], family: null }
  const resource = { resourceType: 'Patient', name: [name, null], contact: [{ telecom: [null] }], photo: null }
  const { found, isIncomplete } = foundIn(
    answered(200, { resourceType: 'Bundle', entry: [null, { resource }] }),
    ['Patient'],
    'K',
  )
  expect([found, isIncomplete]).toEqual([
    [
      {
        ...{ resourceType: 'Patient', contact: [{ telecom: [] }] },
        name: [{ given: ['Line', null], _given: [null, { id: 'a' }] }],
      },
    ],
    true,
  ])
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
  expect(foundIn(answered(200, bundle), ['DocumentReference'], 'K')).toMatchObject({ found: [document], isCut: true })
  expect(foundIn(answered(200, { resourceType: 'Bundle' }), ['DocumentReference'], 'K')).toEqual({
    ...{ found: [], fullUrls: new Map(), isCut: false, isIncomplete: false },
  })
  for (const body of ['no', 'null', {}, { resourceType: 'Bundle', entry: {} }])
    expect(() => foundIn(answered(200, body), [], 'K')).toThrow('no Bundle')
})
