import { expect, test } from '@jest/globals'
import type { ClinicalImpression, Observation } from '@medplum/fhirtypes'
import { faultsOfApp } from '../harness/clinician-app.ts'
import { answerChanged, isKept, type PatientApp, recordRead } from '../harness/patient-app.ts'

/** The plan thinks on the phone: the same core as on the server, with what the phone knows. */
export function tell(app: () => PatientApp): void {
  test('without a net a red value gives red advice and whom to call at once; the server judges it the same when it comes', async () => {
    const { page } = await app().visit('measure/oximeter')
    await isKept(page)
    await page.context().setOffline(true)
    await page.getByLabel(/^Oksygen/).fill('84')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    const red = page.locator('.zone-card[data-zone=red]')
    await red.waitFor()
    await red.getByText(/SpO2 84\s%/).waitFor()
    await red.getByText('Vurdert av telefonen.').waitFor()
    await red.locator('a[href="tel:113"]').waitFor()
    await red.locator('a[href="tel:00000000"]', { hasText: 'Ring Responssenteret' }).waitFor()
    await page.locator('.where[data-state=offline]').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    // Also after the app has been closed, on the first page.
    await page.goto(app().address)
    await page.locator('.zone-card[data-zone=red]').waitFor()
    await page.context().setOffline(false)
    await page.getByText('Alt er sendt', { exact: true }).waitFor()
    // The server's verdict takes the place of the phone's.
    await page.getByText('Vurdert av telefonen.').waitFor({ state: 'detached' })
    await page.locator('.zone-card[data-zone=red]').waitFor()
    const [stored] = await app().search<Observation>('Observation?patient=demo-line&code=59408-5&value-quantity=84')
    const triages = await app().search<ClinicalImpression>(
      'ClinicalImpression?patient=demo-line&_sort=-_lastUpdated&_count=20',
    )
    const ofIt = triages.find((one) => JSON.stringify(one).includes(`Observation/${stored?.id}/`))
    expect(ofIt?.finding?.[0]?.itemCodeableConcept?.coding?.[0]?.code).toBe('red')
  }, 90_000)

  test('a phone that judged otherwise than the server says so plainly, and the operator is told by ids alone', async () => {
    const { page } = await app().comeAnew()
    // This phone has got limits that are not those of the server.
    await answerChanged(page, '**/fhir/Goal/_search', (text) => text.replaceAll(/"value":(?:88|90)\b/g, '"value":60'))
    const reported = page.waitForResponse(/\$report-difference$/)
    await page.goto(`${app().address}measure/oximeter?demo=patient`)
    await recordRead(page)
    await page.getByLabel(/^Oksygen/).fill('86')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.getByText('Telefonen sa først grønn. Nå er det vurdert på nytt: rød.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const answer = await reported
    expect([answer.status(), await answer.json()]).toMatchObject([200, { parameter: [{ valueCode: 'milder' }] }])
    expect(answer.request().postData()).not.toMatch(/86|Line|demo-line/)
  }, 60_000)
}
