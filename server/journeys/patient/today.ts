import { expect, test } from '@jest/globals'
import { faultsOfApp } from '../harness/clinician-app.ts'
import type { PatientApp } from '../harness/patient-app.ts'

/** The first page: what the plan has for today. */
export function tell(app: () => PatientApp): void {
  async function store(type: string, resource: object): Promise<void> {
    const { fhir } = app().server
    const response = await fetch(`${fhir}/${type}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await app().server.token()}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: type, ...resource }),
    })
    if (!response.ok) throw new Error(`${type}: ${response.status} ${await response.text()}`)
  }
  const line = { reference: 'Patient/demo-line' }

  test('what the team asks for, appointments and medicines stand there, also at 200 % and in forced colours', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000)
    await Promise.all([
      store('Task', {
        ...{ status: 'requested', intent: 'order', description: 'Les om pusteteknikk', for: line, owner: line },
      }),
      store('Appointment', {
        ...{ status: 'booked', description: 'Kontroll hos lungesykepleier', start: inAnHour.toISOString() },
        end: new Date(inAnHour.getTime() + 1_800_000).toISOString(),
        participant: [{ actor: line, status: 'accepted' }],
      }),
      store('MedicationStatement', {
        ...{ status: 'active', subject: line, medicationCodeableConcept: { text: 'Tiotropium' } },
        dosage: [{ text: '1 drag hver morgen' }],
      }),
    ])
    const { page, complaints } = await app().visit()
    for (const [name, said] of [
      ['Teamet ber deg om', 'Les om pusteteknikk'],
      ['Avtaler', 'Kontroll hos lungesykepleier'],
      ['Medisiner', '1 drag hver morgen'],
    ] as const)
      await page.getByRole('region', { name }).getByText(said).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%'
    })
    expect(await faultsOfApp(page)).toEqual([])
    await page.evaluate(() => document.documentElement.style.removeProperty('font-size'))
    await page.emulateMedia({ forcedColors: 'active' })
    expect(await faultsOfApp(page)).toEqual([])
    // The colour is gone; the border, the shape and the word of the zone are not.
    const card = page.locator('.zone-card')
    expect(await card.evaluate((element) => getComputedStyle(element).borderLeftWidth)).not.toBe('0px')
    await card
      .getByText(/Grønn|Gul|Rød|Ingen nye målinger/)
      .first()
      .waitFor()
    expect(complaints).toEqual([])
  })
}
