import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'
import { PANE, PAPER, PHONE, type Picture, WIDE } from './picture.ts'

const CLINICIAN = 'apps/clinician/launch?demo=nurse'

export const CLINICIAN_PICTURES: readonly Picture[] = [
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
]

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
  await page.goto(new URL(`/apps/clinician/${place}`, page.url()).href)
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

async function openInbox(page: Page, server: RunningServer): Promise<void> {
  await writeAsPatient(
    server,
    'demo-fjellrev',
    'Jeg har fått ny inhalator. Skal jeg fortsatt ta den gamle om morgenen?',
  )
  await writeAsPatient(server, 'demo-line', 'Måleren viser bare streker i dag. Kan jeg få en ny?')
  await goTo(page, 'messages')
  await page.locator('.inbox-list li').nth(1).waitFor()
  await page.getByText('Oppdateres fortløpende').waitFor()
}

const written = new Set<string>()
async function writeAsPatient(server: RunningServer, patient: string, words: string): Promise<void> {
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

async function openThread(page: Page, server: RunningServer): Promise<void> {
  await writeAsPatient(server, 'demo-line', 'Måleren viser bare streker i dag. Kan jeg få en ny?')
  await goTo(page, 'patient/demo-line?tab=messages')
  await page.locator('.thread li').first().waitFor()
}

async function makeTaskOfMessage(page: Page, server: RunningServer): Promise<void> {
  await openThread(page, server)
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
    message('dead', 42, 'Mottakeren svarte 400: «Ukjent pasient.»'),
    message('queued', 3),
  ])
  await goTo(page, 'sent')
  await page
    .getByRole('row', { name: /312229544/ })
    .nth(1)
    .waitFor()
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
async function openOutside(page: Page, server: RunningServer): Promise<void> {
  await fetch(`${server.fhir}/Patient/utenfor`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Patient', id: 'utenfor' }),
  })
  await goTo(page, 'patient/utenfor')
  await page.getByRole('button', { name: 'Åpne uten relasjon …' }).click()
  await page.getByRole('dialog').waitFor()
}
