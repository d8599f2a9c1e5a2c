import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Task } from '@medplum/fhirtypes'
import { createRandom } from '../../server/demo/random.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { redSpo2, usualSpo2 } from '../caller/measurements.ts'
import { admitPatients, findCopdPlan } from '../caller/patients.ts'
import { readTasksSince } from '../caller/tasks.ts'
import { readEngineFigures, roundsBetween } from './engine-figures.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const RATE_PER_SECOND = 300
/** How long one reader rests before it asks for the newest Tasks again, and how far back it looks. */
const LOOK_MILLIS = 10
const LOOK_BACK_MILLIS = 400
const LOOK_COUNT = 200
/** How long the last Tasks may take before they count as missing. */
const PATIENCE_MILLIS = 15_000

const HOW = [
  `${RATE_PER_SECOND} Observations/s of enrolled patients, sent at fixed times whether or not earlier ones are answered; red_share of them red, each for a patient of its own.`,
  `p50_ms … max_ms: from the POST sent until one reader, who asks for the newest Tasks ${LOOK_MILLIS} ms after each answer, has the Task in an answer: never less than the truth, and more by the pause and the time that a look takes.`,
  'readable: until that reader sent the look in whose answer it is. A read that was sent then finds it, so this too is never less than the truth; how long that read took is left out.',
  'stamped: until Task.meta.lastUpdated, which is set just before the commit: never more than the truth.',
  'All times are of one clock; at the end every Task is counted.',
].join(' ')

/** Milliseconds since 1970, finer than Date.now. */
const now = () => performance.timeOrigin + performance.now()

/** How long it takes from a red measurement until the team has a Task, while the others are as they should be. */
export const observationToTask = (redShare: number) => (bench: Bench) => measureTasks(bench, redShare)

async function measureTasks(bench: Bench, redShare: number): Promise<Result> {
  const { door, seconds, warmSeconds, say, measured } = bench
  const steward = new Caller(door)
  const warmCount = RATE_PER_SECOND * warmSeconds
  const count = RATE_PER_SECOND * seconds
  say(`enrolling ${warmCount + count} patients`)
  const plan = await findCopdPlan(steward)
  const patients = await admitPatients(steward, { count: warmCount + count + 1, purpose: 'Rødbenken', plan })
  await untilFollowed(bench, patients.pop() as string)

  const random = createRandom('bench/red')
  const toSend = patients.map((subject) => ({ subject, isRed: random.happens(redShare) }))
  await sendAtRate(bench, toSend.slice(0, warmCount))
  const startedAt = now()
  const result = await measured(async () => {
    const watch = watchTasks(bench)
    const before = await readEngineFigures(door.fhirBase)
    const sent = await sendAtRate(bench, toSend.slice(warmCount))
    const found = await untilAllFound(steward, startedAt, sent)
    const engine = roundsBetween(before, await readEngineFigures(door.fhirBase))
    return { ...summary({ sent, tasks: found, foundAt: now(), seen: await watch.stop(), seconds }), engine }
  })
  steward.close()
  return { ...result, seconds, rate_per_s: RATE_PER_SECOND, red_share: redShare, measured: HOW }
}

/** The engine has done what came before when it has done this. */
async function untilFollowed(bench: Bench, patient: string): Promise<void> {
  const [canary] = await sendAtRate(bench, [{ subject: patient, isRed: true }])
  const caller = new Caller(bench.door)
  await untilAllFound(caller, canary?.sentAt ?? 0, canary ? [canary] : [])
  caller.close()
}

type ToSend = { subject: string; isRed: boolean }
type Sent = { sentAt: number; answeredAt: number; isRed: boolean; reference?: string }

/** Open loop: what is slow does not hold up what comes after it. */
async function sendAtRate({ door }: Bench, toSend: ToSend[]): Promise<Sent[]> {
  const random = createRandom('bench/values')
  const idle: Caller[] = []
  const all: Caller[] = []
  const post = async ({ subject, isRed }: ToSend): Promise<Sent> => {
    const caller = idle.pop() ?? new Caller(door)
    if (!all.includes(caller)) all.push(caller)
    const measurement = { subject, message: `measured-${subject}`, at: new Date() }
    const body = JSON.stringify(isRed ? redSpo2(random, measurement) : usualSpo2(random, measurement))
    const sentAt = now()
    try {
      const { status, headers } = await caller.call({ method: 'POST', path: 'Observation', body })
      const id = status === 201 ? /Observation\/([^/]+)/.exec(headers.get('location') ?? '')?.[1] : undefined
      return { sentAt, answeredAt: now(), isRed, ...(id && { reference: `Observation/${id}` }) }
    } catch {
      return { sentAt, answeredAt: now(), isRed }
    } finally {
      idle.push(caller)
    }
  }
  const underWay: Promise<Sent>[] = []
  const startedAt = performance.now()
  for (const one of toSend) {
    const due = startedAt + (underWay.length * 1000) / RATE_PER_SECOND
    const early = due - performance.now()
    if (early > 0) await sleep(early)
    underWay.push(post(one))
  }
  const sent = await Promise.all(underWay)
  for (const caller of all) caller.close()
  return sent
}

/** The look in whose answer a Task was first: when it was sent, and when it was answered. */
type Look = { sentAt: number; answeredAt: number }

/** Notes when one reader first sees each Task. */
function watchTasks({ door }: Bench): { stop: () => Promise<Map<string, Look>> } {
  const seen = new Map<string, Look>()
  const caller = new Caller(door)
  let watching = true
  const watch = async () => {
    while (watching) {
      const since = new Date(now() - LOOK_BACK_MILLIS).toISOString()
      const path = `Task?_lastUpdated=ge${since}&_sort=-_lastUpdated&_count=${LOOK_COUNT}`
      const sentAt = now()
      const { entry = [] } = expectJson<Bundle<Task>>(await caller.call({ method: 'GET', path }), 200)
      const look = { sentAt, answeredAt: now() }
      for (const { resource } of entry) {
        const reference = resource?.focus?.reference
        if (reference && !seen.has(reference)) seen.set(reference, look)
      }
      await sleep(LOOK_MILLIS)
    }
  }
  const looking = watch()
  return {
    async stop() {
      watching = false
      await looking
      return seen
    },
  }
}

/** Every Task since then, when there is one for each Observation, or when that takes too long. */
async function untilAllFound(caller: Caller, since: number, sent: Sent[]): Promise<Task[]> {
  const deadline = now() + PATIENCE_MILLIS
  const wanted = sent.flatMap(({ isRed, reference }) => (isRed && reference) || [])
  for (;;) {
    const tasks = await readTasksSince(caller, new Date(since))
    const found = new Set(tasks.map(({ focus }) => focus?.reference))
    if (now() > deadline || wanted.every((reference) => found.has(reference))) return tasks
    await sleep(200)
  }
}

type Watched = {
  sent: Sent[]
  tasks: Task[]
  /** When all were there: a Task that the reader missed was there by then. */
  foundAt: number
  seen: Map<string, Look>
  seconds: number
}

function summary({ sent, tasks, foundAt, seen: looks, seconds }: Watched): Result {
  const tasksOf = Map.groupBy(tasks, ({ focus }) => focus?.reference)
  const [posted, stamped, readable, seen] = [new Latencies(), new Latencies(), new Latencies(), new Latencies()]
  let missing = 0
  let twice = 0
  let needless = 0
  for (const { sentAt, answeredAt, isRed, reference } of sent) {
    if (!reference) continue
    posted.add(answeredAt - sentAt)
    const own = tasksOf.get(reference) ?? []
    if (!isRed) {
      needless += own.length
      continue
    }
    if (own.length > 1) twice++
    const lastUpdated = own[0]?.meta?.lastUpdated
    if (!lastUpdated) {
      missing++
      continue
    }
    stamped.add(Date.parse(lastUpdated) - sentAt)
    const look = looks.get(reference) ?? { sentAt: foundAt, answeredAt: foundAt }
    readable.add(look.sentAt - sentAt)
    seen.add(look.answeredAt - sentAt)
  }
  return {
    ops_per_s: Number((posted.count / seconds).toFixed(1)),
    ...seen.summary(),
    errors: sent.length - posted.count + missing + twice + needless,
    count: seen.count,
    stamped: stamped.summary(),
    readable: readable.summary(),
    post: posted.summary(),
    tasks_missing: missing,
    tasks_twice: twice,
    tasks_needless: needless,
  }
}
