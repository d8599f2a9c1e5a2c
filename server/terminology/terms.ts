import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { type ConceptTree, toConceptTree } from './concept-tree.ts'
import type { R4Terminology, TerminologyType } from './r4-terminology.ts'

export type MapSide = 'source' | 'target'

/** The terminology that one caller may see: what is stored here first, then R4's own. */
export type Terms = {
  /** @param canonical url, perhaps with `|version` */
  codeSystem(canonical: string): Promise<ConceptTree | undefined>
  valueSet(canonical: string): Promise<ValueSet | undefined>
  conceptMap(canonical: string): Promise<ConceptMap | undefined>
  /** Every map that leads from one value set or code system, or to it; for $translate without a url. */
  conceptMaps(side: MapSide, canonical: string): Promise<ConceptMap[]>
}

/** A stored resource: `name` is of the version (`ValueSet/1/_history/3`), so that what is made from it can be kept. */
export type Stored = { name: string; text: string }

/** Searches with the caller's own access. @param params exact search parameters, such as `url` */
export type FindStored = (access: Access, type: TerminologyType, params: Record<string, string>) => Promise<Stored[]>

export type Terminology = {
  /** @param findStored another way to what is stored, such as one inside a transaction */
  of(access: Access, findStored?: FindStored): Terms
  /** Canonicals of the code systems that R4 publishes and that are here with all their codes. */
  published(): Promise<string[]>
}

const KEPT_COUNT_MAX = 200

/** Search lets a value set be named as `ValueSet/23` too. */
const LITERAL = /^(?:ValueSet|CodeSystem|ConceptMap)\/([A-Za-z0-9\-.]{1,64})$/

/** Nothing that an access may not search is used for it: neither to expand a value set nor to say that a code is in one. */
export function createTerminology(r4: R4Terminology, findAny: FindStored): Terminology {
  const parsed = keepRecent<unknown>(KEPT_COUNT_MAX)

  return {
    async published() {
      const systems = await r4.all('CodeSystem')
      return [...systems].flatMap(([url, text]) => (text.includes('"content":"complete"') ? [url] : [])).sort()
    },
    of(access, findStored = findAny) {
      async function find<T>(
        type: TerminologyType,
        canonical: string,
        from: (resource: unknown) => T,
      ): Promise<T | undefined> {
        const [url = '', version] = canonical.split('|')
        if (url === '') return undefined
        const [, id] = LITERAL.exec(url) ?? []
        const stored = await findStored(
          access,
          type,
          id === undefined ? { url, ...(version === undefined ? {} : { version }) } : { _id: id },
        )
        const best = newest(stored)
        if (best) return parsed(best.name, () => from(JSON.parse(best.text))) as T
        const text = await r4.find(type, url)
        return text === undefined ? undefined : (parsed(`${type} ${url}`, () => from(JSON.parse(text))) as T)
      }
      return {
        codeSystem: (canonical) => find('CodeSystem', canonical, (one) => toConceptTree(one as CodeSystem)),
        valueSet: (canonical) => find('ValueSet', canonical, (one) => one as ValueSet),
        conceptMap: (canonical) => find('ConceptMap', canonical, (one) => one as ConceptMap),
        async conceptMaps(side, canonical) {
          const searched = await Promise.all(
            [side, `${side}-uri`, `${side}-system`].map((name) =>
              findStored(access, 'ConceptMap', { [name]: canonical }),
            ),
          )
          const stored = new Map(searched.flat().map((one) => [one.name, one]))
          const own = [...(await r4.all('ConceptMap'))].map(([url, text]) => ({ name: `ConceptMap ${url}`, text }))
          const maps = [...stored.values(), ...own].map(({ name, text }) => parsed(name, () => JSON.parse(text)))
          return (maps as ConceptMap[]).filter((map) => endsAt(map, side, canonical))
        },
      }
    },
  }
}

function endsAt(map: ConceptMap, side: MapSide, canonical: string): boolean {
  const sets = side === 'source' ? [map.sourceUri, map.sourceCanonical] : [map.targetUri, map.targetCanonical]
  const systems = (map.group ?? []).map((group) => group[side])
  return [...sets, ...systems].some((one) => one !== undefined && one.split('|', 1)[0] === canonical)
}

/** Active before others, then the highest version: what a canonical without a version means. */
function newest(stored: Stored[]): Stored | undefined {
  if (stored.length <= 1) return stored[0]
  const ranked = stored.map((one) => {
    const { status, version } = JSON.parse(one.text) as { status?: string; version?: string }
    return { one, isActive: status === 'active', version: version ?? '' }
  })
  ranked.sort(
    (a, b) => Number(b.isActive) - Number(a.isActive) || b.version.localeCompare(a.version, 'en', { numeric: true }),
  )
  return ranked[0]?.one
}

/** Keeps what was made last, by name; what is asked for again stays. */
function keepRecent<T>(countMax: number): (name: string, make: () => T) => T {
  const kept = new Map<string, T>()
  return (name, make) => {
    const value = kept.get(name) ?? make()
    kept.delete(name)
    kept.set(name, value)
    if (kept.size > countMax) kept.delete(kept.keys().next().value ?? '')
    return value
  }
}
