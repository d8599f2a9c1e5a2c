import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, OperationOutcome, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { ELIGIBILITY_QUESTIONS, ELIGIBLE_WHEN, TASK_CODE } from '../core/decide/plan/vocabulary.ts'
import { MOVES, mayBecome, type TaskStatus } from '../core/decide/task/task-status.ts'
import { startHelseIdFor } from './harness/signed-in-elsewhere.ts'
import { freePort, type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let helseid: Awaited<ReturnType<typeof startHelseIdFor>>
let token: string

beforeAll(async () => {
  const PORT = String(await freePort())
  helseid = await startHelseIdFor(`http://localhost:${PORT}`)
  server = await startServer({ env: { PORT, ...helseid.env } })
  token = await server.token()
})
afterAll(async () => {
  await server.dispose()
  await helseid.stop()
})

const send = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, as = token) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${as}`).type('application/fhir+json')

const work: Task = {
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  priority: 'urgent',
  code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
  for: { reference: 'Patient/demo-line' },
  owner: { reference: 'CareTeam/demo-responssenter' },
}

async function newTask(rest: Partial<Task> = {}): Promise<Task & { id: string }> {
  const { body } = await send('post', 'Task')
    .send({ ...work, ...rest })
    .expect(201)
  return body
}

/** What R4 names, each after each: 144 pairs. */
const PAIRS = (Object.keys(MOVES) as TaskStatus[]).flatMap((from) =>
  (Object.keys(MOVES) as TaskStatus[]).map((to) => ({ from, to, id: `pair-${from}-${to}` })),
)

test('every pair of statuses: over HTTP a Task becomes what the table allows, and what it does not is refused with the way out', async () => {
  const batch = async (of: (pair: (typeof PAIRS)[number]) => Task) => {
    const entry = PAIRS.map((pair) => ({ resource: of(pair), request: { method: 'PUT', url: `Task/${pair.id}` } }))
    const { body } = await send('post', '').send({ resourceType: 'Bundle', type: 'batch', entry }).expect(200)
    return ((body as Bundle).entry ?? []).map(({ response }) => response)
  }
  const task = (id: string, status: TaskStatus): Task => ({
    ...{ ...work, id, status, owner: { reference: 'CareTeam/demo-responssenter' } },
    ...(status === 'rejected' ? { statusReason: { text: 'Ikke vårt' } } : {}),
  })
  const made = await batch(({ id, from }) => task(id, from))
  expect(made.filter((one) => !one?.status?.startsWith('201'))).toEqual([])
  const moved = await batch(({ id, to }) => task(id, to))
  for (const [i, { from, to }] of PAIRS.entries()) {
    const [issue] = (moved[i]?.outcome as OperationOutcome | undefined)?.issue ?? []
    const told = [from, to, moved[i]?.status?.slice(0, 3), issue?.code, issue?.expression?.[0]]
    const refused = [from, to, '422', 'business-rule', 'Task.status']
    expect(told).toEqual(mayBecome(from, to) ? [from, to, '200', undefined, undefined] : refused)
    if (!mayBecome(from, to)) expect(issue?.diagnostics).toContain(MOVES[from].join(', ') || 'nothing else')
  }
})

describe('a Task moves by one table, whichever way the change comes in', () => {
  const wrong = { code: 'business-rule', diagnostics: expect.stringContaining('may become: entered-in-error') }
  let done: Task & { id: string }
  beforeAll(async () => {
    const task = await newTask({ identifier: [{ system: 'http://example.org/order', value: 'moves' }] })
    done = (
      await send('put', `Task/${task.id}`)
        .send({ ...task, status: 'completed' })
        .expect(200)
    ).body
  })
  const again = () => ({ ...done, status: 'in-progress' })

  test.each<[string, () => request.Test, string]>([
    ['update', () => send('put', `Task/${done.id}`).send(again()), 'Task.status'],
    [
      'conditional update',
      () => send('put', 'Task?identifier=http://example.org/order|moves').send(again()),
      'Task.status',
    ],
    [
      'patch',
      () =>
        send('patch', `Task/${done.id}`)
          .type('application/json-patch+json')
          .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'in-progress' }])),
      'Task.status',
    ],
    [
      'conditional patch',
      () =>
        send('patch', 'Task?identifier=http://example.org/order|moves')
          .type('application/json-patch+json')
          .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'in-progress' }])),
      'Task.status',
    ],
    [
      'transaction',
      () =>
        send('post', '').send({
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource: again(), request: { method: 'PUT', url: `Task/${done.id}` } }],
        }),
      'Bundle.entry[0].resource.status',
    ],
  ])('%s', async (_way, move, expression) => {
    const { status, body } = await move()
    expect([status, body.issue]).toEqual([422, [expect.objectContaining({ ...wrong, expression: [expression] })]])
    const { body: stored } = await send('get', `Task/${done.id}`).expect(200)
    expect(stored.status).toBe('completed')
  })

  test('an entry of a batch', async () => {
    const entry = [{ resource: again(), request: { method: 'PUT', url: `Task/${done.id}` } }]
    const { body } = await send('post', '').send({ resourceType: 'Bundle', type: 'batch', entry }).expect(200)
    expect(body.entry[0].response).toMatchObject({ status: '422', outcome: { issue: [wrong] } })
  })

  test('a transaction with a move that is not allowed writes nothing of the rest', async () => {
    const other = await newTask()
    const entry = [
      { resource: { ...other, status: 'accepted' }, request: { method: 'PUT', url: `Task/${other.id}` } },
      { resource: again(), request: { method: 'PUT', url: `Task/${done.id}` } },
    ]
    await send('post', '').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(422)
    expect((await send('get', `Task/${other.id}`).expect(200)).body).toEqual(other)
  })

  test('another version than the caller means is told before the move is', async () => {
    const { body } = await send('put', `Task/${done.id}`).set('If-Match', 'W/"1"').send(again()).expect(412)
    expect(body.issue[0].code).toBe('conflict')
  })

  test('what somebody has taken is not taken from them', async () => {
    const task = await newTask()
    const accepted = { ...task, status: 'accepted', owner: { reference: 'Practitioner/demo-nurse' } }
    await send('put', `Task/${task.id}`).send(accepted).expect(200)
    const stolen = { ...accepted, owner: { reference: 'Practitioner/demo-nurse-2' } }
    const { body } = await send('put', `Task/${task.id}`).send(stolen).expect(409)
    expect(body.issue[0]).toMatchObject({ code: 'conflict', expression: ['Task.owner'] })
  })

  test('a Task of another workflow moves as that one says', async () => {
    const theirs = await newTask({ code: { text: 'Modul' }, status: 'completed' })
    await send('put', `Task/${theirs.id}`)
      .send({ ...theirs, status: 'ready' })
      .expect(200)
  })
})

const perform = (path: string, parameter: object[] = []) =>
  send('post', path).send({ resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) })
const by = (id: string) => ({ name: 'performer', valueReference: { reference: `Practitioner/${id}` } })
const queue = (reference: string) => ({ name: 'queue', valueReference: { reference } })
const expectRefusal = async (answer: request.Test, status: number, code: string, expression?: string) => {
  const { status: got, body } = await answer
  expect([got, body.issue?.[0]]).toMatchObject([status, { code, ...(expression ? { expression: [expression] } : {}) }])
}

describe('a Task is taken, once', () => {
  test('of twenty who claim it at once one has it, and the others are told who', async () => {
    const task = await newTask()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => perform(`Task/${task.id}/$claim`, [by(`claimer-${i}`)])),
    )
    const taken = answers.filter(({ status }) => status === 200)
    expect(taken).toHaveLength(1)
    const owner = taken[0]?.body.owner.reference
    expect(taken[0]?.body).toMatchObject({ status: 'accepted' })
    for (const { status, body } of answers.filter((one) => one !== taken[0])) {
      expect([status, body.issue[0].code, body.issue[0].diagnostics]).toEqual([
        409,
        'conflict',
        `${owner} has taken this Task already.`,
      ])
    }
    const { body: stored } = await send('get', `Task/${task.id}`).expect(200)
    expect([stored.meta.versionId, stored.owner.reference]).toEqual(['2', owner])
  })

  test('of twenty who update it with the same If-Match one has it', async () => {
    const task = await newTask()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send('put', `Task/${task.id}`)
          .set('If-Match', 'W/"1"')
          .send({ ...task, status: 'accepted', owner: { reference: `Practitioner/claimer-${i}` } }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)])
  })

  test('claim obeys If-Match; claiming again changes nothing; it is given back to its queue', async () => {
    const task = await newTask()
    const claim = (version: string) =>
      perform(`Task/${task.id}/$claim`, [by('demo-nurse')]).set('If-Match', `W/"${version}"`)
    await expectRefusal(claim('7'), 412, 'conflict')
    await claim('1').expect(200)
    const { body: again } = await perform(`Task/${task.id}/$claim`, [by('demo-nurse')]).expect(200)
    expect(again.meta.versionId).toBe('2')
    const reason = { name: 'reason', valueString: 'Vakten er slutt' }
    const { body: back } = await perform(`Task/${task.id}/$release`, [reason]).expect(200)
    expect(back).toMatchObject({
      status: 'requested',
      owner: { reference: 'CareTeam/demo-responssenter' },
      note: [{ text: expect.stringContaining('Vakten er slutt') }],
    })
    await perform(`Task/${task.id}/$claim`, [by('demo-nurse-2')]).expect(200)
  })

  test('what cannot be claimed or given back says why', async () => {
    const done = await newTask({ status: 'completed' })
    await expectRefusal(perform(`Task/${done.id}/$claim`, [by('demo-nurse')]), 422, 'business-rule', 'Task.status')
    const free = await newTask()
    await expectRefusal(perform(`Task/${free.id}/$release`), 422, 'business-rule', 'Task.owner')
    await expectRefusal(perform(`Task/${free.id}/$claim`), 400, 'required', 'performer')
    const group = { name: 'performer', valueReference: { reference: 'Group/1' } }
    await expectRefusal(perform(`Task/${free.id}/$claim`, [group]), 400, 'value', 'performer')
    await expectRefusal(perform('Task/none/$claim', [by('demo-nurse')]), 404, 'not-found')
    const taken = await newTask({ status: 'accepted', owner: { reference: 'Practitioner/demo-nurse' } })
    await expectRefusal(perform(`Task/${taken.id}/$release`), 400, 'required', 'to')
    const to = { name: 'to', valueReference: { reference: 'CareTeam/demo-responssenter' } }
    await perform(`Task/${taken.id}/$release`, [to]).expect(200)
    await request(server.baseUrl).post(`/fhir/Task/${free.id}/$claim`).expect(401)
  })
})

describe('the next Task', () => {
  const QUEUE = 'HealthcareService/next-test'
  const waiting = (rest: Partial<Task>) => newTask({ owner: { reference: QUEUE }, ...rest })
  const next = async (id: string, ...queues: string[]) =>
    (await perform('Task/$next', [by(id), ...queues.map(queue)]).expect(200)).body.parameter as {
      name: string
      resource?: Task
      valueInteger?: number
    }[]
  const taskOf = (answer: Awaited<ReturnType<typeof next>>) => answer.find(({ name }) => name === 'task')?.resource
  const skill = { coding: [{ system: 'http://example.org/skill', code: 'wound' }] }

  beforeAll(async () => {
    await send('put', 'PractitionerRole/next-wound')
      .send({
        resourceType: 'PractitionerRole',
        id: 'next-wound',
        active: true,
        practitioner: { reference: 'Practitioner/next-wound', display: 'Sara Sår' },
        specialty: [skill],
        healthcareService: [{ reference: QUEUE }],
      })
      .expect(201)
  })

  test('comes by urgency, then deadline; who lacks the skill is not given it; nobody is given the same', async () => {
    const end = (hour: number) => ({ period: { end: `2030-01-01T${hour}:00:00Z` } })
    const routine = await waiting({ priority: 'routine' })
    const later = await waiting({ priority: 'urgent', restriction: end(12) })
    const sooner = await waiting({ priority: 'urgent', restriction: end(10) })
    const wound = await waiting({
      priority: 'stat',
      extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/skill', valueCodeableConcept: skill }],
    })
    const first = await next('anyone', QUEUE)
    expect(taskOf(first)).toMatchObject({
      id: sooner.id,
      status: 'accepted',
      owner: { reference: 'Practitioner/anyone' },
    })
    expect(first.find(({ name }) => name === 'waiting')?.valueInteger).toBe(3)
    // Her queues are known by her role.
    expect(taskOf(await next('next-wound'))).toMatchObject({ id: wound.id, owner: { display: 'Sara Sår' } })
    expect(taskOf(await next('anyone', QUEUE))?.id).toBe(later.id)
    expect(taskOf(await next('anyone', QUEUE))?.id).toBe(routine.id)
    expect(await next('anyone', QUEUE)).toEqual([{ name: 'waiting', valueInteger: 0 }])
  })

  test('twenty who ask at once are given twenty different ones', async () => {
    const tasks = await Promise.all(Array.from({ length: 25 }, () => waiting({})))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => next(`asker-${i}`, QUEUE)))
    const ids = answers.map((answer) => taskOf(answer)?.id)
    expect(new Set(ids).size).toBe(20)
    expect(tasks.map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
  })

  test('what it cannot answer says why', async () => {
    await expectRefusal(perform('Task/$next', [by('nobody-knows')]), 400, 'required', 'queue')
    await expectRefusal(perform('Task/$next', [by('anyone'), queue('Patient/1')]), 400, 'value', 'queue')
    const role = { name: 'performer', valueReference: { reference: 'PractitionerRole/none' } }
    await expectRefusal(perform('Task/$next', [role, queue(QUEUE)]), 404, 'not-found', 'performer')
  })
})

describe('a Task is put aside', () => {
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const aside = (task: { id: string }, rest: object[] = []) =>
    perform(`Task/${task.id}/$snooze`, [
      { name: 'reason', valueString: 'Kjent og akseptert' },
      { name: 'until', valueInstant: until },
      ...rest,
    ])

  test('with a reason and an end; nobody is given it meanwhile; it can be brought back', async () => {
    const task = await newTask({ owner: { reference: 'HealthcareService/snooze-test' } })
    const { body } = await aside(task).expect(200)
    expect(body).toMatchObject({ status: 'on-hold', statusReason: { text: 'Kjent og akseptert' } })
    await expectRefusal(perform(`Task/${task.id}/$claim`, [by('demo-nurse')]), 422, 'business-rule', 'Task.status')
    const next = await perform('Task/$next', [by('demo-nurse'), queue('HealthcareService/snooze-test')]).expect(200)
    expect(next.body.parameter).toEqual([{ name: 'waiting', valueInteger: 0 }])
    const { body: back } = await perform(`Task/${task.id}/$wake`).expect(200)
    expect(back.status).toBe('requested')
    await expectRefusal(perform(`Task/${task.id}/$wake`), 422, 'business-rule', 'Task.status')
  })

  test('but not a red one, one that is done, without an end, or until yesterday', async () => {
    await expectRefusal(aside(await newTask({ priority: 'stat' })), 422, 'business-rule', 'Task.priority')
    await expectRefusal(aside(await newTask({ status: 'completed' })), 422, 'business-rule', 'Task.status')
    const task = await newTask()
    const reason = { name: 'reason', valueString: 'Kjent' }
    await expectRefusal(perform(`Task/${task.id}/$snooze`, [reason]), 400, 'required', 'until')
    const past = { name: 'until', valueInstant: '2020-01-01T00:00:00Z' }
    await expectRefusal(perform(`Task/${task.id}/$snooze`, [reason, past]), 400, 'value', 'until')
    await expectRefusal(perform(`Task/${task.id}/$snooze`, [past]), 400, 'required', 'reason')
  })
})

describe('a responsibility is handed over', () => {
  const MUNICIPALITY = 'CareTeam/handover-municipality'
  const to = (reference: string) => ({ name: 'to', valueReference: { reference } })
  const because = { name: 'reason', valueString: 'Flyttet hjem til kommunen' }
  const ask = (focus: string, receiver = MUNICIPALITY) => perform(`${focus}/$handover`, [to(receiver), because])
  type Part = { name: string; valueReference?: { reference: string }; part?: Part[] }
  type Answer = Part[]
  const responsible = async (focus: string) =>
    ((await send('get', `${focus}/$responsible`).expect(200)).body.parameter as Answer).flatMap(
      ({ name, valueReference, part = [] }) => {
        const reference =
          valueReference?.reference ?? part.find(({ valueReference: one }) => one)?.valueReference?.reference
        return reference ? [`${name} ${reference}`] : []
      },
    )
  const TEAM = 'CareTeam/demo-responssenter'

  test('asked, received, accepted: until then who had it has it, and all can see so', async () => {
    const work = await newTask()
    const { body: question } = await ask(`Task/${work.id}`).expect(201)
    expect(question).toMatchObject({ status: 'requested', owner: { reference: MUNICIPALITY } })
    await send('put', `Task/${question.id}`)
      .send({ ...question, status: 'received' })
      .expect(200)
    expect(await responsible(`Task/${work.id}`)).toEqual([`responsible ${TEAM}`, `pending Task/${question.id}`])
    await send('put', `Task/${question.id}`)
      .send({ ...question, status: 'accepted' })
      .expect(200)
    const moved = [`responsible ${MUNICIPALITY}`, `earlier ${TEAM}`]
    await until(async () => expect(await responsible(`Task/${work.id}`)).toEqual(moved))
    expect((await send('get', `Task/${question.id}`)).body.status).toBe('completed')
  })

  test('a no needs its reason, and changes nothing', async () => {
    const work = await newTask()
    const { body: question } = await ask(`Task/${work.id}`).expect(201)
    const no = { ...question, status: 'rejected' }
    await expectRefusal(send('put', `Task/${question.id}`).send(no), 422, 'business-rule', 'Task.statusReason')
    await send('put', `Task/${question.id}`)
      .send({ ...no, statusReason: { text: 'Ingen kapasitet' } })
      .expect(200)
    expect(await responsible(`Task/${work.id}`)).toEqual([`responsible ${TEAM}`])
    // Answered, so somebody else may be asked.
    await ask(`Task/${work.id}`, 'CareTeam/handover-other').expect(201)
  })

  test('one question at a time, also when two ask at once; what cannot be asked says why', async () => {
    const work = await newTask()
    const both = await Promise.all([ask(`Task/${work.id}`), ask(`Task/${work.id}`)])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
    await expectRefusal(ask(`Task/${work.id}`), 409, 'conflict', 'Task')
    const question = both.find(({ status }) => status === 201)?.body
    await expectRefusal(ask(`Task/${question.id}`), 422, 'business-rule', 'Task.code')
    await expectRefusal(perform(`Task/${question.id}/$claim`, [by('demo-nurse')]), 422, 'business-rule', 'Task.code')
    const done = await newTask({ status: 'completed' })
    await expectRefusal(ask(`Task/${done.id}`), 422, 'business-rule', 'Task.status')
    await expectRefusal(ask(`Task/${(await newTask()).id}`, TEAM), 422, 'business-rule', 'to')
    await expectRefusal(ask('CarePlan/demo-line-kols', 'Practitioner/demo-gp'), 400, 'value', 'to')
    await expectRefusal(perform(`Task/${work.id}/$handover`, [to(MUNICIPALITY)]), 400, 'required', 'reason')
    const past = { name: 'answerBy', valueInstant: '2020-01-01T00:00:00Z' }
    await expectRefusal(
      perform(`Task/${work.id}/$handover`, [to('CareTeam/x'), because, past]),
      400,
      'value',
      'answerBy',
    )
    await expectRefusal(send('get', 'Task/none/$responsible'), 404, 'not-found')
  })
})

describe('a handover that the plan wants a legal basis for', () => {
  const LAW = 'https://lovdata.no/lov/1999-07-02-64'
  const CATEGORY = { system: 'http://example.org/consent', code: 'sharing' }
  const [HOSPITAL, TOWN] = ['CareTeam/shares-hospital', 'CareTeam/shares-town']
  const because = { name: 'reason', valueString: 'Utskrevet' }
  const to = { name: 'to', valueReference: { reference: TOWN } }
  const ask = (patient: string, ...more: object[]) => perform(`CarePlan/${patient}/$handover`, [to, because, ...more])
  const put = (resource: { resourceType: string; id: string }) =>
    send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  const consent = (patient: string, status: string) =>
    put({
      ...{ resourceType: 'Consent', id: patient, status, patient: { reference: `Patient/${patient}` } },
      ...{ scope: { text: 'Deling' }, category: [{ coding: [CATEGORY] }], policy: [{ uri: LAW }] },
    } as never)
  const followed = async (patient: string, plan: string) => {
    await put({ resourceType: 'Patient', id: patient })
    await put({
      ...{
        resourceType: 'CarePlan',
        id: patient,
        status: 'active',
        intent: 'plan',
        careTeam: [{ reference: HOSPITAL }],
      },
      ...{ subject: { reference: `Patient/${patient}` }, instantiatesCanonical: [`http://example.org/${plan}`] },
    } as never).expect(201)
  }
  const teamOf = async (patient: string) => (await send('get', `CarePlan/${patient}`)).body.careTeam[0].reference
  const stored = async (id: string) => (await send('get', `Task/${id}`)).body
  const changesAhead = (id: string, team: string, minutes = 60) => ({
    url: 'http://fylgje.no/fhir/StructureDefinition/planned-change',
    extension: [
      { url: 'id', valueId: id },
      { url: 'at', valueInstant: new Date(Date.now() + minutes * 60_000).toISOString() },
      { url: 'careTeam', valueReference: { reference: team } },
      { url: 'reason', valueString: 'Utskrevet' },
    ],
  })
  beforeAll(async () => {
    for (const [id, organization] of [
      ['shares-hospital', 'hospital'],
      ['shares-town', 'town'],
    ])
      await put({
        ...{ resourceType: 'CareTeam', id: String(id), status: 'active' },
        managingOrganization: [{ reference: `Organization/shares-${organization}` }],
      } as never).expect(201)
    for (const without of ['refuse', 'hold'])
      await put({
        ...{ resourceType: 'PlanDefinition', id: `shares-${without}`, url: `http://example.org/shares-${without}` },
        ...{ version: '1.0.0', status: 'active', title: 'Deler' },
        extension: [
          {
            url: 'http://fylgje.no/fhir/StructureDefinition/handover-basis-required',
            extension: [
              { url: 'title', valueString: 'Deling med kommunen' },
              { url: 'policy', valueUri: LAW },
              { url: 'consent', valueCoding: CATEGORY },
              { url: 'without', valueCode: without },
            ],
          },
        ],
      } as never).expect(201)
  })

  test('is refused without one, by $handover and by hand; it keeps what it rests on, and moves', async () => {
    await followed('shares-strictly', 'shares-refuse')
    const refused = await ask('shares-strictly')
    expect([refused.status, refused.body.issue[0].code, refused.body.issue[0].expression]).toEqual([
      ...[422, 'business-rule', ['policy', 'consent']],
    ])
    await expectRefusal(ask('shares-strictly', { name: 'policy', valueUri: 'x' }), 400, 'value', 'policy')
    const planned = [
      { name: 'at', valueInstant: new Date(Date.now() + 3_600_000).toISOString() },
      { name: 'careTeam', valueReference: { reference: TOWN } },
    ]
    const ahead = perform('CarePlan/shares-strictly/$plan-change', [...planned, because])
    await expectRefusal(ahead, 422, 'business-rule', 'careTeam')
    // Nor by writing the team into the CarePlan.
    const { body: carePlan } = await send('get', 'CarePlan/shares-strictly')
    const careTeam = [{ reference: TOWN }]
    const written = send('put', 'CarePlan/shares-strictly').send({ ...carePlan, careTeam })
    await expectRefusal(written, 422, 'business-rule', 'CarePlan.careTeam[0]')
    const patched = send('patch', 'CarePlan/shares-strictly').set('content-type', 'application/json-patch+json')
    const second = [{ op: 'add', path: '/careTeam/-', value: { reference: TOWN } }]
    await expectRefusal(patched.send(second), 422, 'business-rule', 'CarePlan.careTeam[1]')
    const later = changesAhead('p', TOWN)
    const extended = send('put', 'CarePlan/shares-strictly').send({ ...carePlan, extension: [later] })
    await expectRefusal(extended, 422, 'business-rule', 'CarePlan.extension')
    await send('put', 'CarePlan/shares-strictly')
      .send({ ...carePlan, title: 'Hjemme' })
      .expect(200)
    const gone = { name: 'consent', valueReference: { reference: 'Consent/gone' } }
    await expectRefusal(ask('shares-strictly', gone), 422, 'business-rule', 'consent')
    const { body: question } = await ask('shares-strictly', { name: 'policy', valueUri: LAW }).expect(201)
    expect(question.status).toBe('requested')
    expect(question.extension).toContainEqual({
      url: 'http://fylgje.no/fhir/StructureDefinition/legal-basis',
      extension: [{ url: 'policy', valueUri: LAW }],
    })
    const { id, extension: _, ...bare } = question
    await expectRefusal(send('post', 'Task').send(bare), 422, 'business-rule', 'Task.extension')
    await expectRefusal(
      send('put', `Task/${id}`).send({ ...bare, id, status: 'accepted' }),
      422,
      'business-rule',
      'Task.extension',
    )
    await send('put', `Task/${id}`)
      .send({ ...question, status: 'accepted' })
      .expect(200)
    await until(async () => expect(await teamOf('shares-strictly')).toBe(TOWN))
  })

  test('is wanted of what begins again too: neither a draft nor a plan that is left out between is a way around it', async () => {
    const update = async (id: string, change: object, how: 'put' | 'conditional' | 'patch' | 'transaction' = 'put') => {
      const { body: stands } = await send('get', `CarePlan/${id}`)
      const resource = { ...stands, ...change }
      const bundle = { resourceType: 'Bundle', type: 'transaction' }
      switch (how) {
        case 'put':
          return send('put', `CarePlan/${id}`).send(resource)
        case 'conditional':
          return send('put', `CarePlan?_id=${id}`).send(resource)
        case 'patch':
          return send('patch', `CarePlan/${id}`)
            .set('content-type', 'application/json-patch+json')
            .send(Object.entries(change).map(([name, value]) => ({ op: 'add', path: `/${name}`, value })))
        case 'transaction':
          return send('post', '').send({
            ...bundle,
            entry: [{ resource, request: { method: 'PUT', url: `CarePlan/${id}` } }],
          })
      }
    }
    const careTeam = [{ reference: HOSPITAL }, { reference: TOWN }]
    const instantiatesCanonical = ['http://example.org/shares-refuse']
    const wanting = (response: { status: number; body: { issue: object[] } }) => {
      expect(response.status).toBe(422)
      expect(response.body.issue[0]).toMatchObject({ code: 'business-rule' })
      expect(JSON.stringify(response.body.issue[0])).toContain('careTeam[1]"')
    }
    for (const how of ['put', 'conditional', 'patch', 'transaction'] as const) {
      const drafted = `shares-drafted-${how}`
      await followed(drafted, 'shares-refuse')
      expect((await update(drafted, { status: 'draft' }, how)).status).toBe(200)
      expect((await update(drafted, { careTeam }, how)).status).toBe(200)
      wanting(await update(drafted, { status: 'active' }, how))
      wanting(await update(drafted, { status: 'on-hold' }, how))
      const bare = `shares-bare-${how}`
      await followed(bare, 'shares-refuse')
      const without = ['http://example.org/shares-no-plan']
      expect((await update(bare, { instantiatesCanonical: without }, how)).status).toBe(200)
      expect((await update(bare, { careTeam }, how)).status).toBe(200)
      wanting(await update(bare, { instantiatesCanonical }, how))
      // Whoever had it has it again, and with the patient's consent the other has it too.
      expect((await update(drafted, { status: 'active', careTeam: [{ reference: HOSPITAL }] }, how)).status).toBe(200)
      await consent(bare, 'active').expect(201)
      expect((await update(bare, { instantiatesCanonical }, how)).status).toBe(200)
    }
    await followed('shares-again', 'shares-refuse')
    const { body: stood } = await send('get', 'CarePlan/shares-again')
    await send('delete', 'CarePlan/shares-again').expect(204)
    const again = send('put', 'CarePlan/shares-again').send({ ...stood, careTeam })
    await expectRefusal(again, 422, 'business-rule', 'CarePlan.careTeam[1]')
    await send('put', 'CarePlan/shares-again').send(stood).expect(201)
  })

  test('is wanted of a team that is planned for a CarePlan from its beginning', async () => {
    await put({ resourceType: 'Patient', id: 'shares-later' })
    const carePlan = {
      ...{ resourceType: 'CarePlan', id: 'shares-later', status: 'active', intent: 'plan' },
      ...{ careTeam: [{ reference: HOSPITAL }], subject: { reference: 'Patient/shares-later' } },
      ...{ instantiatesCanonical: ['http://example.org/shares-refuse'], extension: [changesAhead('p', TOWN)] },
    }
    await expectRefusal(put(carePlan), 422, 'business-rule', 'CarePlan.extension')
    await expectRefusal(send('post', 'CarePlan').send(carePlan), 422, 'business-rule', 'CarePlan.extension')
    await consent('shares-later', 'active').expect(201)
    await put(carePlan).expect(201)
  })

  test('is judged again on the day that it was planned for, and goes by the consent that is given then', async () => {
    const plannedWith = async (patient: string, atTheDay: string) => {
      await followed(patient, 'shares-refuse')
      await consent(patient, 'active').expect(201)
      const at = { name: 'at', valueInstant: new Date(Date.now() + 1_500).toISOString() }
      const team = { name: 'careTeam', valueReference: { reference: TOWN } }
      await perform(`CarePlan/${patient}/$plan-change`, [at, team, because]).expect(200)
      if (atTheDay !== 'active') await consent(patient, atTheDay).expect(200)
    }
    await plannedWith('shares-given', 'active')
    await plannedWith('shares-withdrawn', 'inactive')
    await until(async () => expect(await teamOf('shares-given')).toBe(TOWN))
    await until(async () => {
      const { body } = await send('get', 'Task?patient=Patient/shares-withdrawn&status=requested')
      const [task] = body.entry.map(({ resource }: { resource: Task }) => resource)
      expect(task).toMatchObject({ owner: { reference: HOSPITAL }, focus: { reference: 'CarePlan/shares-withdrawn' } })
      expect(task.description).toContain('Deling med kommunen')
    })
    expect(await teamOf('shares-withdrawn')).toBe(HOSPITAL)
  })

  test('waits with whoever asks until the patient consents; withdrawn before the answer, nothing moves', async () => {
    await followed('shares-gently', 'shares-hold')
    const { body: held } = await ask('shares-gently').expect(201)
    expect(held).toMatchObject({ status: 'on-hold', owner: { reference: HOSPITAL } })
    expect(held.statusReason.text).toContain('Deling med kommunen')
    const early = { ...held, status: 'requested', owner: { reference: TOWN } }
    await expectRefusal(send('put', `Task/${held.id}`).send(early), 422, 'business-rule', 'Task.extension')
    await consent('shares-gently', 'active').expect(201)
    await until(async () =>
      expect(await stored(held.id)).toMatchObject({ status: 'requested', owner: { reference: TOWN } }),
    )
    const asked = await stored(held.id)
    expect(JSON.stringify(asked.extension)).toContain('Consent/shares-gently')
    expect(asked.statusReason).toBeUndefined()
    await consent('shares-gently', 'inactive').expect(200)
    const yes = { ...asked, status: 'accepted' }
    await expectRefusal(send('put', `Task/${held.id}`).send(yes), 422, 'business-rule', 'Task.extension')
    // A no needs no basis.
    await send('put', `Task/${held.id}`)
      .send({ ...asked, status: 'rejected', statusReason: { text: 'Ingen samtykke' } })
      .expect(200)
    expect(await teamOf('shares-gently')).toBe(HOSPITAL)
  })
})

describe('a referral', () => {
  const PLAN = 'http://example.org/refers'
  const FORM = 'http://example.org/Questionnaire/refers'
  const GP = 'Practitioner/demo-gp'
  /** Nobody of the patient's. */
  const OTHER_GP = { reference: 'Practitioner/demo-gp-2', hprNumber: '999000005' }
  const put = (resource: { resourceType: string; id: string } & Record<string, unknown>) =>
    send('put', `${resource.resourceType}/${resource.id}`).send(resource).expect(201)
  const stored = async (id: string) => (await send('get', `Task/${id}`).expect(200)).body as Task & { id: string }
  beforeAll(async () => {
    const item = [{ linkId: 'score', text: 'Poeng', type: 'integer' }]
    await put({ ...{ resourceType: 'Questionnaire', id: 'refers', url: FORM, version: '1', status: 'active' }, item })
    const expression = "%answers.item.where(linkId = 'score').answer.value >= 10"
    await put({
      ...{ resourceType: 'PlanDefinition', id: 'refers', url: PLAN, version: '1.0.0', status: 'active', title: 'KOLS' },
      extension: [
        { url: ELIGIBILITY_QUESTIONS, extension: [{ url: 'questionnaire', valueCanonical: `${FORM}|1` }] },
        { url: ELIGIBLE_WHEN, valueExpression: { language: 'text/fhirpath', expression } },
      ],
    })
  })
  const refer = async (reference = GP) => {
    const code = { coding: [{ system: TASK_CODE, code: 'referral' }] }
    const referral = await newTask({ code, instantiatesCanonical: PLAN, requester: { reference } })
    const parts = `Task?part-of=Task/${referral.id}`
    await until(async () => expect((await send('get', parts)).body.entry).toHaveLength(1))
    return { referral, question: (await send('get', parts)).body.entry[0].resource as Task & { id: string } }
  }
  const answers = (score: number) => ({
    ...{ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: `${FORM}|1`, subject: work.for },
    item: [{ linkId: 'score', answer: [{ valueInteger: score }] }],
  })
  const answer = async ({ referral, question }: Awaited<ReturnType<typeof refer>>, score: number, by = send) => {
    const { body } = await by('post', 'QuestionnaireResponse').send(answers(score)).expect(201)
    const output = [{ type: { text: 'Svar' }, valueReference: { reference: `QuestionnaireResponse/${body.id}` } }]
    await by('put', `Task/${question.id}`)
      .send({ ...question, status: 'completed', output })
      .expect(200)
    await until(async () => expect((await stored(referral.id)).output).toHaveLength(2))
    return stored(referral.id)
  }

  test('is asked about in a Task that is part of it; the answers propose yes, and a unit that says so needs no reason', async () => {
    const asked = await refer()
    expect(asked.question).toMatchObject({ owner: { reference: GP }, input: [{ valueCanonical: `${FORM}|1` }] })
    const early = { ...(await stored(asked.referral.id)), status: 'accepted' }
    await expectRefusal(send('put', `Task/${early.id}`).send(early), 422, 'business-rule', 'Task.statusReason')
    const proposed = await answer(asked, 12)
    expect(proposed.output).toMatchObject([
      { valueCode: 'accepted' },
      { valueString: expect.stringContaining('innenfor') },
    ])
    await send('put', `Task/${proposed.id}`)
      .send({ ...proposed, status: 'accepted' })
      .expect(200)
  })

  test('is taken in against the answers with a reason, which is kept', async () => {
    const proposed = await answer(await refer(), 3)
    expect(proposed.output).toMatchObject([{ valueCode: 'rejected' }, {}])
    const yes = { ...proposed, status: 'accepted' }
    await expectRefusal(send('put', `Task/${yes.id}`).send(yes), 422, 'business-rule', 'Task.statusReason')
    const turned = { ...proposed, output: [{ ...proposed.output?.[0], valueCode: 'accepted' }] }
    await expectRefusal(send('put', `Task/${yes.id}`).send(turned), 422, 'business-rule', 'Task.output')
    const statusReason = { text: 'Ny vurdering på sykehuset' }
    await send('put', `Task/${yes.id}`)
      .send({ ...yes, statusReason })
      .expect(200)
    expect(await stored(proposed.id)).toMatchObject({ status: 'accepted', statusReason, output: proposed.output })
  })

  test('opens to the GP who refers, signed in by HelseID, the question alone: they answer it, and the record stays closed', async () => {
    const asGp = await helseid.tokenOf(OTHER_GP.hprNumber, 'openid fhirUser user/*.cruds')
    const gp: typeof send = (method, path) => send(method, path, asGp)
    const count = async (path: string) => (await gp('get', `${path}&_summary=count`).expect(200)).body.total
    await gp('get', 'Patient/demo-line').expect(404)

    const { referral, question } = await refer(OTHER_GP.reference)
    expect((await gp('get', 'Patient/demo-line').expect(200)).body.name[0].family).toBe('Danser')
    expect((await gp('get', 'Task?patient=demo-line').expect(200)).body.entry).toMatchObject([
      { resource: { id: question.id } },
    ])
    await gp('get', `Task/${referral.id}`).expect(404)
    const record = ['Observation', 'Condition', 'CarePlan', 'CareTeam', 'Goal']
    expect(await Promise.all(record.map((type) => count(`${type}?patient=demo-line`)))).toEqual([0, 0, 0, 0, 0])
    const { body } = await gp('get', 'Patient/demo-line/$everything?_count=100').expect(200)
    const all = (body as Bundle).entry?.map(({ resource }) => resource) ?? []
    const named = (type: string) => all.filter((one) => one?.resourceType === type)
    // What the record refers to of the directory, which all may read. Earlier answers to the same form are of the question too.
    const opened = ['Patient', 'Task', 'QuestionnaireResponse', 'Organization', 'Practitioner']
    expect(all.filter((one) => !opened.includes(String(one?.resourceType)))).toEqual([])
    expect(named('Task')).toMatchObject([{ id: question.id }])
    expect(named('QuestionnaireResponse').every((one) => JSON.stringify(one).includes(FORM))).toBe(true)
    await expectRefusal(gp('put', `Task/${referral.id}`).send(referral), 403, 'forbidden')
    const other = { ...answers(12), questionnaire: 'http://example.org/Questionnaire/other' }
    await expectRefusal(gp('post', 'QuestionnaireResponse').send(other), 403, 'forbidden')

    const answered = await answer({ referral, question }, 12, gp)
    expect(answered.output).toMatchObject([{ valueCode: 'accepted' }, {}])
    await gp('get', 'Patient/demo-line').expect(404)
  })

  test('without a plan is refused', async () => {
    const code = { coding: [{ system: TASK_CODE, code: 'referral' }] }
    const path = 'Task.instantiatesCanonical'
    await expectRefusal(send('post', 'Task').send({ ...work, code }), 400, 'required', path)
  })
})

describe('what a rule leads to', () => {
  const measure = (value: number) =>
    send('post', 'Observation')
      .send({
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
        subject: { reference: 'Patient/demo-line' },
        effectiveDateTime: new Date().toISOString(),
        valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      })
      .expect(201)
  const yellow = async () => {
    const { body } = await send('get', 'Task?patient=demo-line&status=requested&_count=100').expect(200)
    const tasks = ((body.entry ?? []) as { resource: Task }[]).map(({ resource }) => resource)
    return tasks.find(({ identifier }) => identifier?.[0]?.value?.includes('|spo2-yellow|')) as Task
  }
  const has = async (code: string) => (await yellow()).extension?.some(({ url }) => url.endsWith(`/${code}`))

  test('a Task with its marks, its urgency and the count of its findings', async () => {
    await measure(89)
    await until(async () =>
      expect(await yellow()).toMatchObject({ restriction: { period: { end: expect.any(String) } } }),
    )
    expect(await Promise.all(['task-mark', 'urgency', 'repetition'].map(has))).toEqual([true, true, true])
    await measure(88)
    const counted = { extension: expect.arrayContaining([{ url: 'count', valuePositiveInt: 2 }]) }
    await until(async () => expect((await yellow()).extension).toContainEqual(expect.objectContaining(counted)))
  })

  test('its rates, which are valid R4', async () => {
    const { body } = await send('get', 'PlanDefinition/copd/$rule-rates').expect(200)
    const group = body.group.find(
      ({ code }: { code: { coding: { code: string }[] } }) => code.coding[0]?.code === 'spo2-yellow',
    )
    expect(group.code.text).toBe('Lav oksygenmetning')
    expect(group.measureScore.value).toBeGreaterThan(0)
    const { body: outcome } = await send('post', 'MeasureReport/$validate').send(body).expect(200)
    expect(outcome.issue.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([])
    await expectRefusal(
      send('get', 'PlanDefinition/copd/$rule-rates?start=2030-01-01T00:00:00Z'),
      400,
      'value',
      'start',
    )
    await expectRefusal(send('get', 'PlanDefinition/none/$rule-rates'), 404, 'not-found')
    // Of another team there is none of it.
    const { body: none } = await send('get', 'PlanDefinition/copd/$rule-rates?team=CareTeam/none').expect(200)
    expect(none.group).toBeUndefined()
    await expectRefusal(send('get', 'PlanDefinition/copd/$rule-rates?team=Patient/1'), 400, 'value', 'team')
  })
})

/** The engine follows a moment later. */
async function until(expectation: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await expectation()
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
  }
}
