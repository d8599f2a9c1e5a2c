import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { openChromium } from './harness/chromium.ts'
import { faultsOf } from './harness/page-faults.ts'
import { challengeOf, registerClient } from './harness/smart-app.ts'

let database: TestDatabase
let app: AuthorizationApp
let browser: Browser
let clientId: string
/** The app, of which no more is looked at than that the browser comes to it. */
let appServer: Server
let redirectUri: string
/** What the patient's log holds here; the words are those of server/audit-trail. */
const LOG = {
  entries: [
    {
      ...{ when: '2026-11-22 kl. 14:03–14:20', who: 'Kari Nordlys', role: 'sykepleier', purpose: 'Helsehjelp' },
      organization: 'Responssenter Fjordvik og Granli',
      because: ['Er i teamet ditt.'],
      data: ['Målinger og prøvesvar', 'Navn, fødselsdato og kontaktopplysninger'],
    },
  ],
  next: '2026-11-22T13:03:00.000Z',
}
const appPage = (url: URL) => url.href.startsWith(redirectUri)
beforeAll(async () => {
  appServer = createServer((_req, res) => void res.end('the app')).listen(0, '127.0.0.1')
  await new Promise((resolve) => appServer.once('listening', resolve))
  redirectUri = `http://127.0.0.1:${(appServer.address() as AddressInfo).port}/callback`
  database = await startTestDatabase()
  app = await startAuthorizationApp(database.pool, { demo: true, readLog: async () => LOG })
  browser = await openChromium()
  ;({ client_id: clientId } = await registerClient(app.baseUrl, {
    ...{ client_name: 'Pustevakten', token_endpoint_auth_method: 'none', scope: 'patient/*.cruds user/*.rs' },
    ...{ grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [redirectUri] },
  }))
})
afterAll(async () => {
  appServer?.close()
  await browser?.close()
  await app?.stop()
  await database?.stop()
})
/** What the browser complained of: a policy that our own page breaks would be among it. */
const complaints: string[] = []
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  expect(complaints.splice(0)).toEqual([])
})

const SCOPE =
  'openid fhirUser offline_access launch/patient patient/Observation.crs patient/Condition.rs patient/CarePlan.rs'

type Look = { width?: number; colorScheme?: 'light' | 'dark'; locale?: string; scope?: string; bypassCSP?: boolean }
async function openLogin({
  width = 390,
  colorScheme = 'light',
  locale = 'nb-NO',
  scope = SCOPE,
  bypassCSP = false,
}: Look = {}): Promise<Page> {
  const context = await browser.newContext({ locale, colorScheme, bypassCSP, viewport: { width, height: 844 } })
  const page = await context.newPage()
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => complaints.push(error.message))
  const url = new URL(`${app.baseUrl}/auth/authorize`)
  const params = {
    ...{
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state: 's'.repeat(22),
    },
    ...{ aud: `${app.baseUrl}/fhir`, code_challenge: challengeOf('v'.repeat(43)), code_challenge_method: 'S256' },
  }
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  await page.goto(url.href)
  return page
}

const LOOKS: Look[] = [{ locale: 'nb-NO' }, { locale: 'nn-NO', colorScheme: 'dark' }, { locale: 'en-GB', width: 1280 }]
const TITLES: Record<string, string[]> = {
  'nb-NO': ['Logg inn', 'Vil du gi Pustevakten tilgang?', 'Mine apper', 'Velg pasient', 'Hvem har sett journalen min'],
  'nn-NO': ['Logg inn', 'Vil du gi Pustevakten tilgang?', 'Mine appar', 'Vel pasient', 'Kven har sett journalen min'],
  'en-GB': ['Sign in', 'Give Pustevakten access?', 'My apps', 'Choose a patient', 'Who has seen my record'],
}

test.each(LOOKS)('login, consent, apps and picker are without faults: %j', async (look) => {
  const [login, consent, apps, picker, log] = TITLES[look.locale ?? ''] ?? []
  const page = await openLogin({ ...look, bypassCSP: true })
  const check = async (title: string | undefined, name: string) => {
    expect(await page.locator('h1').textContent()).toBe(title)
    for (const details of await page.locator('details').all())
      await details.evaluate((element) => element.setAttribute('open', ''))
    expect([name, await faultsOf(page)]).toEqual([name, []])
    const folder = process.env.SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}-${look.locale}.png`, fullPage: true })
  }
  await check(login, 'login')
  await page.locator('button[value=demo-line]').click()
  await check(consent, 'consent')
  await page.locator('button.primary').click()
  await page.waitForURL(appPage)
  await page.goto(`${app.baseUrl}/account/apps`)
  expect(await page.locator(`a[href="${app.baseUrl}/apps/patient/data"]`).count()).toBe(1)
  await check(apps, 'apps')
  await page.locator('a[href^="log"]').click()
  await check(log, 'log')
  expect(await page.locator('dd').last().textContent()).toBe(
    'Målinger og prøvesvar, navn, fødselsdato og kontaktopplysninger',
  )
  const nurse = await openLogin({ ...look, bypassCSP: true, scope: 'launch/patient patient/Patient.rs' })
  await nurse.locator('button[value=demo-nurse]').click()
  expect(await nurse.locator('h1').textContent()).toBe(picker)
  expect(await faultsOf(nurse)).toEqual([])
  // Nobody looks into a record of hers.
  await nurse.goto(`${app.baseUrl}/account/apps`)
  expect(await nurse.locator(`a[href="${app.baseUrl}/apps/clinician/"]`).count()).toBe(1)
  expect(await nurse.locator('h1').textContent()).toBe(apps)
  expect(await nurse.locator('a[href^="log"]').count()).toBe(0)
})

test('the consent page is used by the keyboard alone, and what is unticked there is not granted', async () => {
  const page = await openLogin()
  await page.locator('button[value=demo-line]').focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('input[name=type]')
  const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value)
  for (let i = 0; i < 20 && (await focused()) !== 'Condition'; i++) await page.keyboard.press('Tab')
  expect(await focused()).toBe('Condition')
  await page.keyboard.press('Space')
  for (let i = 0; i < 30; i++) {
    if (await page.evaluate(() => document.activeElement?.className === 'primary')) break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(appPage)
  const { rows } = await database.pool.query('SELECT scope FROM grant_context ORDER BY granted_at DESC LIMIT 1')
  expect(rows[0].scope).toBe(
    'openid fhirUser offline_access launch/patient patient/Observation.crs patient/CarePlan.rs',
  )
})

test('somebody else can sign in from the consent page, and the app of before is gone with the session', async () => {
  const page = await openLogin({ scope: 'openid fhirUser launch/patient patient/Patient.rs' })
  await page.locator('button[value=demo-line]').click()
  await page.locator('form[action$="/switch"] button').click()
  await page.locator('button[value=demo-nurse]').click()
  expect(await page.locator('h1').textContent()).toBe('Velg pasient')
  await page.locator('input[name=text]').fill('Anna')
  await page.keyboard.press('Enter')
  await page.locator('button[value=patient-a]').click()
  await page.locator('button.primary').click()
  await page.waitForURL(appPage)
  const { rows } = await database.pool.query(
    'SELECT account_id, context FROM grant_context ORDER BY granted_at DESC LIMIT 1',
  )
  expect(rows).toEqual([{ account_id: 'demo-nurse', context: { patient: 'patient-a' } }])
})
