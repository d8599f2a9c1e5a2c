import { expect } from '@jest/globals'
import type { Browser, BrowserContextOptions, Frame, Page, Route, WebSocketRoute } from 'playwright-core'
import { openChromium } from './chromium.ts'
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
  /** Signed in with the demo's one click, at a screen such as `worklist?zone=red`. @param before what is done with the empty page */
  visit(to?: string, options?: BrowserContextOptions, before?: (page: Page) => Promise<void>): Promise<Visit>
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
  return {
    ...{ server, browser, address, newVisit },
    async visit(to = 'worklist', given = {}, before = async () => {}) {
      const visit = await newVisit(given)
      await before(visit.page)
      // Whoever comes to a screen signs in first, and is led to it: it is loaded once.
      await visit.page.goto(address + to)
      await visit.page.getByRole('button', { name: /demo/i }).click()
      await visit.page.locator('header.bar').waitFor()
      return visit
    },
    async dispose() {
      await browser.close()
      await server.dispose()
    },
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
