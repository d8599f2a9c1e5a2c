import type cql from 'cql-execution'

/** Values of CQL that know their type. */
type Typed = {
  isQuantity?: boolean
  isCode?: boolean
  isConcept?: boolean
  isInterval?: boolean
  isRatio?: boolean
  isDate?: boolean
  isDateTime?: boolean
  isTime?: () => boolean
  isValueSet?: boolean
  json?: unknown
}

/**
 * A value of CQL as FHIR has it in JSON: lists as lists, null as nothing, Code as Coding, Concept as CodeableConcept, intervals as Period
 * or Range, a tuple as an object of its elements, a resource as it is.
 * @returns the collection, as FHIRPath would have it
 * @see https://cql.hl7.org/04-logicalspecification.html and https://hl7.org/fhir/R4/cqif or the FHIRHelpers that do the opposite
 */
export function toFhir(value: unknown): unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(toFhir)
  const one = toOne(value)
  return one === undefined ? [] : [one]
}

function toOne(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? Number(value) : value
  const typed = value as Typed
  // What came from FHIR bears the JSON that it was made of.
  if ('json' in value && typed.json !== undefined) return typed.json
  if (typed.isDateTime || typed.isDate) return timeText(value as cql.DateTime)
  if (typed.isQuantity) return quantityOf(value as cql.Quantity)
  if (typed.isCode) return codingOf(value as cql.Code)
  if (typed.isConcept) return conceptOf(value as cql.Concept)
  if (typed.isRatio) return ratioOf(value as cql.Ratio)
  if (typed.isInterval) return intervalOf(value as cql.Interval)
  if (typed.isValueSet) return toFhir((value as cql.ValueSet).codes)
  return tupleOf(value as Record<string, unknown>)
}

/** A time of day has the date 0 in cql-execution; only its time is meant. */
function timeText(value: cql.DateTime): string {
  if (typeof value.isTime === 'function' && value.isTime())
    return value
      .toString()
      .replace(/^.*T/, '')
      .replace(/Z|[+-]\d\d:\d\d$/, '')
  return value.toString()
}

const UCUM = 'http://unitsofmeasure.org'

function quantityOf({ value, unit }: cql.Quantity) {
  return unit ? { value, unit, system: UCUM, code: unit } : { value }
}

const codingOf = ({ code, system, version, display }: cql.Code) => withoutEmpty({ system, version, code, display })

const conceptOf = ({ codes, display }: cql.Concept) =>
  withoutEmpty({ coding: codes?.map((code) => codingOf(code as cql.Code)), text: display })

const ratioOf = ({ numerator, denominator }: cql.Ratio) => ({
  numerator: quantityOf(numerator),
  denominator: quantityOf(denominator),
})

function intervalOf({ low, high }: cql.Interval) {
  const [lowest, highest] = [toFhir(low)[0], toFhir(high)[0]]
  const isTime = typeof lowest === 'string' || typeof highest === 'string'
  if (isTime) return withoutEmpty({ start: lowest, end: highest })
  const ofNumber = (end: unknown) => (typeof end === 'number' ? { value: end } : end)
  return withoutEmpty({ low: ofNumber(lowest), high: ofNumber(highest) })
}

/** An element with several values stays a list; one with one value is that value, unless it was a list. */
const tupleOf = (tuple: Record<string, unknown>) =>
  withoutEmpty(
    Object.fromEntries(
      Object.entries(tuple).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.flatMap(toFhir) : toFhir(value)[0],
      ]),
    ),
  )

const withoutEmpty = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
