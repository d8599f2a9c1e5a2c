import type { Bundle, Task } from '@medplum/fhirtypes'
import type { Browser, Page } from 'playwright-core'
import { TASK_CODE, TRIAGE_COLOUR } from '../../server/core/decide/plan/vocabulary.ts'
import { openChromium } from '../../server/journeys/harness/chromium.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { admitPatients } from '../caller/patients.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const PATIENT_COUNT = 2_000
const TASK_COUNT = 500
const TASKS_IN_BUNDLE = 100
const TIMES = 7
/** The demo's patient with the most to show: three months of measurements, a plan, limits of her own. */
const SHOWN_PATIENT = 'demo-line'
const WAIT_MILLIS_MAX = 30_000
const TEAM = 'CareTeam/demo-responssenter'
const UNIT = 'Organization/demo-fjordvik'

/** What the app must reach, in milliseconds and thousands of bytes. */
const BARS = { meaningful_ms: 1_500, usable_ms: 2_500, patient_ms: 300, patient_chart_ms: 300, javascript_kb: 350 }

const HOW = [
  `${PATIENT_COUNT} patients, ${TASK_COUNT} open Tasks of one team beside the demo's own; Chromium on the same machine, ${TIMES} times, each with nothing kept of the one before.`,
  'From the address being opened, with the sign-in of the demo in it: contentful: the first thing the browser calls so; meaningful: the first Task stands there with patient and reason;',
  'usable: every open Task stands there and the key j has moved to one.',
  `From a click on ${SHOWN_PATIENT} in the list: patient: the name stands there; patient_chart: the first trend with its points.`,
  'Each until the frame after the one that drew it. Of each the median; the longest beside it. javascript_kb: all scripts that were sent until usable, packed.',
  'usable_cpu, patient_cpu: what the thread of the page used of a processor until then: what the moments would be at least on a machine that nobody else uses, without the server.',
].join(' ')

type Moment = 'contentful_ms' | 'meaningful_ms' | 'usable_ms' | 'patient_ms' | 'patient_chart_ms'
/** What the page's own thread used of a processor, which a busy machine changes little. */
type Cpu = 'usable_cpu_ms' | 'patient_cpu_ms'
const CPU: Cpu[] = ['usable_cpu_ms', 'patient_cpu_ms']
const MOMENTS: Moment[] = ['contentful_ms', 'meaningful_ms', 'usable_ms', 'patient_ms', 'patient_chart_ms']

/** How soon a clinician has the worklist, and from it a patient. */
export async function clinicianApp({ door, say, measured }: Bench): Promise<Result> {
  const caller = new Caller(door)
  say(`storing ${PATIENT_COUNT} patients and ${TASK_COUNT} Tasks`)
  const patients = await admitPatients(caller, { count: PATIENT_COUNT, purpose: 'Klinikerbenken', unit: UNIT })
  await storeTasks(caller, [`Patient/${SHOWN_PATIENT}`, ...patients].slice(0, TASK_COUNT))
  caller.close()
  const address = new URL('apps/clinician/launch?demo=nurse', door.fhirBase.href.replace(/fhir\/?$/, '')).href
  const browser = await openChromium()
  try {
    // The first time the server compiles what it is asked for.
    await visit(browser, address)
    return await measured(() => repeat(browser, address))
  } finally {
    await browser.close()
  }
}

async function repeat(browser: Browser, address: string): Promise<Result> {
  const latencies = new Map([...MOMENTS, ...CPU].map((name) => [name, new Latencies()]))
  let javascript = 0
  for (let time = 0; time < TIMES; time++) {
    const { moments, cpu, javascriptBytes } = await visit(browser, address)
    for (const [name, millis] of Object.entries({ ...moments, ...cpu }))
      latencies.get(name as Moment | Cpu)?.add(millis)
    javascript = Math.max(javascript, javascriptBytes)
  }
  const median = (name: Moment | Cpu) => Math.round(latencies.get(name)?.percentile(0.5) ?? Number.NaN)
  const longest = (name: Moment) => Math.round(latencies.get(name)?.percentile(1) ?? Number.NaN)
  const found = {
    ...(Object.fromEntries([...MOMENTS, ...CPU].map((name) => [name, median(name)])) as Record<Moment | Cpu, number>),
    javascript_kb: Number((javascript / 1000).toFixed(1)),
  }
  return {
    ...found,
    longest: Object.fromEntries(MOMENTS.map((name) => [name, longest(name)])),
    missed: Object.entries(BARS).flatMap(([name, bar]) => (found[name as keyof typeof BARS] <= bar ? [] : [name])),
    // A visit that does not come to its end throws.
    errors: 0,
    count: TIMES,
    measured: HOW,
  }
}

type Visited = { moments: Record<Moment, number>; cpu: Record<Cpu, number>; javascriptBytes: number }

async function visit(browser: Browser, address: string): Promise<Visited> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: 'nb-NO' })
  context.setDefaultTimeout(WAIT_MILLIS_MAX)
  try {
    const page = await context.newPage()
    await watchOpening(page)
    const threadTime = await openThreadTime(page)
    await page.goto(address, { waitUntil: 'commit' })
    const opened = await page.evaluate(() => (globalThis as unknown as Watching).watched)
    const usable_cpu_ms = await threadTime()
    const scripts = await page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    )
    const before = await threadTime()
    const moments = { ...opened, ...(await openPatient(page)) }
    const cpu = { usable_cpu_ms, patient_cpu_ms: (await threadTime()) - before }
    return { moments, cpu, javascriptBytes: scripts }
  } finally {
    await context.close()
  }
}

/** @returns a function that tells how many milliseconds of a processor the page's thread has used */
async function openThreadTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
}

type Watching = { watched: Promise<Pick<Record<Moment, number>, 'contentful_ms' | 'meaningful_ms' | 'usable_ms'>> }

/** The page itself looks at each of its frames, from the first, and keeps what it has seen as `watched`. */
function watchOpening(page: Page) {
  return page.addInitScript((rowCount) => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const until = async (isSo: () => unknown) => {
      while (!isSo()) await new Promise((resolve) => requestAnimationFrame(resolve))
      await drawn()
      return performance.now()
    }
    const watched = (async () => {
      const meaningful_ms = await until(() => document.querySelector('.task-row .reason')?.textContent)
      await until(() => document.querySelectorAll('.task-row').length >= rowCount)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, cancelable: true }))
      const usable_ms = await until(() => document.activeElement?.closest('.task-row'))
      const contentful_ms = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN
      return { contentful_ms, meaningful_ms, usable_ms }
    })()
    Object.assign(globalThis, { watched })
  }, TASK_COUNT)
}

async function openPatient(page: Page): Promise<Pick<Record<Moment, number>, 'patient_ms' | 'patient_chart_ms'>> {
  await page.locator(`.task-link[href$="patient/${SHOWN_PATIENT}"]`).first().scrollIntoViewIfNeeded()
  return page.evaluate(async (patient) => {
    const until = async (isSo: () => unknown) => {
      while (!isSo()) await new Promise((resolve) => requestAnimationFrame(resolve))
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      return performance.now()
    }
    const link = document.querySelector<HTMLElement>(`.task-link[href$="patient/${patient}"]`)
    const name = link?.textContent ?? ''
    const clickedAt = performance.now()
    link?.click()
    const [patientAt, chartAt] = await Promise.all([
      until(() => document.querySelector('.patient h1')?.textContent?.includes(name)),
      until(() => document.querySelector('.patient .chart .mark')),
    ])
    return { patient_ms: patientAt - clickedAt, patient_chart_ms: chartAt - clickedAt }
  }, SHOWN_PATIENT)
}

const ZONES = [
  { code: 'red', priority: 'stat', reason: 'SpO2 86 %, rød grense 88 %' },
  { code: 'yellow', priority: 'urgent', reason: 'SpO2 89 %, gul grense 90 %' },
  { code: 'yellow', priority: 'urgent', reason: 'Vekt 3 kg over tørrvekt' },
  { code: 'green', priority: 'routine', reason: 'Gjennomgang av planen' },
] as const

/** One for each patient, of all colours, with deadlines before and after now. */
async function storeTasks(caller: Caller, patients: readonly string[]): Promise<void> {
  const tasks = patients.map((reference, i): Task => {
    const { code, priority, reason } = ZONES[i % ZONES.length] as (typeof ZONES)[number]
    return {
      ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority },
      code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
      businessStatus: { coding: [{ system: TRIAGE_COLOUR, code }] },
      reasonCode: { text: reason },
      for: { reference },
      owner: { reference: TEAM },
      authoredOn: new Date(Date.now() - i * 60_000).toISOString(),
      restriction: { period: { end: new Date(Date.now() + (i - 100) * 60_000).toISOString() } },
    }
  })
  for (let from = 0; from < tasks.length; from += TASKS_IN_BUNDLE) {
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: tasks
        .slice(from, from + TASKS_IN_BUNDLE)
        .map((resource) => ({ resource, request: { method: 'POST', url: 'Task' } })),
    }
    expectJson(await caller.call({ method: 'POST', path: '', body: JSON.stringify(bundle) }), 200)
  }
}
