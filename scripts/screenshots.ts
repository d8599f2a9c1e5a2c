// Takes the pictures of docs/screenshots from a server that it starts with fresh demo data. `node scripts/screenshots.ts`; those of one app
// alone: `node scripts/screenshots.ts patient`.
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { openChromium } from '../server/journeys/harness/chromium.ts'
import { startServer } from '../server/journeys/harness/start-server.ts'

const FOLDER = join(import.meta.dirname, '../docs/screenshots')

type Picture = {
  name: string
  options: BrowserContextOptions
  /** Of the page; left out, the start page. */
  path?: string
  before?: (page: Page) => Promise<unknown>
}

const DESK = { width: 1280, height: 800 }
/** An EHR's pane on a usual screen, and a wide one. */
const PANE = { width: 1280, height: 720 }
const WIDE = { width: 1920, height: 1080 }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

const CLINICIAN = 'apps/clinician/launch?demo=nurse'
const PATIENT = 'apps/patient/?demo=patient'
const SPO2 = 'docs/ig/StructureDefinition-home-spo2.html'

const PICTURES: Picture[] = [
  { name: 'start-page', options: { viewport: DESK } },
  { name: 'start-page-new-task', options: { viewport: DESK }, before: sendAndOpen },
  { name: 'start-page-dark', options: { viewport: DESK, colorScheme: 'dark' }, before: openFirst },
  { name: 'start-page-phone', options: PHONE, before: openFirst },
  { name: 'clinician-worklist', options: { viewport: PANE }, path: CLINICIAN, before: waitForTasks },
  { name: 'clinician-worklist-wide', options: { viewport: WIDE }, path: CLINICIAN, before: waitForTasks },
  {
    name: 'clinician-worklist-dark',
    options: { viewport: PANE, colorScheme: 'dark' },
    path: CLINICIAN,
    before: waitForTasks,
  },
  { name: 'clinician-worklist-phone', options: PHONE, path: CLINICIAN, before: waitForTasks },
  { name: 'clinician-task', options: { viewport: PANE }, path: CLINICIAN, before: openFirstTask },
  { name: 'clinician-task-phone', options: PHONE, path: CLINICIAN, before: openFirstTask },
  { name: 'clinician-patient', options: { viewport: PANE }, path: CLINICIAN, before: openFirstPatient },
  {
    name: 'clinician-patient-dark',
    options: { viewport: WIDE, colorScheme: 'dark' },
    path: CLINICIAN,
    before: openFirstPatient,
  },
  { name: 'clinician-patient-phone', options: PHONE, path: CLINICIAN, before: openFirstPatient },
  { name: 'clinician-plan', options: { viewport: PANE }, path: CLINICIAN, before: openPlan },
  { name: 'clinician-plan-limits', options: { viewport: PANE }, path: CLINICIAN, before: tryLimits },
  { name: 'clinician-plan-phone', options: PHONE, path: CLINICIAN, before: openPlan },
  { name: 'clinician-enrol', options: { viewport: WIDE }, path: CLINICIAN, before: proposeEnrolment },
  {
    name: 'clinician-enrol-dark',
    options: { viewport: PANE, colorScheme: 'dark' },
    path: CLINICIAN,
    before: proposeEnrolment,
  },
  { name: 'clinician-team-lead', options: { viewport: WIDE }, path: CLINICIAN, before: openTeamLead },
  {
    name: 'clinician-team-lead-dark',
    options: { viewport: PANE, colorScheme: 'dark' },
    path: CLINICIAN,
    before: openTeamLead,
  },
  { name: 'clinician-team-lead-phone', options: PHONE, path: CLINICIAN, before: openTeamLead },
  { name: 'patient-today', options: PHONE, path: PATIENT, before: openToday },
  { name: 'patient-plan-dark', options: { ...PHONE, colorScheme: 'dark' }, path: PATIENT, before: openOwnPlan },
  { name: 'patient-red-offline', options: PHONE, path: PATIENT, before: measureRedOffline },
  { name: 'guide', options: { viewport: DESK }, path: 'docs/ig/' },
  { name: 'guide-profile-dark', options: { viewport: DESK, colorScheme: 'dark' }, path: SPO2 },
  { name: 'guide-profile-phone', options: PHONE, path: SPO2 },
]

async function openFirst(page: Page): Promise<void> {
  await page.locator('.row summary').first().click()
  await page.locator('svg.sparkline').waitFor()
}

async function waitForTasks(page: Page): Promise<void> {
  await page.locator('.task-row[data-zone="green"]').first().waitFor()
  await page.locator('.sparkline').first().waitFor()
  await page.evaluate(() => document.fonts.ready)
}

/** The most urgent one, beside the list, with what it rests on. */
async function openFirstTask(page: Page): Promise<void> {
  await waitForTasks(page)
  await page.locator('.task-row .reason').first().click()
  await page.locator('.task-panel .trend svg').first().waitFor()
}

async function openFirstPatient(page: Page): Promise<void> {
  await waitForTasks(page)
  await page.locator('.task-link').first().click()
  await page.locator('.chart .mark').first().waitFor()
  await page.locator('.zone-advice').first().waitFor()
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.locator('header.bar').waitFor()
  await page.goto(`${server.baseUrl}/apps/clinician/${place}`)
}

async function openToday(page: Page): Promise<void> {
  await page.locator('.zone-card').waitFor()
  await page.evaluate(() => document.fonts.ready)
}

async function openOwnPlan(page: Page): Promise<void> {
  await openToday(page)
  await page.locator('nav.places').getByRole('link', { name: 'Min plan' }).click()
  await page.locator('.zone-card[data-zone="red"]').waitFor()
}

async function measureRedOffline(page: Page): Promise<void> {
  await openToday(page)
  await page.locator('nav.places').getByRole('link', { name: 'Mål' }).click()
  await page.locator('.choice').first().click()
  // What the screen needs is there, without a worker too.
  await page.waitForLoadState('networkidle')
  await page.context().setOffline(true)
  await page.getByLabel(/^Oksygen/).fill('84')
  await page.getByRole('button', { name: 'Lagre målingen' }).click()
  await page.locator('.zone-card[data-zone="red"]').waitFor()
}

async function openPlan(page: Page): Promise<void> {
  await goTo(page, 'patient/demo-line?tab=limits')
  await page.locator('.limits-table').waitFor()
  await page.evaluate(() => document.fonts.ready)
}

async function tryLimits(page: Page): Promise<void> {
  await openPlan(page)
  await page.getByRole('button', { name: 'Endre grensene for SpO₂' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: /^Rød under/ }).fill('91')
  await dialog.getByRole('textbox', { name: /^Gul under/ }).fill('93')
  await dialog.getByText(/^Ville gitt \d+ gule/).waitFor()
}

async function proposeEnrolment(page: Page): Promise<void> {
  await goTo(page, 'patient/demo-line/enrol')
  await page.getByRole('combobox', { name: 'Forløp' }).selectOption({ label: 'Hjertesvikt: digital hjemmeoppfølging' })
  await page.locator('.proposed-limits').first().waitFor()
}

async function openTeamLead(page: Page): Promise<void> {
  await goTo(page, 'team-lead')
  for (const name of [/^Belastning/, /^Svartid/, /^Måler de/, /^Varsler/, /^Bemanning/])
    await page.getByRole('region', { name }).waitFor()
}

async function sendAndOpen(page: Page): Promise<void> {
  await page.locator('#send').click()
  const row = page.locator('.row.fresh', { hasText: 'Line Danser' })
  await row.locator('summary').click()
  await row.locator('svg.sparkline').waitFor()
}

async function openStartPage(page: Page): Promise<void> {
  await page.goto(`${server.baseUrl}/`)
  // The engine raises what the demo begins with in the first seconds; what is proposed for a patient comes last.
  const proposed = page.locator('.row[data-colour="green"] summary').first()
  await proposed.waitFor()
  // What came while the page was open is lit up.
  await page.reload()
  await proposed.waitFor()
}

/** How the names begin of those that are wanted. */
const [, , wanted = ''] = process.argv
const server = await startServer({ dataDir: await mkdtemp(join(tmpdir(), 'fylgje-screenshots-')) })
const browser = await openChromium()
try {
  await mkdir(FOLDER, { recursive: true })
  for (const { name, options, path, before } of PICTURES.filter((picture) => picture.name.startsWith(wanted))) {
    const context = await browser.newContext({
      locale: 'nb-NO',
      timezoneId: 'Europe/Oslo',
      reducedMotion: 'reduce',
      ...options,
    })
    const page = await context.newPage()
    if (path) await page.goto(`${server.baseUrl}/${path}`)
    else await openStartPage(page)
    await before?.(page)
    // The pointer would leave its hover in the picture.
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(FOLDER, `${name}.png`) })
    await context.close()
    console.log(`docs/screenshots/${name}.png`)
  }
} finally {
  await browser.close()
  await server.dispose()
}
