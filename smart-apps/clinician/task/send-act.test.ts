import { expect, test } from '@jest/globals'
import type { Bundle, BundleEntry, Resource, Task } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { Act } from './act.ts'
import { closed, closingEach } from './act.ts'
import { answered } from './asked-form.ts'
import { sendAct } from './send-act.ts'

const DOER = { reference: 'Practitioner/kari' }
const task = (id: string): Task & { id: string } => ({
  ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', meta: { versionId: '1' } },
})
const closing = { outcome: 'no-action', note: 'Sett.', at: '2026-11-23T10:00:00Z', doer: DOER } as const
const acting = (request: Act['request']): Act => ({
  ...{ id: 'a', words: { held: '', done: '' }, patient: 'line', taskIds: [], request },
})

/** A server that answers each entry as it is told to, and holds what it is said to hold. */
function server(answers: readonly string[], stored: readonly Task[] = []) {
  const sent: { type: string; entry: BundleEntry[] }[] = []
  const operations: string[] = []
  const answering = (type: string) => async (entry: BundleEntry[]) => {
    sent.push({ type, entry })
    const refused = type === 'transaction' && answers.find((status) => !status.startsWith('2'))
    if (refused) throw new Refused(Number.parseInt(refused, 10), [])
    return { entry: answers.map((status) => ({ response: { status } })) } as Bundle
  }
  const fhir = {
    batch: answering('batch'),
    transact: answering('transaction'),
    read: async (_: string, id: string) => stored.find((one) => one.id === id),
    operation: async (path: string): Promise<Resource> => {
      operations.push(path)
      return { resourceType: 'CarePlan', id: '7' } as Resource
    },
  } as unknown as FhirClient
  return { fhir, sent, operations }
}

test('each of a batch is by itself: what somebody else changed is counted, and stays as they made it', async () => {
  const { fhir, sent } = server(['200 OK', '412 Precondition Failed'], [{ ...task('2'), note: [{ text: 'Ringt.' }] }])
  const tally = await sendAct(fhir, acting(closingEach([task('1'), task('2')], closing)), false)
  expect(tally).toEqual({ count: 1, failed: 1 })
  expect(sent.map(({ type }) => type)).toEqual(['batch'])
  expect(sent[0]?.entry.map(({ request }) => request?.ifMatch)).toEqual(['W/"1"', 'W/"1"'])
})

test('sent again after its answer was lost, what was done is done', async () => {
  const request = closingEach([task('1')], closing)
  const written = request.kind === 'batch' ? (request.entry[0]?.resource as Task) : undefined
  const { fhir } = server(['412 Precondition Failed'], [written as Task])
  expect(await sendAct(fhir, acting(request), false)).toEqual({ count: 1, failed: 0 })
})

test('answers whose Task somebody else has ended meanwhile are not taken for stored; one’s own, sent again, are', async () => {
  const response = { resourceType: 'QuestionnaireResponse', status: 'completed' } as const
  const request = answered(task('1'), response, DOER, new Date('2026-11-23T10:00:00Z'))
  const written = request.entry[1]?.resource as Task
  const theirs = closed(task('1'), {
    note: '',
    at: '2026-11-23T10:00:03.000Z',
    doer: { reference: 'Practitioner/ola' },
  })
  const sending = (stored: Task) => sendAct(server(['412 Precondition Failed'], [stored]).fhir, acting(request), false)
  await expect(sending(theirs)).rejects.toThrow(Refused)
  await expect(sending(written)).resolves.toBeUndefined()
})

test('an operation is one request, also of a page that closes', async () => {
  const request = { kind: 'operation', path: 'PlanDefinition/copd/$enrol', parameter: [] } as const
  for (const isLast of [false, true]) {
    const { fhir, sent, operations } = server([])
    await sendAct(fhir, acting({ ...request, parameter: [] }), isLast)
    expect([operations, sent]).toEqual([['PlanDefinition/copd/$enrol'], []])
  }
})
