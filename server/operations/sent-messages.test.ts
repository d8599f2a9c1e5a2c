import type { Parameters } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { Role } from '../access/policy/policy.ts'
import { parseScopes } from '../access/scopes.ts'
import { translated } from '../core/decide/words/translated.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms, SentMessage, SentMessagesAsked } from '../exchange.ts'
import { sentMessages } from './sent-messages.ts'

const MESSAGE: SentMessage = {
  ...{ id: 'm', receiver: 'jft', organization: '312229544', cause: 'Task/t/_history/2', state: 'dead', attempts: 2 },
  ...{ causedAt: '2026-11-23T08:00:00.000Z', reason: { code: 'answered', values: { status: 400 } } },
}

const person = (...roles: Role[]): Access => ({
  ...{ actor: 'Practitioner/kari', clientId: 'app', scopes: parseScopes('user/*.cruds') },
  standing: {
    ...{ roles, grantees: ['Practitioner/kari'], records: [] },
    attest: { who: 'Practitioner/kari', practitionerRoles: [], roles, policyVersion: '1' },
  },
})
const system = (scope: string): Access => ({ actor: 'Client/x', clientId: 'x', scopes: parseScopes(scope) })

async function ask(access: Access, query = '') {
  const asked: SentMessagesAsked[] = []
  const rooms = {
    sentMessages: {
      list: async (given: SentMessagesAsked) => {
        asked.push(given)
        return { messages: [MESSAGE], next: '17' }
      },
      count: async () => [{ receiver: 'jft', organization: '312229544', state: 'dead', count: 1 }],
    },
  } as unknown as Rooms
  const exchange = { access, query: new URLSearchParams(query), body: undefined } as unknown as Exchange
  try {
    const { text } = await sentMessages.handler(exchange, rooms)
    return { asked, given: JSON.parse(text ?? '{}') as Parameters }
  } catch (error) {
    if (error instanceof Refusal) return { asked, refused: [error.issues[0]?.code, error.issues[0]?.expression?.[0]] }
    throw error
  }
}

test.each([
  ['an administrator', person('administrator')],
  ['a system that reaches every Task', system('system/Task.rs')],
])('%s is shown what was sent and what became of it, and nothing of what it says', async (_who, access) => {
  const { given, asked } = await ask(access, 'state=dead&count=5&before=20')
  expect(asked).toEqual([{ state: 'dead', countMax: 5, before: '20' }])
  expect(given?.parameter?.map(({ name }) => name)).toEqual(['total', 'message', 'next'])
  const part = given?.parameter?.[1]?.part
  expect(part).toContainEqual({ name: 'reason-code', valueCode: 'answered' })
  const reason = part?.find(({ name }) => name === 'reason') ?? {}
  expect((['nb', 'nn', 'en'] as const).map((language) => translated(reason, 'valueString', language))).toEqual([
    ...['Mottakeren svarte 400.', 'Mottakaren svarte 400.', 'The receiver answered 400.'],
  ])
  expect(given?.parameter?.[1]?.part).toContainEqual({
    ...{ name: 'cause', valueReference: { reference: 'Task/t/_history/2' } },
  })
})

test.each([
  ['a nurse', person('nurse', 'responder')],
  ['a doctor', person('doctor')],
  ['a system for measurements', system('system/Observation.cruds')],
  ['an app of an administrator’s patient', system('patient/*.rs')],
])('%s is not', async (_who, access) => expect((await ask(access)).refused).toEqual(['forbidden', undefined]))

test.each([
  ['state=eaten', 'state'],
  ['before=yesterday', 'before'],
])('%s is refused', async (query, expression) =>
  expect((await ask(person('administrator'), query)).refused).toEqual(['value', expression]),
)

test('no more than a thousand are shown at once', async () =>
  expect((await ask(person('administrator'), 'count=5000')).asked).toEqual([{ countMax: 1000 }]))
