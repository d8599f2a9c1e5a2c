import { engineAccess } from '../access/engine-access.ts'
import { agentOf } from './agent.ts'

test('a client is written down by the name that it was registered with, without what misleads or names somebody', () => {
  const named = (clientName: string) => agentOf({ ...engineAccess('test'), clientId: 'a', clientName })
  expect(named('Pusteprat')).toMatchObject({ client: 'a', clientName: 'Pusteprat' })
  expect(named(`of 13116900216\u202e${'x'.repeat(200)}`).clientName).toBe(`of 131169*****\uFFFD${'x'.repeat(84)}…`)
})
