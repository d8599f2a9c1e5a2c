import { FHIRWrapper } from 'cql-exec-fhir'
import cql from 'cql-execution'

/** What an ELM parameter says of its type. https://cql.hl7.org/elm.html */
export type TypeSpecifier = {
  type?: string
  /** Of a NamedTypeSpecifier: `{urn:hl7-org:elm-types:r1}Integer`. */
  name?: string
  elementType?: TypeSpecifier
  pointType?: TypeSpecifier
  choice?: TypeSpecifier[]
  element?: { name?: string; elementType?: TypeSpecifier }[]
}

type Fields = Record<string, unknown>
const SYSTEM = '{urn:hl7-org:elm-types:r1}'
const FHIR = '{http://hl7.org/fhir}'

/**
 * The values of a parameter, as FHIR has them in JSON, as CQL has them: a Period is an interval of times, a Quantity with UCUM's unit, a
 * Coding a Code. The opposite of `toFhir`.
 * @param values all that were given by this name; a name that is repeated is a list
 * @throws Error for what is not of the parameter's type
 */
export function toCql(values: unknown[], type: TypeSpecifier | undefined): unknown {
  if (type?.type === 'ListTypeSpecifier') return values.flat().map((value) => toOne(value, type.elementType))
  if (values.length > 1) {
    if (type === undefined) return values.map((value) => toOne(value, undefined))
    throw new Error(`is one ${typeName(type)}, and ${values.length} were given`)
  }
  return toOne(values[0], type)
}

function toOne(value: unknown, type: TypeSpecifier | undefined): unknown {
  if (value === null || value === undefined) return null
  switch (type?.type) {
    case 'ListTypeSpecifier':
      return toCql([value].flat(), type)
    case 'IntervalTypeSpecifier':
      return toInterval(value, type)
    case 'TupleTypeSpecifier':
      return toTuple(value, type)
    case 'ChoiceTypeSpecifier':
      return toFirstThatFits(value, type.choice ?? [])
    case 'NamedTypeSpecifier':
      return toNamed(value, type)
    default:
      return value
  }
}

function toNamed(value: unknown, type: TypeSpecifier): unknown {
  const { name = '' } = type
  if (name.startsWith(FHIR)) {
    const isComplex = /^[A-Z]/.test(name.slice(FHIR.length))
    if (isComplex && !fields(value)) throw new Error(`is ${typeName(type)}, not ${JSON.stringify(value)}`)
    return wrapFhir(value, name.slice(FHIR.length))
  }
  const made = BY_NAME[name.slice(SYSTEM.length)]?.(value)
  if (made === undefined || made === null) throw new Error(`is ${typeName(type)}, not ${JSON.stringify(value)}`)
  return made
}

/** The model of FHIR 4.0.1, read once and only when a parameter is of one of its types. */
let wrapper: FHIRWrapper | undefined
function wrapFhir(value: unknown, type: string): unknown {
  wrapper ??= FHIRWrapper.FHIRv401()
  return wrapper.wrap(value, type)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

/** What is none of the type is undefined, or null. */
const BY_NAME: Readonly<Record<string, (value: unknown) => unknown>> = {
  Any: (value) => value,
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Integer: (value) => (Number.isInteger(value) ? value : undefined),
  Decimal: number,
  String: text,
  // A day is as good as the moment at which it begins, and is compared with days to the day.
  DateTime: (value) => text(value) && cql.DateTime.parse(String(value)),
  Date: (value) => text(value) && cql.Date.parse(String(value).slice(0, 10)),
  Time: (value) => text(value) && cql.DateTime.parse(`0000-01-01T${String(value)}`)?.getTime(),
  Quantity: toQuantity,
  Code: toCode,
  Concept: toConcept,
}

function toQuantity(value: unknown): unknown {
  const { value: count, code, unit } = fields(value) ?? {}
  return typeof count === 'number' ? new cql.Quantity(count, text(code) ?? text(unit) ?? '1') : undefined
}

function toCode(value: unknown): unknown {
  const { code, system, version, display } = fields(value) ?? {}
  const given = text(code) ?? text(value)
  return given && new cql.Code(given, text(system), text(version), text(display))
}

function toConcept(value: unknown): unknown {
  const { coding, text: said } = fields(value) ?? {}
  const codes = (Array.isArray(coding) ? coding : [value]).map(toCode)
  return codes.every(Boolean) ? new cql.Concept(codes as never, text(said)) : undefined
}

/** Period, Range, or a tuple of low and high. */
function toInterval(value: unknown, { pointType, ...type }: TypeSpecifier): unknown {
  const { start, end, low, high } = fields(value) ?? {}
  if ([start, end, low, high].every((one) => one === undefined)) {
    throw new Error(`is ${typeName({ ...type, ...(pointType ? { pointType } : {}) })}, not ${JSON.stringify(value)}`)
  }
  const point = (one: unknown) => toOne(one, pointType)
  return new cql.Interval(point(start ?? low) as never, point(end ?? high) as never, true, true)
}

function toTuple(value: unknown, { element = [] }: TypeSpecifier): Fields {
  const given = fields(value)
  if (!given) throw new Error(`is a tuple, not ${JSON.stringify(value)}`)
  const types = new Map(element.map(({ name = '', elementType }) => [name, elementType]))
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, toOne(one, types.get(name))]))
}

function toFirstThatFits(value: unknown, choice: TypeSpecifier[]): unknown {
  for (const type of choice) {
    try {
      return toOne(value, type)
    } catch {
      // The next may fit.
    }
  }
  throw new Error(`is one of ${choice.map(typeName).join(', ')}, not ${JSON.stringify(value)}`)
}

function typeName({ type, name = '', elementType, pointType }: TypeSpecifier): string {
  if (type === 'ListTypeSpecifier') return `List<${typeName(elementType ?? {})}>`
  if (type === 'IntervalTypeSpecifier') return `Interval<${typeName(pointType ?? {})}>`
  return name.replace(SYSTEM, '').replace(FHIR, 'FHIR.') || 'a value'
}
