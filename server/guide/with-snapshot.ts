import type { Definition, GuideDefinitions } from './definitions.ts'

/** A definition as others want it: a profile or extension with its snapshot, before the differential. */
export function withSnapshot(guide: GuideDefinitions, definition: Definition): Definition {
  if (definition.resourceType !== 'StructureDefinition') return definition
  const { differential, ...rest } = definition
  return {
    ...rest,
    snapshot: { element: guide.snapshot(String(definition.id)) },
    ...(differential ? { differential } : {}),
  }
}
