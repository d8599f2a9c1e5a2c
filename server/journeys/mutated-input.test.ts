import { DEMO_CLIENT, openDoor } from '../../scripts/caller/door.ts'
import { sendMutated } from '../../scripts/mutate/send-mutated.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer

beforeAll(async () => {
  server = await shareServer()
})
afterAll(() => server.giveBack())

// The long form is scripts/mutate/mutate.ts.
test('whatever is sent, there is no 5xx, each refusal is an OperationOutcome, and what is stored is valid', async () => {
  const tally = await sendMutated({
    definitions: loadDefinitions(),
    door: await openDoor(server.baseUrl, DEMO_CLIENT),
    count: 600,
    seed: Date.now() % 1_000_000,
  })
  expect(tally.faults).toEqual([])
  expect(tally.sent).toBe(600)
  // Both kinds came: else the generator, and not the server, would have been tried.
  expect(tally.stored).toBeGreaterThan(30)
  expect(tally.refused).toBeGreaterThan(200)
})
