import { expect, test } from '@jest/globals'
import type { Route } from 'playwright-core'
import { type ClinicianApp, faultsOfApp } from '../harness/clinician-app.ts'

const ID = '02e4394b-b9d3-52e3-add2-7369f8e6cf29'
const REASON = 'Mottakeren svarte 400: «Ukjent pasient.»'
const message = (state: string) => ({
  name: 'message',
  part: [
    { name: 'id', valueId: ID },
    { name: 'receiver', valueCode: 'jft' },
    { name: 'organization', valueString: '312229544' },
    { name: 'state', valueCode: state },
    { name: 'attempts', valueInteger: 3 },
    { name: 'caused', valueInstant: '2026-11-01T08:00:00Z' },
    ...(state === 'dead'
      ? [
          { name: 'reason-code', valueCode: 'answered-with' },
          { name: 'reason', valueString: REASON },
        ]
      : []),
  ],
})
const answer = (route: Route, body: object) =>
  route.fulfill({ status: 200, contentType: 'application/fhir+json', body: JSON.stringify(body) })

/** What was sent to national services, for an administrator. Who sends what is told by `closed-alert-is-journaled.test.ts`. */
export function tell(app: () => ClinicianApp): void {
  test('what did not arrive is told with its reason, and sent again by a button', async () => {
    let state = 'dead'
    const { page, complaints } = await app().visit('sent', {}, async (empty) => {
      await empty.route('**/fhir/$sent-messages*', (route) =>
        answer(route, {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'total',
              part: [
                { name: 'state', valueCode: state },
                { name: 'count', valueInteger: 1 },
              ],
            },
            message(state),
          ],
        }),
      )
      await empty.route('**/fhir/Task/_search', (route) =>
        route.request().postData()?.includes('sending-failed')
          ? answer(route, {
              resourceType: 'Bundle',
              type: 'searchset',
              entry: [
                {
                  resource: {
                    ...{
                      resourceType: 'Task',
                      id: 't',
                      status: 'requested',
                      intent: 'order',
                      meta: { versionId: '1' },
                    },
                    identifier: [{ value: `receiver|sending-failed|${ID}|3` }],
                  },
                },
              ],
            })
          : route.continue(),
      )
      await empty.route('**/fhir/Task/t/$resend', (route) => {
        expect(route.request().headers()['if-match']).toBe('W/"1"')
        state = 'queued'
        return answer(route, { resourceType: 'Task', id: 't', status: 'completed', intent: 'order' })
      })
    })
    const row = page.getByRole('row', { name: /312229544/ })
    await row.getByText('Kom ikke fram').waitFor()
    await row.getByText(REASON).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await row.getByRole('button', { name: 'Send på nytt' }).click()
    await page.getByText('Meldingen er satt i kø.').waitFor()
    await row.getByText('I kø').waitFor()
    expect(await row.getByRole('button').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('who is no administrator is told that it is not for them', async () => {
    const { page } = await app().visit('sent')
    await page.getByText('Denne siden er for dem som drifter serveren', { exact: false }).waitFor()
    expect(await page.getByText(/teamlederen|access-role/).count()).toBe(0)
    expect(await page.getByRole('table').count()).toBe(0)
  })
}
