import { createHash } from 'node:crypto'
import type { DataRequirement } from '@medplum/fhirtypes'
import { definesOf, type Include, includesOf, parseElm, requirementsOf, valueSetsOf } from './elm.ts'

/** One library, ready to run. */
export type CqlLibrary = {
  name: string
  version?: string | undefined
  /** Canonical of the Library resource; undefined for what is built in. */
  url?: string | undefined
  /** ELM as JSON. */
  elm: string
  /** CQL, where the Library has it. */
  source?: string | undefined
  defines: ReadonlySet<string>
  /** The libraries that it includes. */
  includes: readonly Include[]
  requirements: DataRequirement[]
  valueSets: string[]
  /** Of its ELM. */
  hash: string
}

/** The libraries that some definitions name, with everything that these include. */
export type LibrarySet = {
  libraries: CqlLibrary[]
  /** Those that the definitions name themselves, in their order; the others are included by them. */
  named: CqlLibrary[]
  /** By its ELM: the same libraries are the same set. */
  hash: string
  /** What could not be had, and why. */
  problems: string[]
}

/** @throws Error for what is no ELM */
export function toCqlLibrary(elmText: string, from: Pick<CqlLibrary, 'url' | 'source'> = {}): CqlLibrary {
  const known = looked.get(elmText) ?? lookInto(elmText)
  // What was asked for last is the last that is let go.
  looked.delete(elmText)
  looked.set(elmText, known)
  if (looked.size > LOOKED_COUNT_MAX) looked.delete(looked.keys().next().value ?? '')
  return { ...known, url: from.url, source: from.source }
}

type OfElm = Omit<CqlLibrary, 'url' | 'source'>

/** Each change of a plan has the libraries of all plans read anew, and their ELM may be large: it is parsed once. */
const looked = new Map<string, OfElm>()
/** Of half a megabyte each, where they are large; as many as one plan may have. */
const LOOKED_COUNT_MAX = 60

function lookInto(elmText: string): OfElm {
  const elm = parseElm(elmText)
  const { id, version } = elm.library.identifier
  return {
    name: id,
    version,
    elm: elmText,
    defines: definesOf(elm),
    includes: includesOf(elm),
    requirements: requirementsOf(elm),
    valueSets: valueSetsOf(elm),
    hash: createHash('sha256').update(elmText).digest('base64'),
  }
}

export function toLibrarySet(libraries: CqlLibrary[], named: CqlLibrary[], problems: string[]): LibrarySet {
  const hash = createHash('sha256')
  for (const library of libraries) hash.update(library.hash).update('\n')
  return { libraries, named, hash: hash.digest('base64'), problems }
}

/** What may be looked at of the record so that every definition can be worked out. */
export const requirementsOfSet = ({ libraries }: LibrarySet): DataRequirement[] =>
  libraries.flatMap(({ requirements }) => requirements)

/** The same for whoever is told of it: with the value sets by which the libraries retrieve. */
export const toldRequirements = ({ libraries }: LibrarySet): DataRequirement[] =>
  libraries.flatMap(({ elm }) => requirementsOf(parseElm(elm), true))

/** What one CQL definition is worked out over. */
export type CqlGround = {
  set: LibrarySet
  /** `system|code` of the value sets' codes, by canonical as the libraries write it; one that is not there cannot be listed here. */
  valueSets: Record<string, readonly string[]>
  /** The patient's resources, the Patient among them. */
  data: object[]
  /** Values of library parameters as FHIR has them, all that were given by one name; what is not given has its default. */
  parameters?: Record<string, readonly unknown[]>
}

/** Where a definition stands. */
export type DefineRef = { library: CqlLibrary; define: string }

const NAME = /^(?:(?:"([^"]+)"|([A-Za-z_]\w*))\s*\.\s*)?(?:"((?:[^"\\]|\\.)+)"|([A-Za-z_]\w*))$/

/**
 * Finds the definition that an expression names: `Name`, `"A Name"`, `Library.Name`, `"Library"."A Name"`, or a name with blanks as it is.
 * @param reference canonical of the library that it is looked up in; else those that the definition names, in order
 */
export function findDefine(
  { named, libraries }: LibrarySet,
  expression: string,
  reference?: string | undefined,
): DefineRef | undefined {
  const text = expression.trim()
  const within = reference ? libraries.filter((library) => isOf(library, reference)) : named
  const whole = within.find(({ defines }) => defines.has(text))
  if (whole) return { library: whole, define: text }
  const [, quotedLibrary, plainLibrary, quoted, plain] = NAME.exec(text) ?? []
  const define = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain
  if (define === undefined) return undefined
  const libraryName = quotedLibrary ?? plainLibrary
  const candidates = libraryName === undefined ? within : libraries.filter(({ name }) => name === libraryName)
  const library = candidates.find(({ defines }) => defines.has(define))
  return library && { library, define }
}

function isOf({ url, version, name }: CqlLibrary, reference: string): boolean {
  const [wanted = '', wantedVersion] = reference.split('|')
  if (wantedVersion !== undefined && wantedVersion !== version) return false
  return url === wanted || wanted === `Library/${name}`
}
