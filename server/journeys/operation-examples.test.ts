import { setTimeout as sleep } from 'node:timers/promises'
import request from 'supertest'
import { EXAMPLES } from '../operations/examples/examples.ts'
import { type ExampleRequest, filled, type OperationExample } from '../operations/examples/operation-example.ts'
import { definitionId } from '../operations/operation.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { demoSession } from './harness/demo-session.ts'
import { differences } from './harness/differences.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
const tokens = { service: '', nurse: '', patient: '' }

beforeAll(async () => {
  server = await startServer()
  tokens.service = await server.token()
  for (const user of ['nurse', 'patient'] as const) tokens[user] = await demoSession(server, user)
})
afterAll(() => server.dispose())

const METHODS = { GET: 'get', POST: 'post', PUT: 'put' } as const

function send({ method, path, body, headers = {}, as = 'service' as never }: ExampleRequest): request.Test {
  const asked = request(server.baseUrl)
    [METHODS[method]](`/fhir/${path}`)
    .set('Authorization', `Bearer ${tokens[as]}`)
    .type('application/fhir+json')
    .set(headers)
  return headers['Content-Type']?.includes('ndjson')
    ? asked.buffer(true).parse(lastLine).send(JSON.stringify(body))
    : asked.send(body)
}

/** Of an answer in lines. */
function lastLine(response: request.Response, done: (error: Error | null, body: unknown) => void): void {
  let text = ''
  const stream = response as unknown as NodeJS.ReadableStream
  stream.on('data', (chunk) => {
    text += String(chunk)
  })
  stream.on('end', () => done(null, JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')))
}

/** What the engine does comes a moment later: what changes nothing may be asked again until it is there. */
const MILLISECONDS_MAX = 20_000

async function play({ before = [], request: asked, response }: OperationExample, affectsState: boolean) {
  const answers = new Map<string, unknown>()
  for (const step of before) {
    const { status, body } = await send(filled(step, answers, new Date()))
    if (status >= 300) throw new Error(`${step.method} ${step.path}: ${status} ${JSON.stringify(body)}`)
    if (step.name) answers.set(step.name, body)
  }
  const startedAt = Date.now()
  for (;;) {
    const { status, body } = await send(filled(asked, answers, new Date()))
    const different = differences(response, { status, body })
    if (different.length === 0 || affectsState || Date.now() - startedAt > MILLISECONDS_MAX) return different
    await sleep(50)
  }
}

// Of several on one server those that change the clock come last.
const examples = OPERATIONS.toSorted(
  (one, other) => Number(one.isDemoOnly ?? false) - Number(other.isDemoOnly ?? false),
)
  .map((operation) => ({ operation, id: definitionId(operation) }))
  .flatMap(({ operation, id }) =>
    (EXAMPLES[id] ?? []).map((example) => ({ id, title: example.title, example, operation })),
  )

test.each(examples)('$id: $title', async ({ example, operation }) => {
  expect(await play(example, operation.affectsState ?? false)).toEqual([])
})
