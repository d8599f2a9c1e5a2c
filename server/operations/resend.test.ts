import type { Task } from '@medplum/fhirtypes'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { messageOf } from '../senders/sending-failed.ts'
import { taskResend } from './resend.ts'

const ID = '4a6ee8ba-15c5-5f7c-8f38-6f1f0f7d9e0a'
const taskAbout = (message: string): Task => ({
  ...{ resourceType: 'Task', id: 't', status: 'requested', intent: 'order' },
  identifier: [{ system: FINDING, value: `message|sending-failed|${message}|1` }],
})

/** Sends again the message of a Task that is at version 3. @returns what was sent before it was refused, and how it was */
async function resend(task: Task, ifMatch?: string) {
  const sent: string[] = []
  const rooms = {
    store: {
      read: async () => ({ versionId: 3, text: JSON.stringify(task) }),
      transact: () => Promise.reject(new Error('the Task is written')),
    },
    sentMessages: {
      messageOf,
      resend: async (id: string) => {
        sent.push(id)
        return true
      },
    },
    now: () => new Date('2026-11-23T08:00:00Z'),
  } as unknown as Rooms
  const exchange = {
    ...{
      access: { actor: 'Practitioner/kari', scopes: [] },
      id: 't',
      headers: { ifMatch },
      query: new URLSearchParams(),
    },
  } as unknown as Exchange
  const error = await taskResend.handler(exchange, rooms).catch((thrown: unknown) => thrown as { status?: number })
  return { sent, error }
}

test.each([undefined, 'W/"3"'])(
  'with If-Match %s the message goes again, then the Task is written',
  async (ifMatch) => {
    const { sent, error } = await resend(taskAbout(ID), ifMatch)
    expect([sent, error]).toEqual([[ID], new Error('the Task is written')])
  },
)

test('where another version of the Task was seen nothing is sent', async () => {
  const { sent, error } = await resend(taskAbout(ID), 'W/"2"')
  expect(sent).toEqual([])
  expect(error).toMatchObject({ status: 412 })
})

test('a Task that names no message of ours is refused, and no fault', async () => {
  const { sent, error } = await resend(taskAbout('x'))
  expect(sent).toEqual([])
  expect(error).toMatchObject({ issues: [{ code: 'business-rule', expression: ['Task.code'] }] })
})
