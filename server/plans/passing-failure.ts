import { Refusal } from '../core/fhir/outcome.ts'

/**
 * Whether the same may succeed when it is tried again: connection lost, server restarting, deadlock, serialization, too many
 * connections; or somebody changed the same resource at the same moment.
 */
export function isPassingFailure(error: unknown): boolean {
  if (error instanceof Refusal) return error.status === 409 || error.status === 412 || error.status === 503
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
  if (code !== undefined) return /^(08|57|40|53|55P03|25006|E[A-Z])/.test(code)
  return error instanceof Error && /terminated|Connection|timeout/i.test(error.message)
}
