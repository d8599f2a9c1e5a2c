import { expect, test } from '@jest/globals'
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Route } from 'playwright-core'
import { type ClinicianApp, faultsOfApp } from '../harness/clinician-app.ts'

const answer = (route: Route, body: object, status = 200) =>
  route.fulfill({ status, contentType: 'application/fhir+json', body: JSON.stringify(body) })
const parameters = (...parameter: ParametersParameter[]): Parameters => ({ resourceType: 'Parameters', parameter })
const FOUND = parameters(
  { name: 'organization', valueString: '310000042' },
  {
    name: 'found',
    resource: {
      ...{ resourceType: 'AllergyIntolerance', id: 'a', patient: {}, code: { text: 'Penicillin' } },
      verificationStatus: { coding: [{ code: 'refuted' }] },
      reaction: [{ manifestation: [{ text: 'Utslett' }] }],
    },
  },
  {
    name: 'found',
    resource: {
      ...{ resourceType: 'MedicationStatement', id: 'm', status: 'stopped', subject: {} },
      medicationCodeableConcept: { text: 'Tiotropium 18 mikrogram' },
      dosage: [{ text: '1 inhalasjon morgen' }],
    },
  },
  { name: 'of-others', valueInteger: 1 },
  { name: 'missing', part: [{ name: 'part', valueCode: 'Condition' }] },
  { name: 'incomplete', valueCode: 'AllergyIntolerance' },
)

/** The EHR on the patient’s page. What is behind it is told by `journal-is-looked-in.test.ts`. */
export function tell(app: () => ClinicianApp): void {
  test('the EHR is asked when somebody says so; what is missing is not said to be nothing, and what is of others is not shown', async () => {
    const { page } = await app().visit('patient/demo-line?tab=history')
    const asked: Parameters[] = []
    let isClosed = false
    await page.route('**/$journal-status', (route) =>
      answer(
        route,
        parameters({ name: 'connected', valueBoolean: true }, { name: 'organization', valueString: '310000042' }),
      ),
    )
    await page.route('**/$journal', (route) => {
      asked.push(route.request().postDataJSON() as Parameters)
      const closed = {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'suppressed', diagnostics: 'Closed.' }],
      }
      return isClosed ? answer(route, closed, 403) : answer(route, FOUND)
    })
    await page.reload()
    const card = page.getByRole('region', { name: 'Fra journalen' })
    await card.getByRole('button', { name: 'Hent fra journalen' }).waitFor()
    expect(asked).toEqual([])
    await card.getByRole('button', { name: 'Hent fra journalen' }).click()
    await card.getByText('Penicillin').waitFor()
    await card.getByText('1 inhalasjon morgen').waitFor()
    await card.getByText('avsluttet').waitFor()
    await card.getByText('avkreftet').waitFor()
    expect(await card.getByText('Noe av dette kunne ikke vises her. Se i journalen.').count()).toBe(1)
    await card.getByText('Én oppføring gjaldt en annen person').waitFor()
    expect(await card.getByText('Dette kunne ikke hentes fra journalen.').count()).toBe(1)
    expect(await card.getByText('Ikke noe er registrert.').count()).toBe(1)
    expect(asked[0]?.parameter).toEqual([{ name: 'organization', valueString: '310000042' }])
    expect(await faultsOfApp(page)).toEqual([])
    isClosed = true
    await card.getByRole('button', { name: 'Hent fra journalen' }).click()
    await card.getByText('Noe i journalen her er sperret for deg.').waitFor()
    expect(await card.getByText('Penicillin').count()).toBe(0)
  })
}
