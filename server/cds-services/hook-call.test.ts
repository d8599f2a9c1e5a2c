import { Ehr } from '../authorization-server/exchange/trusted-ehr.ts'
import { fetchMissing, type HookRequest } from './hook-call.ts'

const BASE = 'https://ehr.example/fhir'
const condition = (id: string) => ({ resource: { resourceType: 'Condition', id } })
const asking = (...queries: string[]): HookRequest => ({
  ...{ subject: 'Patient/1', data: [], missing: [], user: 'Practitioner/1', accessToken: 'token' },
  notSent: queries.map((query) => ({ key: 'condition', query })),
})

/** An EHR that has these answers, by their addresses. */
const ehrWith = (answers: Record<string, { status?: number; body: object }>) => {
  const asked: string[] = []
  const trusted = { issuer: 'i', fhirBase: BASE, clientId: 'us', jwksUri: 'https://ehr.example/jwks' }
  const ehr = new Ehr({ ...trusted, patients: 'any-shown' }, async (url) => {
    asked.push(String(url))
    const { status = 404, body = {} } = answers[String(url)] ?? {}
    return new Response(JSON.stringify(body), { status: status })
  })
  return { ehr, asked }
}
const page = (id: string, next?: string) => ({
  status: 200,
  body: {
    resourceType: 'Bundle',
    entry: [condition(id)],
    ...(next ? { link: [{ relation: 'next', url: next }] } : {}),
  },
})

test('what did not come along is read to its last page', async () => {
  const { ehr } = ehrWith({
    [`${BASE}/Condition?patient=1`]: page('a', `${BASE}?page=2`),
    [`${BASE}/?page=2`]: page('b', '/fhir/?page=3'),
    [`${BASE}/?page=3`]: page('c'),
  })
  expect((await fetchMissing(ehr, asking('Condition?patient=1'))).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

test.each<[string, Parameters<typeof ehrWith>[0], RegExp]>([
  ['is not shown', { [`${BASE}/Condition?patient=1`]: { status: 403, body: {} } }, /does not show Condition \(403\)/],
  ['goes on elsewhere', { [`${BASE}/Condition?patient=1`]: page('a', 'https://evil.example/2') }, /not at the EHR/],
  ['never ends', { [`${BASE}/Condition?patient=1`]: page('a', `${BASE}/Condition?patient=1`) }, /more than 20 pages/],
])('what %s is a precondition that fails, and the token goes nowhere else', async (_how, answers, why) => {
  const { ehr, asked } = ehrWith(answers)
  await expect(fetchMissing(ehr, asking('Condition?patient=1'))).rejects.toMatchObject({
    ...{ status: 412, message: expect.stringMatching(why) },
    issues: [{ code: 'incomplete', expression: ['prefetch.condition'] }],
  })
  expect(asked.every((url) => url.startsWith(BASE))).toBe(true)
})
