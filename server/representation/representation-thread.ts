// A thread that reads and writes what is large in another format than it is stored in, one after another. Text and bytes go in
// and out; nothing of it is a tree, which would have to be copied member by member.
import { parentPort } from 'node:worker_threads'
import { decodeUtf8, parseJson } from '../core/fhir/json.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { jsonFromXml } from './from-xml.ts'
import { type Representation, represent } from './represent.ts'

export type ThreadJob = { number: number } & (
  | { xml: Uint8Array }
  /** JSON, and how it is to be written. */
  | { json: string; representation: Representation }
  /** Of which is asked what is wrong with it. */
  | { brokenJson: string }
)
export type ThreadAnswer = { number: number } & (
  | { bytes: Uint8Array<ArrayBuffer> }
  | { refused: { issues: Issue[]; status: number } }
  | { fault: string }
)

const definitions = loadDefinitions()

parentPort?.on('message', (job: ThreadJob) => {
  const answer: ThreadAnswer = { number: job.number, ...answerTo(job) }
  parentPort?.postMessage(answer, 'bytes' in answer ? [answer.bytes.buffer] : [])
})

type Outcome<Answer = ThreadAnswer> = Answer extends unknown ? Omit<Answer, 'number'> : never

function answerTo(job: ThreadJob): Outcome {
  try {
    // Bytes of their own, so that they can be handed over without a copy.
    return { bytes: new TextEncoder().encode(textOf(job)) }
  } catch (error) {
    if (error instanceof Refusal) return { refused: { issues: error.issues, status: error.status } }
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function textOf(job: ThreadJob): string {
  if ('xml' in job) return jsonFromXml(definitions, decodeUtf8(job.xml))
  if ('json' in job) return represent(definitions, job.json, job.representation)
  parseJson(job.brokenJson)
  return ''
}
