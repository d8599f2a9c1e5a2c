import { expect, test } from '@jest/globals'
import { type ClinicianApp, faultsOfApp, SIZES } from '../harness/clinician-app.ts'

/** One patient: who it is, how it goes, what was agreed. */
export function tell(app: () => ClinicianApp): void {
  test('measurements stand over their limits, and the arrow keys tell each value', async () => {
    const { page, complaints } = await app().visit('patient/demo-line')
    await page.getByRole('heading', { level: 1, name: 'Line Danser' }).waitFor()
    expect(await page.locator('.patient-facts').textContent()).toContain('131169 00216')
    const chart = page.getByRole('group', { name: /^SpO₂: .*Siste: \d+/ })
    await chart.waitFor()
    await expect(chart.locator('.limit-name').allTextContents()).resolves.toEqual(['Rød < 88', 'Gul < 90'])
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    const details = page.locator('.trend', { has: chart }).locator('.point-details')
    const newest = await details.textContent()
    expect(newest).toMatch(/^\d+ %.*grenser da: rød < 88, gul < 90.*fra apparat/)
    await page.keyboard.press('ArrowLeft')
    expect(await details.textContent()).not.toBe(newest)
    await page.keyboard.press('Escape')
    expect(await details.textContent()).toContain('Pek på en måling')
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
    // Who it is stands on the page alone.
    expect(`${page.url()} ${await page.title()}`).not.toMatch(/Line|13116900216/)
  })

  test('the same as a table, for another period, is found again by the address, also on a phone in the dark', async () => {
    const { page } = await app().visit('patient/demo-line?days=7&as=table', { ...SIZES.phone, colorScheme: 'dark' })
    await page.getByRole('radio', { name: '7 dager' }).waitFor()
    expect(await page.getByRole('radio', { name: '7 dager' }).getAttribute('aria-checked')).toBe('true')
    await page.locator('.table-holder tbody tr').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('what was agreed, what was answered and what was done have places of their own', async () => {
    const { page } = await app().visit('patient/demo-fjellrev?tab=answers')
    await page.locator('.answer-list > div').first().waitFor()
    expect(await page.locator('[data-changed] .was').count()).toBeGreaterThan(0)
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('tab', { name: 'Plan og grenser' }).click()
    await page.locator('.limit-list li').first().waitFor()
    await page.locator('.zone-advice[data-zone=red]').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('tab', { name: 'Historikk' }).click()
    await page.getByRole('heading', { name: 'Meldinger og notater' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(new URL(page.url()).search).toBe('?tab=history')
  })

  test('a patient who is not there, or not for who asks, is told as such', async () => {
    const { page } = await app().visit('patient/nobody-at-all')
    await page.locator('.failure').first().waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ingen tilgang til pasienten')
    expect(await page.locator('.patient-header').count()).toBe(0)
    expect(await page.getByRole('tab').count()).toBe(0)
  })
}
