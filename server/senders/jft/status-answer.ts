import type { HttpAnswer } from '../http-answer.ts'
import type { Progress } from '../message.ts'

const UNDER_WAY: ReadonlySet<string> = new Set(['registered', 'read'])

/**
 * What `$status` says of a message: registered, read, journaled or failed. Told as Parameters with `status`, or as an object with it.
 * What is not understood is no news.
 */
export function toProgress({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): Progress {
  // It may know it later; whoever waits for too long tells so.
  if (status === 404) return { kind: 'unknown', reason: { code: 'not-known-there' } }
  if (status !== 200) return { kind: 'unknown', reason: { code: 'answered-to-status', values: { status } } }
  const { state, reason } = read(body)
  if (state === 'journaled') return { kind: 'journaled' }
  if (state === 'failed') {
    return reason
      ? { kind: 'failed', reason: { code: 'journaling-failed-with', values: { quote: reason } } }
      : { kind: 'failed', reason: { code: 'journaling-failed' } }
  }
  if (state !== undefined && UNDER_WAY.has(state)) return { kind: 'under-way' }
  return {
    kind: 'unknown',
    reason: { code: 'not-understood' },
  }
}

function read(body: string): { state?: string; reason?: string } {
  try {
    const told = JSON.parse(body) as Record<string, unknown>
    const parameters = Array.isArray(told.parameter) ? (told.parameter as Record<string, unknown>[]) : undefined
    const of = (name: string) => {
      const found = parameters ? parameters.find((one) => one.name === name) : undefined
      const value = parameters ? (found?.valueCode ?? found?.valueString) : told[name]
      return typeof value === 'string' ? value : undefined
    }
    const [state, reason] = [of('status'), of('reason')]
    return { ...(state ? { state } : {}), ...(reason ? { reason } : {}) }
  } catch {
    return {}
  }
}
