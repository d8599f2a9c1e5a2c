// A thread that evaluates expressions, one after another. Whoever started it ends it when one takes too long.
import { parentPort } from 'node:worker_threads'
import { compileFhirPath } from '../core/fhirpath/evaluate.ts'
import { say } from '../process/thread-says.ts'
import { type CqlJob, type FhirPathJob, RESULT_LENGTH_MAX, type ThreadAnswer, type ThreadJob } from './job.ts'

const TOO_LONG = JSON.stringify({ problem: 'the result is too large', code: 'too-costly' } satisfies ThreadAnswer)

parentPort?.on('message', (text: string) => {
  void answerOf(JSON.parse(text) as ThreadJob).then((answer) => {
    const told = JSON.stringify(answer)
    say({ answer: told.length > RESULT_LENGTH_MAX ? TOO_LONG : told })
  })
})
say({ ready: true })

async function answerOf(job: ThreadJob): Promise<ThreadAnswer> {
  try {
    return job.kind === 'fhirpath' ? { result: evaluate(job) } : await runCql(job)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), code: 'processing' }
  }
}

const evaluate = ({ expression, focus, variables, now }: FhirPathJob): unknown[] =>
  compileFhirPath(expression)(focus, variables, new Date(now))

/** Loaded by the first who needs it: most plans have no CQL. */
async function runCql(job: CqlJob): Promise<ThreadAnswer> {
  const cql = await import('../cql/run-define.ts')
  cql.prepareModel()
  if (job.elms) cql.learnLibraries(job.set, job.elms)
  if (!cql.knowsLibraries(job.set)) return { lacks: 'libraries' }
  say({ begun: true })
  return { result: await cql.runDefine(job.set, job) }
}
