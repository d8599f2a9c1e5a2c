import type { PlanDefinition, PlanDefinitionAction, RelatedArtifact } from '@medplum/fhirtypes'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { canonicalOf, isNamed } from './named-definitions.ts'

export type Draft = {
  plan: PlanDefinition
  /** The named definitions that are drafted with it. */
  definitions: Resource[]
}

/** What a copy is called. */
export type Naming = { url: string; version: string; title?: string | undefined; name?: string | undefined }

/**
 * A copy of a plan to be worked on: a draft, without anybody's approval, that says what it comes from.
 * @param relation    `predecessor` for the next version of the same plan, `derived-from` for a plan of its own
 * @param definitions those of the named definitions that are to be changed with it, each with the naming of its copy; the others
 *   are named as before
 * @param now         when the copy is made; its date is that of Norwegian clocks
 */
export function draftOf(
  plan: PlanDefinition,
  {
    relation,
    naming,
    definitions,
    now,
  }: {
    relation: 'predecessor' | 'derived-from'
    naming: Naming
    definitions: { definition: Resource; naming: Naming }[]
    now: Date
  },
): Draft {
  const renamed = (canonical: string): string => {
    const copied = definitions.find(({ definition }) => isNamed(canonical, definition))
    return copied ? canonicalOf(copied.naming) : canonical
  }
  const copy = withoutApproval(plan)
  const { date } = toOsloClock(now)
  const origin: RelatedArtifact = { type: relation, resource: canonicalOf(plan) }
  return {
    plan: {
      ...copy,
      ...named(naming),
      status: 'draft',
      date,
      ...(plan.library ? { library: plan.library.map(renamed) } : {}),
      relatedArtifact: [
        origin,
        ...(plan.relatedArtifact ?? [])
          .filter(({ type }) => type !== 'predecessor' && type !== 'successor')
          .map((artifact) => (artifact.resource ? { ...artifact, resource: renamed(artifact.resource) } : artifact)),
      ],
      ...(plan.action ? { action: renameActions(plan.action, renamed) } : {}),
    },
    definitions: definitions.map(({ definition, naming: own }) => ({
      ...withoutApproval(definition),
      ...named(own),
      status: 'draft',
      date,
    })),
  }
}

const named = ({ url, version, title, name }: Naming) => ({
  url,
  version,
  ...(title === undefined ? {} : { title }),
  ...(name === undefined ? {} : { name }),
})

/** Approval is of one version, and so is the id; a label that somebody put on the stored resource stays with it. */
function withoutApproval<T extends object>(definition: T): T {
  const { id, meta, approvalDate, lastReviewDate, effectivePeriod, identifier, ...rest } = definition as Record<
    string,
    unknown
  >
  const { profile } = (meta ?? {}) as { profile?: string[] }
  return { ...rest, ...(profile ? { meta: { profile } } : {}) } as T
}

function renameActions(
  actions: PlanDefinitionAction[],
  renamed: (canonical: string) => string,
): PlanDefinitionAction[] {
  return actions.map((action) => ({
    ...action,
    ...(action.definitionCanonical ? { definitionCanonical: renamed(action.definitionCanonical) } : {}),
    ...(action.action ? { action: renameActions(action.action, renamed) } : {}),
  }))
}
