import { createOutgoing } from '../authorization-server/outgoing.ts'
import { type Jft, startJft } from '../journeys/harness/national-services.ts'
import { privateJwk } from '../journeys/harness/signed-in-elsewhere.ts'
import { newClientKey } from '../journeys/harness/smart-app.ts'
import { type Caller, helseIdCaller } from './helseid-caller.ts'
import { toAnswer } from './http-answer.ts'
import { toNoteDocument } from './jft/document.ts'

const ORGANIZATION = '312229544'
let jft: Jft
let key: Awaited<ReturnType<typeof newClientKey>>

beforeAll(async () => {
  key = await newClientKey('PS256')
  jft = await startJft(key.publicJwk)
})
afterAll(() => jft.stop())
beforeEach(() => jft.behave('well'))

type Given = { scope?: string; organization?: string; clientId?: string; timeoutSeconds?: number }
async function caller({
  scope = 'nhn:jft/api',
  clientId = 'fylgje-helseid',
  timeoutSeconds = 20,
  ...given
}: Given = {}): Promise<Caller> {
  const { organization = ORGANIZATION } = given
  const settings = { name: 'helseid' as const, issuer: jft.issuer, clientId, key: await privateJwk(key), organization }
  return helseIdCaller(settings, { scope, timeoutSeconds, outgoing: createOutgoing(['127.0.0.1']) }).call
}

let count = 0
const note = (text = 'Snakket om pust') =>
  JSON.stringify(
    toNoteDocument({
      ...{ organization: ORGANIZATION, sourceSystem: 'Fylgje', cause: `Communication/${++count}/_history/1` },
      ...{
        patient: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' },
        author: { identifier: { value: 'k' } },
      },
      note: {
        resourceType: 'Communication',
        status: 'completed',
        sent: '2026-03-02T09:00:00Z',
        payload: [{ contentString: text }],
      },
    }),
  )
const HEADERS = { 'nhn-source-system': 'Fylgje', 'content-type': 'application/fhir+json' }
const post = async (call: Caller, body = note(), headers: Record<string, string> = HEADERS) =>
  call({ method: 'POST', url: `${jft.url}/v1/Bundle`, headers, body })
const answered = async (call: Caller, body = note()) => toAnswer(await post(call, body), new Date())

test('a message comes from the organisation that the token names, and its progress can be asked', async () => {
  const call = await caller()
  const body = note()
  const answer = await answered(call, body)
  if (answer.kind !== 'accepted') throw new Error(JSON.stringify(answer))
  const [taken] = (await jft.taken()).filter(({ id }) => id === answer.location)
  expect(taken).toMatchObject({ organization: ORGANIZATION, times: 1, bundle: JSON.parse(body) })
  const status = () => call({ method: 'GET', url: `${jft.url}/v1/Bundle/${answer.location}/$status`, headers: HEADERS })
  expect(JSON.parse((await status()).body)).toEqual({ status: 'read' })
  expect(JSON.parse((await status()).body)).toEqual({ status: 'journaled' })
  // Sent again it is the same one.
  expect(await answered(call, body)).toEqual(answer)
  // Another organisation's token does not see it.
  const other = await caller({ organization: '999999999' })
  const url = `${jft.url}/v1/Bundle/${answer.location}/$status`
  expect((await other({ method: 'GET', url, headers: HEADERS })).status).toBe(404)
})

test('a token that is refused is fetched anew once, and then the answer is 401', async () => {
  const call = await caller()
  await jft.behave('well', 'token-refusing')
  expect((await answered(call)).kind).toBe('accepted')
  await jft.behave('token-refusing')
  expect((await post(call)).status).toBe(401)
  await jft.behave('well')
  expect((await answered(call)).kind).toBe('accepted')
})

test('several at once share one token', async () => {
  const call = await caller()
  const answers = await Promise.all(Array.from({ length: 5 }, () => answered(call)))
  expect(answers.map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'))
})

test.each([
  ['500', 'failing', { kind: 'again', reason: { values: { status: 500, quote: 'Unexpected.' } } }],
  ['429', 'busy', { kind: 'again', reason: { values: { status: 429, quote: 'Too many.' } }, afterSeconds: 1 }],
  ['202 without a location', 'no-location', { kind: 'again' }],
  ['200', 'wrong-status', { kind: 'again' }],
  [
    '400',
    'refusing',
    { kind: 'refused', reason: { values: { status: 400, quote: 'Ukjent pasient. (Composition.subject)' } } },
  ],
])('%s is understood', async (_case, mood, expected) => {
  await jft.behave(mood)
  expect(await answered(await caller())).toMatchObject(expected)
})

test('what takes too long, and a connection that breaks, are thrown', async () => {
  const call = await caller({ timeoutSeconds: 1 })
  await answered(call)
  await jft.behave('slow')
  await expect(post(call)).rejects.toThrow()
  await jft.behave('down')
  await expect(post(call)).rejects.toThrow()
})

test.each([
  ['no name of the sending system', note(), { 'content-type': 'application/fhir+json' }, 400],
  ['another type of content', note(), { ...HEADERS, 'content-type': 'text/plain' }, 415],
  ['more than 1 MB', note('x'.repeat(1_000_001)), HEADERS, 413],
  ['no document', '{"resourceType":"Bundle"}', HEADERS, 400],
] as const)('%s is refused', async (_case, body, headers, status) =>
  expect((await post(await caller(), body, headers)).status).toBe(status),
)

test('a client that HelseID does not know gets no token, and nothing is sent', async () => {
  const before = (await jft.taken()).length
  await expect(post(await caller({ clientId: 'unknown' }))).rejects.toThrow()
  expect(await jft.taken()).toHaveLength(before)
})

test('with a token for something else it is forbidden, which is tried again: the message is not to blame', async () => {
  expect(await answered(await caller({ scope: 'nhn:other/api' }))).toMatchObject({
    ...{ kind: 'again', reason: { values: { status: 403 } } },
  })
})
