import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startPushService, type TestPushService } from '../../push/test-push-service.ts'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { eventually } from '../harness/eventually.ts'
import { isKept, type PatientApp, recordRead } from '../harness/patient-app.ts'

/** The phone tells that there is something to do. The browser of the tests has no push service: one of ours stands for it. */
export function tell(app: () => PatientApp): void {
  let service: TestPushService
  beforeAll(async () => {
    service = await startPushService()
  })
  afterAll(() => service?.stop())

  async function remind(): Promise<void> {
    const line = { reference: 'Patient/demo-line' }
    const response = await fetch(`${app().server.fhir}/CommunicationRequest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await app().server.token()}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({
        ...{ resourceType: 'CommunicationRequest', status: 'active', subject: line, recipient: [line] },
        payload: [{ contentString: 'Husk: Mål oksygenmetning og puls.' }],
      }),
    })
    expect(response.status).toBe(201)
  }

  test('who wants it is told on their phone that there is something to do, and no more; signed out, the phone is given up', async () => {
    const device = service.newDevice()
    const { page, complaints } = await app().newVisit()
    await page.addInitScript(({ endpoint, p256dh, auth }) => {
      Object.defineProperty(Notification, 'permission', { get: () => 'granted' })
      Notification.requestPermission = async () => 'granted'
      let current: unknown = null
      Object.assign(PushManager.prototype, {
        getSubscription: async () => current,
        subscribe: async (options: { applicationServerKey: Uint8Array }) => {
          current = {
            ...{ endpoint, options, toJSON: () => ({ endpoint, keys: { p256dh, auth } }) },
            unsubscribe: async () => {
              current = null
            },
          }
          return current
        },
      })
    }, device)
    await page.goto(`${app().address}settings?demo=patient`)
    await recordRead(page)
    await isKept(page)
    await page.getByText('Minn meg på det på denne telefonen').click()
    await page.getByText('Ikke forstyrr meg om natten').waitFor()
    await expectNoFaultsInAnySize(page)
    // Whatever the clock shows where this runs.
    const told = page.waitForResponse(/push-subscribe/)
    await page.getByText('Ikke forstyrr meg om natten').click()
    expect((await told).status()).toBe(200)
    await remind()
    await eventually(
      async () => service.received,
      (all) => all.length > 0,
    )
    expect(service.received).toMatchObject([
      { endpoint: device.endpoint, notice: { body: 'Du har noe å gjøre i Fylgje.', lang: 'nb' } },
    ])
    expect(JSON.stringify(service.received)).not.toMatch(/oksygen|puls|Line/i)

    await page.getByRole('link', { name: 'Mer', exact: true }).click()
    await page.getByRole('button', { name: 'Logg ut' }).click()
    const ended = page.waitForResponse(/push-unsubscribe/)
    await page.getByRole('alertdialog').getByRole('button', { name: 'Logg ut' }).click()
    await page.getByRole('heading', { name: 'Velkommen til Fylgje' }).waitFor()
    expect((await ended).status()).toBe(200)
    expect(complaints).toEqual([])
  }, 60_000)

  test('a phone that does not let the app tell says so, and what to do; so does one on which the choice cannot be read', async () => {
    const { page, complaints } = await app().newVisit()
    await page.addInitScript(() => {
      Object.defineProperty(Notification, 'permission', { get: () => 'denied' })
    })
    await page.goto(`${app().address}settings?demo=patient`)
    await page.getByText('Telefonen lar ikke Fylgje si fra.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('link', { name: 'Mer', exact: true }).click()
    await page.evaluate(() => {
      const { get } = IDBObjectStore.prototype
      IDBObjectStore.prototype.get = function (key) {
        if (key === 'reminding') throw new DOMException('It cannot be read.', 'UnknownError')
        return get.call(this, key)
      }
    })
    await page.getByRole('link', { name: 'Innstillinger' }).click()
    await page.getByText('Vi får ikke lest hva du har valgt her.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  })
}
