import { Caller, type Door } from '../caller/caller.ts'

/** How long the event loop of the server was late, in milliseconds, since it was asked before. */
export type LoopDelay = { loop_delay_p99_ms?: number; loop_delay_max_ms?: number }

/**
 * Asks `/metrics`, which begins to count anew with each question. The figures are of the process that answers: with more than
 * one, of one of them. Nothing is known of a server that has no such metrics, or shows them to nobody.
 */
export async function loopDelay({ fhirBase, authorization }: Door): Promise<LoopDelay> {
  const caller = new Caller({ fhirBase, authorization })
  const { status, body } = await caller.call({ method: 'GET', path: `${fhirBase.origin}/metrics` })
  caller.close()
  const text = status === 200 ? body.toString() : ''
  const [p99, max] = ['p99', 'max'].map((which) => millisecondsOf(text, which))
  return {
    ...(p99 === undefined ? {} : { loop_delay_p99_ms: p99 }),
    ...(max === undefined ? {} : { loop_delay_max_ms: max }),
  }
}

function millisecondsOf(metrics: string, which: string): number | undefined {
  const seconds = new RegExp(`^fylgje_nodejs_eventloop_lag_${which}_seconds (\\S+)$`, 'm').exec(metrics)?.[1]
  return seconds === undefined ? undefined : Number((Number(seconds) * 1000).toFixed(1))
}
