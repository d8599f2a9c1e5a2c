import type { Browser, Page } from 'playwright-core'
import { openChromium } from '../../server/journeys/harness/chromium.ts'
import { openThreadTime } from './clinician-app.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const TIMES = 5
/** How many times slower than this machine's the processor of a cheap phone is taken to be. */
const SLOWER = 6
const WAIT_MILLIS_MAX = 60_000
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: 'nb-NO' } as const

/** What the app must reach, in milliseconds. */
const BARS = { usable_ms: 4_000, again_ms: 4_000 }

const HOW = [
  `Chromium on the same machine with its processor slowed down ${SLOWER} times, ${TIMES} times, each with nothing kept of the one before; signed in as the demo's patient.`,
  'usable: from the address being opened, with the sign-in of the demo in it, until the first page tells the zone and what is next; again: the same when it is opened a second time, from what was kept.',
  'usable_cpu: what the thread of the page used of a processor until then. Of each the median; the longest beside it.',
].join(' ')

const NAMES = ['usable_ms', 'again_ms', 'usable_cpu_ms'] as const
type Name = (typeof NAMES)[number]

/** How soon somebody with a slow phone sees what to do now. */
export async function patientApp({ door, measured }: Bench): Promise<Result> {
  const address = new URL('apps/patient/', door.fhirBase.href.replace(/fhir\/?$/, '')).href
  const browser = await openChromium()
  try {
    // The first time the server compiles what it is asked for.
    await visit(browser, address)
    return await measured(async () => {
      const latencies = new Map(NAMES.map((name) => [name, new Latencies()]))
      for (let time = 0; time < TIMES; time++) {
        const seen = await visit(browser, address)
        for (const name of NAMES) latencies.get(name)?.add(seen[name])
      }
      const at = (share: number) =>
        Object.fromEntries(
          NAMES.map((name) => [name, Math.round(latencies.get(name)?.percentile(share) ?? Number.NaN)]),
        ) as Record<Name, number>
      const found = at(0.5)
      return {
        ...found,
        longest: at(1),
        missed: Object.entries(BARS).flatMap(([name, bar]) => (found[name as Name] <= bar ? [] : [name])),
        // A visit that does not come to its end throws.
        errors: 0,
        count: TIMES,
        measured: HOW,
      }
    })
  } finally {
    await browser.close()
  }
}

async function visit(browser: Browser, address: string): Promise<Record<Name, number>> {
  const context = await browser.newContext(PHONE)
  context.setDefaultTimeout(WAIT_MILLIS_MAX)
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    const threadTime = await openThreadTime(page)
    const usable_ms = await open(page, `${address}?demo=patient`)
    const usable_cpu_ms = await threadTime()
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}))
    const again_ms = await open(page, address)
    return { usable_ms, usable_cpu_ms, again_ms }
  } finally {
    await context.close()
  }
}

/** @returns milliseconds until the first page says the zone and what is next, and has drawn it */
async function open(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: 'commit' })
  await page.waitForFunction(() => document.querySelector('.zone-card h2') && document.querySelector('.card.next h2'))
  return page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))),
      ),
  )
}
