import { expect, test } from '@jest/globals'
import type { Task } from '@medplum/fhirtypes'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { eventually } from '../harness/eventually.ts'
import type { PatientApp } from '../harness/patient-app.ts'

const EDUCATION = 'http://fylgje.no/fhir/Questionnaire/copd-education|1.0.0'

/** What the plan teaches. */
export function tell(app: () => PatientApp): void {
  test('what the plan teaches is read a part at a time, with questions about it; then it is read, the Task is done, and it can be read again', async () => {
    const { fhir } = app().server
    const line = { reference: 'Patient/demo-line' }
    const response = await fetch(`${fhir}/Task`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await app().server.token()}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({
        ...{ resourceType: 'Task', status: 'requested', intent: 'order', for: line, owner: line },
        code: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/task-code', code: 'answer-questionnaire' }] },
        description: 'Lær om KOLS og hjemmemåling',
        input: [{ type: { text: 'Skjema' }, valueCanonical: EDUCATION }],
        authoredOn: new Date(Date.now() - 3_600_000).toISOString(),
      }),
    })
    const { id } = (await response.json()) as Task
    const { page, complaints } = await app().visit('learn')
    await page.getByText('0 av 1 er lest').waitFor()
    await expectNoFaultsInAnySize(page)
    await page.getByRole('button', { name: 'Les: Lær om KOLS og hjemmemåling' }).click()
    await page.getByText('1 av 4').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    for (const title of ['Slik måler du', 'Når du blir verre', 'Dette kan du gjøre selv']) {
      await page.getByRole('heading', { name: title }).waitFor()
      await page.getByRole('button', { name: 'Neste' }).click()
    }
    await page.getByRole('radio', { name: /Sitter i ro/ }).check()
    await page.getByRole('radio', { name: /følger planen min/ }).check()
    await page.getByRole('radio', { name: 'Nei' }).check()
    await page.getByRole('button', { name: 'Se over svarene' }).click()
    await page.getByRole('button', { name: 'Send inn' }).click()
    await page.locator('.where[data-state=sent]').waitFor()
    await eventually(
      async () => (await app().search<Task>(`Task?_id=${id}`))[0]?.status,
      (status) => status === 'completed',
    )
    await page.getByRole('link', { name: 'Mer', exact: true }).click()
    await page.getByRole('link', { name: 'Lær', exact: true }).click()
    await page.getByText('1 av 1 er lest').waitFor()
    await page.getByRole('button', { name: 'Les igjen: Lær om KOLS og hjemmemåling' }).click()
    await page.getByRole('heading', { name: 'Dette kan du gjøre selv' }).waitFor()
    expect(await page.getByText('Hva gjør du før du måler?').count()).toBe(0)
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  }, 60_000)
}
