import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Accessed, Reply, Rooms } from '../exchange.ts'
import { audited } from './audited.ts'

const ACCESS: Access = { actor: 'Client/app', clientId: 'app', scopes: parseScopes('system/*.cruds') }
const TEXT = JSON.stringify({ resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/line' } })
const FOUND = { type: 'Observation', id: 'o', versionId: 1, lastUpdated: '', interaction: 'create', text: TEXT }

type Read = { reply: Reply; method?: 'GET' | 'HEAD' }

/** What was told of a read that is answered so; or of a Bundle of such reads, when it is answered. */
async function toldOf(...reads: [Read] | [Read, Read, ...Read[]]): Promise<Accessed[][]> {
  const told: Accessed[][] = []
  const rooms = {
    definitions: loadDefinitions(),
    routes: [
      { method: 'GET', path: ':type/:id', interaction: 'read', letter: 'r' },
      { method: 'POST', path: '', interaction: 'batch' },
    ],
    store: { read: () => Promise.resolve(FOUND) },
    audit: { note: () => Promise.resolve() },
    accessTriggers: {
      look: () => undefined,
      hears: (type: string) => type === 'Observation',
      tell: async (_access: Access, given: Accessed[]) => void told.push(given),
    },
    baseUrl: 'http://localhost/fhir',
  } as unknown as Rooms
  const asked = { access: ACCESS, origin: {}, path: 'Observation/o', query: new URLSearchParams() }
  const run = ({ reply, method = 'GET' }: Read, within: Rooms, entry: { isEntry?: true } = {}) =>
    audited({ ...asked, method, ...entry }, within, async ({ type, id }, watched) => {
      await watched.store.read(ACCESS, type, id)
      return reply
    })
  const [only, ...others] = reads
  if (others.length === 0) await run(only, rooms)
  else {
    await audited({ ...asked, method: 'POST', path: '' }, rooms, async (_, watched) => {
      for (const read of reads) await run(read, watched, { isEntry: true })
      expect(told).toEqual([])
      return { status: 200 }
    })
  }
  return told
}

const OK: Reply = { status: 200 }
const UNCHANGED: Reply = { status: 304 }
const SEEN = { text: TEXT, patients: ['line'] }

test('what a caller was given is told, with the patients whom it names', async () => {
  expect(await toldOf({ reply: OK })).toEqual([[SEEN]])
})

test('who is answered that nothing is new, or asks for the head alone, was given nothing', async () => {
  expect(await toldOf({ reply: UNCHANGED })).toEqual([])
  expect(await toldOf({ reply: OK, method: 'HEAD' })).toEqual([])
})

test('an entry leaves it to its Bundle, which may yet be taken back, and of which each entry is told as it was answered', async () => {
  expect(await toldOf({ reply: OK }, { reply: UNCHANGED }, { reply: OK })).toEqual([[SEEN, SEEN]])
  expect(await toldOf({ reply: UNCHANGED }, { reply: OK, method: 'HEAD' })).toEqual([])
})

test('whoever asks for the metadata, which are public, does not wait for the plans to be looked at', async () => {
  let looks = 0
  const rooms = {
    definitions: loadDefinitions(),
    routes: [
      { method: 'GET', path: 'metadata', interaction: 'capabilities' },
      { method: 'GET', path: ':type/:id', interaction: 'read', letter: 'r' },
    ],
    store: {},
    audit: { note: () => Promise.resolve() },
    accessTriggers: { look: () => void looks++, hears: () => false, tell: () => Promise.resolve() },
    baseUrl: 'http://localhost/fhir',
  } as unknown as Rooms
  const ask = (path: string) =>
    audited({ access: ACCESS, origin: {}, method: 'GET', path, query: new URLSearchParams() }, rooms, async () => OK)
  await ask('metadata')
  expect(looks).toBe(0)
  await ask('Observation/o')
  expect(looks).toBe(1)
})
