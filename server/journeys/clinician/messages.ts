import { expect, test } from '@jest/globals'
import type { Bundle, Communication, Task } from '@medplum/fhirtypes'
import {
  answerForbidden,
  type ClinicianApp,
  expectNoFaultsInAnySize,
  faultsOfApp,
  SIZES,
} from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'

const FYLGJE = 'http://fylgje.no/fhir'
/** A demo that runs already may have been here before. */
const RUN = Date.now().toString(36)
const NEW = `Skrevet nå nettopp ${RUN}`
const OLD = `Skrevet for fem dager siden ${RUN}`

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

  test('a message that asks for more than an answer becomes a Task of whoever is to do it, which knows the message; the thread knows the Task', async () => {
    const id = await someoneNew()
    const written = await send<Communication>('POST', 'Communication', {
      ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${id}` } },
      ...{ sender: { reference: `Patient/${id}` }, sent: new Date().toISOString() },
      recipient: [{ reference: 'CareTeam/demo-responssenter' }],
      payload: [{ contentString: 'Blodtrykksmåleren er ødelagt.' }],
    })
    const { page, complaints } = await app().visit(`patient/${id}?tab=messages`)
    await page.getByRole('button', { name: 'Lag oppgave av meldingen …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lag oppgave av meldingen' })
    await dialog.getByText('Blodtrykksmåleren er ødelagt.').waitFor()
    await dialog.getByRole('button', { name: 'Lag oppgaven' }).click()
    await dialog.getByText('Skriv hva som skal gjøres.').waitFor()
    await dialog.getByText('Velg hvem.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('textbox', { name: 'Hva skal gjøres?' }).fill('Bytt måleren.')
    await dialog.getByLabel('Hvem skal gjøre det?').selectOption({ label: 'Fjordvik kommune' })
    await dialog.getByRole('radio', { name: 'I morgen' }).check()
    await dialog.getByRole('button', { name: 'Lag oppgaven' }).click()
    await page.locator('.held-act').getByRole('button', { name: 'Gjør det nå' }).click()
    await page.locator('.thread').getByRole('link', { name: 'Oppgave: Bytt måleren.' }).click()
    await page.getByRole('region', { name: 'Meldingen' }).getByText('Blodtrykksmåleren er ødelagt.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const { entry = [] } = await send<Bundle<Task>>('GET', `Task?focus=Communication/${written.id}`)
    expect(entry.map(({ resource }) => resource)).toMatchObject([
      {
        ...{ status: 'requested', owner: { reference: 'Organization/demo-fjordvik' } },
        ...{ for: { reference: `Patient/${id}` }, requester: { reference: 'Practitioner/demo-nurse' } },
        reasonCode: { text: 'Bytt måleren.' },
      },
    ])
    expect(complaints).toEqual([])
  })

  test('who has written and has no answer stands with all who wait, the longest first, until somebody has answered or talked to them', async () => {
    const write = async (words: string, hoursAgo: number, about?: string) => {
      const id = await someoneNew()
      await send('POST', 'Communication', {
        ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${id}` } },
        ...{ sender: { reference: `Patient/${id}` }, payload: [{ contentString: words }] },
        sent: new Date(Date.now() - hoursAgo * 3_600_000).toISOString(),
        ...(about && { category: [{ coding: [{ system: `${FYLGJE}/CodeSystem/patient-app`, code: about }] }] }),
      })
      return id
    }
    const recent = await write(NEW, 1, 'appointment-wish')
    const old = await write(OLD, 120)
    const { page, complaints } = await app().visit('worklist')
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { level: 1, name: 'Venter på svar' }).waitFor()
    const lines = page.locator('.inbox-list li')
    await lines.filter({ hasText: NEW }).getByText('ulest').waitFor()
    await lines.filter({ hasText: NEW }).getByText('Ønske om avtale').waitFor()
    const late = lines.filter({ hasText: OLD })
    await late.getByText(/ventet svar innen/).waitFor()
    const words = await lines.allInnerTexts()
    const placeOf = (text: string) => words.findIndex((one) => one.includes(text))
    expect(placeOf(OLD)).toBeLessThan(placeOf(NEW))
    await expectNoFaultsInAnySize(page)
    await send('POST', 'Communication', {
      ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${old}` } },
      ...{ sender: { reference: 'Practitioner/demo-nurse' }, sent: new Date().toISOString() },
      medium: [{ coding: [{ code: 'PHONE' }] }],
      payload: [{ contentString: 'Ringte.' }],
    })
    await page.reload()
    await lines.filter({ hasText: NEW }).waitFor()
    expect(await late.count()).toBe(0)
    await lines.filter({ hasText: NEW }).getByRole('link', { name: 'Ny Pasient' }).click()
    await page.waitForURL(`**/patient/${recent}?tab=messages`)
    await page.getByText(/Pasienten kan vente svar innen/).waitFor()
    await page.locator('.thread').getByText('Ønske om avtale').waitFor()
    // What there is to do about it stands there to be used or changed.
    await page.getByRole('button', { name: 'Lag oppgave av meldingen …' }).click()
    const todo = page.getByRole('dialog').getByRole('textbox', { name: 'Hva skal gjøres?' })
    expect(await todo.inputValue()).toBe('Finn en tid til pasienten.')
    await page.keyboard.press('Escape')
    // Who it is stands in no address.
    expect(page.url()).not.toMatch(/Ny|Pasient$/)
    await page.route('**/fhir/Communication/_search', answerForbidden)
    await page.goto(`${app().address}messages`)
    await page.getByText(/Tilgangen din omfatter ikke meldingene/).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints.filter((one) => !one.includes('403'))).toEqual([])
  })
}
