import type { Bundle, Resource } from '@medplum/fhirtypes'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { listen, runningAt, type ServerAsked, type Visit } from './clinician-app.ts'
import { startIdentityProvider, type TestIdentityProvider } from './identity-provider.ts'
import { forgetWhoCame, restWindow } from './kept-window.ts'
import { privateJwk } from './signed-in-elsewhere.ts'
import { newClientKey } from './smart-app.ts'
import { freePort, startServer } from './start-server.ts'

/**
 * The app of patients, served by a demo server, in a browser. One for all tests of a file; each makes its own pages. For whoever works on a
 * screen, one that runs already: `PATIENT_APP_AT=http://localhost:8080 npx jest patient-app`.
 */
export type PatientApp = {
  server: ServerAsked
  browser: Browser
  /** Where patients and next of kin prove who they are; its `person` is who is there. */
  idporten: TestIdentityProvider
  /** `http://localhost:…/apps/patient/` */
  address: string
  /** An empty page in a context of its own: nothing of another test is kept in it, not even the app. */
  newVisit(options?: BrowserContextOptions): Promise<Visit>
  /**
   * A phone that has the app and nothing else of an earlier test; nobody has signed in, and no page of the app is open. Whoever has no app
   * yet, or puts a script into pages before they open, makes a `newVisit`.
   */
  comeAnew(): Promise<Visit>
  /** The same, signed in as Line Danser with one click, at a place such as `measure/oximeter`. */
  visit(to?: string): Promise<Visit>
  /** What the server has, as a system sees it. */
  search<R extends Resource>(query: string): Promise<R[]>
  /** What stays open goes on asking: after each test. The phone of `visit` is kept for the next, at a page that asks nothing. */
  rest(): Promise<void>
  dispose(): Promise<void>
}

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const
const STANDARD: BrowserContextOptions = {
  ...PHONE,
  locale: 'nb-NO',
  timezoneId: 'Europe/Oslo',
  reducedMotion: 'reduce',
}

export async function openPatientApp(): Promise<PatientApp> {
  const port = await freePort()
  const key = await newClientKey('RS256')
  const clientId = 'fylgje-idporten'
  const idporten = await startIdentityProvider({
    ...{ dialect: 'idporten', clientId, clientJwk: key.publicJwk },
    redirectUri: `http://localhost:${port}/interaction/federated`,
  })
  const env = {
    ...{ PORT: String(port), IDPORTEN_ISSUER: idporten.issuer, IDPORTEN_CLIENT_ID: clientId },
    IDPORTEN_KEY: JSON.stringify(await privateJwk(key)),
  }
  const running = process.env.PATIENT_APP_AT
  const server = await (running ? Promise.resolve(runningAt(running)) : startServer({ env })).catch(
    async (error: unknown) => {
      await idporten.stop()
      throw error
    },
  )
  // On Linux a browser has Web Bluetooth only when it is told to.
  const browser = await openChromium(['--enable-features=WebBluetooth']).catch(async (error: unknown) => {
    await server.dispose()
    await idporten.stop()
    throw error
  })
  const token = await server.token()
  const address = `${server.baseUrl}/apps/patient/`
  const newVisit = async (options: BrowserContextOptions = {}): Promise<Visit> => {
    const context = await browser.newContext({ ...STANDARD, ...options })
    const page = await context.newPage()
    return { page, complaints: listen(page, server.baseUrl) }
  }
  /** A new one fetches the whole app, twice: for the page, and for its worker, to be there without a net. */
  let phone: Page | undefined
  const comeAnew = async (): Promise<Visit> => {
    if (phone && phone.url() === restingAt(address)) return { page: phone, complaints: listen(phone, server.baseUrl) }
    const visit = await newVisit()
    phone ??= visit.page
    return visit
  }
  return {
    ...{ server, browser, idporten, address, newVisit, comeAnew },
    async visit(to = '') {
      const visit = await comeAnew()
      await visit.page.goto(`${address}${to}${to.includes('?') ? '&' : '?'}demo=patient`)
      await visit.page.locator('nav.places').waitFor()
      await recordRead(visit.page)
      return visit
    },
    async search<R extends Resource>(query: string) {
      const response = await fetch(`${server.fhir}/${query}`, { headers: { authorization: `Bearer ${token}` } })
      const { entry = [] } = (await response.json()) as Bundle<R>
      return entry.flatMap(({ resource }) => resource ?? [])
    },
    async rest() {
      for (const context of browser.contexts()) if (context !== phone?.context()) await context.close()
      if (!phone || phone.url() === restingAt(address)) return
      if (await restWindow(phone, restingAt(address), PHONE.viewport)) return forgetWhoCame(phone)
      await phone.context().close()
      phone = undefined
    },
    async dispose() {
      await browser.close()
      await server.dispose()
      await idporten.stop()
    },
  }
}

/** Where the kept phone rests. */
const restingAt = (address: string): string => `${address}mark.svg`

/** The bar tells from when the record is. */
export const recordRead = (page: Page): Promise<void> => page.locator('.sending-state small').waitFor()

/** The worker that opens the app without a net has all of its files. */
export const isKept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
    // It takes over this page once it is active.
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      )
  })

/** What the server answers there comes changed to the page. A page that is closed meanwhile waits for nothing any more. */
export const answerChanged = (page: Page, address: string, change: (text: string) => string): Promise<unknown> =>
  page.context().route(address, async (route) => {
    try {
      const response = await route.fetch()
      await route.fulfill({ response, body: change(await response.text()) })
    } catch {
      await route.abort().catch(() => {})
    }
  })
