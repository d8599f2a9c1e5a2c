import type { Reference } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isSystem } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { parseLiteralReference } from '../search/extract-reference.ts'

/** Where what next of kin may add says who has made it. */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
  Observation: ['performer'],
  QuestionnaireResponse: ['source', 'author'],
  Communication: ['sender'],
  Media: ['operator'],
  DocumentReference: ['author', 'authenticator'],
  MedicationStatement: ['informationSource'],
}

/**
 * What next of kin add is told as theirs, and never reads as the patient's own or as staff's: whoever is named as having made it is the caller,
 * or a device. The patient may well be whom it is about.
 * @throws Refusal business-rule; its expression names the element
 */
export function mustBeInOwnName(access: Access, resource: Resource, baseUrl: string): void {
  const { actor } = access
  if (!actor.startsWith('RelatedPerson/') || isSystem(access)) return
  const fields = resource as unknown as Record<string, unknown>
  for (const [path, reference] of namedIn(resource.resourceType, fields)) {
    const literal = reference.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
    if (literal && (literal.type === 'Device' || `${literal.type}/${literal.id}` === actor)) continue
    throw refuse('business-rule', `What next of kin add is theirs: ${path} must refer to ${actor}, who sends it.`, path)
  }
}

function namedIn(type: string, fields: Record<string, unknown>): [path: string, reference: Reference][] {
  const makers = (MAKERS[type] ?? []).flatMap((name): [string, Reference][] => {
    const value = fields[name]
    if (Array.isArray(value)) return value.map((one: Reference, i) => [`${type}.${name}[${i}]`, one])
    return value ? [[`${type}.${name}`, value as Reference]] : []
  })
  const notes = Array.isArray(fields.note) ? (fields.note as { authorReference?: Reference }[]) : []
  return [
    ...makers,
    ...notes.flatMap(({ authorReference }, i): [string, Reference][] =>
      authorReference ? [[`${type}.note[${i}].authorReference`, authorReference]] : [],
    ),
  ]
}
