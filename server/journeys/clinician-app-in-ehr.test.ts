import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Task } from '@medplum/fhirtypes'
import type { Frame, Page } from 'playwright-core'
import { APPS_CLIENT_ID } from '../authorization-server/clients/demo-clients.ts'
import { TASK_CODE, TRIAGE_COLOUR } from '../core/decide/plan/vocabulary.ts'
import { type ClinicianApp, faultsOfApp, openClinicianApp } from './harness/clinician-app.ts'
import { type ForeignSmartEhr, startForeignSmartEhr } from './harness/foreign-smart-ehr.ts'
import { adminToken, challengeOf } from './harness/smart-app.ts'

// The app stands in a frame of an EHR, which is another site than ours: 127.0.0.1 is to browsers another one than localhost.

const SESSION = 'fylgje.session'
const HANDLE = 'journal-window-1'
/** What the EHR's page does with SMART Web Messaging: it answers the handshake, and closes the app the second time that it is asked to. */
const LISTENING = `
let isBusy = true
addEventListener('message', ({ data, source, origin }) => {
  if (data.messagingHandle !== '${HANDLE}') return
  const answer = (payload) => source.postMessage({ messageId: crypto.randomUUID(), responseToMessageId: data.messageId, payload }, origin)
  if (data.messageType === 'status.handshake') answer({})
  if (data.messageType !== 'ui.done') return
  answer({ success: !isBusy })
  if (!isBusy) document.querySelector('iframe').remove()
  isBusy = false
})`
const NEXT = 'demo-fjellrev'

let ehr: Server
let foreign: ForeignSmartEhr
let ehrAddress: string
let app: ClinicianApp
beforeAll(async () => {
  ehr = createServer((req, res) => {
    const [title, src] = ['title', 'app'].map(
      (name) => new URL(req.url ?? '', 'http://ehr').searchParams.get(name) ?? '',
    )
    res.setHeader('content-type', 'text/html; charset=utf-8')
    res.end(`<!doctype html><html lang="nb"><title>${title}</title><h1>Journal</h1>
<iframe title="Fylgje" width="1240" height="640" src="${src?.replaceAll('&', '&amp;')}"></iframe><script>${LISTENING}</script>`)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => ehr.once('listening', resolve))
  ehrAddress = `http://127.0.0.1:${(ehr.address() as AddressInfo).port}`
  foreign = await startForeignSmartEhr()
  const issuers = [{ iss: foreign.iss, clientId: 'fylgje-there', apps: ['clinician'] }]
  app = await openClinicianApp({ env: { FRAME_ANCESTORS: ehrAddress, APP_ISSUERS: JSON.stringify(issuers) } })
})
afterAll(async () => {
  await app?.dispose()
  ehr.close()
  ehr.closeAllConnections()
  foreign?.stop()
})
afterEach(async () => {
  for (const context of app?.browser.contexts() ?? []) await context.close()
})

/** As an EHR asks for it when somebody opens the app beside a patient. */
async function launch(patient: string, messaging = {}): Promise<string> {
  const response = await fetch(`${app.server.baseUrl}/auth/launch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await adminToken(app.server.baseUrl, 'fylgje/launch.create')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ client_id: APPS_CLIENT_ID, patient, launch_uri: `${app.address}launch`, ...messaging }),
  })
  expect(response.status).toBe(201)
  return ((await response.json()) as { launch_url: string }).launch_url
}

async function openRecord(page: Page, patient: string, messaging = {}): Promise<Frame> {
  await page.goto(`${ehrAddress}/?title=${patient}&app=${encodeURIComponent(await launch(patient, messaging))}`)
  return framed(page)
}

async function framed(page: Page): Promise<Frame> {
  const frame = await (await page.locator('iframe').elementHandle())?.contentFrame()
  if (!frame) throw new Error('The EHR shows no frame.')
  return frame
}

/** Clicks, and signs in in the window that it opens; whom the server knows already it does not ask again. */
async function signIn(page: Page, frame: Frame, button: string): Promise<void> {
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    frame.getByRole('button', { name: button, exact: true }).click(),
  ])
  const isClosed = popup.isClosed() ? Promise.resolve() : popup.waitForEvent('close').then(() => undefined)
  const nurse = popup.locator('button[value=demo-nurse]')
  await Promise.race([isClosed, nurse.click().catch(() => undefined)])
  await isClosed
}

const sessionOf = (frame: Frame) =>
  frame.evaluate((key) => JSON.parse(sessionStorage.getItem(key) ?? 'null') as Record<string, string>, SESSION)

test('in the frame of an EHR that is named it is launched for the patient who is open there; the sign-in is a window of its own', async () => {
  const { page } = await app.newVisit()
  const frame = await openRecord(page, 'demo-line')
  await frame.getByText('Innloggingen åpnes i et eget vindu').waitFor()
  expect(await faultsOfApp(frame)).toEqual([])
  await signIn(page, frame, 'Logg inn')
  await frame.locator('header.bar').waitFor()
  expect(await sessionOf(frame)).toMatchObject({ patient: 'demo-line', fhirUser: 'Practitioner/demo-nurse' })
  expect(frame.url()).not.toMatch(/code=|state=|launch=/)
  // The page of the EHR has not gone anywhere.
  expect(await page.locator('h1').innerText()).toBe('Journal')
})

test('an EHR that listens is asked to close the app, and whoever must go back alone is told so; the others are offered no such way', async () => {
  const { page } = await app.newVisit()
  const back = (frame: Frame) => frame.getByRole('button', { name: 'Tilbake til journalen' })
  const messaging = { smart_web_messaging_handle: HANDLE, smart_web_messaging_origin: ehrAddress }
  const frame = await openRecord(page, 'demo-line', messaging)
  await signIn(page, frame, 'Logg inn')
  await frame.locator('#main h1').waitFor()
  await back(frame).click()
  await frame.getByText('Journalen lukket ikke appen').waitFor()
  expect(await faultsOfApp(frame)).toEqual([])
  await back(frame).click()
  await page.locator('iframe').waitFor({ state: 'detached' })
  // Another handle than the EHR knows: nobody answers.
  const deaf = await openRecord(page, 'demo-line', { ...messaging, smart_web_messaging_handle: 'of-another-window' })
  await signIn(page, deaf, 'Logg inn')
  await deaf.locator('header.bar').waitFor()
  await page.waitForTimeout(1_200)
  expect(await back(deaf).count()).toBe(0)
})

test.each([
  ['no origin', { smart_web_messaging_handle: HANDLE }, 'smart_web_messaging_handle'],
  ['no handle', { smart_web_messaging_origin: 'https://ehr.example.org' }, 'smart_web_messaging_handle'],
  [
    'a page for an origin',
    { smart_web_messaging_handle: HANDLE, smart_web_messaging_origin: 'https://ehr.example.org/app' },
    'smart_web_messaging_origin',
  ],
  [
    'what is no address',
    { smart_web_messaging_handle: HANDLE, smart_web_messaging_origin: '*' },
    'smart_web_messaging_origin',
  ],
])('a launch is refused that is to speak with %s', async (_, messaging, named) => {
  const response = await fetch(`${app.server.baseUrl}/auth/launch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await adminToken(app.server.baseUrl, 'fylgje/launch.create')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ client_id: APPS_CLIENT_ID, launch_uri: `${app.address}launch`, ...messaging }),
  })
  expect(response.status).toBe(400)
  expect((await response.json()).error_description).toContain(named)
})

test('when the EHR opens another patient the frame is launched anew; the other window keeps its own', async () => {
  const { page } = await app.newVisit()
  const first = await openRecord(page, 'demo-line')
  await signIn(page, first, 'Logg inn')
  await first.locator('header.bar').waitFor()
  const other = await page.context().newPage()
  const second = await openRecord(other, 'demo-line')
  await signIn(other, second, 'Logg inn')
  await second.locator('header.bar').waitFor()
  // The EHR changes patient in the first window: the same frame, another launch.
  const next = await launch(NEXT)
  await page.locator('iframe').evaluate((iframe, src) => iframe.setAttribute('src', src), next)
  await first.waitForURL(/launch=/)
  // Nothing of the patient before is shown while nobody has signed in for this one.
  await first.getByText('Innloggingen åpnes i et eget vindu').waitFor()
  expect(await first.locator('header.bar').count()).toBe(0)
  await signIn(page, first, 'Logg inn')
  await first.locator('header.bar').waitFor()
  expect((await sessionOf(first)).patient).toBe(NEXT)
  expect((await sessionOf(second)).patient).toBe('demo-line')
})

test('whoever closes the window of the sign-in has not signed in, and can try again', async () => {
  const { page } = await app.newVisit()
  const frame = await openRecord(page, 'demo-line')
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    frame.getByRole('button', { name: 'Logg inn', exact: true }).click(),
  ])
  await popup.locator('button[value=demo-nurse]').waitFor()
  await popup.close()
  await frame.getByText('Innloggingen ble avbrutt').waitFor()
  expect(await sessionOf(frame)).toBeNull()
  await signIn(page, frame, 'Logg inn')
  await frame.locator('header.bar').waitFor()
  expect(await sessionOf(frame)).toMatchObject({ patient: 'demo-line' })
})

test('a session that ends while somebody types takes nothing from them', async () => {
  const reason = `Prøve økt ${Date.now()}`
  const task = await send<Task>('POST', 'Task', {
    ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority: 'urgent' },
    code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
    businessStatus: { coding: [{ system: TRIAGE_COLOUR, code: 'yellow' }] },
    reasonCode: { text: reason },
    for: { reference: 'Patient/demo-line' },
    owner: { reference: 'CareTeam/demo-responssenter' },
    authoredOn: new Date().toISOString(),
  })
  const { page } = await app.newVisit()
  const frame = await openRecord(page, 'demo-line')
  await signIn(page, frame, 'Logg inn')
  await frame.getByRole('navigation').getByRole('link', { name: 'Arbeidsliste' }).click()
  const row = frame.locator('.task-row', { hasText: 'Line Danser' })
  await row.first().waitFor()
  const more = row.getByRole('button', { name: /^\+? ?\d+ til/ })
  if (await more.count()) await more.click()
  await frame
    .locator('.task-row', { hasText: reason })
    .getByRole('button', { name: /^Handlinger/ })
    .click()
  await frame.getByRole('menuitem', { name: 'Sett på vent …' }).click()
  const snooze = frame.getByRole('dialog', { name: /^Sett/ })
  await snooze.getByRole('textbox').fill('Fastlegen ringer i morgen.')
  const before = await sessionOf(frame)
  await revoke(before.refreshToken)
  await revoke(before.accessToken)
  const over = frame.getByRole('dialog', { name: 'Økten er utløpt' })
  // Where the app has found out by itself, as it looked for what is new, its question lies above the button already.
  await snooze
    .getByRole('button', { name: 'Sett på vent' })
    .click({ timeout: 10_000 })
    .catch(async (error: unknown) => {
      if (!(await over.isVisible())) throw error
    })
  await over.waitFor()
  expect(await faultsOfApp(frame)).toEqual([])
  await signIn(page, frame, 'Logg inn igjen')
  await over.waitFor({ state: 'detached' })
  expect(await snooze.getByRole('textbox').inputValue()).toBe('Fastlegen ringer i morgen.')
  await snooze.getByRole('button', { name: 'Sett på vent' }).click()
  await snooze.waitFor({ state: 'detached' })
  expect(await send<Task>('GET', `Task/${task.id}`)).toMatchObject({
    status: 'on-hold',
    statusReason: { text: 'Fastlegen ringer i morgen.' },
  })
  const after = await sessionOf(frame)
  expect(after).toMatchObject({ patient: 'demo-line', fhirUser: 'Practitioner/demo-nurse' })
  expect(after.accessToken).not.toBe(before.accessToken)
})

describe('launched by an EHR of another vendor', () => {
  const arrive = async (page: Page, launch = 'l-4711') =>
    void (await page.goto(`${app.address}launch?${new URLSearchParams({ iss: foreign.iss, launch })}`))
  const sessionIn = (page: Page) =>
    page.evaluate((key) => JSON.parse(sessionStorage.getItem(key) ?? 'null') as Record<string, string> | null, SESSION)
  afterEach(() => foreign.forget())

  test('62, 63: the app asks as the standard says: code, state, S256, the FHIR base as aud, the launch echoed; and proves it at the token endpoint', async () => {
    const { page } = await app.newVisit()
    await arrive(page)
    await page.waitForURL('**/apps/clinician/patient/p-there')
    await arrive(page, 'l-4712')
    await page.waitForFunction((key) => JSON.parse(sessionStorage.getItem(key) ?? '{}').accessToken === 'at-2', SESSION)
    expect(foreign.authorizations.map(({ launch }) => launch)).toEqual(['l-4711', 'l-4712'])
    for (const [i, asked] of foreign.authorizations.entries()) {
      expect(asked).toMatchObject({
        ...{ response_type: 'code', client_id: 'fylgje-there', redirect_uri: app.address, aud: foreign.iss },
        ...{ code_challenge_method: 'S256', code_challenge: expect.stringMatching(/^[\w-]{43}$/) },
      })
      // At least 122 bits.
      expect(asked.state).toMatch(/^[\w-]{21,}$/)
      const scopes = String(asked.scope).split(' ')
      expect(scopes).toEqual(expect.arrayContaining(['openid', 'fhirUser', 'launch']))
      const given = foreign.redemptions[i] ?? {}
      expect(given).toEqual({
        ...{ grant_type: 'authorization_code', code: `code-${i + 1}`, redirect_uri: app.address },
        ...{ client_id: 'fylgje-there', code_verifier: expect.stringMatching(/^[\w-]{43,128}$/) },
      })
      expect(challengeOf(String(given.code_verifier))).toBe(asked.code_challenge)
    }
    const [first, second] = foreign.authorizations
    expect([first?.state === second?.state, first?.code_challenge === second?.code_challenge]).toEqual([false, false])
    expect(await sessionIn(page)).toMatchObject({ iss: foreign.iss, patient: 'p-there', encounter: 'e-there' })
    expect(page.url()).not.toMatch(/code=|state=|launch=/)
  })

  test.each<[string, ForeignSmartEhr['wrong'], string]>([
    ['another state', { state: () => 'a-state-that-nobody-here-has-made' }, 'tok for lang tid eller er brukt opp'],
    ['no state', { state: () => undefined }, 'Logg inn'],
    ['an error', { error: 'access_denied' }, 'Innloggingen ble avbrutt'],
  ])('62: an answer with %s gives no token, and its code is not redeemed', async (_what, wrong, told) => {
    foreign.wrong = wrong
    const { page } = await app.newVisit()
    await arrive(page)
    await page.getByText(told).first().waitFor()
    expect(foreign.authorizations).toHaveLength(1)
    expect([foreign.redemptions, await sessionIn(page)]).toEqual([[], null])
  })

  test('62: an answer that comes a second time is worth nothing', async () => {
    const { page } = await app.newVisit()
    await arrive(page)
    await page.waitForURL('**/apps/clinician/patient/p-there')
    const { state = '' } = foreign.authorizations[0] ?? {}
    await page.goto(`${app.address}?${new URLSearchParams({ code: 'code-1', state })}`)
    await page.getByText('tok for lang tid eller er brukt opp').waitFor()
    expect(foreign.redemptions).toHaveLength(1)
  })

  test('62: where S256 is not to be had nobody is sent to sign in', async () => {
    foreign.wrong = { challengeMethods: ['plain'] }
    const { page } = await app.newVisit()
    await arrive(page)
    await page.getByText('støtter ikke sikker innlogging (PKCE)').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(foreign.authorizations).toEqual([])
  })
})

async function revoke(token: string | undefined): Promise<void> {
  const response = await fetch(`${app.server.baseUrl}/auth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token: token ?? '', client_id: APPS_CLIENT_ID }),
  })
  expect(response.status).toBe(200)
}

async function send<R>(method: string, path: string, body?: object): Promise<R> {
  const response = await fetch(`${app.server.fhir}/${path}`, {
    method,
    headers: { authorization: `Bearer ${await app.server.token()}`, 'content-type': 'application/fhir+json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as R
}
