import { expect, test } from '@jest/globals'
import type { Bundle, Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { answerChanged, isKept, type PatientApp, recordRead } from '../harness/patient-app.ts'

const DIARY = 'form?form=http://fylgje.no/fhir/Questionnaire/copd-diary'

const COUNTED: QuestionnaireItem = {
  ...{ linkId: 'counted', type: 'integer', text: 'Besvarte spørsmål', readOnly: true },
  extension: [
    {
      url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
      valueExpression: {
        language: 'text/fhirpath',
        expression: "%resource.repeat(item).where(linkId != 'counted').answer.count()",
      },
    },
  ],
}

/** What somebody is asked: a page at a time, kept as it is answered, sent like everything else. */
export function tell(app: () => PatientApp): void {
  type Page = Awaited<ReturnType<PatientApp['visit']>>['page']
  const next = (page: Page) => page.getByRole('button', { name: /^(Neste|Se over svarene)$/ }).click()
  const sentByApp = async (): Promise<QuestionnaireResponse[]> => {
    const all = await app().search<QuestionnaireResponse>('QuestionnaireResponse?patient=demo-line&_count=500')
    return all.filter(({ identifier }) => identifier?.system === 'urn:ietf:rfc:3986')
  }
  /** Whatever page it is on: the first choice of each question, the least of each number. */
  async function answerPage(page: Page): Promise<void> {
    for (const group of await page.getByRole('radiogroup').all()) {
      const no = group.getByRole('radio', { name: 'Nei', exact: true })
      await ((await no.count()) > 0 ? no : group.getByRole('radio').first()).check()
    }
    for (const field of await page.locator('.number input').all()) await field.fill('1')
  }

  test('what must be answered is asked for; a danger sign is told at once, what to do and whom to call', async () => {
    const { page, complaints } = await app().visit(DIARY)
    await page.getByRole('heading', { name: 'Faretegn' }).waitFor()
    await expectNoFaultsInAnySize(page)
    await next(page)
    await page.getByText('Du må svare på dette.').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('radiogroup').first().getByRole('radio', { name: 'Ja' }).check()
    await page.getByText(/Ring 113 nå/).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('begun without a net, gone on with after a crash, looked over, and sent once when the net is back', async () => {
    const before = (await sentByApp()).length
    const { page } = await app().comeAnew()
    // With something that is worked out: beside the page, by what was kept of the app, without a net too.
    await answerChanged(page, '**/fhir/Questionnaire/_search', (text) => {
      const bundle = JSON.parse(text) as Bundle<Questionnaire>
      for (const { resource } of bundle.entry ?? [])
        if (resource?.url?.endsWith('/copd-diary')) resource.item?.push(COUNTED)
      return JSON.stringify(bundle)
    })
    await page.goto(`${app().address}${DIARY}&demo=patient`)
    await recordRead(page)
    await isKept(page)
    const context = page.context()
    await context.setOffline(true)
    await page.getByRole('heading', { name: 'Faretegn' }).waitFor()
    await answerPage(page)
    await next(page)
    await page.getByText(/^2 av/).waitFor()
    await page.close({ runBeforeUnload: false })
    const after = await context.newPage()
    await after.goto(app().address + DIARY)
    await after.getByText('Du hadde begynt på dette.').waitFor()
    await after.getByText(/^2 av/).waitFor()
    while ((await after.getByRole('button', { name: 'Send inn' }).count()) === 0) {
      await answerPage(after)
      const at = await after.locator('#progress').textContent()
      await next(after)
      await after.waitForFunction((old) => document.querySelector('#progress')?.textContent !== old, at)
    }
    const answeredCount = await after.locator('.answers li', { hasNotText: 'Ikke svart' }).count()
    await after.locator('.scores', { hasText: `Besvarte spørsmål${answeredCount}` }).waitFor()
    expect(await faultsOfApp(after)).toEqual([])
    await after.getByRole('button', { name: 'Send inn' }).dblclick()
    await after.getByRole('heading', { name: 'Takk. Svarene er lagret' }).waitFor()
    await after.locator('.where[data-state=offline]').waitFor()
    await context.setOffline(false)
    await after.locator('.where[data-state=sent]').waitFor()
    const stored = await sentByApp()
    expect(stored.length).toBe(before + 1)
    expect(stored.find(({ questionnaire }) => questionnaire?.includes('copd-diary'))).toMatchObject({
      ...{ status: 'completed', source: { reference: 'Patient/demo-line' } },
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/patient-answers'] },
    })
    // What has been sent is begun anew.
    await after.goto(app().address + DIARY)
    await after.getByText(/^1 av/).waitFor()
    await recordRead(after)
    expect(await after.getByText('Du hadde begynt på dette.').count()).toBe(0)
  }, 120_000)
}
