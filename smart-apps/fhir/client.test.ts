import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Session, SessionKeeper } from '../launch/session.ts'
import { createFhirClient } from './client.ts'
import { failureOf, SessionOver, titleOf, Unreachable } from './failure.ts'

const SESSION: Session = {
  ...{ iss: 'https://ehr.example.no/fhir', tokenEndpoint: 'https://ehr.example.no/token', clientId: 'fylgje' },
  ...{ accessToken: 'a', expiresAt: 0, refreshToken: 'r', scope: '', needPatientBanner: true, isDemo: false },
}

let state: ReturnType<SessionKeeper['current']>
const sessions: SessionKeeper = {
  current: () => state,
  begin: (session) => {
    state = { session, isOver: false }
  },
  end: () => {
    if (state) state = { ...state, isOver: true }
  },
  leave: () => {},
  subscribe: () => () => {},
}
const fhir = createFhirClient(sessions)

const ownFetch = globalThis.fetch
let tokenAnswer: Response
let fhirAnswer: Response
beforeEach(() => {
  state = { session: SESSION, isOver: false }
  tokenAnswer = Response.json({ access_token: 'b', expires_in: 3600 })
  fhirAnswer = Response.json({ resourceType: 'Patient', id: '7' })
  globalThis.fetch = async (input) => (String(input) === SESSION.tokenEndpoint ? tokenAnswer : fhirAnswer)
})
afterEach(() => {
  globalThis.fetch = ownFetch
})

test.each([500, 502, 503, 429])(
  'a renewal that is answered with %i leaves the session, for the next try',
  async (status) => {
    tokenAnswer = Response.json({}, { status })
    await expect(fhir.read('Patient', '7')).rejects.toBeInstanceOf(Unreachable)
    expect(state?.isOver).toBe(false)
    tokenAnswer = Response.json({ access_token: 'b', expires_in: 3600 })
    expect(await fhir.read('Patient', '7')).toMatchObject({ id: '7' })
    expect(state?.session.accessToken).toBe('b')
  },
)

test('a refresh token that is taken no longer ends it', async () => {
  tokenAnswer = Response.json({ error: 'invalid_grant' }, { status: 400 })
  await expect(fhir.read('Patient', '7')).rejects.toBeInstanceOf(SessionOver)
  expect(state?.isOver).toBe(true)
})

test.each([
  ['is no JSON', () => new Response('<html>Sign in to our wifi</html>')],
  ['breaks off', () => new Response(new ReadableStream({ start: (body) => body.error(new TypeError('terminated')) }))],
])("an answer that %s is nobody's answer", async (_, answer) => {
  fhirAnswer = answer()
  await expect(fhir.read('Patient', '7')).rejects.toBeInstanceOf(Unreachable)
})

test.each([
  [403, 'noAccess'],
  [409, 'failed'],
  [503, 'unreachable'],
])('%i is told as %s', async (status, title) => {
  expect(titleOf(await failureOf(new Response('', { status })))).toBe(title)
})
test('what is neither is told as failed', () => expect(titleOf(new SessionOver())).toBe('failed'))

test.each([
  ['with its address', { location: 'https://ehr.example.no/fhir/Basic/12/_history/1' }, { id: '12' }],
  ['with nothing', {}, { resourceType: 'Basic' }],
])('what was made is there, also when the server answers %s and no body', async (_, headers, made) => {
  state = { session: { ...SESSION, expiresAt: Date.now() + 3_600_000 }, isOver: false }
  fhirAnswer = new Response(null, { status: 201, headers: headers as Record<string, string> })
  expect(await fhir.create({ resourceType: 'Basic', code: {} })).toMatchObject(made)
})

test('a session that was ended while it was being renewed stays ended, and what came of it is taken back', async () => {
  const revoked: unknown[] = []
  globalThis.fetch = async (input, init) => {
    const url = String(input)
    if (url === SESSION.tokenEndpoint) {
      sessions.end(true)
      return Response.json({ access_token: 'b', refresh_token: 'r2', expires_in: 3600 })
    }
    if (url.endsWith('smart-configuration'))
      return Response.json({ revocation_endpoint: 'https://ehr.example.no/revoke' })
    revoked.push(url, new URLSearchParams(init?.body as URLSearchParams).get('token'))
    return new Response()
  }
  await expect(fhir.read('Patient', '7')).rejects.toBeInstanceOf(SessionOver)
  expect(state).toMatchObject({ isOver: true, session: { accessToken: 'a' } })
  expect(revoked).toEqual(['https://ehr.example.no/revoke', 'r2'])
})

test('two windows with one session use its refresh token once', async () => {
  let stored = SESSION
  let turn: Promise<unknown> = Promise.resolve()
  let renewalCount = 0
  globalThis.fetch = async (input) => {
    if (String(input) !== SESSION.tokenEndpoint) return Response.json({ resourceType: 'Patient', id: '7' })
    renewalCount++
    return Response.json({ access_token: 'b', refresh_token: 'r2', expires_in: 3600 })
  }
  const openWindow = () => {
    let here: Session = SESSION
    const keeper: SessionKeeper = {
      ...sessions,
      current: () => ({ session: here, isOver: false }),
      begin: async (session) => {
        here = session
        await new Promise((resolve) => setTimeout(resolve, 5))
        stored = session
      },
      shared: {
        inTurn: <T>(work: () => Promise<T>) => {
          const next = turn.then(work)
          turn = next
          return next
        },
        newest: async () => stored,
      },
    }
    return createFhirClient(keeper)
  }
  await Promise.all([openWindow().read('Patient', '7'), openWindow().read('Patient', '7')])
  expect([renewalCount, stored.refreshToken]).toEqual([1, 'r2'])
})

test('what another window has renewed so long ago that it has ended is renewed from there', async () => {
  const used: unknown[] = []
  globalThis.fetch = async (input, init) => {
    if (String(input) !== SESSION.tokenEndpoint) return Response.json({ resourceType: 'Patient', id: '7' })
    used.push(new URLSearchParams(init?.body as URLSearchParams).get('refresh_token'))
    return Response.json({ access_token: 'c', expires_in: 3600 })
  }
  const newest = async () => ({ ...SESSION, accessToken: 'b', refreshToken: 'r2' })
  await createFhirClient({ ...sessions, shared: { inTurn: (work) => work(), newest } }).read('Patient', '7')
  expect([used, state?.session.accessToken]).toEqual([['r2'], 'c'])
})

test('a picture is given longer to be sent than a measurement', async () => {
  const given: number[] = []
  const own = AbortSignal.timeout
  AbortSignal.timeout = (millis) => {
    given.push(millis)
    return own.call(AbortSignal, millis)
  }
  try {
    state = { session: { ...SESSION, expiresAt: Date.now() + 3_600_000 }, isOver: false }
    await fhir.create({ resourceType: 'Observation', status: 'final', code: {} })
    fhirAnswer = Response.json({ resourceType: 'Media', id: '8' })
    await fhir.create({ resourceType: 'Media', status: 'completed', content: { data: 'AAAA' } })
  } finally {
    AbortSignal.timeout = own
  }
  expect(given).toEqual([20_000, 120_000])
})
