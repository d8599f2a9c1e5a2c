import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Validator } from './validator.ts'

/**
 * The resource that a body is, now that every rule has been asked.
 * @param type the type that the URL names
 * @param place inside a transaction, references may be searches
 * @throws Refusal with all errors found, each with its element
 */
export function accept(
  validator: Validator,
  body: unknown,
  type: string,
  place?: 'transaction',
): { resource: Resource; warnings: Issue[] } {
  const issues = place ? validator.validate(body, type, IN_TRANSACTION) : validator.validate(body, type)
  if (issues.some(({ severity }) => severity === 'error')) throw new Refusal(issues)
  return { resource: body as Resource, warnings: issues }
}

const IN_TRANSACTION = { conditionalReferences: true }

/** The same for a body that may be large, while others are answered. */
export async function acceptInTurns(
  validator: Validator,
  body: unknown,
  type: string,
): Promise<{ resource: Resource; warnings: Issue[] }> {
  const issues = await validator.validateInTurns(body, type)
  if (issues.some(({ severity }) => severity === 'error')) throw new Refusal(issues)
  return { resource: body as Resource, warnings: issues }
}

/** The same for a Bundle without what is in its entries, which are judged one by one. @throws Refusal */
export async function acceptShell(validator: Validator, bundle: Record<string, unknown>): Promise<void> {
  const options = { skipEntryResources: true, conditionalReferences: true }
  const issues = await validator.validateInTurns(bundle, 'Bundle', options)
  if (issues.some(({ severity }) => severity === 'error')) throw new Refusal(issues)
}
