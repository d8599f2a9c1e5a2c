import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../server/demo/random.ts'
import type { Answer } from '../caller/answer.ts'
import { type Call, Caller } from '../caller/caller.ts'
import { someMeasurement, transactionOf } from './stored-measurements.ts'
import type { Bench, Result, Workload } from './workload.ts'

/** Pause between the small requests that tell how long others wait. */
const PING_MILLIS = 5

/** One large request at a time, and how long a small one beside it had to wait at the most (`worst_wait_ms`). */
export const HEAVY_WORKLOADS: Workload[] = [
  { name: 'transaction-5000', run: (bench) => heavy(bench, transactionCall(bench, 5000)) },
  {
    name: 'page-1000',
    needsStored: true,
    run: (bench) => heavy(bench, { method: 'GET', path: 'Observation?_count=1000' }),
  },
  { name: 'resource-5mb', run: (bench) => heavy(bench, documentCall(5_000_000)) },
  { name: 'search-500-or', run: (bench) => heavy(bench, orCall(500)) },
]

function transactionCall(bench: Bench, entryCount: number): Call {
  const random = createRandom('bench/heavy')
  const observations = Array.from({ length: entryCount }, (_, number) =>
    someMeasurement(random, bench.stored.patients, `heavy-${number}`),
  )
  return { method: 'POST', path: '', body: transactionOf(observations) }
}

function documentCall(byteCount: number): Call {
  const attachment = { contentType: 'application/octet-stream', data: 'QUJD'.repeat(byteCount / 4) }
  const resource = { resourceType: 'DocumentReference', status: 'current', content: [{ attachment }] }
  return { method: 'POST', path: 'DocumentReference', body: JSON.stringify(resource) }
}

function orCall(valueCount: number): Call {
  const codes = Array.from({ length: valueCount }, (_, number) => encodeURIComponent(`http://loinc.org|${number}-0`))
  return { method: 'GET', path: `Observation?code=${codes.join(',')}&_count=20` }
}

async function heavy(bench: Bench, call: Call): Promise<Result> {
  const [large, small] = [new Caller(bench.door), new Caller(bench.door)]
  const waits: number[] = []
  let going = true
  const ping = async () => {
    while (going) {
      const sentAt = performance.now()
      await small.call({ method: 'GET', path: `${bench.door.fhirBase.origin}/healthz` })
      waits.push(performance.now() - sentAt)
      await sleep(PING_MILLIS)
    }
  }
  const pinging = ping()
  const times: number[] = []
  const answers: Answer[] = []
  const until = performance.now() + bench.seconds * 1000
  while (times.length < 3 || performance.now() < until) {
    const sentAt = performance.now()
    answers.push(await large.call(call))
    times.push(performance.now() - sentAt)
    await sleep(50)
  }
  going = false
  await pinging
  large.close()
  small.close()
  return {
    median_ms: round(median(times)),
    worst_wait_ms: round(Math.max(...waits)),
    count: times.length,
    errors: answers.filter(({ status }) => status !== 200 && status !== 201).length,
  }
}

const round = (milliseconds: number) => Number(milliseconds.toFixed(1))
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
