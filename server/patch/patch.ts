import { cloneJson, parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { applyFhirPathPatch } from './fhirpath-patch.ts'
import { applyJsonPatch } from './json-patch.ts'

/** A patch in either of the forms that R4 has, besides XML Patch. https://hl7.org/fhir/R4/http.html#patch */
export type Patch = { form: 'json'; operations: unknown[] } | { form: 'fhirpath'; parameters: Record<string, unknown> }

export const JSON_PATCH = 'application/json-patch+json'

/**
 * What a body is: an array is a JSON Patch, Parameters are a FHIRPath Patch. In a Bundle, where only resources can stand, a JSON
 * Patch comes as a Binary.
 * @throws Refusal `invalid` for anything else
 */
export function parsePatch(body: unknown): Patch {
  if (Array.isArray(body)) return { form: 'json', operations: body }
  const fields = (typeof body === 'object' ? body : null) as Record<string, unknown> | null
  if (fields?.resourceType === 'Parameters') return { form: 'fhirpath', parameters: fields }
  if (fields?.resourceType === 'Binary') return parseBinary(fields)
  throw refuse(
    'invalid',
    'A patch is a JSON Patch (an array of operations) or Parameters with operations (FHIRPath Patch).',
  )
}

function parseBinary({ contentType, data }: Record<string, unknown>): Patch {
  if (contentType !== JSON_PATCH || typeof data !== 'string') {
    throw refuse('invalid', `A patch in a Binary has the contentType ${JSON_PATCH} and data.`, 'Binary.contentType')
  }
  const operations = parseJson(Buffer.from(data, 'base64').toString())
  if (!Array.isArray(operations)) throw refuse('invalid', 'A JSON Patch is an array of operations.', 'Binary.data')
  return { form: 'json', operations }
}

/**
 * The resource as the patch would have it; not yet validated, and nothing is changed that was given.
 * @throws Refusal for a patch that does not fit, or that would make it another resource
 */
export function applyPatch(current: Resource, patch: Patch): Resource {
  const resource = cloneJson(current)
  if (patch.form === 'json') applyJsonPatch(resource, patch.operations)
  else applyFhirPathPatch(resource, patch.parameters)
  for (const name of ['resourceType', 'id'] as const) {
    if (resource[name] !== current[name]) {
      throw refuse('invalid', `A patch cannot change ${name}.`, `${current.resourceType}.${name}`)
    }
  }
  return resource
}
