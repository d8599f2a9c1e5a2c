import { expect } from '@jest/globals'
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Frame,
  Page,
  Route,
  WebSocketRoute,
} from 'playwright-core'
import { openChromium } from './chromium.ts'
import { forgetWhoCame, restWindow } from './kept-window.ts'
import { type RunningServer, requestToken, type ServerOptions, startServer } from './start-server.ts'
import { violationsOf } from './violations.ts'

export type Visit = {
  page: Page
  /** What the browser complained of, and what was asked of another host. */
  complaints: string[]
}

/** The clinician app, served by a demo server, in a browser. One for all tests of a file; each makes its own pages. */
export type ClinicianApp = {
  server: ServerAsked
  browser: Browser
  /** `http://localhost:…/apps/clinician/` */
  address: string
  /** An empty page in a context of its own: nothing of another test's session is in it. */
  newVisit(options?: BrowserContextOptions): Promise<Visit>
  /** A page that is none of the app's in a browser that has the app's files and knows nobody: whoever signs in, or is launched. */
  comeAnew(): Promise<Visit>
  /**
   * Signed in, at a screen such as `worklist?zone=red`: with the demo's one click, or as whoever has been here before in such a window comes
   * again: of that visit nothing but the session is left. One test at a time; whoever changes the session itself makes a `newVisit`.
   * @param before what is done with the empty page, which is then one of its own and not kept
   */
  visit(to?: string, options?: BrowserContextOptions, before?: (page: Page) => Promise<void>): Promise<Visit>
  /** What stays open goes on asking: after each test. The windows of `visit` are kept for the next, at a page that asks nothing. */
  rest(): Promise<void>
  dispose(): Promise<void>
}

/** What the tests ask of a server. */
export type ServerAsked = Pick<RunningServer, 'baseUrl' | 'fhir' | 'token' | 'dispose'>

/** A demo that runs already, for whoever works on a screen: `CLINICIAN_APP_AT=http://localhost:8080 npx jest clinician-app`. */
export const runningAt = (baseUrl: string): ServerAsked => ({
  ...{ baseUrl, fhir: `${baseUrl}/fhir`, dispose: async () => {} },
  token: (scope = 'system/*.cruds') => requestToken(baseUrl, scope),
})

/** What an EHR's window is on a usual screen; a wide one; a phone. */
export const SIZES = {
  pane: { viewport: { width: 1280, height: 720 } },
  wide: { viewport: { width: 1920, height: 1080 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
} as const satisfies Record<string, BrowserContextOptions>

const STANDARD: BrowserContextOptions = {
  ...SIZES.pane,
  locale: 'nb-NO',
  timezoneId: 'Europe/Oslo',
  reducedMotion: 'reduce',
}

/** The kind of the window in which nobody stays signed in. */
const NOBODYS = 'nobody'

export async function openClinicianApp(options: ServerOptions = {}): Promise<ClinicianApp> {
  const server = process.env.CLINICIAN_APP_AT ? runningAt(process.env.CLINICIAN_APP_AT) : await startServer(options)
  const browser = await openChromium().catch(async (error: unknown) => {
    await server.dispose()
    throw error
  })
  const address = `${server.baseUrl}/apps/clinician/`
  const newVisit = async (given: BrowserContextOptions = {}): Promise<Visit> => {
    const context = await browser.newContext({ ...STANDARD, ...given })
    const page = await context.newPage()
    return { page, complaints: listen(page, server.baseUrl) }
  }
  /** By what kind of window it is. A new one fetches and compiles the whole app, which takes the browser longer than most tests. */
  const windows = new Map<string, Page>()
  /** By the test that runs: who comes in two windows has two. */
  const taken = new Set<Page>()
  const isKept = (context: BrowserContext) => [...windows.values()].some((page) => page.context() === context)
  return {
    ...{ server, browser, address, newVisit },
    async comeAnew() {
      const found = windows.get(NOBODYS)
      const known = !found || taken.has(found) || found.isClosed() ? undefined : found
      const visit = known ? { page: known, complaints: listen(known, server.baseUrl) } : await newVisit()
      taken.add(visit.page)
      if (!found || found.isClosed()) windows.set(NOBODYS, visit.page)
      return visit
    },
    async visit(to = 'worklist', given = {}, before) {
      // Light or dark is what one and the same window is shown in.
      const { colorScheme = 'light', ...window } = given
      const kind = JSON.stringify(window)
      const found = windows.get(kind)
      const known = before || !found || taken.has(found) || found.isClosed() ? undefined : found
      const visit = known ? { page: known, complaints: listen(known, server.baseUrl) } : await newVisit(given)
      const { page } = visit
      taken.add(page)
      if (known) await known.emulateMedia({ colorScheme })
      if (before) await before(page)
      else if (!found || found.isClosed()) windows.set(kind, page)
      // Whoever comes to a screen signs in first, and is led to it: it is loaded once.
      await page.goto(address + to)
      const bar = page.locator('header.bar')
      const signIn = page.getByRole('button', { name: /demo/i })
      await bar.or(signIn).first().waitFor()
      if (!(await bar.isVisible())) await signIn.click()
      await bar.waitFor()
      return visit
    },
    async rest() {
      const wasTaken = new Set(taken)
      taken.clear()
      for (const context of browser.contexts()) if (!isKept(context)) await context.close()
      // A window that nobody has come in rests still.
      for (const [kind, page] of windows) if (wasTaken.has(page) && !(await isMadeNew(page, kind))) windows.delete(kind)
    },
    async dispose() {
      await browser.close()
      await server.dispose()
    },
  }

  /** As it was before the last visit, but for the session. @returns false for one that cannot be used again, which is then closed */
  async function isMadeNew(page: Page, kind: string): Promise<boolean> {
    const { viewport } = { ...STANDARD, ...(kind === NOBODYS ? {} : (JSON.parse(kind) as BrowserContextOptions)) }
    if (!(await restWindow(page, `${address}mark.svg`, viewport ?? SIZES.pane.viewport))) {
      await page.context().close()
      return false
    }
    if (kind === NOBODYS) await forgetWhoCame(page)
    else
      await page.evaluate(() => {
        const session = sessionStorage.getItem('fylgje.session')
        localStorage.clear()
        sessionStorage.clear()
        if (session) sessionStorage.setItem('fylgje.session', session)
      })
    return true
  }
}

/** Stands between a page, before it is opened, and the socket by which it is told of what changes. */
export function socketInBetween() {
  let isCut = false
  const open = new Set<WebSocketRoute>()
  return {
    stand: (page: Page) =>
      page.routeWebSocket('**/subscriptions/socket', (socket) => {
        if (isCut) return void socket.close()
        socket.connectToServer()
        open.add(socket)
      }),
    async cut() {
      isCut = true
      for (const socket of open) await socket.close()
      open.clear()
    },
    mend() {
      isCut = false
    },
  }
}

export function listen(page: Page, baseUrl: string): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${baseUrl}/`) && !/^(?:data|about|blob):/.test(url)) complaints.push(`asked ${url}`)
  })
  return complaints
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']

/** What axe finds wrong on the page as it stands, and whether it must be scrolled sideways. The page's own policy stays in force. */
export async function faultsOfApp(page: Page | Frame): Promise<string[]> {
  const violations = await violationsOf(page, RULES)
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  return [...violations, ...(excess > 0 ? [`wider than the screen by ${excess} px`] : [])]
}

/** Of the page as it stands, in the dark, on a phone and on the narrowest one. It is left narrow and dark. */
export async function expectNoFaultsInAnySize(page: Page): Promise<void> {
  expect(await faultsOfApp(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await faultsOfApp(page)).toEqual([])
  await page.setViewportSize(SIZES.phone.viewport)
  expect(await faultsOfApp(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 800 })
  expect(await faultsOfApp(page)).toEqual([])
}

/** As the server answers whoever may not. */
export const answerForbidden = (route: Route): Promise<void> =>
  route.fulfill({
    ...{ status: 403, contentType: 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'forbidden', diagnostics: 'No.' }],
    }),
  })
