import { isDeepStrictEqual } from 'node:util'
import type { Coding } from '@medplum/fhirtypes'
import { keepLiterals } from '../../core/fhir/json.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { isDegreeLabel } from './protection.ts'
import { isPlaceholder, REDACTED, SUBSETTED, withheld } from './withhold.ts'

type Fields = Record<string, unknown>

/**
 * What somebody writes who was shown a copy without addresses: theirs, with what was withheld as it is stored. A client that leaves
 * the placeholders out has not meant to delete what it has never seen.
 * @param given what was sent
 * @param stored what it is to replace
 * @throws Refusal forbidden for what would change, move or delete what is withheld; its expression names the element
 */
export function restored(given: Resource, stored: Resource): Resource {
  const { meta: _shownMeta, ...shown } = withheld(stored)
  const { meta: storedMeta, ...whole } = stored
  const { meta: givenMeta = {}, ...fields } = given
  const { security: givenLabels = [], tag: givenTags = [], ...meta } = givenMeta
  const merged = merge({ stored: whole, shown, given: fields, path: stored.resourceType }) as Resource
  const security = labelsOf(givenLabels, storedMeta?.security ?? [])
  const tag = givenTags.filter(not(SUBSETTED))
  return {
    ...merged,
    // FHIR has no empty lists.
    meta: { ...meta, ...(security.length > 0 ? { security } : {}), ...(tag.length > 0 ? { tag } : {}) },
  }
}

/** Whoever does not see an address does not say either that it may be seen. */
const labelsOf = (given: Coding[], stored: Coding[]): Coding[] => [
  ...given.filter(not(REDACTED)).filter((label) => !isDegreeLabel(label)),
  ...stored.filter(isDegreeLabel),
]

const not =
  (label: Coding) =>
  ({ system, code }: Coding): boolean =>
    system !== label.system || code !== label.code

type Three = { stored: unknown; shown: unknown; given: unknown; path: string }

function merge({ stored, shown, given, path }: Three): unknown {
  if (isDeepStrictEqual(shown, given)) return stored
  if (isDeepStrictEqual(stored, shown)) return given
  if (isPlaceholder(shown)) throw keptFrom(path)
  if (Array.isArray(stored) && Array.isArray(shown) && Array.isArray(given)) {
    return mergeLists(stored, shown, given, path)
  }
  if (isFields(stored) && isFields(shown) && isFields(given)) return mergeFields(stored, shown, given, path)
  throw keptFrom(path)
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A narrative or a display of the writer's own is one of what the writer knows. */
const OWN_WORDS = new Set(['text', 'display', '_display'])

function mergeFields(stored: Fields, shown: Fields, given: Fields, path: string): Fields {
  const merged: Fields = keepLiterals(given, { ...given })
  for (const [name, member] of Object.entries(stored)) {
    const at = `${path}.${name}`
    if (!(name in shown)) {
      if (!(name in given)) merged[name] = member
      else if (!OWN_WORDS.has(name)) throw keptFrom(at)
    } else if (name in given) {
      merged[name] = merge({ stored: member, shown: shown[name], given: given[name], path: at })
    } else if (!isDeepStrictEqual(member, shown[name])) {
      if (!isPlaceholder(shown[name])) throw keptFrom(at)
      merged[name] = member
    }
  }
  return merged
}

/** Each as it was shown stands for what is stored; of those that were changed, each for the one in its place. */
function mergeLists(stored: unknown[], shown: unknown[], given: unknown[], path: string): unknown[] {
  const left = new Set(shown.keys())
  const found = given.map((member) => {
    const place = [...left].find((at) => isDeepStrictEqual(shown[at], member))
    if (place !== undefined) left.delete(place)
    return place
  })
  const merged = given.map((member, i) => {
    const place = found[i] ?? (left.delete(i) ? i : undefined)
    return place === undefined
      ? member
      : merge({ stored: stored[place], shown: shown[place], given: member, path: `${path}[${i}]` })
  })
  const lost = [...left].find((at) => !isDeepStrictEqual(stored[at], shown[at]))
  if (lost !== undefined) throw keptFrom(`${path}[${lost}]`)
  return merged
}

const keptFrom = (path: string) =>
  refuse(
    'forbidden',
    `${path} is withheld from you, so it can be neither changed nor deleted by you: send it as you were given it, or leave it out.`,
    path,
  )
