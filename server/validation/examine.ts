import type { Issue } from '../core/fhir/outcome.ts'
import type { Validator } from './validator.ts'

/**
 * Every issue of a body, for `$validate`. In a batch or transaction references may be searches, as they may when it is sent.
 * @param profiles canonicals that the body must conform to, whatever it says itself
 */
export function examine(validator: Validator, body: unknown, type: string, profiles: string[]): Issue[] {
  const bundleType = (body as { resourceType?: unknown; type?: unknown } | null | undefined)?.type
  const conditionalReferences = type === 'Bundle' && (bundleType === 'transaction' || bundleType === 'batch')
  return validator.validate(body, type, { profiles, conditionalReferences, advisesOnVitalSigns: true })
}
