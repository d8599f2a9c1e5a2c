import type { Parameters } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'
import { PHONE, type Picture } from './picture.ts'

const PATIENT = 'apps/patient/?demo=patient'

export const PATIENT_PICTURES: readonly Picture[] = [
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
]

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
  await page.goto(new URL(`/apps/patient/${place}`, page.url()).href)
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
  await page.goto(new URL('/apps/patient/', page.url()).href)
  await page.locator('.zone-card').waitFor()
}

/** Whoever opens the link that the team gave them, before they sign in. */
async function comeInvited(page: Page, server: RunningServer): Promise<void> {
  const response = await fetch(`${server.fhir}/Patient/demo-line/$invite`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}` },
  })
  const { parameter } = (await response.json()) as Parameters
  await page.goto(parameter?.find(({ name }) => name === 'link')?.valueUri ?? '')
  await page.getByRole('heading', { name: 'Du er invitert til Fylgje' }).waitFor()
}
