import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import type { Locator } from 'playwright-core'
import { faultsOfApp } from '../harness/clinician-app.ts'
import { isKept, type PatientApp } from '../harness/patient-app.ts'

/** What somebody measures by hand, from the numbers to the server, with a net and without. */
export function tell(app: () => PatientApp): void {
  const own = async (code: string): Promise<Observation[]> => {
    const all = await app().search<Observation>(`Observation?patient=demo-line&code=${code}&_count=500`)
    return all.filter(({ identifier }) => identifier?.some(({ system }) => system === 'urn:ietf:rfc:3986'))
  }

  test('a measurement is stored as the profile has it, once, and what the plan says of it is told', async () => {
    const { page, complaints } = await app().visit('measure/oximeter')
    const before = (await own('59408-5')).length
    await page.getByLabel(/^Oksygen/).fill('93')
    await page.getByLabel(/^Puls/).fill('74')
    await page.getByLabel(/Vil du si noe/).fill('Etter frokost')
    // Two taps of a hand that shakes.
    await page.getByRole('button', { name: 'Lagre målingen' }).dblclick()
    await page.locator('.where[data-state=sent]').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const stored = await own('59408-5')
    expect(stored.length).toBe(before + 1)
    expect(stored.at(-1) ?? stored[0]).toBeDefined()
    const [newest] = stored.sort((one, other) =>
      String(other.effectiveDateTime).localeCompare(String(one.effectiveDateTime)),
    )
    expect(newest).toMatchObject({
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/home-spo2'] },
      valueQuantity: { value: 93, code: '%' },
      performer: [{ reference: 'Patient/demo-line' }],
      device: { reference: 'Device/demo-line-oximeter' },
      note: [{ text: 'Etter frokost' }],
      method: { coding: [{ code: 'read-and-typed' }] },
    })
    await page.locator('.zone-card[data-zone=green]').waitFor()
    expect(complaints).toEqual([])
  })

  test('what cannot be is said beside the field and above; what is seldom is asked about, and may be said to be unsure', async () => {
    const { page } = await app().visit('measure/weight')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.getByRole('link', { name: /Vekt: Skriv tallet/ }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByLabel(/^Vekt/).fill('700')
    await page.getByText('Tallet må være mellom 20 og 350.', { exact: true }).waitFor()
    await page.getByLabel(/^Vekt/).fill('98,4')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.getByRole('heading', { name: 'Stemmer dette?' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Jeg er usikker' }).click()
    await page.locator('.where[data-state=sent]').waitFor()
    const [weight] = await own('29463-7')
    expect(JSON.stringify(weight)).toContain('"unsure"')
  })

  test('offline for a day with 20 entries and a crash in the middle, then online: 20 stored, none twice, with the right times', async () => {
    const { page } = await app().visit('measure/oximeter')
    const known = new Set((await app().search<Observation>(LINES)).map(({ id }) => id))
    await isKept(page)
    const context = page.context()
    await context.setOffline(true)
    const hours = Array.from({ length: 10 }, (_, i) => `${String(8 + i).padStart(2, '0')}:30`)
    for (const time of hours.slice(0, 6)) await measureYesterday(page, time)
    // Gone without a word, as when a phone runs out of power, with one on the screen that was never saved.
    await page.getByRole('button', { name: 'Mål noe mer' }).click()
    await page.getByLabel(/^Oksygen/).fill('92')
    await page.close({ runBeforeUnload: false })
    const after = await context.newPage()
    await after.goto(`${app().address}measure/oximeter`)
    await after.getByText('Uten nett – 12 lagret her').waitFor()
    for (const time of hours.slice(6)) await measureYesterday(after, time)
    await after.getByText('Uten nett – 20 lagret her').waitFor()
    // The net that comes back is a bad one: what the server answers to some is lost on the way.
    let lostCount = 0
    await context.route('**/fhir/Observation', async (route) => {
      if (route.request().method() !== 'POST' || lostCount >= 3) return route.continue()
      lostCount++
      await route.fetch()
      await route.abort('connectionreset')
    })
    await context.setOffline(false)
    await after.goto(`${app().address}sending`)
    await after.getByText('Alt er sendt', { exact: true }).waitFor()
    expect(lostCount).toBe(3)
    const stored = (await app().search<Observation>(LINES)).filter(({ id }) => !known.has(id))
    expect(stored).toHaveLength(20)
    expect(new Set(stored.map(({ identifier }) => identifier?.[0]?.value)).size).toBe(20)
    const times = stored.map(({ effectiveDateTime }) => osloTime(String(effectiveDateTime))).sort()
    expect(times).toEqual(hours.flatMap((time) => [time, time]))
  }, 120_000)

  test('who has no more than a keyboard chooses what to measure, saves it, and finds it again', async () => {
    const { page } = await app().visit()
    const before = (await own('8310-5')).length
    /** As far as it takes, with Tab alone. */
    const tabTo = async (wanted: Locator): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        if (await wanted.evaluate((one) => one === document.activeElement).catch(() => false)) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab never comes to ${wanted}.`)
    }
    const go = async (wanted: Locator, title: string) => {
      await tabTo(wanted)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    }
    await go(page.getByRole('link', { name: 'Mål', exact: true }), 'Hva vil du måle?')
    await go(page.getByRole('link', { name: /^Temperatur/ }), 'Temperatur')
    await tabTo(page.getByLabel(/^Temperatur/))
    await page.keyboard.type('36,4')
    await tabTo(page.getByRole('button', { name: /^Mer: Temperatur/ }))
    await page.keyboard.press('Space')
    await go(page.getByRole('button', { name: 'Lagre målingen' }), 'Lagret')
    await page.locator('.where[data-state=sent]').waitFor()
    await go(page.getByRole('link', { name: 'Mer', exact: true }), 'Mer')
    await go(page.getByRole('link', { name: 'Min utvikling' }), 'Min utvikling')
    const temperature = page.getByRole('region', { name: 'Temperatur' })
    await tabTo(temperature.locator('summary'))
    await page.keyboard.press('Enter')
    // The newest first, below the heads.
    await temperature
      .getByRole('row')
      .nth(1)
      .getByRole('cell', { name: /^36,5\s°C$/ })
      .waitFor()
    expect(await own('8310-5')).toHaveLength(before + 1)
  })

  const LINES = 'Observation?patient=demo-line&code=59408-5,8867-4&_sort=-_lastUpdated&_count=500'
  const osloTime = (at: string) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: '2-digit', minute: '2-digit' }).format(
      new Date(at),
    )

  type Page = Awaited<ReturnType<PatientApp['visit']>>['page']
  async function measureYesterday(page: Page, time: string): Promise<void> {
    const again = page.getByRole('button', { name: 'Mål noe mer' })
    if ((await again.count()) > 0) await again.click()
    await page.getByLabel(/^Oksygen/).fill('93')
    await page.getByLabel(/^Puls/).fill('72')
    await page.getByRole('radio', { name: 'Tidligere' }).check()
    await page.getByLabel('Dag').selectOption({ index: 1 })
    await page.getByLabel('Klokkeslett').fill(time)
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.where[data-state=offline]').waitFor()
  }

  test('what the server refuses is explained, kept until it has been seen, and holds up nothing else', async () => {
    const { page } = await app().visit('measure/temperature')
    await page.context().route('**/fhir/Observation', (route) =>
      route.fulfill({
        ...{ status: 422, contentType: 'application/fhir+json' },
        body: JSON.stringify({
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'error', code: 'business-rule', diagnostics: 'Not at this time.' }],
        }),
      }),
    )
    await page.getByLabel(/^Temperatur/).fill('37,2')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.where[data-state=refused]').waitFor()
    await page.context().unroute('**/fhir/Observation')
    await page.reload()
    await page.getByText('1 ble ikke tatt imot').click()
    await page.getByText('Hvorfor?').click()
    await page.getByText('Not at this time.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Ta bort' }).click()
    await page.getByRole('heading', { name: 'Ingenting venter på å bli sendt' }).waitFor()
  })
}
