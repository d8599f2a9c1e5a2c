import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import type { Bundle, Communication, Observation } from '@medplum/fhirtypes'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { demoSession } from '../harness/demo-session.ts'
import { eventually } from '../harness/eventually.ts'
import { keptCount } from '../harness/kept-on-phone.ts'
import { isKept, type PatientApp } from '../harness/patient-app.ts'

/** What the patient and the team have to do with each other: messages, who has looked, who may. */
export function tell(app: () => PatientApp): void {
  async function as<T>(user: 'nurse' | 'patient', path: string): Promise<T> {
    const { server } = app()
    const authorization = `Bearer ${await demoSession(server, user)}`
    const response = await fetch(`${server.fhir}/${path}`, { headers: { authorization } })
    return (await response.json()) as T
  }
  const asNurse = <T>(path: string) => as<T>('nurse', path)
  const asPatient = <T>(path: string) => as<T>('patient', path)

  test('a message that is written without a net waits, is sent once, and comes to the team', async () => {
    const { page, complaints } = await app().visit('messages')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Skriv meldingen.').waitFor()
    await isKept(page)
    await page.context().setOffline(true)
    await page.getByLabel('Skriv en melding').fill('Måleren viser ingenting.')
    await page.getByRole('button', { name: 'Send', exact: true }).dblclick()
    await page.getByText('Uten nett – 1 lagret her').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    complaints.length = 0
    await page.context().setOffline(false)
    await page.getByText('Alt er sendt', { exact: true }).waitFor()
    const stored = await app().search<Communication>('Communication?patient=demo-line&_count=50')
    const ours = stored.filter(({ payload }) => payload?.[0]?.contentString === 'Måleren viser ingenting.')
    expect(ours).toMatchObject([
      { sender: { reference: 'Patient/demo-line' }, recipient: [{ reference: 'CareTeam/demo-responssenter' }] },
    ])

    // What is asked for beside an answer says so, to the patient and to the team.
    await page.getByRole('link', { name: 'Be om en avtale' }).click()
    await page.getByRole('button', { name: 'Send til teamet' }).click()
    await page.getByRole('link', { name: 'Skriv hva du vil snakke om.' }).waitFor()
    await expectNoFaultsInAnySize(page)
    // Half written without a net, it is there when the app is opened anew.
    await page.context().setOffline(true)
    await page.getByLabel('Hva vil du snakke om?').fill('Pusten om natten')
    await page.getByRole('radio', { name: 'På video' }).check()
    await eventually(
      () => keptCount(page, 'draft.ask.appointment-wish'),
      (count) => count === 1,
    )
    await page.reload()
    await page.getByText('Du hadde begynt på dette.').waitFor()
    expect(await page.getByLabel('Hva vil du snakke om?').inputValue()).toBe('Pusten om natten')
    expect(await page.getByRole('radio', { name: 'På video' }).isChecked()).toBe(true)
    complaints.length = 0
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Send til teamet' }).click()
    const wish = page.locator('.thread li', { hasText: 'Ønske om avtale' })
    await wish.getByText('Hvordan vil du helst møtes? På video').waitFor()
    await wish.getByText('Sendt', { exact: true }).waitFor()
    expect(await keptCount(page, 'draft.ask.appointment-wish')).toBe(0)
    const wished = await app().search<Communication>('Communication?patient=demo-line&category=appointment-wish')
    expect(wished).toMatchObject([{ recipient: [{ reference: 'CareTeam/demo-responssenter' }] }])
    expect(wished[0]?.payload?.[0]?.contentString).toMatch(/^Hva vil du snakke om\? Pusten om natten\n/)
    expect(complaints).toEqual([])
  })

  test('who has looked is told in plain words, by name', async () => {
    await asNurse('Observation?patient=demo-line&_count=1')
    // The audit is filed a moment after the answer was sent.
    const log = `Patient/demo-line/$access-log?count=20`
    await eventually(
      async () => JSON.stringify(await asPatient<object>(log)),
      (told) => told.includes('Kari Nordlys'),
    )
    const { page } = await app().visit('data')
    await page.locator('.log li', { hasText: 'Kari Nordlys' }).first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('what the patient closes is closed to the team within five seconds, and open again when it is opened', async () => {
    const seen = async () =>
      (await asNurse<Bundle<Observation>>('Observation?patient=demo-line&_count=5')).entry?.filter(
        ({ resource }) => resource?.resourceType === 'Observation',
      ).length ?? 0
    expect(await seen()).toBeGreaterThan(0)
    const { page } = await app().visit('data')
    await page.getByRole('button', { name: 'Sperr journalen min' }).click()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Ja, sperr' }).click()
    await page.getByText(/Journalen din er sperret siden/).waitFor()
    const closedAt = Date.now()
    await eventually(seen, (count) => count === 0)
    expect(Date.now() - closedAt).toBeLessThan(5_000)
    await page.getByRole('button', { name: 'Opphev sperringen' }).click()
    await page.getByRole('button', { name: 'Sperr journalen min' }).waitFor()
    await eventually(seen, (count) => count > 0)
  })

  test('everything can be taken along as one file, which says nothing of the person by its name', async () => {
    const { page } = await app().visit('data')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Last ned', exact: true }).click(),
    ])
    expect(download.suggestedFilename()).toBe('fylgje.json')
    await page.getByText(/Lastet ned: \d+ opplysninger/).waitFor()
    const [plan] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Planen min som PDF' }).click(),
    ])
    expect([plan.suggestedFilename(), (await readFile(await plan.path(), 'latin1')).slice(0, 5)]).toEqual([
      'plan.pdf',
      '%PDF-',
    ])
  })

  test('how it has been stands as a sentence, a curve and a list', async () => {
    const { page } = await app().visit('history')
    const saturation = page.getByRole('region', { name: 'SpO₂' })
    await saturation.getByText(/SpO₂: \d+–\d+\s% de siste 30 dagene/).waitFor()
    await saturation.getByText('Vis som liste').click()
    expect(await saturation.getByRole('row').count()).toBeGreaterThan(10)
    expect(await faultsOfApp(page)).toEqual([])
  })
}
