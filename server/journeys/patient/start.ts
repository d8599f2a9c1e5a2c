import { expect, test } from '@jest/globals'
import type { Parameters, Patient, Task } from '@medplum/fhirtypes'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import type { PatientApp } from '../harness/patient-app.ts'

/** How somebody begins: by the link that the team gave them. */
export function tell(app: () => PatientApp): void {
  async function invite(patient: string): Promise<string> {
    const response = await fetch(`${app().server.fhir}/Patient/${patient}/$invite`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await app().server.token()}` },
    })
    const { parameter } = (await response.json()) as Parameters
    return parameter?.find(({ name }) => name === 'link')?.valueUri ?? ''
  }

  test('who was invited reads what it is before they sign in, proves who they are, and is led to the first measurement; a used link and somebody else’s begin nothing', async () => {
    const link = await invite('demo-line')
    const { page, complaints } = await app().newVisit()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(link)
    await page.getByRole('heading', { name: 'Du er invitert til Fylgje', level: 1 }).waitFor()
    await page.getByText('Dette er ikke en nødtjeneste').waitFor()
    // What was in the address is neither there nor told to any server.
    const code = link.split('#')[1] ?? ''
    expect(code).toHaveLength(22)
    expect(page.url()).not.toContain(code)
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByText('Stor tekst').click()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByText('Stor tekst').click()

    app().idporten.person = { sub: 'line-begins', pid: '13116900216', acr: 'idporten-loa-high' }
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await page.getByRole('link', { name: /ID-porten/ }).click()
    await page.getByText('Invitasjonen er tatt imot. Velkommen!').waitFor()
    expect(asked.filter((url) => url.includes(code))).toEqual([])
    const [task] = await app().search<Task>(
      'Task?patient=demo-line&code=http://fylgje.no/fhir/CodeSystem/patient-app|start-app&_sort=-_lastUpdated',
    )
    expect(task?.status).toBe('completed')

    await page.getByText('Steg 1 av 5').waitFor()
    await page.getByRole('button', { name: 'Neste' }).click()
    await page.getByRole('heading', { name: 'Gjør det lett å lese' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Neste' }).press('Enter')
    await page.getByRole('heading', { name: 'Legg appen på telefonen' }).waitFor()
    await page.getByRole('button', { name: 'Neste' }).press('Enter')
    await page.getByText('Minn meg på det på denne telefonen').waitFor()
    await page.getByRole('button', { name: 'Neste' }).press('Enter')
    await page.getByRole('heading', { name: 'Den første målingen' }).waitFor()
    await expectNoFaultsInAnySize(page)
    await page.getByRole('button', { name: 'Ikke nå' }).click()
    await page.getByRole('heading', { name: 'Hei, Line' }).waitFor()

    await page.goto(link)
    await page.getByText('Lenken er brukt før.').waitFor()
    const somebodyElses = await invite((await app().search<Patient>('Patient?family=Linerle'))[0]?.id ?? '')
    await page.goto(somebodyElses)
    await page.reload()
    await page.getByText('Denne lenken er til en annen person.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(
      complaints.filter((said) => !/40[39]/.test(said) && !said.startsWith(`asked ${app().idporten.issuer}`)),
    ).toEqual([])
  }, 90_000)
}
