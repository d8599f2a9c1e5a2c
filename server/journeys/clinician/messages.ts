import { expect, test } from '@jest/globals'
import type { Bundle, Communication } from '@medplum/fhirtypes'
import { type ClinicianApp, faultsOfApp, SIZES } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'

/** What the patient and the team write to each other. */
export function tell(app: () => ClinicianApp): void {
  const { send, someoneNew } = tasksOf(app)

  test('what the patient wrote is unread until somebody has read it; the answer is sent once, and can be undone', async () => {
    const id = await someoneNew()
    const written = await send<Communication>('POST', 'Communication', {
      ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${id}` } },
      ...{ sender: { reference: `Patient/${id}` }, sent: new Date().toISOString() },
      recipient: [{ reference: 'CareTeam/demo-responssenter' }],
      payload: [{ contentString: 'Måleren viser ingenting i dag.' }],
    })
    const { page, complaints } = await app().visit(`patient/${id}?tab=messages`)
    await page.locator('.thread li[data-unread]').getByText('Måleren viser ingenting i dag.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Marker som lest' }).click()
    await page.getByText(/Sett av teamet i dag/).waitFor()
    expect((await send<Communication>('GET', `Communication/${written.id}`)).received).toEqual(expect.any(String))
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Skriv meldingen.').waitFor()
    await page.getByLabel('Sett inn mal').selectOption({ label: 'Vi ringer deg' })
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.locator('.held-act').getByRole('button', { name: 'Gjør det nå' }).click()
    await page
      .locator('.thread li[data-from=team]')
      .getByText(/^Hei\. Vi ringer deg/)
      .waitFor()
    await page.getByText('Ikke lest av pasienten ennå').waitFor()
    const { entry = [] } = await send<Bundle<Communication>>('GET', `Communication?patient=${id}&_sort=-sent`)
    expect(entry).toHaveLength(2)
    expect(entry[0]?.resource?.sender?.reference).toBe('Practitioner/demo-nurse')
    await page.setViewportSize(SIZES.phone.viewport)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  })
}
