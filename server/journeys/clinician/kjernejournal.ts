import { expect, test } from '@jest/globals'
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Page, Route } from 'playwright-core'
import { type ClinicianApp, faultsOfApp } from '../harness/clinician-app.ts'

const answer = (route: Route, body: object, status = 200) =>
  route.fulfill({ status, contentType: 'application/fhir+json', body: JSON.stringify(body) })
const parameters = (...parameter: ParametersParameter[]): Parameters => ({ resourceType: 'Parameters', parameter })
const DOCUMENT = {
  ...{ resourceType: 'DocumentReference', status: 'current', description: 'Epikrise, lungeavdelingen' },
  ...{ author: [{ display: 'Sykehuset Innlandet' }], content: [{ attachment: { contentType: 'text/plain' } }] },
} as const
const found = (blocked: number) =>
  parameters(
    {
      name: 'document',
      part: [
        { name: 'reference', resource: DOCUMENT as never },
        { name: 'document', valueString: '1.2' },
        { name: 'community', valueString: 'urn:oid:1' },
        { name: 'repository', valueString: '1.3' },
      ],
    },
    {
      name: 'critical',
      resource: {
        ...{ resourceType: 'AllergyIntolerance', id: 'a', patient: {}, code: { text: 'Penicillin' } },
        reaction: [{ manifestation: [{ text: 'Anafylaksi' }] }],
      },
    },
    { name: 'blocked', valueInteger: blocked },
  )

/** The core journal on the patient’s page. What is behind it is told by `kjernejournal-is-looked-in.test.ts`. */
export function tell(app: () => ClinicianApp): void {
  const asked: ParametersParameter[][] = []
  /** What the server would answer, were it connected. */
  async function connect(page: Page, isSignedIn: boolean) {
    const given = (route: Route) => (route.request().postDataJSON() as Parameters).parameter ?? []
    const status = [
      { name: 'connected', valueBoolean: true },
      { name: 'signed-in', valueBoolean: isSignedIn },
    ]
    await page.route('**/$kjernejournal-status', (route) => answer(route, parameters(...status)))
    await page.route('**/$kjernejournal', (route) => {
      asked.push(given(route))
      const isRaised = given(route).some(({ valueCode }) => valueCode?.startsWith('raised-'))
      return answer(route, found(isRaised ? 0 : 2))
    })
    await page.route('**/$kjernejournal-document', (route) =>
      given(route).some(({ name }) => name === 'keep')
        ? answer(route, { ...DOCUMENT, id: 'kept' }, 201)
        : answer(route, { resourceType: 'Binary', contentType: 'text/plain', data: btoa('Utskrevet i bedring.') }),
    )
    await page.route('**/$kjernejournal-portal', (route) =>
      answer(
        route,
        { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found', diagnostics: 'None.' }] },
        404,
      ),
    )
  }

  test('nothing is asked before a ground is chosen and somebody looks; what is found is read, and kept only when that is asked for', async () => {
    const { page, complaints } = await app().visit('patient/demo-line?tab=history')
    // A server that is not connected shows no card.
    await page.getByRole('heading', { level: 2, name: 'Dokumenter' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Kjernejournal' }).count()).toBe(0)
    await connect(page, true)
    await page.reload()
    const card = page.getByRole('region', { name: 'Kjernejournal' })
    await card.getByText('pasienten kan se det').waitFor()
    expect(asked).toEqual([])
    await card.getByRole('button', { name: 'Slå opp', exact: true }).click()
    await card.getByText('Penicillin').waitFor()
    await card.getByText('Overfølsomhet · Anafylaksi').waitFor()
    await card.getByText('Pasienten har sperret 2 dokumenter.').waitFor()
    expect(asked.at(-1)).toEqual([
      { name: 'purpose', valueCode: 'TREAT' },
      { name: 'basis', valueCode: 'consent' },
    ])
    expect(await faultsOfApp(page)).toEqual([])
    await card.getByRole('button', { name: 'Slå opp også det som er sperret' }).click()
    await card.getByText('Pasienten har sperret').waitFor({ state: 'detached' })
    expect(asked.at(-1)?.[1]).toEqual({ name: 'basis', valueCode: 'raised-consent' })
    await card.getByRole('button', { name: 'Åpne Epikrise, lungeavdelingen' }).click()
    const dialog = page.getByRole('dialog', { name: 'Epikrise, lungeavdelingen' })
    await dialog.getByText('Utskrevet i bedring.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Lagre kopi her' }).click()
    await dialog.getByText('En kopi er lagret').waitFor()
    await dialog.getByRole('button', { name: 'Lukk' }).last().click()
    await card.getByRole('button', { name: 'Gå til portalen …' }).click()
    await card.getByText('Pasienten har ingen kjernejournal').waitFor()
    expect(complaints.filter((one) => !one.includes('404') && !one.includes('400'))).toEqual([])
    // Whoever came another way than by HelseID is told so, and offered nothing.
    await page.unroute('**/$kjernejournal-status')
    await connect(page, false)
    await page.reload()
    await card.getByText('Logg ut og inn igjen med HelseID').waitFor()
    expect(await card.getByRole('button').count()).toBe(0)
  })
}
