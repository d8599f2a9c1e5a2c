import { PatientSource } from 'cql-exec-fhir'
import cql from 'cql-execution'
import { type Elm, type ElmParameter, parametersOf } from './elm.ts'
import { libraryKey } from './library-key.ts'
import { toCql } from './to-cql.ts'
import { toFhir } from './to-fhir.ts'

/** One definition, and what it is worked out over; the libraries are known by the hash of their set. */
export type DefineJob = {
  library: string
  define: string
  valueSets: Record<string, readonly string[]>
  data: object[]
  /** Values as FHIR has them, all that were given by one name. */
  parameters: Record<string, readonly unknown[]>
  /** ISO 8601; what Now() says, in UTC. */
  now: string
}

/** Some sets of libraries, made ready to run; that takes some milliseconds each time. */
const KEPT_COUNT_MAX = 20
const kept = new Map<string, Shelf>()

/** Builds each library once, also when many include it. */
class Shelf extends cql.Repository {
  private readonly built = new Map<string, cql.Library>()
  /** Of all libraries: they are given by name, and the first that has a name says its type. */
  readonly parameters: ReadonlyMap<string, ElmParameter>

  constructor(elms: Elm[]) {
    super(Object.fromEntries(elms.map((elm, i) => [String(i), elm])))
    this.parameters = new Map(elms.toReversed().flatMap((elm) => [...parametersOf(elm)]))
  }

  override resolve(path: string, version?: string): cql.Library {
    const key = libraryKey({ name: path, version })
    // Guides move libraries to a namespace of their own and include them by it; the name is the same.
    const name = path.split('/').at(-1) ?? path
    const library = this.built.get(key) ?? super.resolve(path, version) ?? super.resolve(name, version)
    if (!library) throw new Error(`The library ${key} is included and is not there.`)
    this.built.set(key, library)
    return library
  }
}

export const knowsLibraries = (hash: string): boolean => kept.has(hash)

/** @param elms each library of a set, as JSON */
export function learnLibraries(hash: string, elms: string[]): void {
  const all = elms.map((text) => JSON.parse(text) as Elm)
  if (kept.size >= KEPT_COUNT_MAX) kept.delete(kept.keys().next().value ?? '')
  kept.set(hash, new Shelf(all))
}

/** The models of FHIR 4.0.1: half a second, once in a thread. */
let source: PatientSource | undefined
export const prepareModel = (): PatientSource => {
  source ??= PatientSource.FHIRv401()
  return source
}

/**
 * Works a definition out for the one Patient among the data.
 * @returns as FHIRPath would have it: a collection, empty for null
 * @throws Error for whatever cannot be worked out
 */
export async function runDefine(hash: string, job: DefineJob): Promise<unknown[]> {
  const { library: id, define, valueSets, data, parameters, now } = job
  const [name = '', version] = id.split('|')
  const shelf = kept.get(hash)
  const library = shelf?.resolve(name, version)
  const model = prepareModel()
  model.reset()
  model.loadBundles([{ resourceType: 'Bundle', entry: data.map((resource) => ({ resource })) }])
  const given = shelf && givenTo(shelf, parameters)
  const executor = new cql.Executor(library, new cql.CodeService(byVersion(valueSets)), given as never)
  const { patientResults } = await executor.exec_expression(define, model, cql.DateTime.fromJSDate(new Date(now), 0))
  const [result] = Object.values(patientResults) as Record<string, unknown>[]
  if (!result) throw new Error('There is no Patient to work it out for.')
  return toFhir(result[define])
}

/** Those that some library has, each of its type; others are of no library. @throws Error for one that is not */
function givenTo({ parameters: types }: Shelf, values: DefineJob['parameters']): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const [name, { type, hasDefault }] of types) {
    const all = values[name]
    // What nobody gives is null; cql-execution would take it for something that is neither null nor a value.
    if (all === undefined) {
      if (!hasDefault) given[name] = null
      continue
    }
    try {
      given[name] = toCql([...all], type)
    } catch (error) {
      throw new Error(`The parameter "${name}" ${error instanceof Error ? error.message : String(error)}.`)
    }
  }
  return given
}

/** As cql-execution asks for them: by url, then by the version that the library names. */
function byVersion(valueSets: Record<string, readonly string[]>) {
  const found: Record<string, Record<string, { code: string; system: string; version?: string }[]>> = {}
  for (const [canonical, tokens] of Object.entries(valueSets)) {
    const [url = '', version = ''] = canonical.split('|')
    const codes = tokens.map((token) => {
      const end = token.lastIndexOf('|')
      return { system: token.slice(0, end), code: token.slice(end + 1) }
    })
    found[url] = { ...found[url], [version]: codes }
  }
  return found
}
