import request from 'supertest'
import { eventually } from './harness/eventually.ts'
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
})

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

describe('what is planned to change', () => {
  const HERE = 'CareTeam/planned-here'
  const THERE = 'CareTeam/planned-there'
  const SUBJECT = { reference: 'Patient/planned' }
  let begin: number
  const at = (hours: number) => new Date(begin + hours * 3_600_000).toISOString()
  beforeAll(async () => {
    await send('put', 'Patient/planned').send({ resourceType: 'Patient', id: 'planned' }).expect(201)
    for (const [team, status] of [
      [HERE, 'active'],
      [THERE, 'active'],
      ['CareTeam/planned-closed', 'inactive'],
    ])
      await send('put', String(team))
        .send({ resourceType: 'CareTeam', id: team?.slice(9), status })
        .expect(201)
    await send('put', 'CarePlan/planned')
      .send({
        ...{ resourceType: 'CarePlan', id: 'planned', status: 'active', intent: 'plan', subject: SUBJECT },
        ...{ instantiatesCanonical: ['http://fylgje.no/fhir/PlanDefinition/copd'], careTeam: [{ reference: HERE }] },
      })
      .expect(201)
    begin = await timeNow()
    await send('put', 'ServiceRequest/planned')
      .send({
        ...{ resourceType: 'ServiceRequest', id: 'planned', status: 'active', intent: 'order', code: WEIGHT },
        ...{
          subject: SUBJECT,
          basedOn: [{ reference: 'CarePlan/planned' }],
          occurrenceTiming: { event: [3, 6, 30].map(at) },
        },
      })
      .expect(201)
  })
  const plan = (of: string, ...parameter: object[]) => send('post', `${of}/$plan-change`).send(given(...parameter))
  const reason = { name: 'reason', valueString: 'Innlagt' }
  const moment = (name: string, hours: number) => ({ name, valueInstant: at(hours) })
  const becomes = (valueCode: string) => ({ name: 'status', valueCode })
  const goesTo = (reference: string) => ({ name: 'careTeam', valueReference: { reference } })
  const changes = async (of: string) => {
    const { body } = await send('get', `${of}/$planned-changes`).expect(200)
    return ((body.parameter ?? []) as { part: { name: string; [value: string]: unknown }[] }[]).map(({ part }) =>
      Object.fromEntries(part.map(({ name, ...value }) => [name, Object.values(value)[0]])),
    )
  }

  test('a pause and a team come at their moments, by a durable clock; what is taken back does not', async () => {
    await plan('CarePlan/planned', moment('at', 2), moment('until', 24), becomes('on-hold'), reason).expect(200)
    await plan('CarePlan/planned', moment('at', 4), goesTo(THERE), reason).expect(200)
    await plan('ServiceRequest/planned', moment('at', 25), becomes('revoked'), reason).expect(200)
    const [revoked] = await changes('ServiceRequest/planned')

    const { body } = await send('get', `Patient/planned/$schedule?from=${at(0)}&to=${at(48)}`).expect(200)
    const told = (name: string, part: string) =>
      partsOf(body.parameter, name).map((one) => Object.values(partsOf(one.part, part)[0] ?? {})[1])
    const weight = partsOf(body.parameter, 'occurrence').filter((one) =>
      JSON.stringify(one).includes('ServiceRequest/planned'),
    )
    expect(weight.map((one) => Object.values(partsOf(one.part, 'state')[0] ?? {})[1])).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ])
    expect(told('planned-change', 'at')).toEqual([at(2), at(4), at(24), at(25)])

    await send('post', 'ServiceRequest/planned/$withdraw-change')
      .send(given({ name: 'change', valueId: revoked?.id }))
      .expect(200)
    await passTo(Date.parse(at(5)))
    const { body: paused } = await send('get', 'CarePlan/planned')
    expect([paused.status, paused.careTeam]).toEqual(['on-hold', [{ reference: THERE }]])
    expect((await changes('CarePlan/planned')).map(({ state }) => state)).toEqual(['changed', 'changed', 'planned'])
    // Why nothing came of that hour: the pause that was planned, whose it is now, and when it goes on.
    const { body: why } = await send('get', `Patient/planned/$explain?at=${at(5)}`).expect(200)
    const planned = partsOf(why.parameter, 'plannedChange').map(({ part }) =>
      Object.fromEntries((part ?? []).map(({ name, ...value }) => [name, Object.values(value)[0]])),
    )
    expect(partsOf(why.parameter, 'reason')).toMatchObject([{ valueCode: 'on-hold' }])
    expect(planned).toMatchObject([
      { at: at(2), status: 'on-hold', reason: 'Innlagt', done: expect.any(String) },
      { at: at(4), careTeam: { reference: THERE }, done: expect.any(String) },
      { at: at(24), status: 'active', of: { reference: expect.stringMatching(/^CarePlan\/planned\/_history\/\d+$/) } },
    ])
    expect(planned.map(({ done }) => done === undefined)).toEqual([false, false, true])
    expect(JSON.stringify(partsOf(why.parameter, 'text'))).toContain('som planlagt: Innlagt.')
    await passTo(Date.parse(at(26)))
    const { body: resumed } = await send('get', 'CarePlan/planned')
    expect([resumed.status, await changes('ServiceRequest/planned')]).toEqual(['active', []])
    // What rested with it goes on with it, when the keeper has heard of it.
    const statusNow = async () => (await send('get', 'ServiceRequest/planned')).body.status
    await eventually(statusNow, (status) => status === 'active')
  })

  test.each<[string, string, () => object[], number, string, string]>([
    ['that is past', 'CarePlan/planned', () => [moment('at', -1), becomes('on-hold'), reason], 400, 'value', 'at'],
    [
      'too far ahead',
      'CarePlan/planned',
      () => [moment('at', 24 * 400), becomes('on-hold'), reason],
      400,
      'value',
      'at',
    ],
    [
      'that ends before it begins',
      'CarePlan/planned',
      () => [moment('at', 50), moment('until', 49), becomes('on-hold'), reason],
      400,
      'value',
      'until',
    ],
    [
      'to an end that ends',
      'CarePlan/planned',
      () => [moment('at', 50), moment('until', 52), becomes('completed'), reason],
      400,
      'value',
      'until',
    ],
    ['of nothing', 'CarePlan/planned', () => [moment('at', 50), reason], 400, 'required', 'status'],
    [
      'of two things',
      'CarePlan/planned',
      () => [moment('at', 50), becomes('on-hold'), goesTo(HERE), reason],
      400,
      'required',
      'careTeam',
    ],
    [
      'to what it may not become',
      'CarePlan/planned',
      () => [moment('at', 50), becomes('draft'), reason],
      400,
      'value',
      'status',
    ],
    [
      'to what it is by then',
      'CarePlan/planned',
      () => [moment('at', 50), becomes('active'), reason],
      422,
      'business-rule',
      'status',
    ],
    [
      'to the team that has it by then',
      'CarePlan/planned',
      () => [moment('at', 50), goesTo(THERE), reason],
      422,
      'business-rule',
      'careTeam',
    ],
    [
      'to a team that is not there',
      'CarePlan/planned',
      () => [moment('at', 50), goesTo('CareTeam/nobody'), reason],
      400,
      'value',
      'careTeam',
    ],
    [
      'to a team that is closed',
      'CarePlan/planned',
      () => [moment('at', 50), goesTo('CareTeam/planned-closed'), reason],
      400,
      'value',
      'careTeam',
    ],
    [
      'to somebody who is no team',
      'CarePlan/planned',
      () => [moment('at', 50), goesTo('Practitioner/1'), reason],
      400,
      'value',
      'careTeam',
    ],
    [
      'of the team of a request',
      'ServiceRequest/planned',
      () => [moment('at', 50), goesTo(HERE), reason],
      400,
      'not-supported',
      'careTeam',
    ],
  ])('a change %s is refused', async (_what, of, parameter, status, code, expression) => {
    const answer = await plan(of, ...parameter())
    expect([answer.status, answer.body.issue?.[0].code, answer.body.issue?.[0].expression]).toEqual([
      ...[status, code, [expression]],
    ])
  })

  test('two changes at one moment, one that is done, one that nobody planned, and one of what has ended are refused', async () => {
    await plan('CarePlan/planned', moment('at', 60), becomes('on-hold'), reason).expect(200)
    const again = await plan('CarePlan/planned', moment('at', 60), goesTo(HERE), reason)
    expect([again.status, again.body.issue[0].expression]).toEqual([409, ['at']])
    const [done] = await changes('CarePlan/planned')
    for (const [id, status, code] of [
      [done?.id, 409, 'conflict'],
      ['nobody', 404, 'not-found'],
    ] as const) {
      const { body } = await send('post', 'CarePlan/planned/$withdraw-change')
        .send(given({ name: 'change', valueId: id }))
        .expect(status)
      expect([body.issue[0].code, body.issue[0].expression]).toEqual([code, ['change']])
    }
    const { body: request } = await send('get', 'ServiceRequest/planned')
    await send('put', 'ServiceRequest/planned')
      .send({ ...request, status: 'revoked' })
      .expect(200)
    const ended = await plan('ServiceRequest/planned', moment('at', 60), becomes('on-hold'), reason)
    expect([ended.status, ended.body.issue[0].expression]).toEqual([422, ['ServiceRequest.status']])
  })
})
