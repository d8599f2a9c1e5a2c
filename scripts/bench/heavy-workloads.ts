import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../caller/answer.ts'
import { type Call, Caller } from '../caller/caller.ts'
import {
  batchCall,
  brokenCall,
  collectionCall,
  documentCall,
  manyValuesCall,
  transactionCall,
  xmlTransactionCall,
} from './large-requests.ts'
import { Latencies } from './latencies.ts'
import { loopDelay } from './loop-delay.ts'
import { othersWait } from './others-wait.ts'
import type { Bench, Result, Workload } from './workload.ts'

const PAGE = 'Observation?_count=1000'
const MEGABYTES_5 = 5_000_000

/**
 * One large request at a time; how long a small one beside it had to wait (`worst_wait_ms`), and how late the server's event loop
 * was meanwhile (`loop_delay_max_ms`). Both count what the machine does to the server too: they say something on a quiet one.
 */
export const HEAVY_WORKLOADS: Workload[] = [
  heavy('transaction-5000', ({ stored }) => transactionCall(stored.patients, 5_000)),
  heavy('transaction-5000-xml', ({ stored }) => xmlTransactionCall(stored.patients, 5_000)),
  heavy('batch-5000', ({ stored }) => batchCall(stored.patients, 5_000)),
  reading('page-1000', { method: 'GET', path: PAGE }),
  reading('page-1000-gzip', { method: 'GET', path: PAGE, headers: ['accept-encoding: gzip'] }),
  reading('page-1000-elements', { method: 'GET', path: `${PAGE}&_elements=status,code` }),
  reading('page-1000-pretty', { method: 'GET', path: `${PAGE}&_pretty=true` }),
  reading('page-1000-xml', { method: 'GET', path: `${PAGE}&_format=xml` }),
  heavy('resource-5mb', () => documentCall(MEGABYTES_5)),
  heavy('resource-5mb-of-many', ({ stored }) => collectionCall(stored.patients, MEGABYTES_5)),
  heavy('resource-5mb-broken', ({ stored }) => brokenCall(stored.patients, MEGABYTES_5), [400]),
  reading('search-500-or', manyValuesCall(500)),
]

const TIMES_MIN = 3

/** @param right the statuses of an answer as it should be */
function heavy(name: string, callOf: (bench: Bench) => Call, right = [200, 201]): Workload {
  return { name, run: (bench) => bench.measured(() => run(bench, callOf(bench), right)) }
}

function reading(name: string, call: Call): Workload {
  return { ...heavy(name, () => call), needsStored: true }
}

async function run({ door, warmSeconds, seconds }: Bench, call: Call, right: number[]): Promise<Result> {
  const caller = new Caller(door)
  await repeat(caller, call, warmSeconds)
  await loopDelay(door)
  const [{ latencies, answers }, waits] = await othersWait(door, () => repeat(caller, call, seconds))
  const delay = await loopDelay(door)
  caller.close()
  const wrong = answers.filter(({ status }) => !right.includes(status))
  return {
    ...latencies.summary(),
    ...waits,
    ...delay,
    errors: wrong.length,
    ...(wrong[0] && { first_error: `${wrong[0].status} ${wrong[0].body.toString().slice(0, 300)}` }),
    count: answers.length,
    request_bytes: Buffer.byteLength(call.body ?? ''),
    answer_bytes: answers[0]?.body.length,
  }
}

/** At least some times: one alone may have met others' work. */
async function repeat(
  caller: Caller,
  call: Call,
  seconds: number,
): Promise<{ latencies: Latencies; answers: Answer[] }> {
  const latencies = new Latencies()
  const answers: Answer[] = []
  const until = performance.now() + seconds * 1000
  while (answers.length < TIMES_MIN || performance.now() < until) {
    const sentAt = performance.now()
    answers.push(await caller.call(call))
    latencies.add(performance.now() - sentAt)
    await sleep(50)
  }
  return { latencies, answers }
}
