// A thread that evaluates expressions, one after another. Whoever started it ends it when one takes too long.
import { parentPort } from 'node:worker_threads'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import { RESULT_LENGTH_MAX, type ThreadAnswer, type ThreadJob } from './job.ts'
import type { ThreadMessage } from './thread-pool.ts'

const say = (message: ThreadMessage) => parentPort?.postMessage(message)

parentPort?.on('message', (text: string) => {
  const answer = JSON.stringify(answerOf(JSON.parse(text) as ThreadJob))
  say({ answer: answer.length > RESULT_LENGTH_MAX ? TOO_LONG : answer })
})
say({ ready: true })

const TOO_LONG = JSON.stringify({ problem: 'the result is too large', code: 'too-costly' } satisfies ThreadAnswer)

function answerOf({ expression, focus, variables, now }: ThreadJob): ThreadAnswer {
  try {
    return { result: compileFhirPath(expression)(focus, variables, new Date(now)) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), code: 'processing' }
  }
}
