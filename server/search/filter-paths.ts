import type { Definitions } from '../definitions/definitions.ts'
import { type KeyUse, typeIndex } from './parameters.ts'

/** What the two kinds of filter of a DataRequirement can be held against. https://hl7.org/fhir/R4/metadatatypes.html#DataRequirement */
const TYPES = {
  code: new Set(['code', 'Coding', 'CodeableConcept', 'canonical']),
  date: new Set(['date', 'dateTime', 'instant', 'Period']),
}

/**
 * The search parameters that a filter of a DataRequirement may name, as the simple paths at which they look: the text of
 * `server/core/decide/plan/filter-paths.generated.ts`, for the core knows no definitions. A parameter that needs more than property walks,
 * or looks at values of another kind (an Identifier, a Reference), is not among them.
 */
export function filterPathsModule(definitions: Definitions): string {
  const types = [...definitions.resourceTypes].sort()
  const tables = (['code', 'date'] as const).map((kind) => {
    const rows = types.flatMap((type) => {
      const entries = entriesOf(definitions, type, TYPES[kind])
      return entries.length > 0 ? [rowOf(type, entries.join(' '))] : []
    })
    return `export const ${kind.toUpperCase()}_PATHS: Readonly<Record<string, string>> = {\n${rows.join('\n')}\n}\n`
  })
  return `${HEADER}\n${tables.join('\n')}`
}

const HEADER = `// Written by \`node scripts/filter-paths.ts\` from the search parameters of R4 and held true by a test; do not edit.
// By type: each parameter, with \`=\` its paths where they are not its name in camel case.`

const LINE_MAX = 120
/** Broken where the formatter breaks it. */
function rowOf(type: string, text: string): string {
  const line = `  ${type}: '${text}',`
  return line.length > LINE_MAX ? `  ${type}:\n    '${text}',` : line
}

function entriesOf(definitions: Definitions, type: string, wanted: ReadonlySet<string>): string[] {
  return (
    [...typeIndex(definitions, type).parameters.values()]
      // Those of all resources stand with the core itself.
      .filter(({ code }) => !code.startsWith('_'))
      .flatMap(({ code, keys }) => {
        const paths = pathsOf(keys, wanted)
        if (!paths) return []
        const text = paths.join('|')
        return [text === inCamelCase(code) ? code : `${code}=${text}`]
      })
      .sort()
  )
}

/** @returns undefined where some value lies elsewhere than at a simple path, or none is of a kind that is wanted */
function pathsOf(keys: KeyUse[], wanted: ReadonlySet<string>): string[] | undefined {
  const leaves = keys.flatMap(({ key }) => key.leaves)
  const isSimple = keys.every(({ key, target }) => key.expression === undefined && target === undefined)
  const isWalked = leaves.every(({ hops }) => hops.every(({ accepts, index }) => !accepts && index === undefined))
  const found = leaves.filter(({ type }) => wanted.has(type))
  if (!isSimple || !isWalked || found.length === 0) return undefined
  return [...new Set(found.map(({ hops }) => hops.map(({ property }) => property).join('.')))]
}

const inCamelCase = (code: string) => code.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
