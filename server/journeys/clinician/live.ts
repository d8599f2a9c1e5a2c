import { expect, test } from '@jest/globals'
import type { Page, Request } from 'playwright-core'
import { type ClinicianApp, faultsOfApp, socketInBetween } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { eventually } from '../harness/eventually.ts'

const RUN = Date.now().toString(36)
/** Longer than any look that goes by the clock, and shorter than what a silent socket is believed for. */
const A_WHILE = 40_000

/** What changes is told to the screens by a socket; without one they look now and then. */
export function tell(app: () => ClinicianApp): void {
  const { send, newTask, someoneNew } = tasksOf(app)
  const isTold = (page: Page) => page.getByText('Oppdateres fortløpende').waitFor()
  const isLookedFor = (page: Page) => page.getByText('Oppdateres hvert 15. sekund')

  test('a new red is told; an idle list asks for nothing; who signs out leaves no Subscription behind', async () => {
    const asked: Request[] = []
    let told = 0
    const { page, complaints } = await app().visit('worklist', {}, async (page) => {
      await page.clock.install()
      page.on('request', (request) => request.url().includes('/fhir/') && asked.push(request))
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          if (String(payload).includes('event-notification')) told += 1
        }),
      )
    })
    await isTold(page)
    const subscription = asked.find((one) => one.method() === 'POST' && one.url().endsWith('/Subscription'))
    const stored = (await (await subscription?.response())?.json()) as { id: string; meta: unknown }
    const { iss, accessToken } = JSON.parse(
      await page.evaluate(() => sessionStorage.getItem('fylgje.session') ?? '{}'),
    ) as { iss: string; accessToken: string }
    const headers = { authorization: `Bearer ${accessToken}` }
    const isThere = async () => (await fetch(`${iss}/Subscription/${stored.id}`, { headers })).status === 200
    expect(await isThere()).toBe(true)
    // What the list is drawn with has been asked for by now.
    await page.locator('.task-row .cell-trend svg').first().waitFor()
    await page.waitForLoadState('networkidle')
    const [before, toldBefore] = [asked.length, told]
    await page.clock.fastForward(A_WHILE)
    // The demo goes on by itself: of what it was told, and of nothing else, it has asked.
    const searches = (from: number) => asked.slice(from).filter((one) => one.url().endsWith('/Task/_search')).length
    expect(searches(before)).toBeLessThanOrEqual(told - toldBefore)
    expect(asked.slice(before).filter((one) => !one.url().includes('_search'))).toEqual([])
    await newTask(`Prøve fortalt ${RUN}`, 'red')
    await page.locator('.task-row', { hasText: `Prøve fortalt ${RUN}` }).waitFor()
    expect(told).toBeGreaterThan(toldBefore)
    expect(await isLookedFor(page).count()).toBe(0)
    await page.getByRole('button', { name: 'Innstillinger' }).click()
    await page.getByRole('menuitem', { name: 'Logg ut' }).click()
    await eventually(isThere, (found) => !found)
    expect(complaints).toEqual([])
  })

  test('cut off it comes back by itself with what came meanwhile; for long, it looks now and then, and says so', async () => {
    const socket = socketInBetween()
    const { page } = await app().visit('worklist', {}, async (page) => {
      await page.clock.install()
      await socket.stand(page)
    })
    await isTold(page)
    await socket.cut()
    await newTask(`Prøve imens ${RUN}`, 'red')
    socket.mend()
    await page.locator('.task-row', { hasText: `Prøve imens ${RUN}` }).waitFor()
    await isTold(page)
    await socket.cut()
    await page.clock.fastForward(10_000)
    await isLookedFor(page).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await newTask(`Prøve siden ${RUN}`, 'red')
    await page.clock.fastForward(15_000)
    await page.locator('.task-row', { hasText: `Prøve siden ${RUN}` }).waitFor()
    socket.mend()
    await page.clock.fastForward(30_000)
    await isTold(page)
    expect(await isLookedFor(page).count()).toBe(0)
  })

  test('of the patient who is open what is measured, to be done, written, answered, planned, documented and shared comes in by itself', async () => {
    const id = await someoneNew()
    let bound = 0
    const { page } = await app().visit(`patient/${id}`, {}, async (page) => {
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          if (String(payload).includes('handshake')) bound += 1
        }),
      )
    })
    await page.getByText('Ingen åpne oppgaver').waitFor()
    await eventually(
      async () => bound,
      (count) => count >= 2,
    )
    await newTask(`Prøve åpen ${RUN}`, 'red', id)
    await page.locator('.task-list', { hasText: `Prøve åpen ${RUN}` }).waitFor()
    await send('POST', 'Observation', {
      ...{ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${id}` } },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value: 93, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
    await page
      .getByRole('figure', { name: /^SpO₂/ })
      .or(page.getByRole('img', { name: /^SpO₂/ }))
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'Meldinger' }).click()
    await page.getByText('Ingen meldinger').first().waitFor()
    await eventually(
      async () => bound,
      (count) => count >= 3,
    )
    await send('POST', 'Communication', {
      ...{ resourceType: 'Communication', status: 'completed', subject: { reference: `Patient/${id}` } },
      ...{ sender: { reference: `Patient/${id}` }, sent: new Date().toISOString() },
      recipient: [{ reference: 'CareTeam/demo-responssenter' }],
      payload: [{ contentString: `Prøve skrevet ${RUN}` }],
    })
    await page.locator('.thread', { hasText: `Prøve skrevet ${RUN}` }).waitFor()

    const subject = { reference: `Patient/${id}` }
    /** Opens a tab, and waits until the server tells of what it shows as well. */
    const openTab = async (name: string, more: number) => {
      const before = bound
      await page.getByRole('tab', { name }).click()
      await eventually(
        async () => bound,
        (count) => count >= before + more,
      )
    }
    await openTab('Skjema', 1)
    await send('POST', 'QuestionnaireResponse', {
      ...{ resourceType: 'QuestionnaireResponse', status: 'completed', subject, authored: new Date().toISOString() },
      item: [{ linkId: '1', text: 'Hvordan går det?', answer: [{ valueString: `Prøve svart ${RUN}` }] }],
    })
    await page.locator('.answer-list', { hasText: `Prøve svart ${RUN}` }).waitFor()
    await openTab('Plan og grenser', 1)
    await send('POST', 'CarePlan', {
      ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', title: `Prøve plan ${RUN}`, subject },
    })
    await page.getByRole('heading', { name: `Prøve plan ${RUN}` }).waitFor()
    await openTab('Historikk', 1)
    await send('POST', 'DocumentReference', {
      ...{ resourceType: 'DocumentReference', status: 'current', subject, description: `Prøve epikrise ${RUN}` },
      content: [{ attachment: { contentType: 'text/plain', data: 'SGVp' } }],
    })
    await page.locator('.document-list', { hasText: `Prøve epikrise ${RUN}` }).waitFor()
    await openTab('Innsyn', 1)
    const kin = await send<{ id: string }>('POST', 'RelatedPerson', {
      ...{ resourceType: 'RelatedPerson', patient: subject, name: [{ text: `Prøve pårørende ${RUN}` }] },
    })
    await send('POST', 'Consent', {
      ...{ resourceType: 'Consent', status: 'active', patient: subject, dateTime: new Date().toISOString() },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
      provision: {
        type: 'permit',
        actor: [
          {
            role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'PRCP' }] },
            reference: { reference: `RelatedPerson/${kin.id}`, display: `Prøve pårørende ${RUN}` },
          },
        ],
      },
    })
    await page.locator('.access-list', { hasText: `Prøve pårørende ${RUN}` }).waitFor()
  })
}
