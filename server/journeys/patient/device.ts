import { expect, test } from '@jest/globals'
import type { Media, Observation, OperationOutcome } from '@medplum/fhirtypes'
import type { Locator } from 'playwright-core'
import { pictureKindOf } from '../../pictures/picture-kind.ts'
import { tellsWhere } from '../../pictures/tells-where.ts'
import { withExif } from '../../pictures/test-picture.ts'
import { playDevice } from '../harness/bluetooth.ts'
import { faultsOfApp } from '../harness/clinician-app.ts'
import { demoSession } from '../harness/demo-session.ts'
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
    // On a slow line the picture is still on its way while the measurement has arrived, and is seen all the while.
    const line = Promise.withResolvers<void>()
    await page.route('**/fhir/Media', async (route) => {
      await line.promise
      await route.continue()
    })
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.zone-card[data-zone=red]').waitFor()
    await page.locator('.where[data-state=sent]').waitFor()
    await page.locator('.sending-state').click()
    const waiting = page.locator('li.entry', { hasText: 'Lagt ved' })
    await waiting.getByText('Bilde', { exact: true }).waitFor()
    const widthOf = async (shown: Locator) => {
      await shown.waitFor()
      return shown.evaluate((one: HTMLImageElement) => one.decode().then(() => one.naturalWidth))
    }
    await page.getByRole('link', { name: 'Meldinger', exact: true }).click()
    const own = page.locator('.thread li', { hasText: /Bilde til: Oksygen.* 82 %, Puls/ })
    await own.getByRole('button', { name: 'Vis bildet' }).click()
    expect(await widthOf(own.getByRole('img', { name: /^Bildet som ble sendt/ }))).toBe(512)
    expect(await faultsOfApp(page)).toEqual([])
    line.resolve()
    await page.locator('.sending-state').click()
    await waiting.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Mer', exact: true }).click()
    await page.getByRole('link', { name: 'Min utvikling' }).click()
    const saturation = page.getByRole('region', { name: 'SpO₂' })
    await saturation.getByText('Vis som liste').click()
    const measured = saturation.getByRole('row', { name: /82\s%/ })
    await measured.getByRole('button', { name: 'Vis bildet' }).click()
    expect(await widthOf(measured.getByRole('img', { name: /^Bildet som ble sendt/ }))).toBe(512)
    expect(await faultsOfApp(page)).toEqual([])
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
    expect(await widthOf(message.getByRole('img', { name: /^Bilde fra pasienten/ }))).toBe(512)
    expect(await faultsOfApp(list)).toEqual([])
    await list.goto(`${app().server.baseUrl}/apps/clinician/patient/demo-line?tab=trends&as=table`)
    const row = list.getByRole('row', { name: /82\s%/ })
    await row.getByRole('button', { name: 'Vis bildet' }).click()
    expect(await widthOf(row.getByRole('img', { name: /^Bilde fra pasienten/ }))).toBe(512)
    expect(await faultsOfApp(list)).toEqual([])
    const [media] = await app().search<Media>('Media?patient=demo-line')
    expect(media).toMatchObject({
      ...{ content: { contentType: 'image/jpeg' }, operator: { reference: 'Patient/demo-line' } },
      subject: { reference: 'Patient/demo-line' },
    })
    const [spo2] = await app().search<Observation>('Observation?patient=demo-line&code=59408-5&value-quantity=82')
    expect(media?.partOf?.map(({ identifier }) => identifier?.value)).toContain(spo2?.identifier?.[0]?.value)
    const bytes = Buffer.from(media?.content.data ?? '', 'base64')
    expect([pictureKindOf(bytes), bytes.includes('Exif'), tellsWhere(bytes)]).toEqual(['image/jpeg', false, false])

    // What another app of the patient's sends is held to the same.
    const authorization = `Bearer ${await demoSession(app().server, 'patient')}`
    const send = async (changes: Partial<Media>, content: Partial<Media['content']>) => {
      const body = { ...media, id: undefined, meta: undefined, identifier: undefined, ...changes }
      const response = await fetch(`${app().server.fhir}/Media`, {
        ...{ method: 'POST', headers: { authorization, 'content-type': 'application/fhir+json' } },
        body: JSON.stringify({ ...body, content: { ...media?.content, ...content } }),
      })
      const { issue } = (await response.json()) as OperationOutcome
      return [response.status, issue?.[0]?.code, ...(issue?.[0]?.expression ?? [])]
    }
    const big = Buffer.concat([bytes, Buffer.alloc(1_000_001 - bytes.length)]).toString('base64')
    expect([
      await send({}, { data: big }),
      await send({}, { contentType: 'image/png' }),
      await send({}, { data: taken.toString('base64') }),
      await send({ subject: { reference: 'Patient/demo-astrid' } }, {}),
    ]).toEqual([
      [413, 'too-long', 'Media.content.data'],
      [422, 'business-rule', 'Media.content.contentType'],
      [422, 'business-rule', 'Media.content.data'],
      [403, 'forbidden'],
    ])
  }, 90_000)

  test('what a blood pressure monitor and a scale send by Bluetooth is stored as sent by them', async () => {
    const { page } = await app().newVisit()
    const device = await playDevice(app().browser, page, {
      ...{ name: 'BP-1', service: '1810', characteristic: '2a35', make: 'Acme', model: 'BP-1' },
    })
    await page.goto(`${app().address}measure/pressure?demo=patient`)
    await page.getByRole('button', { name: 'Koble til måleren' }).click()
    // Flags that only the pulse follows; mmHg; systolic, diastolic, mean, pulse.
    await device.send([0b100, ...number(132), ...number(82), ...number(99), ...number(71)])
    await page.getByText('Hentet fra Acme BP-1.').waitFor()
    expect([
      await page.getByLabel(/^Overtrykk/).inputValue(),
      await page.getByLabel(/^Undertrykk/).inputValue(),
    ]).toEqual(['132', '82'])
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.where[data-state=sent]').waitFor()

    await device.become({ name: 'WS-1', service: '181d', characteristic: '2a9d', make: 'Acme', model: 'WS-1' })
    await page.goto(`${app().address}measure/weight`)
    await page.getByRole('button', { name: 'Koble til måleren' }).click()
    // In steps of 5 g: 68.2 kg.
    await device.send([0, 13_640 & 0xff, 13_640 >> 8])
    await page.getByText('Hentet fra Acme WS-1.').waitFor()
    expect(await page.getByLabel(/^Vekt/).inputValue()).toBe('68,2')
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Lagre målingen' }).click()
    await page.locator('.where[data-state=sent]').waitFor()
    const sent = (
      await app().search<Observation>('Observation?patient=demo-line&_sort=-_lastUpdated&_count=50')
    ).filter(({ device }) => device?.display?.startsWith('Acme'))
    const byDevice = (name: string, code: string) =>
      sent.find((one) => one.device?.display === name && one.code?.coding?.some((coding) => coding.code === code))
    expect(byDevice('Acme BP-1', '8867-4')).toMatchObject({ valueQuantity: { value: 71, code: '/min' } })
    expect(byDevice('Acme BP-1', '85354-9')).toMatchObject({
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/home-blood-pressure'] },
      component: [{ valueQuantity: { value: 132 } }, { valueQuantity: { value: 82 } }],
      method: { coding: [{ code: 'device' }] },
    })
    expect(byDevice('Acme WS-1', '29463-7')).toMatchObject({
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/home-weight'] },
      ...{ valueQuantity: { value: 68.2, code: 'kg' }, method: { coding: [{ code: 'device' }] } },
    })
  }, 60_000)
}
