import { createHash } from 'node:crypto'
import type { Parameters, Task } from '@medplum/fhirtypes'
import type { Role } from '../access/policy/policy.ts'
import { parseScopes } from '../access/scopes.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { Change } from '../store/store.ts'
import { acceptInvitation, INVITATION, invite } from './invitation.ts'

const definitions = loadDefinitions()
const NOW = new Date('2026-03-29T00:30:00Z')
const CODE = 'abcdefghijklmnopqrstu-'
const digest = (code: string) => createHash('sha256').update(code).digest('hex')

const invitation = (changes: Partial<Task> = {}): Task => ({
  ...{ resourceType: 'Task', id: '7', meta: { versionId: '3' }, status: 'requested', intent: 'order' },
  identifier: [{ system: INVITATION, value: digest(CODE) }],
  for: { reference: 'Patient/line' },
  restriction: { period: { end: '2026-04-01T00:00:00Z' } },
  ...changes,
})

type Caller = { role?: Role; record?: 'self' | 'guardian' | 'kin' | 'guardian-of-youth'; scope?: string; code?: string }

/** @returns what was answered, and what was written */
async function call(
  operation: typeof invite,
  stored: Task[],
  parameter: object[],
  { role = 'patient', record = 'self', scope = 'patient/*.rs' }: Caller = {},
) {
  const written: Change[] = []
  const inside = {
    lockCriteria: async () => {},
    search: async () => ({ matches: stored.map((task) => ({ text: JSON.stringify(task) })) }),
    findOne: async () => (stored[0] ? { text: JSON.stringify(stored[0]) } : undefined),
    writeAll: async (_: unknown, changes: Change[]) => {
      written.push(...changes)
      return [{ id: 'new' }]
    },
    write: async (_: unknown, change: Change) => {
      written.push(change)
      return { id: '7' }
    },
  }
  const standing = { roles: [role], records: role === 'nurse' ? [] : [{ patient: 'line', as: record }] }
  const exchange = {
    access: { actor: role === 'nurse' ? 'Practitioner/kari' : 'Patient/line', scopes: parseScopes(scope), standing },
    ...{ id: 'line', query: new URLSearchParams() },
    body: { resourceType: 'Parameters', parameter },
  } as unknown as Exchange
  const rooms = {
    store: { read: async () => ({}), transact: async (work: (store: object) => unknown) => work(inside) },
    validate: (resource: object) => ({ resource }),
    definitions,
    now: () => NOW,
    baseUrl: 'https://fylgje.example.org/base/fhir',
  } as unknown as Rooms
  const { text } = await operation.handler(exchange, rooms)
  return { answer: (JSON.parse(text ?? '{}') as Parameters).parameter ?? [], written }
}
const nurse: Caller = { role: 'nurse', scope: 'user/Task.cruds user/Patient.rs' }
const code = (valueString: string) => [{ name: 'code', valueString }]

test('a link has its code behind the #, and the Task the digest of it alone; one that was open is withdrawn', async () => {
  const { answer, written } = await call(invite, [invitation()], [{ name: 'days', valueInteger: 7 }], nurse)
  const link = String(answer[0]?.valueUri)
  expect(link).toMatch(/^https:\/\/fylgje\.example\.org\/base\/apps\/patient\/welcome#[\w-]{22}$/)
  const secret = link.split('#')[1] ?? ''
  const [made, withdrawn] = written.map((change) => (change as { resource: unknown }).resource as Task)
  expect(made).toMatchObject({
    ...{ status: 'requested', for: { reference: 'Patient/line' }, requester: { reference: 'Practitioner/kari' } },
    identifier: [{ value: digest(secret) }],
    // Seven days, also over the night when summer time begins.
    restriction: { period: { end: '2026-04-05T00:30:00.000Z' } },
  })
  expect(JSON.stringify(written)).not.toContain(secret)
  expect(withdrawn).toMatchObject({ id: '7', status: 'cancelled' })
})

test.each([
  ['nobody without a scope for Tasks', [], { ...nurse, scope: 'user/Patient.rs' }, 'forbidden', undefined],
  ['no patient', [], { scope: 'patient/*.cruds' }, 'forbidden', undefined],
  ['no next of kin', [], { role: 'next-of-kin', record: 'kin', scope: 'patient/*.cruds' }, 'forbidden', undefined],
  ['nobody for no day', [{ name: 'days', valueInteger: 0 }], nurse, 'value', ['days']],
  ['nobody for a year', [{ name: 'days', valueInteger: 365 }], nurse, 'value', ['days']],
] as const)('%s invites', async (_, parameter, caller, issue, expression) => {
  await expect(call(invite, [], [...parameter], caller as Caller)).rejects.toMatchObject({
    issues: [{ code: issue, ...(expression ? { expression } : {}) }],
  })
})

test.each(['self', 'guardian'] as const)('the patient begins by it, or a parent for a child: as %s', async (record) => {
  const { answer, written } = await call(acceptInvitation, [invitation()], code(CODE), { record })
  expect(answer).toEqual([{ name: 'task', valueReference: { reference: 'Task/7' } }])
  expect(written).toMatchObject([{ interaction: 'update', id: '7', ifMatch: 3, resource: { status: 'completed' } }])
})

const ended = { restriction: { period: { end: NOW.toISOString() } } }
test.each([
  [
    'somebody else’s, also used and expired',
    { for: { reference: 'Patient/ola' }, status: 'completed', ...ended },
    'forbidden',
  ],
  ['used', { status: 'completed' }, 'conflict'],
  ['withdrawn', { status: 'cancelled' }, 'business-rule'],
  ['expired at this moment', ended, 'business-rule'],
] as const)('one that is %s begins nothing', async (_, changes, issue) => {
  await expect(call(acceptInvitation, [invitation(changes)], code(CODE))).rejects.toMatchObject({
    issues: [{ code: issue, expression: ['code'] }],
  })
})

test.each([
  ['a code that nobody was given', code(CODE), {}, 'not-found', ['code']],
  ['a link instead of its code', code(`https://x/welcome#${CODE}`), {}, 'value', ['code']],
  ['no code', [], {}, 'required', ['code']],
] as const)('%s is refused', async (_, parameter, caller, issue, expression) => {
  await expect(call(acceptInvitation, [], [...parameter], caller)).rejects.toMatchObject({
    issues: [{ code: issue, expression }],
  })
})

test.each(['kin', 'guardian-of-youth'] as const)('%s do not begin for the patient', async (record) => {
  await expect(call(acceptInvitation, [invitation()], code(CODE), { record })).rejects.toMatchObject({
    issues: [{ code: 'not-found' }],
  })
})
