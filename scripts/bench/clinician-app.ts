import type { Bundle, Observation, Task } from '@medplum/fhirtypes'
import type { Browser, Page } from 'playwright-core'
import { TASK_CODE, TRIAGE_COLOUR } from '../../server/core/decide/plan/vocabulary.ts'
import { createRandom } from '../../server/demo/random.ts'
import { openChromium } from '../../server/journeys/harness/chromium.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { usualSpo2 } from '../caller/measurements.ts'
import { admitPatients } from '../caller/patients.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const PATIENT_COUNT = 2_000
const TASK_COUNT = 500
const TASKS_IN_BUNDLE = 100
/** What a row shows of its patient beside the Task. */
const COURSE_DAYS = 14
const MEASUREMENTS_IN_BUNDLE = 500
const DAY_MILLIS = 86_400_000
const TIMES = 7
/** The demo's patient with the most to show: three months of measurements, a plan, limits of her own. */
const SHOWN_PATIENT = 'demo-line'
const WAIT_MILLIS_MAX = 30_000
const TEAM = 'CareTeam/demo-responssenter'
const UNIT = 'Organization/demo-fjordvik'

/** What the app must reach, in milliseconds and thousands of bytes. */
const BARS = { meaningful_ms: 1_500, usable_ms: 2_500, patient_ms: 300, patient_chart_ms: 300, javascript_kb: 350 }

const HOW = [
  `${PATIENT_COUNT} patients, ${TASK_COUNT} open Tasks of one team beside the demo's own, each of a patient with ${COURSE_DAYS} days of measurements; Chromium on the same machine, ${TIMES} times, each with nothing kept of the one before.`,
  'From the address being opened, with the sign-in of the demo in it: contentful: the first thing the browser calls so; meaningful: the first Task stands there with patient and reason;',
  'usable: every open Task stands there and the key j has moved to one.',
  `From a click on ${SHOWN_PATIENT} in the list: patient: the name stands there; patient_chart: the first trend with its points.`,
  'courses: every row on the screen shows its course. scroll: through all rows, half a screen at a time, until the courses of the last stand there:',
  'of its frames the 95th percentile, and what the thread used. told: from the answer to a Task that somebody else makes until its row stands there; told_cpu: what the thread used for it.',
  'Each until the frame after the one that drew it. Of each the median; the longest beside it. javascript_kb: all scripts that were sent until usable, packed.',
  'usable_cpu, patient_cpu: what the thread of the page used of a processor until then: what the moments would be at least on a machine that nobody else uses, without the server.',
].join(' ')

type Opening = 'contentful_ms' | 'meaningful_ms' | 'usable_ms' | 'courses_ms'
type Moment = Opening | 'scroll_frame_ms' | 'told_ms' | 'patient_ms' | 'patient_chart_ms'
/** What the page's own thread used of a processor, which a busy machine changes little. */
type Cpu = 'usable_cpu_ms' | 'scroll_cpu_ms' | 'told_cpu_ms' | 'patient_cpu_ms'
const CPU: Cpu[] = ['usable_cpu_ms', 'scroll_cpu_ms', 'told_cpu_ms', 'patient_cpu_ms']
const OPENING: Opening[] = ['contentful_ms', 'meaningful_ms', 'usable_ms', 'courses_ms']
const MOMENTS: Moment[] = [...OPENING, 'scroll_frame_ms', 'told_ms', 'patient_ms', 'patient_chart_ms']

/** How soon a clinician has the worklist, and from it a patient. */
export async function clinicianApp({ door, say, measured }: Bench): Promise<Result> {
  const caller = new Caller(door)
  say(`storing ${PATIENT_COUNT} patients and ${TASK_COUNT} Tasks`)
  const patients = await admitPatients(caller, { count: PATIENT_COUNT, purpose: 'Klinikerbenken', unit: UNIT })
  const listed = [`Patient/${SHOWN_PATIENT}`, ...patients].slice(0, TASK_COUNT)
  // Once more than it is measured, for the time before.
  const others = patients.slice(-TIMES - 1)
  await storeCourses(caller, [...listed.slice(1), ...others])
  await storeTasks(caller, listed)
  const tellOf = async (): Promise<string> => {
    const reason = `Målt på ny ${others.length}`
    await storeTasks(caller, [String(others.pop())], reason)
    return reason
  }
  const address = new URL('apps/clinician/launch?demo=nurse', door.fhirBase.href.replace(/fhir\/?$/, '')).href
  const browser = await openChromium()
  try {
    // The first time the server compiles what it is asked for.
    await visit(browser, address, tellOf)
    return await measured(() => repeat(browser, address, tellOf))
  } finally {
    await browser.close()
    caller.close()
  }
}

/** Makes a Task of somebody who has none. @returns the reason that its row shows */
type TellOf = () => Promise<string>

async function repeat(browser: Browser, address: string, tellOf: TellOf): Promise<Result> {
  const latencies = new Map([...MOMENTS, ...CPU].map((name) => [name, new Latencies()]))
  let javascript = 0
  for (let time = 0; time < TIMES; time++) {
    const { moments, cpu, javascriptBytes } = await visit(browser, address, tellOf)
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

async function visit(browser: Browser, address: string, tellOf: TellOf): Promise<Visited> {
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
    const courses_ms = await page.evaluate(untilCourses)
    const times = [await threadTime()]
    const scroll_frame_ms = await page.evaluate(scrollThrough)
    times.push(await threadTime())
    await page.getByText('Oppdateres fortløpende').waitFor()
    times.push(await threadTime())
    const told_ms = await untilTold(page, tellOf)
    times.push(await threadTime())
    const moments = { ...opened, courses_ms, scroll_frame_ms, told_ms, ...(await openPatient(page)) }
    times.push(await threadTime())
    const [scrollFrom = 0, scrollTo = 0, toldFrom = 0, toldTo = 0, end = 0] = times
    const cpu = {
      ...{ usable_cpu_ms, scroll_cpu_ms: scrollTo - scrollFrom },
      ...{ told_cpu_ms: toldTo - toldFrom, patient_cpu_ms: end - toldTo },
    }
    return { moments, cpu, javascriptBytes: scripts }
  } finally {
    await context.close()
  }
}

/** @returns a function that tells how many milliseconds of a processor the page's thread has used */
export async function openThreadTime(page: Page): Promise<() => Promise<number>> {
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

/** In the page: every row that is seen shows its course. @returns when, in milliseconds since the page began */
async function untilCourses(): Promise<number> {
  const isDrawn = () =>
    [...document.querySelectorAll('.task-row')].every((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return bottom < 0 || top > innerHeight || row.querySelector('.row-trend svg') !== null
    })
  while (!isDrawn()) await new Promise((resolve) => requestAnimationFrame(resolve))
  return performance.now()
}

/** In the page: half a screen at a time to the end, where the courses are waited for, and back. @returns the 95th percentile of its frames */
async function scrollThrough(): Promise<number> {
  const frames: number[] = []
  let last = performance.now()
  const frame = () =>
    new Promise<void>((resolve) =>
      requestAnimationFrame(() => {
        frames.push(performance.now() - last)
        last = performance.now()
        resolve()
      }),
    )
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y)
    await frame()
    await frame()
  }
  const seen = () =>
    [...document.querySelectorAll('.task-row')].filter((row) => row.getBoundingClientRect().bottom > 0).slice(0, 3)
  while (!seen().every((row) => row.querySelector('.row-trend svg'))) await frame()
  scrollTo(0, 0)
  await frame()
  return frames.sort((one, other) => one - other)[Math.floor(frames.length * 0.95)] ?? Number.NaN
}

/** While somebody stands in the list nothing moves in it, nor a moment after. */
const HELD_MILLIS = 4_500

async function untilTold(page: Page, tellOf: TellOf): Promise<number> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.waitForTimeout(HELD_MILLIS)
  const reason = await tellOf()
  const began = performance.now()
  await page.waitForFunction(
    (words) => [...document.querySelectorAll('.task-row .reason')].some((one) => one.textContent?.includes(words)),
    reason,
  )
  return performance.now() - began
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
async function storeTasks(caller: Caller, patients: readonly string[], said?: string): Promise<void> {
  const tasks = patients.map((reference, i): Task => {
    const { code, priority, reason } = ZONES[i % ZONES.length] as (typeof ZONES)[number]
    return {
      ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority },
      code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
      businessStatus: { coding: [{ system: TRIAGE_COLOUR, code }] },
      reasonCode: { text: said ?? reason },
      for: { reference },
      owner: { reference: TEAM },
      authoredOn: new Date(Date.now() - i * 60_000).toISOString(),
      restriction: { period: { end: new Date(Date.now() + (i - 100) * 60_000).toISOString() } },
    }
  })
  await storeAll(caller, tasks, TASKS_IN_BUNDLE)
}

/** One measurement a day, so that each row has a course to show. */
async function storeCourses(caller: Caller, patients: readonly string[]): Promise<void> {
  const random = createRandom('clinician-app')
  const run = crypto.randomUUID()
  const observations = patients.flatMap((subject) =>
    Array.from({ length: COURSE_DAYS }, (_, day) => {
      const at = new Date(Date.now() - day * DAY_MILLIS - 3_600_000)
      return usualSpo2(random, { subject, message: `${run} ${subject} ${day}`, at })
    }),
  )
  await storeAll(caller, observations, MEASUREMENTS_IN_BUNDLE)
}

async function storeAll(caller: Caller, resources: readonly (Task | Observation)[], count: number): Promise<void> {
  for (let from = 0; from < resources.length; from += count) {
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: resources
        .slice(from, from + count)
        .map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } })),
    }
    expectJson(await caller.call({ method: 'POST', path: '', body: JSON.stringify(bundle) }), 200)
  }
}
