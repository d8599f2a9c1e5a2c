import { startTestDatabase, type TestDatabase } from '../../db/test-database.ts'
import { keptSignIns } from './kept-sign-ins.ts'
import { refreshed } from './refreshed.ts'

const KARI = 'Practitioner/kari'
const SEAL = { closeText: async (text: string) => `sealed ${text}`, openText: async (text: string) => text.slice(7) }

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

const signedIn = async (refreshToken: string) => {
  const kept = keptSignIns(database.pool, SEAL)
  await kept.keep({ fhirUser: KARI, login: { provider: 'helseid' }, refreshToken } as never)
  return kept
}

/** Takes each refresh token once, as HelseID may. */
function oneTime(first: string) {
  let good = first
  let count = 0
  return async (refreshToken: string) => {
    if (refreshToken !== good) return 'over' as const
    count += 1
    good = `${first}-${count}`
    const after = good
    await new Promise((done) => setTimeout(done, 50))
    return { refresh_token: after }
  }
}

test('processes that refresh one sign-in at the same time do so one after the other, and it stays', async () => {
  await signedIn('one')
  const grant = oneTime('one')
  const processes = Array.from({ length: 4 }, () => keptSignIns(database.pool, SEAL))
  const had = await Promise.all(processes.map((kept) => kept.alone(KARI, (mine) => refreshed(mine, KARI, grant))))
  expect(had.map((one) => one?.refresh_token).sort()).toEqual(['one-1', 'one-2', 'one-3', 'one-4'])
  expect((await processes[0]?.find(KARI))?.refreshToken).toBe('one-4')
})

test('a sign-in that is taken no more is forgotten, and a newer one is used instead', async () => {
  const kept = await signedIn('old')
  const grant = oneTime('new')
  const had = await kept.alone(KARI, (mine) =>
    refreshed(mine, KARI, async (token) => {
      if (token === 'old') await signedIn('new')
      return grant(token)
    }),
  )
  expect(had).toEqual({ refresh_token: 'new-1' })
  await signedIn('gone')
  expect(await kept.alone(KARI, (mine) => refreshed(mine, KARI, grant))).toBeUndefined()
  expect(await kept.find(KARI)).toBeUndefined()
})

test('what fails leaves nobody waiting', async () => {
  const kept = await signedIn('fails')
  const failing = kept.alone(KARI, async () => {
    throw new Error('not reached')
  })
  await expect(failing).rejects.toThrow('not reached')
  expect(await kept.alone(KARI, async (mine) => (await mine.find(KARI))?.refreshToken)).toBe('fails')
})
