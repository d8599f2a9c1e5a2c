import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Accessed, Reply, Rooms } from '../exchange.ts'
import { audited } from './audited.ts'

const ACCESS: Access = { actor: 'Client/app', clientId: 'app', scopes: parseScopes('system/*.cruds') }
const TEXT = JSON.stringify({ resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/line' } })
const FOUND = { type: 'Observation', id: 'o', versionId: 1, lastUpdated: '', interaction: 'create', text: TEXT }

/** What was told of one read that is answered so. */
async function toldOf(reply: Reply, entry: { isEntry?: true } = {}): Promise<Accessed[]> {
  const told: Accessed[] = []
  const rooms = {
    definitions: loadDefinitions(),
    routes: [{ method: 'GET', path: ':type/:id', interaction: 'read', letter: 'r' }],
    store: { read: () => Promise.resolve(FOUND) },
    audit: { note: () => Promise.resolve() },
    accessTriggers: {
      hears: (type: string) => type === 'Observation',
      tell: async (_access: Access, given: Accessed[]) => void told.push(...given),
    },
    baseUrl: 'http://localhost/fhir',
  } as unknown as Rooms
  const asked = { access: ACCESS, origin: {}, method: 'GET', path: 'Observation/o', query: new URLSearchParams() }
  await audited({ ...asked, ...entry }, rooms, async ({ type, id }, watched) => {
    await watched.store.read(ACCESS, type, id)
    return reply
  })
  return told
}

test('what a caller was given is told, with the patients whose it is', async () => {
  expect(await toldOf({ status: 200 })).toEqual([{ text: TEXT, patients: ['line'] }])
})

test('who is answered that nothing is new was given nothing', async () => {
  expect(await toldOf({ status: 304 })).toEqual([])
})

test('an entry leaves it to its Bundle, which may yet be taken back', async () => {
  expect(await toldOf({ status: 200 }, { isEntry: true })).toEqual([])
})
