import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { syntheticFnr } from '../../demo/fnr.ts'
import { faultsOfApp } from '../harness/clinician-app.ts'
import { eventually } from '../harness/eventually.ts'
import { keptCount } from '../harness/kept-on-phone.ts'
import { type PatientApp, recordRead } from '../harness/patient-app.ts'

/** Whose the phone is: several people and several windows of it. */
export function tell(app: () => PatientApp): void {
  const MAJA = syntheticFnr('1994-05-17', 'female', 420)
  const nameOf = (page: Page) => page.getByText(/^Du ser opplysningene til/)
  /** Somebody has left something unsent for one patient, and the phone is used for another. */
  async function changesPatient(): Promise<Page> {
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}measure/temperature?demo=kin`)
    await recordRead(page)
    // What is made is not taken, and all else has a net.
    await page.route('**/fhir/Observation', (route) => route.abort())
    await page.getByLabel(/^Temperatur/).fill('37,1')
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.getByText(/1 lagret her/).waitFor()
    app().idporten.person = { sub: 'maja-on-the-phone', pid: MAJA, acr: 'idporten-loa-high' }
    await page.getByRole('button', { name: 'Bytt person' }).click()
    await page.getByRole('link', { name: /ID-porten/ }).click()
    await page.getByRole('button', { name: /Astrid Linerle/ }).click()
    await page.getByRole('alertdialog').getByText('Det ligger usendte målinger på telefonen').waitFor()
    return page
  }
  const sent = () => app().search<Observation>('Observation?patient=demo-line&value-quantity=37.1')

  test('who changes patient is asked first about what was not sent; kept, it is still there, for the patient whose it is, and goes when there is a net', async () => {
    const page = await changesPatient()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Behold dem' }).click()
    await nameOf(page).waitFor()
    expect(await nameOf(page).innerText()).toContain('Line Danser')
    await page.unroute('**/fhir/Observation')
    await eventually(sent, (all) => all.length === 1)
  })

  test('removed, it is gone: nothing of the one patient is left with the other, and it is never sent', async () => {
    const before = (await sent()).length
    const page = await changesPatient()
    await page.getByRole('button', { name: 'Slett dem og logg inn' }).click()
    await nameOf(page).waitFor()
    await recordRead(page)
    expect(await nameOf(page).innerText()).toContain('Astrid Linerle')
    await page.unroute('**/fhir/Observation')
    await page.goto(`${app().address}sending`)
    await recordRead(page)
    await page.getByText('Alt er sendt', { exact: true }).waitFor()
    expect((await page.locator('main').innerText()).includes('71,1')).toBe(false)
    expect((await sent()).length).toBe(before)
  })

  test('every window of a phone is asked to keep what it has, also when the phone is full', async () => {
    const { page } = await app().newVisit()
    await page.addInitScript(() => {
      const asked = { count: 0 }
      Object.assign(globalThis, { persistAsked: asked })
      StorageManager.prototype.persist = () => {
        asked.count++
        return Promise.reject(new TypeError('not here'))
      }
    })
    await page.goto(`${app().address}?demo=patient`)
    await recordRead(page)
    // Refused or broken, the app opens all the same.
    expect(
      await page.evaluate(() => (globalThis as unknown as { persistAsked: { count: number } }).persistAsked.count),
    ).toBe(1)
  })

  test('signed out in one window, the other is signed out too, and nothing is left on the phone', async () => {
    const { page } = await app().visit('measure/weight')
    const other = await page.context().newPage()
    await other.goto(`${app().address}more`)
    await recordRead(other)
    await other.getByRole('button', { name: 'Logg ut' }).click()
    await other.getByRole('alertdialog').getByRole('button', { name: 'Logg ut' }).click()
    await other.getByRole('heading', { name: 'Velkommen til Fylgje' }).waitFor()
    await page.getByRole('heading', { name: 'Velkommen til Fylgje' }).waitFor()
    expect(await page.locator('.sending-state').count()).toBe(0)
    expect(await keptCount(page)).toBe(0)
  })
}
