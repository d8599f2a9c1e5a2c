import type { CodeableConcept, Coding, Duration, Meta, Period } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange } from '../exchange.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import type { Operation, Parameter } from './operation.ts'

type Value = { text?: string; object?: Record<string, unknown>; parts?: Given }

/** What was given to an operation, each parameter of its declared type. */
export type Given = {
  has(name: string): boolean
  text(name: string): string | undefined
  texts(name: string): string[]
  flag(name: string): boolean | undefined
  count(name: string): number | undefined
  coding(name: string): Coding | undefined
  codings(name: string): Coding[]
  period(name: string): Period | undefined
  duration(name: string): Duration | undefined
  concept(name: string): CodeableConcept | undefined
  meta(name: string): Meta | undefined
  resource(name: string, type?: string): Resource | undefined
  /** Of a parameter that is made of parts: the parts of each time that it was given. */
  parts(name: string): Given[]
  /** The parameters that the operation does not declare; only of one that takes a search. */
  search: URLSearchParams
}

/**
 * The parameters of an operation, from the query and from a Parameters resource. A body that is itself the resource which the
 * operation's only resource parameter asks for stands for that parameter, as R4 allows.
 * @throws Refusal not-supported (a parameter that is not declared), required, value; the expression is the parameter's name
 * @see https://hl7.org/fhir/R4/operations.html#request
 */
export function readGiven({ query, body }: Pick<Exchange, 'query' | 'body'>, operation: Operation): Given {
  const declared = new Map(operation.in.map((parameter) => [parameter.name, parameter]))
  const values = new Map<string, Value[]>()
  const search = new URLSearchParams()
  for (const [name, text] of query) {
    if (declared.has(name)) put(values, declared, name, checked(declared.get(name) as Parameter, { text }))
    else if (operation.takesSearch) search.append(name, text)
    else if (!OF_THE_ANSWER.has(name)) throw unknown(operation, name)
  }
  for (const { name, value } of parametersIn(body, operation)) {
    const parameter = declared.get(name)
    if (parameter) put(values, declared, name, checked(parameter, value))
    else if (operation.takesSearch && value.text !== undefined) search.append(name, value.text)
    else throw unknown(operation, name)
  }
  for (const { name, min } of operation.in) {
    if (min > 0 && !values.has(name)) throw refuse('required', `$${operation.code} needs the parameter ${name}.`, name)
  }
  return toGiven(values, search)
}

function toGiven(values: ReadonlyMap<string, Value[]>, search: URLSearchParams): Given {
  const first = (name: string) => values.get(name)?.[0]
  const object = <T>(name: string) => first(name)?.object as T | undefined
  return {
    has: (name) => values.has(name),
    text: (name) => first(name)?.text,
    texts: (name) => (values.get(name) ?? []).flatMap(({ text }) => text ?? []),
    flag: (name) => (first(name) ? first(name)?.text === 'true' : undefined),
    count: (name) => (first(name) ? Number(first(name)?.text) : undefined),
    coding: (name) => object(name),
    codings: (name) => (values.get(name) ?? []).flatMap((one) => (one.object as Coding | undefined) ?? []),
    period: (name) => object(name),
    duration: (name) => object(name),
    concept: (name) => object(name),
    meta: (name) => object(name),
    resource: (name, type) => {
      const found = object<Resource>(name)
      if (found && type !== undefined && found.resourceType !== type) {
        throw refuse('value', `${name} must be a ${type}, not a ${found.resourceType}.`, name)
      }
      return found
    },
    parts: (name) => (values.get(name) ?? []).flatMap(({ parts }) => parts ?? []),
    search,
  }
}

/** They say how the answer is written; `http/` obeys them. */
const OF_THE_ANSWER = new Set(['_format', '_pretty', '_summary', '_elements'])

const unknown = ({ code }: Operation, name: string) =>
  refuse('not-supported', `$${code} has no parameter ${name} here.`, name)

function put(values: Map<string, Value[]>, declared: ReadonlyMap<string, Parameter>, name: string, value: Value): void {
  const list = values.get(name) ?? []
  if (list.length > 0 && declared.get(name)?.max === '1') {
    throw refuse('value', `Only one ${name} can be given.`, name)
  }
  values.set(name, [...list, value])
}

const FORMATS: Record<string, [RegExp, string]> = {
  boolean: [/^(?:true|false)$/, 'true or false'],
  integer: [/^(?:0|[1-9]\d{0,8})$/, 'a whole number from 0'],
  date: [/^\d{4}(?:-\d\d(?:-\d\d)?)?$/, 'a date'],
  dateTime: [/^\d{4}(?:-\d\d(?:-\d\d(?:T.+)?)?)?$/, 'a date or a time'],
  instant: [/^\d{4}-\d\d-\d\dT.+(?:Z|[+-]\d\d:\d\d)$/, 'an instant with its zone'],
}

/** Of these not only the form must be right: 2026-02-30 is no date. */
const DATES = new Set(['date', 'dateTime', 'instant'])

function checked(parameter: Parameter, value: Value): Value {
  const { name, type = 'string' } = parameter
  if (parameter.part) {
    if (!value.parts) throw refuse('value', `${name} is made of parts, in a Parameters resource.`, name)
    return value
  }
  const isComplex = /^[A-Z]/.test(type)
  if (isComplex && type !== 'Reference') {
    if (value.object === undefined) throw refuse('value', `${name} must be a ${type}, in a Parameters resource.`, name)
    return value
  }
  const text = value.text ?? (value.object as { reference?: string } | undefined)?.reference
  if (typeof text !== 'string' || text === '' || text.includes('\u0000')) {
    throw refuse('value', `${name} must be a ${type}.`, name)
  }
  const [format, said] = FORMATS[type] ?? []
  const isNoTime = DATES.has(type) && parseDateInterval(text) === undefined
  if (format && (!format.test(text) || isNoTime)) throw refuse('value', `${name} must be ${said}, not ${text}.`, name)
  return { text }
}

function parametersIn(body: unknown, operation: Operation): Named[] {
  if (body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)) return []
  const { resourceType, parameter } = body as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters') {
    const [only, ...others] = operation.in.filter(({ type }) => type === resourceType)
    if (only && others.length === 0) return [{ name: only.name, value: { object: body as Record<string, unknown> } }]
    throw refuse('invalid', 'The body must be a Parameters resource.', 'Parameters')
  }
  return listed(parameter, 'Parameters.parameter', new Map(operation.in.map((one) => [one.name, one])))
}

type Named = { name: string; value: Value }

function listed(list: unknown, at: string, declared: ReadonlyMap<string, Parameter>): Named[] {
  if (list !== undefined && !Array.isArray(list)) throw refuse('structure', `${at} must be an array.`, at)
  return ((list ?? []) as unknown[]).map((one, i) => {
    const fields = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>
    if (typeof fields.name !== 'string') {
      throw refuse('required', 'Each parameter needs its name.', `${at}[${i}].name`)
    }
    const parts = declared.get(fields.name)?.part
    if (parts) return { name: fields.name, value: { parts: readParts(fields.part, `${at}[${i}].part`, parts) } }
    const key = Object.keys(fields).find((name) => name === 'resource' || /^value[A-Z]/.test(name))
    const value = key === undefined ? undefined : fields[key]
    return { name: fields.name, value: toValue(value, fields.name) }
  })
}

function readParts(list: unknown, at: string, parts: Parameter[]): Given {
  const declared = new Map(parts.map((part) => [part.name, part]))
  const values = new Map<string, Value[]>()
  for (const { name, value } of listed(list, at, declared)) {
    const part = declared.get(name)
    if (!part) throw refuse('not-supported', `There is no part ${name} here.`, at)
    put(values, declared, name, checked(part, value))
  }
  const missing = parts.find(({ name, min }) => min > 0 && !values.has(name))
  if (missing) throw refuse('required', `The part ${missing.name} is needed.`, at)
  return toGiven(values, new URLSearchParams())
}

function toValue(value: unknown, name: string): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { text: String(value) }
  if (typeof value === 'object' && value !== null) return { object: value as Record<string, unknown> }
  throw refuse('value', `The parameter ${name} has no value that can be used.`, name)
}
