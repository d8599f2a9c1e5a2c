import { Worker } from 'node:worker_threads'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Representation } from './represent.ts'
import type { ThreadAnswer, ThreadJob } from './representation-thread.ts'

/** The thread has the definitions of R4 in memory, and what it has read; it ends when nobody has needed it for so long. */
const IDLE_MILLISECONDS = 5_000

/**
 * What takes long is done aside, in a thread, while others are answered: 6 MB of XML take more than a second to read.
 * @throws Refusal as `jsonFromXml` does
 * @returns JSON in UTF-8
 */
export const jsonFromXmlAside = (xml: Uint8Array): Promise<Uint8Array> => ask({ xml })

/** The same for what is sent. @param json as it is stored @returns bytes in UTF-8 */
export const representAside = (json: string, representation: Representation): Promise<Uint8Array> =>
  ask({ json, representation })

/** What is wrong with a long text that is no JSON. @throws Refusal as `parseJson` does; none if nothing is wrong with it */
export const refuseJsonAside = (brokenJson: string): Promise<Uint8Array> => ask({ brokenJson })

/** Of its own accord V8 gives a thread 48 MB for what is young, and 400 MB in all for 6 MB of XML; so 230 MB, and a third slower. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 12 }

type Job<Given = ThreadJob> = Given extends unknown ? Omit<Given, 'number'> : never
type Waiting = { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }
type Thread = { worker: Worker; waiting: Map<number, Waiting>; ending?: NodeJS.Timeout }

let thread: Thread | undefined
let lastNumber = 0

function ask(job: Job): Promise<Uint8Array> {
  thread ??= start()
  const { worker, waiting, ending } = thread
  clearTimeout(ending)
  worker.ref()
  const number = ++lastNumber
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject })
    worker.postMessage({ number, ...job })
  })
}

function start(): Thread {
  const worker = new Worker(new URL('./representation-thread.ts', import.meta.url), { resourceLimits: RESOURCE_LIMITS })
  const started: Thread = { worker, waiting: new Map() }
  worker.on('message', (answer: ThreadAnswer) => {
    settle(started.waiting, answer)
    if (started.waiting.size > 0) return
    // A server that stops does not wait for it.
    worker.unref()
    started.ending = setTimeout(() => end(started), IDLE_MILLISECONDS).unref()
  })
  worker.on('error', (error) => end(started, error))
  worker.on('exit', () => end(started))
  return started
}

function settle(waiting: Thread['waiting'], answer: ThreadAnswer): void {
  const asked = waiting.get(answer.number)
  waiting.delete(answer.number)
  if ('bytes' in answer) asked?.resolve(answer.bytes)
  else if ('refused' in answer) asked?.reject(new Refusal(answer.refused.issues, answer.refused.status))
  else asked?.reject(new Error(answer.fault))
}

/** Whoever still waits is told why; the next who asks gets another thread. */
function end(ended: Thread, error: Error = new Error('The thread for other formats ended.')): void {
  if (thread === ended) thread = undefined
  clearTimeout(ended.ending)
  for (const { reject } of ended.waiting.values()) reject(error)
  ended.waiting.clear()
  void ended.worker.terminate()
}
