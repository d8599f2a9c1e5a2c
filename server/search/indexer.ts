import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { compileLimited } from '../limited-fhirpath.ts'
import { extract, type Sink } from './extract.ts'
import { dateOf } from './extract-date.ts'
import { parseLiteralReference } from './extract-reference.ts'
import { textsOf } from './extract-text.ts'
import { guessType } from './guess-type.ts'
import { type IndexRow, PART_MAX, type SideTableName, type SideValue } from './index-row.ts'
import { loincOf } from './loinc-column.ts'
import { type TypeIndex, typeIndex } from './parameters.ts'
import { type Leaf, walk } from './path-walk.ts'
import type { SearchKey } from './search-key.ts'
import { ABOUT_SOMEBODY, aboutToken, compartmentToken, partToken, presentToken, tokenHash } from './token-hash.ts'

export type Indexer = {
  /** Pure. The resource has been validated; what is of another shape than its definition says is left out. */
  index(resource: Resource): IndexRow
}

/**
 * Turns resources into index rows. A type's search parameters are compiled at its first resource, and again when they change.
 * @param current the definitions as they are now
 * @param baseUrl absolute references that start with it are references to this server
 */
export function createIndexer(current: () => Definitions, { baseUrl = '' }: { baseUrl?: string } = {}): Indexer {
  return {
    index: (resource) => run(planOf(typeIndex(current(), resource.resourceType)), resource, baseUrl),
  }
}

const plans = new WeakMap<TypeIndex, Plan>()

function planOf(index: TypeIndex): Plan {
  const plan = plans.get(index) ?? compile(index)
  plans.set(index, plan)
  return plan
}

/** The walks of a type by the property they begin with, so that an element that is absent costs nothing. */
type Plan = {
  index: TypeIndex
  walks: Map<string, Walk[]>
  evaluated: { key: SearchKey; evaluate: (resource: unknown) => unknown[] }[]
  compartment: Leaf[]
}
/** `present`: the hash that says that the element is there, of keys of which nothing else does. */
type Walk = { key: SearchKey; leaf: Leaf; present: string | undefined }

/** The kinds whose entries are tokens alone; those with side rows or columns are present when these are. */
const MARKED = new Set(['token', 'uri'])

function compile(index: TypeIndex): Plan {
  const walks = new Map<string, Walk[]>()
  for (const key of index.keys) {
    const present = MARKED.has(key.kind) && !key.always ? tokenHash(presentToken(key.path)) : undefined
    for (const leaf of key.leaves) {
      const first = leaf.hops[0]?.property
      if (first === undefined) continue
      const beginning = walks.get(first) ?? []
      beginning.push({ key, leaf, present })
      walks.set(first, beginning)
    }
  }
  const evaluated = index.keys.flatMap((key) =>
    key.expression === undefined ? [] : [{ key, evaluate: evaluator(key.expression) }],
  )
  return { index, walks, evaluated, compartment: index.compartment.flatMap(({ key }) => key.leaves) }
}

/** An expression that fails on a resource finds nothing in it: what somebody searches by must not keep anybody from writing. */
function evaluator(expression: string): (resource: unknown) => unknown[] {
  const evaluate = compileLimited(expression)
  return (resource) => {
    try {
      return evaluate(resource, {})
    } catch {
      return []
    }
  }
}

function run(plan: Plan, resource: Resource, baseUrl: string): IndexRow {
  const hashes = new Set<string>()
  const row: IndexRow = { patient: null, dateLow: null, dateHigh: null, loinc: loincOf(resource), tokens: [], side: {} }
  const sink: Sink = {
    token: (token) => hashes.add(tokenHash(token)),
    common: (token) => hashes.add(commonHash(token)),
    side: (table, keyId, values) => addSide(row, table, [keyId, 0, ...values]),
  }
  for (const property in resource) {
    for (const { key, leaf, present } of plan.walks.get(property) ?? []) {
      if (key.column === 'date') setDate(row, leaf, resource)
      else if (key.parted) extractParts(key, leaf, resource[property], { row, sink, baseUrl })
      else walk(resource, leaf.hops, (value) => extract(key, leaf.type, value, sink, baseUrl))
      if (present !== undefined) walk(resource, leaf.hops, () => hashes.add(present))
    }
  }
  for (const { key, evaluate } of plan.evaluated) {
    for (const value of evaluate(resource)) {
      extract(key, guessType(value), value, sink, baseUrl)
      if (MARKED.has(key.kind)) sink.common(presentToken(key.path))
    }
  }
  for (const { key, text } of textsOf(resource)) addSide(row, 'search_text', [key, 0, text])
  row.patient = patientOf(plan, resource, baseUrl)
  const compartments = compartmentsOf(plan, resource, baseUrl)
  for (const patient of compartments) sink.token(compartmentToken(patient))
  if (row.patient === null) markAbout([...compartments, ...ownerOf(resource, baseUrl)], sink)
  row.tokens = [...hashes]
  return row
}

type Gathering = { row: IndexRow; sink: Sink; baseUrl: string }

/** Codes and kinds come in each resource anew, a few thousand of them: less than half of what hashing one takes. */
const commonHashes = new Map<string, string>()
const COMMON_COUNT_MAX = 10_000
/** What is longer is no code that many have. */
const COMMON_LENGTH_MAX = 300

function commonHash(token: string): string {
  const known = commonHashes.get(token)
  if (known !== undefined) return known
  const hash = tokenHash(token)
  if (token.length > COMMON_LENGTH_MAX) return hash
  if (commonHashes.size >= COMMON_COUNT_MAX) commonHashes.clear()
  commonHashes.set(token, hash)
  return hash
}

function addSide({ side }: IndexRow, table: SideTableName, values: SideValue[]): void {
  const rows = side[table] ?? []
  rows.push(values)
  side[table] = rows
}

/** A composite's part bears the number of the element that it stands in, beside its entry as any other's. */
function extractParts(key: SearchKey, leaf: Leaf, root: unknown, { row, sink, baseUrl }: Gathering): void {
  const [first, ...rest] = leaf.hops
  const elements = Array.isArray(root) ? root : [root]
  elements.forEach((element, i) => {
    if (first?.accepts && !first.accepts(element)) return
    const part = Math.min(i, PART_MAX)
    const ofPart: Sink = {
      token(token) {
        sink.token(token)
        sink.token(partToken(part, token))
      },
      common(token) {
        sink.common(token)
        sink.common(partToken(part, token))
      },
      side: (table, keyId, values) => addSide(row, table, [keyId, part, ...values]),
    }
    walk(element, rest, (value) => extract(key, leaf.type, value, ofPart, baseUrl))
  })
}

function setDate(row: IndexRow, leaf: Leaf, resource: Resource): void {
  walk(resource, leaf.hops, (value) => {
    const interval = dateOf(leaf.type, value)
    row.dateLow = interval?.low ?? row.dateLow
    row.dateHigh = interval?.high ?? row.dateHigh
  })
}

function patientOf({ index }: Plan, resource: Resource, baseUrl: string): string | null {
  if (index.type === 'Patient') return resource.id ?? null
  const leaf = index.patient?.leaves[0]
  return leaf ? (patientsAt(leaf, resource, baseUrl)[0] ?? null) : null
}

/** Every Patient whose compartment the resource is in, by R4's CompartmentDefinition; a Patient is in its own. */
function compartmentsOf({ index, compartment }: Plan, resource: Resource, baseUrl: string): string[] {
  const own = index.type === 'Patient' && resource.id !== undefined ? [resource.id] : []
  return [...own, ...compartment.flatMap((leaf) => patientsAt(leaf, resource, baseUrl))]
}

/** R4 has Device in no patient's compartment, and yet it tells who has it. */
function ownerOf(resource: Resource, baseUrl: string): string[] {
  if (resource.resourceType !== 'Device') return []
  const reference = (resource.patient as { reference?: unknown } | undefined)?.reference
  const literal = typeof reference === 'string' ? parseLiteralReference(reference, baseUrl) : undefined
  return literal?.type === 'Patient' ? [literal.id] : []
}

function markAbout(patients: string[], sink: Sink): void {
  for (const patient of patients) sink.token(aboutToken(patient))
  if (patients.length > 0) sink.common(ABOUT_SOMEBODY)
}

function patientsAt(leaf: Leaf, resource: Resource, baseUrl: string): string[] {
  const patients: string[] = []
  walk(resource, leaf.hops, (value) => {
    const reference = (value as { reference?: unknown } | null)?.reference
    const literal = typeof reference === 'string' ? parseLiteralReference(reference, baseUrl) : undefined
    if (literal?.type === 'Patient') patients.push(literal.id)
  })
  return patients
}
