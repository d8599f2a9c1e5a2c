import { expect, test } from '@jest/globals'
import type { DocumentReference, Observation } from '@medplum/fhirtypes'
import {
  answerForbidden,
  type ClinicianApp,
  expectNoFaultsInAnySize,
  faultsOfApp,
  SIZES,
} from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'

/** One patient: who it is, how it goes, what was agreed. */
export function tell(app: () => ClinicianApp): void {
  const { send, someoneNew } = tasksOf(app)
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
    // Who it is, is another question to the server, and may be answered later.
    await page.getByRole('heading', { level: 1, name: 'Line Danser' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('what was agreed, what was answered and what was done have places of their own', async () => {
    const { page } = await app().visit('patient/demo-fjellrev?tab=answers')
    await page.locator('.answer-list > div').first().waitFor()
    expect(await page.locator('[data-changed] .was').count()).toBeGreaterThan(0)
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('tab', { name: 'Plan og grenser' }).click()
    await page.locator('.limit-list li').first().waitFor()
    // Who changed them is a person, and not where they are found.
    await page.locator('.change-list').getByText('Amina Morgendugg').waitFor()
    await page.locator('.zone-advice[data-zone=red]').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('tab', { name: 'Historikk' }).click()
    await page.getByRole('heading', { name: 'Meldinger og notater' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(new URL(page.url()).search).toBe('?tab=history')
  })

  test('what laboratories have answered stands by its newest value; by keyboard one finds where it is from and what it was before', async () => {
    const patient = await someoneNew()
    const subject = { reference: `Patient/${patient}` }
    const crp = (value: number, daysAgo: number): Observation => ({
      ...{ resourceType: 'Observation', status: 'final', subject },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
      ],
      code: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7280', code: 'NPU19748' }], text: 'P-CRP' },
      effectiveDateTime: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
      valueQuantity: { value, unit: 'mg/L', system: 'http://unitsofmeasure.org', code: 'mg/L' },
      referenceRange: [{ high: { value: 5, unit: 'mg/L' } }],
      method: { text: 'Turbidimetri' },
      performer: [{ display: 'Fjordvik laboratorium' }],
    })
    await send('POST', 'Observation', crp(62, 9))
    const newest = await send<Observation>('POST', 'Observation', crp(18, 1))
    await send('POST', 'DiagnosticReport', {
      ...{ resourceType: 'DiagnosticReport', status: 'final', subject, code: { text: 'Infeksjonsprøver' } },
      ...{ effectiveDateTime: newest.effectiveDateTime, conclusion: 'Fallende, fortsatt forhøyet.' },
      result: [{ reference: `Observation/${newest.id}` }],
    })
    const { page, complaints } = await app().visit(`patient/${patient}?tab=history`)
    const card = page.getByRole('region', { name: 'Laboratoriesvar' })
    const row = card.getByRole('row', { name: /P-CRP/ }).first()
    await row.waitFor()
    expect((await row.innerText()).replaceAll('\u00a0', ' ')).toMatch(/P-CRP\s+18 mg\/L\s*høy\s+< 5 mg\/L/)
    await row.getByRole('button').focus()
    await page.keyboard.press('Enter')
    await card.getByText('Turbidimetri').waitFor()
    expect((await card.locator('.lab-more').innerText()).replaceAll('\u00a0', ' ')).toMatch(
      /Fjordvik laboratorium[\s\S]*Tidligere\s+62 mg\/L/,
    )
    await card.getByText('Fallende, fortsatt forhøyet.').first().waitFor()
    await expectNoFaultsInAnySize(page)
    expect(complaints).toEqual([])
  })

  test('a document is read where its content is here, and what lies elsewhere is said to', async () => {
    const patient = await someoneNew()
    const documented = (description: string, attachment: DocumentReference['content'][0]['attachment']) =>
      send('POST', 'DocumentReference', {
        ...{ resourceType: 'DocumentReference', status: 'current', subject: { reference: `Patient/${patient}` } },
        ...{ description, date: new Date().toISOString(), author: [{ display: 'Fjordvik sykehus' }] },
        type: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.9602', code: 'A03-2', display: 'Epikrise' }] },
        content: [{ attachment }],
      })
    const text = 'Innlagt med forverring.\nUtskrevet i bedring.'
    await documented('Epikrise lunge', {
      contentType: 'text/plain',
      data: Buffer.from(text).toString('base64'),
    })
    await documented('Røntgen thorax', { contentType: 'application/pdf', url: 'https://pacs.example.no/7' })
    const { page, complaints } = await app().visit(`patient/${patient}?tab=history`)
    const button = page.getByRole('button', { name: 'Åpne Epikrise lunge' })
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Epikrise lunge' })
    await dialog.getByText('Utskrevet i bedring.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Åpne Røntgen thorax' }).click()
    await page.getByText('Innholdet ligger hos pacs.example.no').waitFor()
    expect(complaints).toEqual([])
  })

  test('one part that does not come is named and asked for again; the rest of the patient is there', async () => {
    const { page } = await app().newVisit()
    const isAway = (route: Parameters<typeof answerForbidden>[0]) => route.fulfill({ status: 503, body: '' })
    await page.route('**/fhir/Observation/_search', isAway)
    await page.route('**/fhir/RelatedPerson/_search', answerForbidden)
    await page.goto(`${app().address}patient/demo-fjellrev`)
    await page.getByRole('button', { name: /demo/i }).click()
    const trends = page.getByRole('region', { name: 'Målinger over tid' })
    await trends.getByText('Får ikke kontakt med serveren').waitFor()
    await page.locator('.zone-advice[data-zone=red]').waitFor()
    await page.locator('.overview-tasks .task-list li').first().waitFor()
    // Who could not be asked for is not said not to exist.
    await page.getByText('Noe mangler: pårørende. Resten er vist.').waitFor()
    expect(await page.locator('.patient-followed').innerText()).toMatch(/Pårørende med innsyn\s*–/)
    expect(await faultsOfApp(page)).toEqual([])
    await page.unroute('**/fhir/Observation/_search')
    await page.route('**/fhir/MedicationStatement/_search', isAway)
    await trends.getByRole('button', { name: 'Prøv igjen' }).click()
    await trends.locator('.chart .mark').first().waitFor()
    await trends.getByText('Noe mangler: legemidlene. Resten er vist.').waitFor()
    await page.route('**/fhir/DiagnosticReport/_search', answerForbidden)
    await page.route('**/fhir/DocumentReference/_search', answerForbidden)
    await page.getByRole('tab', { name: 'Historikk' }).click()
    await page.getByText('Noe mangler: laboratorienes vurderinger. Resten er vist.').waitFor()
    await page.getByText(/Tilgangen din omfatter ikke dokumentene/).waitFor()
    await page.getByRole('region', { name: 'Meldinger og notater' }).locator('li, .quiet').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('a patient who is not there, or not for who asks, is told as such', async () => {
    const { page } = await app().visit('patient/nobody-at-all')
    await page.getByRole('heading', { level: 1, name: 'Ingen tilgang til pasienten' }).waitFor()
    // Nobody has done anything wrong.
    expect(await page.locator('.failure').count()).toBe(0)
    expect(await page.locator('.patient-header').count()).toBe(0)
    expect(await page.getByRole('tab').count()).toBe(0)
  })
}
