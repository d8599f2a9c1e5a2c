import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Caller, type Door } from '../caller/caller.ts'
import { Latencies } from './latencies.ts'

/** How long small requests had to wait beside a large one, in milliseconds. */
export type OthersWait = { wait_p50_ms: number; wait_p99_ms: number; worst_wait_ms: number; small_count: number }

/** Pause between two small requests. */
const PAUSE_MILLIS = 5

type Asked = { fhirBase: string; authorization: string }

/**
 * Sends small requests, one after the other, as long as `work` takes. From a thread of its own: whoever sends five megabytes keeps
 * its own thread busy, and that is no wait of the server's.
 */
export async function othersWait<T>(
  { fhirBase, authorization }: Door,
  work: () => Promise<T>,
): Promise<[T, OthersWait]> {
  const asked: Asked = { fhirBase: fhirBase.href, authorization }
  const worker = new Worker(new URL(import.meta.url), { workerData: asked })
  await once(worker, 'message')
  const result = await work()
  worker.postMessage('stop')
  const [waits] = (await once(worker, 'message')) as [OthersWait]
  await worker.terminate()
  return [result, waits]
}

/** In the thread: the first message says that it is under way, the second what came of it. */
async function send({ fhirBase, authorization }: Asked): Promise<void> {
  const caller = new Caller({ fhirBase: new URL(fhirBase), authorization })
  const ping = () => caller.call({ method: 'GET', path: `${new URL(fhirBase).origin}/healthz` })
  let going = true
  parentPort?.once('message', () => {
    going = false
  })
  await ping()
  parentPort?.postMessage('under way')
  const latencies = new Latencies()
  while (going) {
    const sentAt = performance.now()
    await ping()
    latencies.add(performance.now() - sentAt)
    await sleep(PAUSE_MILLIS)
  }
  caller.close()
  const { p50_ms, p99_ms, max_ms } = latencies.summary()
  const waits: OthersWait = {
    ...{ wait_p50_ms: p50_ms, wait_p99_ms: p99_ms, worst_wait_ms: max_ms },
    small_count: latencies.count,
  }
  parentPort?.postMessage(waits)
}

if (!isMainThread && typeof workerData?.fhirBase === 'string') await send(workerData as Asked)
