import type { Library } from '@medplum/fhirtypes'
import type { ElmBook } from './elm-book.ts'
import { FHIR_HELPERS, FHIR_VERSION, fhirHelpersElm, readModelInfo } from './fhir-helpers.ts'
import { contentOf } from './library-content.ts'
import { type CqlLibrary, type LibrarySet, toCqlLibrary, toLibrarySet } from './library-set.ts'
import { includedBy, type Source } from './translation.ts'

/** How a Library is asked for: by canonical or literal reference, or by the name that other libraries include it by. */
export type Wanted = { canonical: string } | { name: string; version?: string | undefined }
export type FindLibrary = (wanted: Wanted) => Promise<Library | undefined>

/** More than any guideline has; a library that includes itself by a detour ends here too. */
const LIBRARY_COUNT_MAX = 60

/**
 * Reads the libraries that definitions name, and all that these include. What is missing or wrong is told in `problems`; what is
 * there can be used all the same.
 * @param canonicals as in PlanDefinition.library
 */
export async function readLibrarySet(canonicals: string[], find: FindLibrary, elms: ElmBook): Promise<LibrarySet> {
  const reader = new SetReader(find, elms)
  const named: CqlLibrary[] = []
  for (const canonical of new Set(canonicals)) {
    const library = await reader.read({ canonical })
    if (library) named.push(library)
  }
  return toLibrarySet(reader.libraries, named, reader.problems)
}

class SetReader {
  readonly problems: string[] = []
  private readonly read_ = new Map<string, Promise<CqlLibrary | undefined>>()
  readonly libraries: CqlLibrary[] = []
  private readonly find: FindLibrary
  private readonly elms: ElmBook

  constructor(find: FindLibrary, elms: ElmBook) {
    this.find = find
    this.elms = elms
  }

  async read(wanted: Wanted): Promise<CqlLibrary | undefined> {
    const called = describe(wanted)
    const known = this.read_.get(called)
    if (known) return known
    const reading = this.readOne(wanted).catch((error: unknown) => {
      this.problems.push(`${called}: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    })
    this.read_.set(called, reading)
    const library = await reading
    if (!library || this.libraries.some(({ name, version }) => name === library.name && version === library.version)) {
      return library
    }
    if (this.libraries.length === LIBRARY_COUNT_MAX) {
      this.problems.push(`${called}: more than ${LIBRARY_COUNT_MAX} libraries are included`)
      return undefined
    }
    this.libraries.push(library)
    for (const { path = '', version } of library.includes) {
      await this.read({ name: path.split('/').at(-1) ?? path, version })
    }
    return library
  }

  private async readOne(wanted: Wanted): Promise<CqlLibrary> {
    const stored = await this.find(wanted)
    if (!stored) {
      if ('name' in wanted && isBuiltIn(wanted)) return builtInHelpers()
      throw new Error('No such Library is known here.')
    }
    const { elm, source } = contentOf(stored)
    const from = { url: stored.url ?? `Library/${stored.id}`, source }
    if (elm !== undefined) return toCqlLibrary(elm, from)
    if (source === undefined)
      throw new Error('The Library has neither application/elm+json nor text/cql in its content.')
    const translation = await this.elms.elmOf(source, () => readSources(source, this.find))
    if ('elm' in translation) return toCqlLibrary(translation.elm, from)
    throw new Error(
      translation.problems.map(({ message, line }) => (line ? `line ${line}: ${message}` : message)).join('; '),
    )
  }
}

/** FHIRHelpers, of this server's own. */
export function builtInHelpers(): CqlLibrary {
  helpers ??= toCqlLibrary(fhirHelpersElm(readModelInfo()))
  return helpers
}
let helpers: CqlLibrary | undefined

const describe = (wanted: Wanted): string =>
  'canonical' in wanted
    ? wanted.canonical
    : `library ${wanted.name}${wanted.version ? ` version ${wanted.version}` : ''}`

const isBuiltIn = ({ name, version }: { name: string; version?: string | undefined }) =>
  name === FHIR_HELPERS && (version === undefined || version === FHIR_VERSION)

/** The CQL of everything that a source includes, as far as it is here with its CQL; the translator tells what it lacks. */
export async function readSources(source: string, find: FindLibrary): Promise<Source[]> {
  const sources = new Map<string, Source>()
  const visit = async (text: string): Promise<void> => {
    for (const included of includedBy(text)) {
      const key = describe(included)
      if (sources.has(key) || sources.size >= LIBRARY_COUNT_MAX) continue
      const library = await find(included)
      const inner = library && contentOf(library).source
      if (inner === undefined) continue
      sources.set(key, { ...included, source: inner })
      await visit(inner)
    }
  }
  await visit(source)
  return [...sources.values()]
}

/**
 * The best of those that were found: the version that was asked for and no other, else the newest active one, else the newest.
 * Of a library that is included, the name is that of the CQL; Library.name, the end of the url or the id say it.
 */
export function chooseLibrary(candidates: Library[], wanted: Wanted): Library | undefined {
  const [place = '', version] = 'canonical' in wanted ? wanted.canonical.split('|') : [wanted.name, wanted.version]
  const fitting = candidates.filter(
    (one) => (version === undefined || one.version === version) && ('canonical' in wanted || isCalled(one, place)),
  )
  const newestFirst = fitting.sort((one, other) =>
    (other.version ?? '').localeCompare(one.version ?? '', 'en', { numeric: true }),
  )
  return newestFirst.find(({ status }) => status === 'active') ?? newestFirst[0]
}

const isCalled = ({ name, url, id }: Library, wanted: string) =>
  name === wanted || url?.split('/').at(-1) === wanted || id === wanted
