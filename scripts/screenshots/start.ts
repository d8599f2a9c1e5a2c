import type { Page } from 'playwright-core'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'
import { DESK, PHONE, type Picture } from './picture.ts'

export const START_PICTURES: readonly Picture[] = [
  { name: 'start-page', options: { viewport: DESK } },
  { name: 'start-page-new-task', options: { viewport: DESK }, before: sendAndOpen },
  { name: 'start-page-dark', options: { viewport: DESK, colorScheme: 'dark' }, before: openFirst },
  { name: 'start-page-phone', options: PHONE, before: openFirst },
]

async function openFirst(page: Page): Promise<void> {
  await page.locator('.row summary').first().click()
  await page.locator('svg.sparkline').waitFor()
}

async function sendAndOpen(page: Page): Promise<void> {
  await page.locator('#send').click()
  const row = page.locator('.row.fresh', { hasText: 'Line Danser' })
  await row.locator('summary').click()
  await row.locator('svg.sparkline').waitFor()
}

export async function openStartPage(page: Page, server: RunningServer): Promise<void> {
  await page.goto(`${server.baseUrl}/`)
  // The engine raises what the demo begins with in the first seconds; what is proposed for a patient comes last.
  const proposed = page.locator('.row[data-colour="green"] summary').first()
  await proposed.waitFor()
  // What came while the page was open is lit up.
  await page.reload()
  await proposed.waitFor()
}
