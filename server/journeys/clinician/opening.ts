import { expect, test } from '@jest/globals'
import type { Bundle, Patient, Task } from '@medplum/fhirtypes'
import { type ClinicianApp, faultsOfApp, SIZES } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { forNurse, privacyConsent } from '../harness/privacy-consent.ts'

/** A record outside of the relation, and what a patient has closed: opened with a ground, a reason and an end, and told. */
export function tell(app: () => ClinicianApp): void {
  const { send, someoneNew } = tasksOf(app)
  /** Somebody whom the demo's nurse does not follow. */
  async function stranger(): Promise<Patient> {
    return send('POST', 'Patient', { resourceType: 'Patient', name: [{ family: 'Ukjent', given: ['Person'] }] })
  }

  test('without a relation nothing is shown; with a purpose, a reason and an end it is, and that it was stands there', async () => {
    const { id } = await stranger()
    const { page } = await app().visit(`patient/${id}`, SIZES.phone)
    await page.getByRole('heading', { level: 1, name: 'Ingen tilgang til pasienten' }).waitFor()
    await page.getByText('du har ingen behandlingsrelasjon').waitFor()
    // Nothing has gone wrong.
    expect(await page.getByText('Noe gikk galt').count()).toBe(0)
    expect(await faultsOfApp(page)).toEqual([])
    const button = page.getByRole('button', { name: 'Åpne uten relasjon …' })
    await button.click()
    const dialog = page.getByRole('dialog', { name: 'Åpne journalen uten relasjon?' })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await button.evaluate((one) => one === document.activeElement)).toBe(true)
    await button.click()
    await dialog.getByLabel('Begrunnelse').fill('vil se')
    await dialog.getByRole('button', { name: 'Åpne journalen' }).click()
    await dialog.getByText('Skriv hvorfor, med minst ti tegn.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByLabel('Begrunnelse').fill('Bevisstløs hjemme, ringt av nabo')
    await dialog.getByRole('radio', { name: '15 minutter' }).check()
    await dialog.getByRole('button', { name: 'Åpne journalen' }).click()
    await page.getByRole('heading', { level: 1, name: 'Person Ukjent' }).waitFor()
    await page
      .getByText(/Du har åpnet journalen til kl\. \d\d:\d\d\. Begrunnelse: «Bevisstløs hjemme, ringt av nabo»/)
      .waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const { entry = [] } = await send<Bundle<Task>>('GET', `Task?patient=${id}`)
    const [opened] = entry.map(({ resource }) => resource)
    expect(opened).toMatchObject({ requester: { reference: 'Practitioner/demo-nurse' } })
    const { start, end } = opened?.restriction?.period ?? {}
    expect(Date.parse(String(end)) - Date.parse(String(start))).toBe(15 * 60_000)
  })

  test('what the patient has closed is said to be closed, and opened with their consent', async () => {
    const id = await someoneNew()
    await send('POST', 'Consent', privacyConsent(`Patient/${id}`, { type: 'deny', actor: forNurse }))
    const { page } = await app().visit(`patient/${id}`)
    await page.getByText('Noe i journalen er sperret for deg').waitFor()
    await page.getByRole('button', { name: 'Åpne det som er sperret …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Åpne det pasienten har sperret?' })
    await dialog.getByRole('radio', { name: 'Pasienten samtykker nå' }).check()
    await dialog.getByLabel('Begrunnelse').fill('Pasienten ba om det i telefonen')
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Åpne journalen' }).click()
    await page.getByText(/Du har åpnet journalen til kl\./).waitFor()
    await page.getByText('Noe i journalen er sperret for deg').waitFor({ state: 'detached' })
    expect(await faultsOfApp(page)).toEqual([])
  })
}
