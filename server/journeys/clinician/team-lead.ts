import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { TASK_CODE } from '../../core/decide/plan/vocabulary.ts'
import {
  answerForbidden,
  type ClinicianApp,
  expectNoFaultsInAnySize,
  faultsOfApp,
  SIZES,
} from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { eventually } from '../harness/eventually.ts'

const TEAM = 'CareTeam/demo-responssenter'

/** How the work of a team goes, for whoever leads it. */
export function tell(app: () => ClinicianApp): void {
  const { newTask, someoneNew } = tasksOf(app)
  async function send(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`${app().server.fhir}/${path}`, {
      method,
      headers: { authorization: `Bearer ${await app().server.token()}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

  /** Red, each with an hour to do it in. */
  const doneAfter = (minutes: number) =>
    send('POST', 'Task', {
      ...{ resourceType: 'Task', status: 'completed', intent: 'order', priority: 'stat' },
      code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
      for: { reference: 'Patient/demo-line' },
      owner: { reference: TEAM },
      authoredOn: minutesAgo(600),
      executionPeriod: { end: minutesAgo(600 - minutes) },
      restriction: { period: { end: minutesAgo(540) } },
    })

  test('load, rules and adherence are told in figures that say what they count, in every size and theme', async () => {
    await send('PUT', 'CareTeam/another-to-lead', {
      ...{ resourceType: 'CareTeam', id: 'another-to-lead', status: 'active', name: 'Hjertesviktteamet' },
      participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
    })
    const { page, complaints } = await app().visit('team-lead')
    const load = page.getByRole('region', { name: 'Belastning nå' })
    await load.getByRole('row', { name: /^Responssenteret, KOLS-teamet \d+/ }).waitFor()
    await page
      .getByRole('region', { name: /^Varsler per regel/ })
      .getByRole('row')
      .nth(1)
      .waitFor()
    const adherence = page.getByRole('region', { name: /^Måler de/ })
    await adherence.getByRole('row', { name: /^KOLS \d+/ }).waitFor()
    await adherence.getByRole('button', { name: 'Hva tallene teller' }).click()
    await adherence.getByText('Under 5 pasienter vises ikke').waitFor()
    await expectNoFaultsInAnySize(page)
    await page.setViewportSize(SIZES.pane.viewport)
    await page.getByRole('radio', { name: '7 dager' }).click()
    await page.getByRole('heading', { name: 'Svartid siste 7 dager' }).waitFor()
    expect(new URL(page.url()).search).toContain('days=7')
    // Of one team: it stands in the address, and goes along to the list.
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Responssenteret, KOLS-teamet' })
    await page.waitForURL((url) => url.searchParams.get('team') === TEAM)
    await load.getByRole('row', { name: /^Responssenteret, KOLS-teamet \d+/ }).waitFor()
    expect(await load.getByRole('row', { name: /team/ }).count()).toBe(1)
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('link', { name: /^Over fristen: \d+$/ }).click()
    await page.waitForURL('**/apps/clinician/worklist?overdue=true&team=CareTeam%2Fdemo-responssenter')
    // By keyboard too.
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.getByRole('heading', { level: 1, name: 'Teamoversikt' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('on the page that is open a new Task is counted when the server tells of it, ten seconds after the last count at the earliest', async () => {
    const told = { handshakes: 0, notices: 0 }
    const { page } = await app().visit('team-lead', {}, async (page) => {
      await page.clock.install()
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          if (String(payload).includes('handshake')) told.handshakes += 1
          if (String(payload).includes('event-notification')) told.notices += 1
        }),
      )
    })
    const tile = page.getByRole('link', { name: /^Rød: \d+$/ })
    const redCount = async () => Number(/\d+/.exec((await tile.getAttribute('aria-label')) ?? '')?.[0])
    await tile.waitFor()
    await eventually(
      async () => told.handshakes,
      (count) => count >= 1,
    )
    // A look follows each handshake; until the next nothing is counted.
    await page.clock.fastForward(10_000)
    await page.waitForLoadState('networkidle')
    const [before, toldBefore] = [await redCount(), told.notices]
    await newTask('Prøve talt', 'red', await someoneNew())
    await eventually(
      async () => told.notices,
      (count) => count > toldBefore,
    )
    await page.clock.fastForward(10_000)
    await eventually(redCount, (count) => count === before + 1)
  })

  test('response is told against the deadline, and taken out as a table that a spreadsheet opens', async () => {
    for (const minutes of [10, 20, 30, 40, 200]) await doneAfter(minutes)
    const { page } = await app().visit('team-lead?days=7')
    const response = page.getByRole('region', { name: /^Svartid/ })
    // Others of this run may have completed some too.
    await response.getByRole('row', { name: /^Rød \d+ \d+ % \d+/ }).waitFor()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      response.getByRole('button', { name: 'Last ned CSV' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('svartid.csv')
    const [head, ...rows] = (await readFile(await file.path(), 'utf8')).split('\r\n')
    expect(head).toBe('\uFEFFSone;Fullført;Innen fristen (%);Mediantid (minutter)')
    expect(rows.find((row) => row.startsWith('Rød;'))).toMatch(/^Rød;\d+;\d+(,\d)?;\d+$/)
  })

  test('a shift for which too few are rostered is marked; without contact each part says so by itself', async () => {
    await send('PUT', 'MeasureReport/forecast-shown', {
      ...{ resourceType: 'MeasureReport', id: 'forecast-shown', status: 'pending', type: 'summary' },
      identifier: [
        {
          system: 'http://fylgje.no/fhir/NamingSystem/workload-forecast',
          value: `http://example.org/shown|${TEAM}|${minutesAgo(0)}`,
        },
      ],
      ...{ measure: 'http://fylgje.no/fhir/Measure/workload-forecast', date: minutesAgo(0) },
      period: { start: minutesAgo(60), end: minutesAgo(0) },
      evaluatedResource: [{ reference: 'PlanDefinition/copd', display: 'KOLS: digital hjemmeoppfølging' }],
      group: [
        {
          ...{ code: { text: 'weekday 07:00–15:00' }, measureScore: { value: 12.5 } },
          stratifier: Object.entries({ 'expected-p95': 18, 'people-needed': 3, 'people-rostered': 2 }).map(
            ([code, value]) => ({
              code: [{ coding: [{ code }] }],
              stratum: [{ value: { text: code }, measureScore: { value } }],
            }),
          ),
        },
      ],
    })
    const { page } = await app().visit('team-lead')
    await page
      .getByRole('row', { name: /^Hverdag 07:00–15:00 · uken fra .* 12,5 18 3 2 – for få$/ })
      .first()
      .waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.route('**/fhir/PlanDefinition/*/$rule-rates', (route) => route.abort())
    await page.route('**/fhir/Task/_search', answerForbidden)
    await page.reload()
    await page.getByText('Får ikke kontakt med serveren').waitFor()
    await page.getByText('Tilgangen din omfatter ikke oppgavene').first().waitFor()
    await page.getByRole('region', { name: /^Måler de/ }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.unroute('**/fhir/PlanDefinition/*/$rule-rates')
    await page.getByRole('button', { name: 'Prøv igjen' }).click()
    await page.getByRole('region', { name: /^Varsler per regel/ }).waitFor()
  })
}
