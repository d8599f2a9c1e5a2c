import type { SearchParameter } from '@medplum/fhirtypes'
import type { Definitions } from '../definitions/definitions.ts'
import { isIndexable } from './extract.ts'
import { CODED } from './extract-token.ts'
import { type Branch, parseBranch, splitUnion, writeBranch } from './path-expression.ts'
import { type Leaf, resolvePath } from './path-walk.ts'
import { type Kind, keyId, type SearchKey } from './search-key.ts'

/** A search parameter as it applies to one resource type: the keys under which its values are found. */
export type Parameter = {
  /** The resource type, or `Resource` for what all have. */
  type: string
  /** The name in the query string. */
  code: string
  kind: Kind | 'composite' | 'special'
  keys: KeyUse[]
  /** What references may lead to. */
  targets: string[]
  /** The roots of a composite; `combo-code-value-quantity` looks at `Observation` and at `Observation.component`. */
  roots: CompositeRoot[]
}

/** `parted`: the root repeats, and all parts must be met in the same one of its elements. */
export type CompositeRoot = { parted: boolean; components: Parameter[] }

/** `target`: only references to this type count, as in `Observation.subject.where(resolve() is Patient)`. */
export type KeyUse = { key: SearchKey; target?: string }

/** Everything that is searched in one resource type. */
export type TypeIndex = {
  type: string
  parameters: ReadonlyMap<string, Parameter>
  /** Each distinct key once. */
  keys: SearchKey[]
  /** The reference whose Patient stands in `resource.patient`. */
  patient?: SearchKey
  /** The date that stands in `resource.date_low` and `date_high`. */
  date?: SearchKey
  /** The references that decide in whose compartment a resource is. */
  compartment: KeyUse[]
}

const KINDS = new Set<string>(['token', 'reference', 'uri', 'string', 'date', 'number', 'quantity'])
/** Found by columns, and by words: no expression says where. */
const BY_ITSELF = new Set(['_id', '_lastUpdated', '_text', '_content'])

// A type's list of parameters is replaced as a whole, never edited, so what was derived from it lives as long as it does,
// also when another type gets a parameter.
const known = new WeakMap<readonly SearchParameter[], TypeIndex>()

/** The search parameters of a type, compiled once for as long as they stay the same. */
export function typeIndex(definitions: Definitions, type: string): TypeIndex {
  const parameters = definitions.searchParameters(type)
  const compiled = known.get(parameters) ?? compileType(definitions, type)
  known.set(parameters, compiled)
  return compiled
}

/** Whether a search by this parameter of a type's definitions works; the CapabilityStatement says so. */
export function isSearchable(definitions: Definitions, type: string, code: string): boolean {
  if (BY_ITSELF.has(code)) return true
  const parameter = typeIndex(definitions, type).parameters.get(code)
  return parameter !== undefined && parameter.keys.length + parameter.roots.length > 0
}

/** Whether a resource of this type has the one patient that it is about in the column `patient`. */
export const hasPatientColumn = (definitions: Definitions, type: string): boolean =>
  type === 'Patient' || typeIndex(definitions, type).patient !== undefined

function compileType(definitions: Definitions, type: string): TypeIndex {
  const keys = new Map<string, SearchKey>()
  const definitionsOfType = definitions.searchParameters(type)
  const parameters = new Map<string, Parameter>()
  for (const definition of definitionsOfType) {
    if (definition.code === undefined || BY_ITSELF.has(definition.code)) continue
    parameters.set(definition.code, compileParameter(definitions, type, definition, keys))
  }
  const compartment = definitions
    .patientCompartment(type)
    .flatMap((code) => parameters.get(code)?.keys ?? [])
    .filter(({ target }) => target === undefined || target === 'Patient')
  const index: TypeIndex = { type, parameters, keys: [...keys.values()], compartment }
  index.patient = choosePatient(index)
  if (index.patient) index.patient.column = 'patient'
  // What was added later must not take the column from what stored rows have in it.
  const added = new Set(definitions.addedSearchParameters?.(type).map(({ code }) => code))
  index.date = chooseDate(index, added)
  if (index.date) index.date.column = 'date'
  return index
}

function compileParameter(
  definitions: Definitions,
  type: string,
  definition: SearchParameter,
  keys: Map<string, SearchKey>,
): Parameter {
  const kind = definition.type as Parameter['kind']
  const base: Parameter = {
    type,
    code: definition.code ?? '',
    kind,
    keys: [],
    targets: definition.target ?? [],
    roots: [],
  }
  if (kind === 'composite') return { ...base, roots: compileRoots(definitions, type, definition, keys) }
  if (!KINDS.has(kind) || !definition.expression) return base
  return { ...base, keys: keyUses(definitions, type, kind as Kind, definition.expression, keys) }
}

function keyUses(
  definitions: Definitions,
  type: string,
  kind: Kind,
  expression: string,
  keys: Map<string, SearchKey>,
): KeyUse[] {
  return splitUnion(expression).flatMap((text) => {
    const branch = parseBranch(text)
    if (branch && !appliesTo(type, branch)) return []
    const key = branch ? walkedKey(definitions, type, kind, branch) : evaluatedKey(type, kind, text)
    if (!key) return []
    const shared = keys.get(`${kind} ${key.path}`) ?? key
    keys.set(`${kind} ${key.path}`, shared)
    return [{ key: shared, ...(branch?.target ? { target: branch.target } : {}) }]
  })
}

const appliesTo = (type: string, { root }: Branch): boolean =>
  root === undefined || root === type || root === 'Resource' || root === 'DomainResource'

function walkedKey(definitions: Definitions, type: string, kind: Kind, branch: Branch): SearchKey | undefined {
  const root = branch.root ?? type
  const path = writeBranch(root, branch.steps)
  const leaves = resolvePath(definitions, root, branch.steps)
  // A path that the definition does not know (a choice type that R4 lacks there) has no values.
  const indexable = leaves?.filter((leaf) => isIndexable(kind, leaf.type))
  if (!indexable?.length) return undefined
  return {
    kind,
    path,
    id: keyId(path),
    leaves: indexable,
    always: indexable.every(({ always }) => always),
    mixed: isMixed(indexable),
    parted: false,
  }
}

const isMixed = (leaves: Leaf[]): boolean =>
  leaves.some(({ type }) => CODED.has(type)) && !leaves.every(({ type }) => CODED.has(type))

/** A path that only FHIRPath itself can follow. Another type's branch of the union names that type first. */
function evaluatedKey(type: string, kind: Kind, expression: string): SearchKey | undefined {
  const root = /^[\s(]*([A-Z]\w*)\./.exec(expression)?.[1]
  if (root !== undefined && !appliesTo(type, { root, steps: [] })) return undefined
  const path = `${type}{${expression}}`
  return { kind, path, id: keyId(path), leaves: [], expression, always: false, mixed: true, parted: false }
}

function compileRoots(
  definitions: Definitions,
  type: string,
  definition: SearchParameter,
  keys: Map<string, SearchKey>,
): CompositeRoot[] {
  return splitUnion(definition.expression ?? type).map((root) => {
    const parted = (parseBranch(root)?.steps.length ?? 0) > 0
    const components = (definition.component ?? []).map(({ definition: url, expression = '' }) => {
      const part = definitions.searchParameters(type).find((parameter) => parameter.url === url)
      const kind = (part?.type ?? 'special') as Parameter['kind']
      const base: Parameter = { type, code: part?.code ?? '', kind, keys: [], targets: part?.target ?? [], roots: [] }
      if (!KINDS.has(kind)) return base
      const paths = splitUnion(expression).map((path) => below(type, root, path))
      return { ...base, keys: keyUses(definitions, type, kind as Kind, paths.join(' | '), keys) }
    })
    if (parted) markParted(root, components)
    return { parted, components }
  })
}

/** A part's path, spelled from the composite's root: `Observation.component` and `code` give `Observation.component.code`. */
function below(type: string, root: string, path: string): string {
  if (path.startsWith('%resource.')) return path.replace('%resource', type)
  return path.startsWith('(') ? `(${root}.${path.slice(1)}` : `${root}.${path}`
}

/** What stands below a repeating root is indexed with the number of the element that it stands in. */
function markParted(root: string, components: Parameter[]): void {
  const property = parseBranch(root)?.steps[0]
  for (const { key } of components.flatMap(({ keys }) => keys)) {
    const first = key.leaves[0]?.hops[0]?.property
    key.parted = property?.kind === 'child' && property.name === first
  }
}

/** The parameters in which the one patient is looked for, first that fits. */
const PATIENT_CODES = ['patient', 'subject', 'beneficiary', 'individual']

/**
 * The reference for `resource.patient`: of the compartment, and with room for one value only, so that the column is exact.
 * `Patient` itself has none; its column is its own id.
 */
function choosePatient({ type, parameters, compartment }: TypeIndex): SearchKey | undefined {
  if (type === 'Patient') return undefined
  return PATIENT_CODES.flatMap((code) => parameters.get(code)?.keys ?? []).find(
    ({ key }) => key.leaves.length === 1 && key.leaves[0]?.single && compartment.some((use) => use.key === key),
  )?.key
}

/** The dates by which the types of R4 are usually listed, first that fits. */
const DATE_CODES = [
  'date',
  'authored',
  'authored-on',
  'authoredon',
  'sent',
  'effective-time',
  'effective',
  'occurrence',
  'whenhandedover',
  'issued',
  'created',
  'recorded',
  'recorded-date',
  'period',
  'start',
  'start-date',
  'birthdate',
]

/** The date for `resource.date_low`: a parameter with one branch and room for one value. */
function chooseDate({ parameters }: TypeIndex, added: ReadonlySet<string | undefined>): SearchKey | undefined {
  for (const code of DATE_CODES) {
    if (added.has(code)) continue
    const parameter = parameters.get(code)
    const use = parameter?.keys[0]
    if (parameter?.kind !== 'date' || !use || parameter.keys.length !== 1) continue
    if (use.key.leaves.length > 0 && use.key.leaves.every(({ single }) => single)) return use.key
  }
  return undefined
}
