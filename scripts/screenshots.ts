// Takes the pictures of docs/screenshots from a server that it starts with fresh demo data. `node scripts/screenshots.ts`; those of one app
// alone: `node scripts/screenshots.ts patient`; some of them: `node scripts/screenshots.ts clinician-sent patient-learn`.
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
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
/** A4, as a browser measures paper. */
const PAPER = { width: 794, height: 1123 }
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
  { name: 'clinician-inbox', options: { viewport: PANE }, path: CLINICIAN, before: openInbox },
  { name: 'clinician-inbox-phone', options: { ...PHONE, colorScheme: 'dark' }, path: CLINICIAN, before: openInbox },
  { name: 'clinician-messages', options: { viewport: PANE }, path: CLINICIAN, before: openThread },
  { name: 'clinician-message-task', options: { viewport: PANE }, path: CLINICIAN, before: makeTaskOfMessage },
  { name: 'clinician-access', options: { viewport: PANE }, path: CLINICIAN, before: openAccess },
  {
    name: 'clinician-access-give',
    options: { viewport: PANE, colorScheme: 'dark' },
    path: CLINICIAN,
    before: giveAccess,
  },
  { name: 'clinician-answers', options: { viewport: PANE }, path: CLINICIAN, before: openAnswers },
  { name: 'clinician-history', options: { viewport: PANE }, path: CLINICIAN, before: openHistory },
  { name: 'clinician-journal', options: { viewport: PANE }, path: CLINICIAN, before: askJournal },
  { name: 'clinician-kjernejournal', options: { viewport: PANE }, path: CLINICIAN, before: askKjernejournal },
  { name: 'clinician-invitation', options: { viewport: PANE }, path: CLINICIAN, before: makeInvitation },
  { name: 'clinician-invitation-paper', options: { viewport: PAPER }, path: CLINICIAN, before: printInvitation },
  { name: 'clinician-sent', options: { viewport: PANE }, path: CLINICIAN, before: listSent },
  { name: 'clinician-shortcuts', options: { viewport: PANE }, path: CLINICIAN, before: listShortcuts },
  { name: 'clinician-worklist-empty', options: { viewport: PANE }, path: CLINICIAN, before: openNothing },
  { name: 'clinician-worklist-stale', options: { viewport: PANE }, path: CLINICIAN, before: loseContact },
  { name: 'clinician-break-glass', options: { viewport: PANE }, path: CLINICIAN, before: openOutside },
  { name: 'patient-today', options: PHONE, path: PATIENT, before: openToday },
  { name: 'patient-plan-dark', options: { ...PHONE, colorScheme: 'dark' }, path: PATIENT, before: openOwnPlan },
  { name: 'patient-history', options: PHONE, path: PATIENT, before: openOwnHistory },
  { name: 'patient-rights', options: PHONE, path: PATIENT, before: openRights },
  { name: 'patient-sharing', options: PHONE, path: PATIENT, before: openSharing },
  { name: 'patient-kin', options: PHONE, path: 'apps/patient/?demo=kin', before: openToday },
  { name: 'patient-red-offline', options: PHONE, path: PATIENT, before: measureRedOffline },
  { name: 'patient-photo', options: PHONE, path: PATIENT, before: addPhoto },
  { name: 'patient-learn', options: PHONE, path: PATIENT, before: openLessons },
  { name: 'patient-appointment-wish', options: PHONE, path: PATIENT, before: wishAppointment },
  { name: 'patient-feedback', options: { ...PHONE, colorScheme: 'dark' }, path: PATIENT, before: giveFeedback },
  { name: 'patient-reminders', options: PHONE, path: PATIENT, before: setReminders },
  { name: 'patient-today-nynorsk-large', options: PHONE, path: PATIENT, before: readLarge },
  { name: 'patient-welcome', options: PHONE, path: 'apps/patient/mark.svg', before: comeInvited },
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
  await page.waitForLoadState('networkidle')
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

async function goToOwn(page: Page, place: string): Promise<void> {
  await openToday(page)
  await page.goto(`${server.baseUrl}/apps/patient/${place}`)
}

async function openOwnHistory(page: Page): Promise<void> {
  await goToOwn(page, 'history')
  await page.locator('main svg').first().waitFor()
}

async function openRights(page: Page): Promise<void> {
  await goToOwn(page, 'data')
  await page
    .getByText(/Responssenteret/)
    .first()
    .waitFor()
}

async function openSharing(page: Page): Promise<void> {
  await goToOwn(page, 'sharing')
  await page.getByText('Maja Danser').first().waitFor()
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

async function openInbox(page: Page): Promise<void> {
  await writeAsPatient('demo-fjellrev', 'Jeg har fått ny inhalator. Skal jeg fortsatt ta den gamle om morgenen?')
  await writeAsPatient('demo-line', 'Måleren viser bare streker i dag. Kan jeg få en ny?')
  await goTo(page, 'messages')
  await page.locator('.inbox-list li').nth(1).waitFor()
  await page.getByText('Oppdateres fortløpende').waitFor()
}

const written = new Set<string>()
async function writeAsPatient(patient: string, words: string): Promise<void> {
  if (written.has(patient)) return
  written.add(patient)
  const response = await fetch(`${server.fhir}/Communication`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${patient}` } },
      ...{ sender: { reference: `Patient/${patient}` }, sent: new Date(Date.now() - 5_400_000).toISOString() },
      recipient: [{ reference: 'CareTeam/demo-responssenter' }],
      payload: [{ contentString: words }],
    }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
}

async function openThread(page: Page): Promise<void> {
  await writeAsPatient('demo-line', 'Måleren viser bare streker i dag. Kan jeg få en ny?')
  await goTo(page, 'patient/demo-line?tab=messages')
  await page.locator('.thread li').first().waitFor()
}

async function makeTaskOfMessage(page: Page): Promise<void> {
  await openThread(page)
  await page.getByRole('button', { name: 'Lag oppgave av meldingen …' }).last().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('Send Line et nytt pulsoksymeter.')
  await dialog.getByLabel('Hvem skal gjøre det?').waitFor()
}

async function openAccess(page: Page): Promise<void> {
  await goTo(page, 'patient/demo-line?tab=access')
  await page.getByRole('button', { name: 'Gi innsyn til noen andre …' }).waitFor()
}

async function giveAccess(page: Page): Promise<void> {
  await openAccess(page)
  await page.getByRole('button', { name: 'Gi innsyn til noen andre …' }).click()
  await page.getByRole('dialog').getByLabel('Navn').fill('Marit Danser')
}

async function openAnswers(page: Page): Promise<void> {
  await goTo(page, 'patient/demo-fjellrev?tab=answers')
  await page.locator('.answer-list').first().waitFor()
  await page.waitForLoadState('networkidle')
}

async function openHistory(page: Page): Promise<void> {
  await goTo(page, 'patient/demo-fjellrev?tab=history')
  await page.locator('.patient-panel .card').nth(2).waitFor()
  await page.waitForLoadState('networkidle')
}

/** What another system would answer: the demo is connected to none. */
const answerAs = (page: Page, operation: string, parameter: ParametersParameter[]) =>
  page.route(`**/${operation}`, (route) =>
    route.fulfill({ contentType: 'application/fhir+json', json: { resourceType: 'Parameters', parameter } }),
  )
const found = (name: string, resource: object): ParametersParameter => ({ name, resource: resource as never })
const PENICILLIN = {
  ...{ resourceType: 'AllergyIntolerance', id: 'a', patient: {}, code: { text: 'Penicillin' } },
  reaction: [{ manifestation: [{ text: 'Anafylaksi' }] }],
}

async function askJournal(page: Page): Promise<void> {
  const organization = { name: 'organization', valueString: '310000042' }
  await answerAs(page, '$journal-status', [{ name: 'connected', valueBoolean: true }, organization])
  await answerAs(page, '$journal', [
    organization,
    found('found', PENICILLIN),
    found('found', {
      ...{ resourceType: 'MedicationStatement', id: 'm', status: 'active', subject: {} },
      ...{ medicationCodeableConcept: { text: 'Tiotropium 18 mikrogram' }, dosage: [{ text: '1 inhalasjon morgen' }] },
    }),
    { name: 'missing', part: [{ name: 'part', valueCode: 'Condition' }] },
  ])
  await openHistory(page)
  const card = page.getByRole('region', { name: 'Fra journalen' })
  await card.getByRole('button', { name: 'Hent fra journalen' }).click()
  await card.getByText('Penicillin').waitFor()
  await card.scrollIntoViewIfNeeded()
}

async function askKjernejournal(page: Page): Promise<void> {
  await answerAs(page, '$kjernejournal-status', [
    { name: 'connected', valueBoolean: true },
    { name: 'signed-in', valueBoolean: true },
  ])
  const document = (description: string, author: string, number: string): ParametersParameter => ({
    name: 'document',
    part: [
      found('reference', {
        ...{ resourceType: 'DocumentReference', status: 'current', description, author: [{ display: author }] },
        content: [{ attachment: { contentType: 'application/pdf' } }],
      }),
      { name: 'document', valueString: number },
      { name: 'community', valueString: 'urn:oid:1' },
      { name: 'repository', valueString: '1.3' },
    ],
  })
  await answerAs(page, '$kjernejournal', [
    document('Epikrise, lungeavdelingen', 'Sykehuset Innlandet', '1.2'),
    document('Poliklinisk notat', 'Sykehuset Innlandet', '1.4'),
    found('critical', PENICILLIN),
    { name: 'blocked', valueInteger: 2 },
  ])
  await openHistory(page)
  const card = page.getByRole('region', { name: 'Kjernejournal' })
  await card.getByRole('button', { name: 'Slå opp', exact: true }).click()
  await card.getByText('Penicillin').waitFor()
  await card.scrollIntoViewIfNeeded()
}

async function makeInvitation(page: Page): Promise<void> {
  await openPlan(page)
  await page.getByRole('button', { name: 'Lag lenke', exact: true }).click()
  await page.getByRole('img', { name: 'QR-kode med lenken' }).waitFor()
  await page.locator('.invitation').scrollIntoViewIfNeeded()
}

async function printInvitation(page: Page): Promise<void> {
  await makeInvitation(page)
  await page.emulateMedia({ media: 'print' })
}

/** What was sent to national services, as an administrator sees it. */
async function listSent(page: Page): Promise<void> {
  const message = (state: string, minutesAgo: number, reason?: string): ParametersParameter => ({
    name: 'message',
    part: [
      { name: 'id', valueId: `00000000-0000-4000-8000-0000000000${10 + minutesAgo}` },
      { name: 'receiver', valueCode: 'jft' },
      { name: 'organization', valueString: '312229544' },
      { name: 'state', valueCode: state },
      { name: 'attempts', valueInteger: reason ? 3 : 1 },
      { name: 'caused', valueInstant: new Date(Date.now() - minutesAgo * 60_000).toISOString() },
      ...(reason ? [{ name: 'reason', valueString: reason }] : []),
    ],
  })
  await answerAs(page, '$sent-messages*', [
    ...[
      { state: 'dead', count: 1 },
      { state: 'queued', count: 1 },
    ].map(({ state, count }) => ({
      name: 'total',
      part: [
        { name: 'state', valueCode: state },
        { name: 'count', valueInteger: count },
      ],
    })),
    message('dead', 42, 'The receiver answered 400: Ukjent pasient.'),
    message('queued', 3),
  ])
  await goTo(page, 'sent')
  await page
    .getByRole('row', { name: /312229544/ })
    .nth(1)
    .waitFor()
}

/** A display of an oximeter, as somebody photographs it. */
async function addPhoto(page: Page): Promise<void> {
  await openToday(page)
  await page.locator('nav.places').getByRole('link', { name: 'Mål' }).click()
  await page.locator('.choice').first().click()
  await page.getByLabel(/^Oksygen/).fill('91')
  const camera = await page.context().newPage()
  await camera.setContent(
    `<body style="margin:0;background:#d8cfc4"><div style="margin:60px;padding:40px;border-radius:40px;background:#101418;
      color:#ff5b45;font:700 150px monospace">91<small style="font-size:40px"> %SpO₂</small></div>`,
  )
  const buffer = await camera.screenshot({ clip: { x: 0, y: 0, width: 390, height: 260 } })
  await camera.close()
  await page
    .locator('.photo-field input[type=file]')
    .setInputFiles({ name: 'display.png', mimeType: 'image/png', buffer })
  await page.getByRole('img', { name: 'Bildet du har lagt ved' }).scrollIntoViewIfNeeded()
}

async function openLessons(page: Page): Promise<void> {
  await goToOwn(page, 'learn')
  await page
    .getByText(/\d+ av \d+ er lest/)
    .first()
    .waitFor()
}

async function wishAppointment(page: Page): Promise<void> {
  await goToOwn(page, 'ask/appointment-wish')
  await page.getByRole('textbox').first().fill('Jeg vil snakke om den nye inhalatoren.')
}

async function giveFeedback(page: Page): Promise<void> {
  await goToOwn(page, 'ask/feedback')
  await page.getByRole('textbox').first().fill('Det er trygt at noen ser målingene mine.')
}

/** In a browser without a window, which never lets a page give notice: what is said of it is in the picture. */
async function setReminders(page: Page): Promise<void> {
  await goToOwn(page, 'settings')
  await page.getByRole('region', { name: 'Påminnelser' }).evaluate((card) => card.scrollIntoView({ block: 'center' }))
}

/** In nynorsk, with the app's large text. */
async function readLarge(page: Page): Promise<void> {
  await goToOwn(page, 'settings')
  await page.getByRole('radio', { name: 'Nynorsk' }).check()
  await page.getByRole('heading', { name: 'Påminningar' }).waitFor()
  await page.getByRole('radio', { name: 'Stor', exact: true }).check()
  await page.goto(`${server.baseUrl}/apps/patient/`)
  await page.locator('.zone-card').waitFor()
}

/** Whoever opens the link that the team gave them, before they sign in. */
async function comeInvited(page: Page): Promise<void> {
  const response = await fetch(`${server.fhir}/Patient/demo-line/$invite`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}` },
  })
  const { parameter } = (await response.json()) as Parameters
  await page.goto(parameter?.find(({ name }) => name === 'link')?.valueUri ?? '')
  await page.getByRole('heading', { name: 'Du er invitert til Fylgje' }).waitFor()
}

async function listShortcuts(page: Page): Promise<void> {
  await waitForTasks(page)
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
}

async function openNothing(page: Page): Promise<void> {
  await waitForTasks(page)
  await page.getByRole('tab', { name: /^Satt på vent/ }).click()
  await page.getByText('Ingenting her akkurat nå').waitFor()
}

/** The server is away: what was there stays, and says how old it is. */
async function loseContact(page: Page): Promise<void> {
  await page.route('**/fhir/Subscription**', (route) => route.abort())
  await page.reload()
  await waitForTasks(page)
  await page.route('**/fhir/**', (route) => route.abort())
  await page.getByText(/uten kontakt med serveren/).waitFor()
}

/** Somebody whom the nurse has nothing to do with. */
async function openOutside(page: Page): Promise<void> {
  await fetch(`${server.fhir}/Patient/utenfor`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Patient', id: 'utenfor' }),
  })
  await goTo(page, 'patient/utenfor')
  await page.getByRole('button', { name: 'Åpne uten relasjon …' }).click()
  await page.getByRole('dialog').waitFor()
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

/** How the names begin of those that are wanted. One that cannot be taken leaves the others, and is told at the end. */
const [, , ...wanted] = process.argv
const isWanted = (name: string) => wanted.length === 0 || wanted.some((begin) => name.startsWith(begin))
const server = await startServer({ dataDir: await mkdtemp(join(tmpdir(), 'fylgje-screenshots-')) })
const browser = await openChromium()
try {
  await mkdir(FOLDER, { recursive: true })
  for (const { name, options, path, before } of PICTURES.filter((picture) => isWanted(picture.name))) {
    const context = await browser.newContext({
      locale: 'nb-NO',
      timezoneId: 'Europe/Oslo',
      reducedMotion: 'reduce',
      ...options,
    })
    try {
      const page = await context.newPage()
      if (path) await page.goto(`${server.baseUrl}/${path}`)
      else await openStartPage(page)
      await before?.(page)
      // The pointer would leave its hover in the picture.
      await page.mouse.move(0, 0)
      await page.screenshot({ path: join(FOLDER, `${name}.png`) })
      console.log(`docs/screenshots/${name}.png`)
    } catch (error) {
      console.error(`${name} is as it was:`, error)
      process.exitCode = 1
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.dispose()
}
