import type { Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { TASK_CODE } from '../decide/vocabulary.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'post' | 'put' | 'patch', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')

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
