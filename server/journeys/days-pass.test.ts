import request from 'supertest'
import { type RunningServer, startServer } from './harness/start-server.ts'

const DAY = 86_400_000
const UCUM = 'http://unitsofmeasure.org'
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'put' | 'post', path: string, as = token) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${as}`).type('application/fhir+json')

const given = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })
const days = (value: number) => given({ name: 'by', valueDuration: { value, unit: 'd', system: UCUM, code: 'd' } })
const advance = (body: object, as?: string) => send('post', '$advance-clock', as).send(body)

async function timeNow(): Promise<number> {
  const { body } = await advance(days(0)).expect(200)
  return Date.parse(body.parameter[0].valueInstant)
}

/** A call tells when it has used up its time; the next one goes on. */
async function passTo(moment: number): Promise<number> {
  for (;;) {
    const { body } = await advance(given({ name: 'to', valueDateTime: new Date(moment).toISOString() })).expect(200)
    const [now, complete] = body.parameter
    if (complete.valueBoolean) return Date.parse(now.valueInstant)
  }
}

async function found(search: string): Promise<{ [element: string]: unknown }[]> {
  const { body } = await send('get', search).expect(200)
  return (body.entry ?? []).map(({ resource }: { resource: object }) => resource)
}

test('days pass: what is asked for each day is reminded of and missed day by day, in its order', async () => {
  // From midnight on, so that no day's time is past already.
  await passTo((Math.floor((await timeNow()) / DAY) + 1) * DAY)
  const begin = await timeNow()
  await send('put', 'Patient/passes').send({ resourceType: 'Patient', id: 'passes' }).expect(201)
  const subject = { reference: 'Patient/passes' }
  await send('put', 'ServiceRequest/passes')
    .send({
      ...{ resourceType: 'ServiceRequest', id: 'passes', status: 'active', intent: 'order', code: WEIGHT, subject },
      occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['12:00:00'] } },
      extension: [
        {
          url: 'http://fylgje.no/fhir/StructureDefinition/occurrence-policy',
          extension: [
            { url: 'reminder', valueDuration: minutesOf(30) },
            { url: 'grace', valueDuration: minutesOf(60) },
          ],
        },
      ],
    })
    .expect(201)
  const reached = await passTo(begin + 3 * DAY)
  expect(reached).toBeGreaterThanOrEqual(begin + 3 * DAY)
  // Each reminder went out before its measurement was missed: none was slept through.
  const reminders = await found('CommunicationRequest?patient=passes')
  expect(reminders).toHaveLength(3)
  for (const { authoredOn, occurrenceDateTime } of reminders) {
    expect(Date.parse(String(occurrenceDateTime)) - Date.parse(String(authoredOn))).toBeGreaterThan(20 * 60_000)
  }
  const [task, ...others] = await found('Task?patient=passes')
  expect(others).toEqual([])
  expect(task).toMatchObject({
    status: 'requested',
    reasonCode: { text: expect.stringContaining('uteblitt 3 ganger') },
  })
  await isExplained(String(task?.id), begin)
  // What is written now bears the new time, and the clock does not go back.
  const { body: written } = await send('put', 'Patient/passes').send({
    resourceType: 'Patient',
    id: 'passes',
    active: true,
  })
  expect(Date.parse(written.meta.lastUpdated) - begin).toBeGreaterThanOrEqual(3 * DAY)
}, 180_000)

/** No rule has made it: what asked, when it was due and until when it would have counted, and that nothing came. */
async function isExplained(task: string, begin: number): Promise<void> {
  for (const [language, ...said] of [
    [
      'nb',
      'ble laget',
      'av plattformen selv',
      '«Vekt» var bedt om',
      'i en egen bestilling',
      'Ingenting av det som var kommet',
    ],
    [
      'nn',
      'vart laga',
      'av plattforma sjølv',
      '«Vekt» var bede om',
      'i ei eiga bestilling',
      'Ingenting av det som var kome',
    ],
    [
      'en',
      'was made',
      'by the platform itself',
      '“Vekt” was asked for',
      'by an order of its own',
      'Nothing of what had come',
    ],
  ] as const) {
    const { body } = await send('get', `Task/${task}/$explain?language=${language}`).expect(200)
    for (const words of said) expect(body.parameter[0].valueString).toContain(words)
    const cause = partsOf(body.parameter, 'cause')[0]
    expect(partsOf(cause?.part, 'code')[0]).toMatchObject({ valueCode: 'missing-measurement' })
    const occurrences = partsOf(cause?.part, 'occurrence')
    expect(occurrences).toHaveLength(3)
    const parts = occurrences[0]?.part ?? []
    const [due] = partsOf(parts, 'due') as { valueInstant?: string }[]
    const dueAt = Date.parse(String(due?.valueInstant))
    expect(dueAt - begin).toBeLessThan(DAY)
    expect(parts).toEqual(
      expect.arrayContaining([
        { name: 'request', valueReference: { reference: 'ServiceRequest/passes/_history/1' } },
        { name: 'title', valueString: 'Vekt' },
        { name: 'askedBy', valueCode: 'order' },
        { name: 'grace', valueDuration: minutesOf(60) },
        { name: 'graceFrom', valueCode: 'request' },
        {
          name: 'window',
          valuePeriod: {
            start: new Date(dueAt - 2 * 3_600_000).toISOString(),
            end: new Date(dueAt + 3_600_000).toISOString(),
          },
        },
      ]),
    )
  }
  const { body: replayed } = await send('get', `Task/${task}/$replay`).expect(422)
  expect(replayed.issue).toMatchObject([{ code: 'business-rule', expression: ['Task'] }])
  // Who may read the Task and not what asked is told nothing of it.
  const narrow = await server.token('system/Task.rs')
  const { body: hidden } = await send('get', `Task/${task}/$explain`, narrow).expect(403)
  expect(hidden.issue).toMatchObject([{ code: 'forbidden' }])
}

type Part = { name: string; part?: Part[] }
const partsOf = (parts: Part[] | undefined, name: string) => (parts ?? []).filter((one) => one.name === name)
const minutesOf = (value: number) => ({ value, unit: 'min', system: UCUM, code: 'min' })

test.each([
  ['neither how far nor until when', { resourceType: 'Parameters' }, 'required', ['by', 'to']],
  ['more than a month', days(32), 'value', ['by']],
  [
    'a length without a number',
    given({ name: 'by', valueDuration: { system: UCUM, code: 'd' } }),
    'invariant',
    ['Parameters.parameter[0].value.ofType(Duration)'],
  ],
  ['back', given({ name: 'to', valueDateTime: '2020-01-01' }), 'value', ['to']],
  ['a parameter that there is not', given({ name: 'far', valueInteger: 1 }), 'not-supported', ['far']],
])('%s is refused', async (_, body, code, expression) => {
  const { body: outcome } = await advance(body).expect(400)
  expect(outcome.issue).toMatchObject([{ code, expression }])
})

test('only a system client that may change things can let time pass', async () => {
  const reader = await server.token('system/*.rs')
  const { body } = await advance(days(1), reader).expect(403)
  expect(body.issue).toMatchObject([{ code: 'forbidden', diagnostics: expect.stringContaining('system/*.u') }])
  await request(server.baseUrl).post('/fhir/$advance-clock').send(days(1)).expect(401)
})
