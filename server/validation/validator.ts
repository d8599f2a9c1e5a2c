import type { Definitions } from '../definitions/definitions.ts'
import type { Issue } from '../fhir/outcome.ts'
import { createRules } from './compile.ts'
import { quote, Walk, type WalkOptions } from './walk.ts'

export type ValidateOptions = WalkOptions & {
  /** Where the body stands in something larger: `Bundle.entry[2].resource`. Its own type when left out. */
  path?: string
}

export type Validator = {
  /**
   * Checks a parsed body against the base definitions of R4: structure, cardinality, formats, required bindings, references, invariants.
   * Throws for nothing that can be sent.
   * @param expectedType the type that the URL names
   * @returns all issues, at most 100 and a word that there are more; empty or without an error means conformant
   */
  validate(body: unknown, expectedType?: string, options?: ValidateOptions): Issue[]
}

/** https://hl7.org/fhir/R4/validation.html. Rules are compiled per type at its first use, and kept. */
export function createValidator(definitions: Definitions): Validator {
  const rules = createRules(definitions)
  return {
    validate(body, expectedType, { path, ...options } = {}) {
      const type = typeOf(body)
      const known = type !== undefined && definitions.resourceTypes.has(type) ? type : undefined
      const walk = new Walk(path ?? known ?? expectedType ?? 'Resource', options)
      if (expectedType !== undefined && type !== undefined && type !== expectedType) {
        walk.report(
          'invalid',
          `The resource must be of type ${expectedType}, as the URL says, not ${quote(type)}.`,
          'resourceType',
        )
        return walk.issues
      }
      if (typeof body === 'object' && body !== null) walk.rootResource = body as Record<string, unknown>
      rules.checkResource(body, walk)
      return walk.issues
    },
  }
}

function typeOf(body: unknown): string | undefined {
  const resourceType =
    typeof body === 'object' && body !== null && 'resourceType' in body ? body.resourceType : undefined
  return typeof resourceType === 'string' ? resourceType : undefined
}
