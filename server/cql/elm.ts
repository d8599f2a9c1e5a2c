import type { Coding, DataRequirement } from '@medplum/fhirtypes'
import type { TypeSpecifier } from './to-cql.ts'

/** The parts of an ELM document that are looked at here. https://cql.hl7.org/elm.html */
export type Elm = {
  library: {
    identifier: { id: string; version?: string }
    includes?: { def?: Include[] }
    valueSets?: { def?: { name?: string; id?: string; version?: string }[] }
    codeSystems?: { def?: { name?: string; id?: string }[] }
    codes?: { def?: { name?: string; id?: string; codeSystem?: { name?: string } }[] }
    parameters?: { def?: { name?: string; parameterTypeSpecifier?: TypeSpecifier; default?: unknown }[] }
    statements?: { def?: { name?: string; type?: string; expression?: unknown }[] }
  }
}
/** `path` is the name of the library, with its namespace before the last `/` where it has one. */
export type Include = { localIdentifier?: string; path?: string; version?: string }

/** @throws Error for what is no ELM library in JSON */
export function parseElm(text: string): Elm {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Error('The ELM is not JSON.')
  }
  const library = isObject(parsed) ? parsed.library : undefined
  const identifier = isObject(library) ? library.identifier : undefined
  if (!isObject(identifier) || typeof identifier.id !== 'string' || !isElmUsed(library)) {
    throw new Error('The ELM has no library with an identifier.')
  }
  return parsed as Elm
}

/** Lists that are there are lists. */
const isElmUsed = (library: unknown): boolean =>
  ['includes', 'valueSets', 'codeSystems', 'codes', 'parameters', 'statements'].every((name) => {
    const part = (library as Record<string, unknown>)[name]
    return part === undefined || (isObject(part) && (part.def === undefined || Array.isArray(part.def)))
  })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Definitions that give a value; functions need arguments. */
export const definesOf = ({ library }: Elm): Set<string> =>
  new Set((library.statements?.def ?? []).flatMap(({ name, type }) => (name && type !== 'FunctionDef' ? [name] : [])))

export const includesOf = ({ library }: Elm): Include[] => library.includes?.def ?? []

/** Canonicals of the value sets that it names, as `url` or `url|version`. */
export const valueSetsOf = ({ library }: Elm): string[] =>
  (library.valueSets?.def ?? []).flatMap(({ id, version }) => (id ? [version ? `${id}|${version}` : id] : []))

/** What may be given from outside. */
export type ElmParameter = { type: TypeSpecifier | undefined; hasDefault: boolean }

/** By name. */
export const parametersOf = ({ library }: Elm): Map<string, ElmParameter> =>
  new Map(
    (library.parameters?.def ?? []).flatMap(({ name, parameterTypeSpecifier: type, default: value }) =>
      name ? [[name, { type, hasDefault: value !== undefined }] as const] : [],
    ),
  )

const FHIR_TYPE = /^\{http:\/\/hl7\.org\/fhir\}([A-Z][A-Za-z]*)$/

/**
 * What it retrieves of the patient's record. Those whose codes are written in the library say which codes.
 * @param told those of a value set say which one, for whoever is told of them; what is read is read by type
 */
export function requirementsOf(elm: Elm, told = false): DataRequirement[] {
  const found = new Map<string, DataRequirement>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (!isObject(value)) return
    const [, type] = value.type === 'Retrieve' ? (FHIR_TYPE.exec(String(value.dataType)) ?? []) : []
    if (type) {
      const requirement = toRequirement(elm, { type, retrieve: value, told })
      found.set(JSON.stringify(requirement), requirement)
    }
    Object.values(value).forEach(visit)
  }
  visit(elm.library.statements?.def)
  return [...found.values()]
}

type Retrieve = { type: string; retrieve: Record<string, unknown>; told: boolean }

function toRequirement(elm: Elm, { type, retrieve, told }: Retrieve): DataRequirement {
  const code = codesOf(elm, retrieve.codes)
  const path = retrieve.codeProperty
  const valueSet = told ? valueSetOf(elm, retrieve.codes) : undefined
  if (typeof path !== 'string' || (code.length === 0 && !valueSet)) return { type: type as DataRequirement['type'] }
  const filter = { path, ...(code.length > 0 ? { code } : {}), ...(valueSet ? { valueSet } : {}) }
  return { type: type as DataRequirement['type'], codeFilter: [filter] }
}

/** The value set of `[Condition: "Lungs"]`; none of another library's. */
function valueSetOf({ library }: Elm, codes: unknown): string | undefined {
  const operand = isObject(codes) && codes.type === 'ExpandValueSet' ? codes.operand : codes
  if (!isObject(operand) || operand.type !== 'ValueSetRef' || operand.libraryName !== undefined) return undefined
  const def = library.valueSets?.def?.find(({ name }) => name === operand.name)
  return def?.id && (def.version ? `${def.id}|${def.version}` : def.id)
}

/** The codes of `[Observation: "SpO2"]`; none where they are worked out or of a value set. */
function codesOf({ library }: Elm, codes: unknown): Coding[] {
  const operand = isObject(codes) && codes.type === 'ToList' ? codes.operand : undefined
  if (!isObject(operand) || operand.type !== 'CodeRef' || operand.libraryName !== undefined) return []
  const def = library.codes?.def?.find(({ name }) => name === operand.name)
  const system = library.codeSystems?.def?.find(({ name }) => name === def?.codeSystem?.name)?.id
  return def?.id && system ? [{ system, code: def.id }] : []
}
