import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { sortedJson } from '../../server/lifecycle/frozen.ts'

/** By `PlanDefinition/copd|1.1.0` a digest of what that version says. */
export type RecordedVersions = Readonly<Record<string, string>>

const FILE = join(import.meta.dirname, '../../plandefinitions/versions.json')

export const readRecordedVersions = (): RecordedVersions => JSON.parse(readFileSync(FILE, 'utf8')) as RecordedVersions

/**
 * What speaks against the versions of some definitions. A server may have stored a version and follow people by it, so what is called by the
 * same version says the same for ever; what says something else has a version that was not used before. Drafts govern nobody.
 */
export function problemsOfVersions(definitions: Resource[], recorded: RecordedVersions): string[] {
  return definitions.filter(isInForce).flatMap((one) => {
    const before = recorded[keyOf(one)]
    if (before === digestOf(one)) return []
    return before === undefined
      ? [`${keyOf(one)} is not recorded; npm run pathways -- record`]
      : [`${keyOf(one)} does not say what this version was recorded with; raise its version`]
  })
}

/** Those recorded, and those of these definitions whose version is new. What was recorded is never changed. */
export function withNewVersions(definitions: Resource[], recorded: RecordedVersions): RecordedVersions {
  const own = definitions.filter(isInForce).map((one) => [keyOf(one), digestOf(one)] as const)
  const all = { ...Object.fromEntries(own), ...recorded }
  return Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)))
}

export function writeRecordedVersions(recorded: RecordedVersions): void {
  writeFileSync(FILE, `${JSON.stringify(recorded, undefined, 2)}\n`)
}

const isInForce = ({ status }: Resource): boolean => status !== 'draft'

const keyOf = ({ resourceType, id, version }: Resource): string => `${resourceType}/${id}|${version}`

const digestOf = (definition: Resource): string => createHash('sha256').update(sortedJson(definition)).digest('hex')
