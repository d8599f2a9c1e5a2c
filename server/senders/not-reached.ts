import type { Answer } from './message.ts'

/** Nobody knows whether it came. */
export const notReached = (error: unknown): Extract<Answer, { kind: 'again' }> => ({
  kind: 'again',
  reason: { code: 'not-reached', values: { cause: causeOf(error) } },
})

/** What the network said, without what was sent. */
function causeOf(error: unknown): string {
  const { code, cause, name } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown }; name?: unknown }
  return String(cause?.code ?? code ?? name ?? 'unknown')
}
