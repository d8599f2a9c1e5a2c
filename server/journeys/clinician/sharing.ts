import { expect, test } from '@jest/globals'
import type { Bundle, Consent, Provenance, RelatedPerson } from '@medplum/fhirtypes'
import { answerForbidden, type ClinicianApp, expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { loseNextAnswer } from '../harness/lost-answer.ts'

/** Who may see a patient's record, as the patient has said. */
export function tell(app: () => ClinicianApp): void {
  const { send, someoneNew } = tasksOf(app)
  const found = async <R>(query: string): Promise<R[]> =>
    ((await send<Bundle>('GET', query)).entry ?? []).map(({ resource }) => resource as R)

  test('next of kin are given access to a part, with how the patient said so; it is ended with a reason, and back when undone', async () => {
    const id = await someoneNew()
    const { page, complaints } = await app().visit(`patient/${id}?tab=access`)
    await page.locator('.patient-followed', { hasText: /Pårørende med innsyn\s*ingen/ }).waitFor()
    await page.getByRole('button', { name: 'Gi innsyn til noen andre …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Gi noen innsyn?' })
    await dialog.getByRole('textbox', { name: 'Hvordan har pasienten sagt det?' }).fill('I telefonen i dag.')
    await dialog.getByRole('button', { name: 'Gi innsyn' }).click()
    await dialog.getByText('Skriv fornavn og etternavn').waitFor()
    await dialog.getByLabel('Navn').fill('Mari Ny')
    await dialog.getByLabel('Er for pasienten').selectOption({ label: 'barn' })
    await dialog.getByRole('radio', { name: 'Bare noe' }).check()
    await dialog.getByRole('checkbox', { name: 'Målinger' }).check()
    await dialog.getByRole('button', { name: 'Gi innsyn' }).click()
    await dialog.getByText('Bekreft at pasienten har bedt om det.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(await found<Consent>(`Consent?patient=${id}`)).toEqual([])
    await dialog.getByRole('checkbox', { name: 'Pasienten har selv bedt om det' }).check()
    // All of it goes through, but the answer is lost; then less is given.
    await dialog.getByRole('radio', { name: 'Hele journalen' }).check()
    await loseNextAnswer(page)
    await dialog.getByRole('button', { name: 'Gi innsyn' }).click()
    await dialog.locator('.act-failure').waitFor()
    expect(complaints.splice(0).filter((said) => !said.includes('net::ERR_FAILED'))).toEqual([])
    await dialog.getByRole('radio', { name: 'Bare noe' }).check()
    await dialog.getByRole('button', { name: 'Gi innsyn' }).click()
    await page.getByText('Mari Ny har innsyn.').waitFor()
    const [kin, ...doubles] = await found<RelatedPerson>(`RelatedPerson?patient=${id}`)
    const [consent, ...others] = await found<Consent>(`Consent?patient=${id}`)
    expect([...doubles, ...others]).toEqual([])
    expect(consent?.provision).toMatchObject({
      type: 'permit',
      actor: [{ reference: { reference: `RelatedPerson/${kin?.id}` } }],
      class: [{ code: 'Observation' }, { code: 'ClinicalImpression' }, { code: 'Patient' }],
    })
    const reasons = async () =>
      (await found<Provenance>(`Provenance?target=Consent/${consent?.id}`)).map(({ reason }) => reason?.[0]?.text)
    expect(await reasons()).toEqual(['I telefonen i dag.', 'I telefonen i dag.'])
    const line = page.getByRole('region', { name: 'Har innsyn' }).getByRole('listitem')
    expect(await line.innerText()).toMatch(/Mari Ny\s*\(barn\)\s+Målinger/)
    // Above all tabs too: only who may see something stands there.
    await page.locator('.patient-followed').getByText('Mari Ny').waitFor()
    await expectNoFaultsInAnySize(page)
    await page.getByRole('button', { name: 'Avslutt innsynet for Mari Ny …' }).click()
    const ending = page.getByRole('dialog', { name: 'Avslutte innsynet for Mari Ny?' })
    await ending.getByRole('button', { name: 'Avslutt innsynet' }).click()
    await ending.getByText('Skriv en begrunnelse').waitFor()
    await ending.getByRole('textbox').fill('Pasienten ønsker det ikke lenger.')
    await ending.getByRole('button', { name: 'Avslutt innsynet' }).click()
    await page.getByText('Innsynet for Mari Ny er avsluttet.').waitFor()
    expect((await send<Consent>('GET', `Consent/${consent?.id}`)).status).toBe('inactive')
    await page.getByRole('region', { name: 'Avsluttet' }).getByText('«Pasienten ønsker det ikke lenger.»').waitFor()
    await page.getByRole('region', { name: 'Kjente uten innsyn' }).getByText('Mari Ny').waitFor()
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.getByText('Mari Ny har innsyn igjen.').waitFor()
    expect((await send<Consent>('GET', `Consent/${consent?.id}`)).status).toBe('active')
    expect(complaints).toEqual([])
  })

  test('what the patient has closed is told; of what may not be seen it is told who to ask', async () => {
    const id = await someoneNew()
    await send('POST', 'Consent', {
      ...{ resourceType: 'Consent', status: 'active', patient: { reference: `Patient/${id}` } },
      ...{ dateTime: new Date().toISOString(), policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' } },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      provision: {
        type: 'deny',
        actor: [
          {
            role: { text: 'sperret for' },
            reference: { reference: 'Practitioner/demo-gp-2', display: 'Mari Fjellvann' },
          },
        ],
        class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'QuestionnaireResponse' }],
      },
    })
    const { page } = await app().visit(`patient/${id}?tab=access`)
    const closed = page.getByRole('region', { name: 'Sperret' }).getByRole('listitem')
    expect(await closed.innerText()).toMatch(/Mari Fjellvann\s+Skjema/)
    await page.route('**/fhir/Consent/_search', answerForbidden)
    await page.reload()
    await page.getByText(/Tilgangen din omfatter ikke hvem som har innsyn/).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })
}
