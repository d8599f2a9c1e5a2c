import type { PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { DefinitionReader } from './definition-reader.ts'

/** How many subjects one call answers. */
const SUBJECT_COUNT_MAX = 100

export type Subjects = {
  /** Each is answered by itself. */
  subjects: Resource[]
  /** Of other types, at most one of each: those whom an action with a subject of its own is about. */
  others: Resource[]
}

/**
 * Whom a definition is applied to. R4 takes one or more subjects, of one type or of several, and leaves it to the server what several
 * mean: here those of the definition's own type (Patient, where it says none) are answered one by one, and one of each other type
 * stands beside them all. A Group is its active members, unless the definition is about Groups.
 * @throws Refusal not-found, value (no reference; two of another type than the definition's; a Group without members), too-costly
 */
export async function readSubjects(
  reader: DefinitionReader,
  references: string[],
  definition: Resource,
): Promise<Subjects> {
  const type = subjectTypeOf(definition)
  const given = await Promise.all(references.map((reference) => reader.read(reference, 'subject')))
  const read = await Promise.all(
    given.map((one) => (one.resourceType === 'Group' && type !== 'Group' ? readMembers(reader, one) : [one])),
  )
  const all = [...new Map(read.flat().map((one) => [`${one.resourceType}/${one.id}`, one])).values()]
  if (all.length > SUBJECT_COUNT_MAX) {
    throw refuse('too-costly', `At most ${SUBJECT_COUNT_MAX} subjects are answered at once.`, 'subject')
  }
  // A definition for patients may still be tried on somebody else alone.
  const answered = all.some(({ resourceType }) => resourceType === type) ? type : all[0]?.resourceType
  const others = all.filter(({ resourceType }) => resourceType !== answered)
  const twice = others.find(({ resourceType }, i) => others.findIndex((one) => one.resourceType === resourceType) !== i)
  if (twice) throw refuse('value', `Of subjects of the type ${twice.resourceType} only one can be given.`, 'subject')
  return { subjects: all.filter(({ resourceType }) => resourceType === answered), others }
}

/** https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.subject_x_ */
function subjectTypeOf({ subjectCodeableConcept }: Pick<PlanDefinition, 'subjectCodeableConcept'> | Resource) {
  const { coding = [] } = (subjectCodeableConcept ?? {}) as { coding?: { code?: string }[] }
  return coding.find(({ code }) => code)?.code ?? 'Patient'
}

async function readMembers(reader: DefinitionReader, group: Resource): Promise<Resource[]> {
  const members = (group.member ?? []) as { entity?: { reference?: string }; inactive?: boolean }[]
  const references = members.flatMap(({ entity, inactive }) => (inactive ? [] : (entity?.reference ?? [])))
  if (references.length === 0) throw refuse('value', `Group/${group.id} has no active members.`, 'subject')
  if (references.length > SUBJECT_COUNT_MAX) {
    throw refuse('too-costly', `At most ${SUBJECT_COUNT_MAX} subjects are answered at once.`, 'subject')
  }
  return Promise.all(references.map((reference) => reader.read(reference, 'subject')))
}
