import { expect, test } from '@jest/globals'
import type { Media, Observation } from '@medplum/fhirtypes'
import { pictureKindOf } from '../../pictures/picture-kind.ts'
import { tellsWhere } from '../../pictures/tells-where.ts'
import { withExif } from '../../pictures/test-picture.ts'
import { playDevice } from '../harness/bluetooth.ts'
import { faultsOfApp } from '../harness/clinician-app.ts'
import type { PatientApp } from '../harness/patient-app.ts'

/** SFLOAT, as oximeters send whole numbers. */
const number = (value: number) => [value & 0xff, (value >> 8) & 0xf]
const NO_NUMBER = [0xff, 0x07]
/** Flags that nothing more follows, SpO₂, pulse. */
const spotCheck = (spo2: readonly number[], pulse: number) => [0, ...spo2, ...number(pulse)]

/** What a device at home sends by itself. */
export function tell(app: () => PatientApp): void {
  test('a red value that an oximeter sends by Bluetooth is stored as sent by it, and becomes a Task in the list of the nurse', async () => {
    const { page, complaints } = await app().newVisit()
    const oximeter = await playDevice(app().browser, page, {
      ...{ name: 'PO-1', service: '1822', characteristic: '2a5e', make: 'Acme', model: 'PO-1' },
    })
    await page.goto(`${app().address}measure/oximeter?demo=patient`)
    await page.getByText('Legg måleren ved siden av telefonen').waitFor()
    expect(await faultsOfApp(page)).toEqual([])

    // Out of reach before it has measured: it is said what to do, and the number can be typed all the while.
    await page.getByRole('button', { name: 'Koble til måleren' }).click()
    await page.getByText('Tilkoblet. Venter på tallet').waitFor()
    await page.getByLabel(/^Oksygen/).fill('9')
    await oximeter.leave()
    await page.getByText('Vi mistet kontakten med måleren.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])

    // A finger that was taken out too early gives no number, and none is made up.
    await page.getByRole('button', { name: 'Hent fra PO-1' }).click()
    await oximeter.send(spotCheck(NO_NUMBER, 70))
    await page.getByText('Måleren fikk ikke noe tall.').waitFor()
    expect(await page.getByLabel(/^Oksygen/).inputValue()).toBe('9')

    await page.getByRole('button', { name: 'Hent fra PO-1' }).click()
    await oximeter.send(spotCheck(number(82), 108))
    await page.getByText('Hentet fra Acme PO-1.').waitFor()
    expect([
      await page.getByLabel(/^Oksygen/).inputValue(),
      await page.getByLabel(/^Puls/).inputValue(),
      await page.getByRole('button', { name: 'Hent fra PO-1' }).count(),
    ]).toEqual(['82', '108', 1])
    expect(await faultsOfApp(page)).toEqual([])
    // A picture comes along, made small and without what the camera wrote into it; what is no picture does not.
    const pictures = page.locator('.photo-field input[type=file]')
    await page.getByRole('button', { name: 'Legg ved et bilde (valgfritt)' }).waitFor()
    await pictures.setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') })
    await page.getByText('Vi kan ikke bruke denne filen som bilde.').waitFor()
    // A file of a camera, which has written into it where it was.
    const drawn = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 512, height: 384 })
      canvas.getContext('2d')?.fillRect(0, 0, 256, 192)
      return canvas.toDataURL('image/jpeg').split(',')[1] ?? ''
    })
    const taken = withExif(Buffer.from(drawn, 'base64'))
    expect(tellsWhere(taken)).toBe(true)
    await pictures.setInputFiles({ name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: taken })
    await page.getByRole('img', { name: 'Bildet du har lagt ved' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.zone-card[data-zone=red]').waitFor()
    await page.locator('.where[data-state=sent]').waitFor()
    const [stored] = await app().search<Observation>('Observation?patient=demo-line&code=59408-5&value-quantity=82')
    expect(stored).toMatchObject({
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/home-spo2'] },
      valueQuantity: { value: 82, code: '%' },
      method: { coding: [{ code: 'device' }] },
      device: { display: 'Acme PO-1' },
    })
    expect(complaints.filter((one) => !one.includes('Web Bluetooth is experimental'))).toEqual([])

    const nurse = await app().browser.newContext({ locale: 'nb-NO', timezoneId: 'Europe/Oslo' })
    const list = await nurse.newPage()
    await list.goto(`${app().server.baseUrl}/apps/clinician/worklist`)
    await list.getByRole('button', { name: /demo/i }).click()
    await list
      .getByText(/SpO2 82\s%/)
      .first()
      .waitFor()
    await list.goto(`${app().server.baseUrl}/apps/clinician/patient/demo-line?tab=messages`)
    const message = list.locator('.thread li', { hasText: /Bilde til: Oksygen.* 82 %, Puls/ })
    await message.getByRole('button', { name: 'Vis bildet' }).click()
    const picture = message.getByRole('img', { name: /^Bilde fra pasienten/ })
    await picture.waitFor()
    expect(await picture.evaluate((shown: HTMLImageElement) => shown.decode().then(() => shown.naturalWidth))).toBe(512)
    expect(await faultsOfApp(list)).toEqual([])
    const [media] = await app().search<Media>('Media?patient=demo-line')
    expect(media).toMatchObject({
      ...{ content: { contentType: 'image/jpeg' }, operator: { reference: 'Patient/demo-line' } },
      subject: { reference: 'Patient/demo-line' },
    })
    const bytes = Buffer.from(media?.content.data ?? '', 'base64')
    expect([pictureKindOf(bytes), bytes.includes('Exif'), tellsWhere(bytes)]).toEqual(['image/jpeg', false, false])
  }, 90_000)
}
