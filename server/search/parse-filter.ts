import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { TEXT_KEYS } from './extract-text.ts'
import { type Parameter, typeIndex } from './parameters.ts'
import {
  parseDate,
  parseNumber,
  parseQuantity,
  parseReference,
  parseReferenceIdentifier,
  parseToken,
  parseTypedIdentifier,
} from './parse-value.ts'
import type { Filter } from './search-filter.ts'
import { splitUnescaped, withoutEscapes } from './split.ts'
import { parseTextQuery } from './text-query.ts'

/**
 * One parameter of the query string as a condition.
 * @returns undefined when the type has no such parameter
 * @throws Refusal for a bad value, and for a modifier that the parameter does not have; R4 wants these refused even when lenient
 */
export function parseFilter(definitions: Definitions, type: string, name: string, value: string): Filter | undefined {
  if (name.startsWith('_has:')) return parseHas(definitions, name, value)
  const [head = '', ...rest] = name.split('.')
  const [code = '', modifier, ...more] = head.split(':')
  if (more.length > 0) throw refuse('value', `${name} has more than one modifier.`, name)
  if (rest.length > 0) return parseChain(definitions, { type, code, modifier, rest: rest.join('.'), name }, value)
  if (code === '_list') return parseList(definitions, name, modifier, value)
  if (code === '_text' || code === '_content') return parseWords(name, TEXT_KEYS[code], modifier, value)
  if (code === '_id') return parseIds(name, modifier, value)
  if (code === '_lastUpdated') return parseLastUpdated(name, modifier, value)
  const parameter = typeIndex(definitions, type).parameters.get(code)
  if (!parameter) return undefined
  if (parameter.keys.length === 0 && parameter.kind !== 'composite') return undefined
  return toFilter(definitions, parameter, modifier, value, name)
}

function parseIds(name: string, modifier: string | undefined, value: string): Filter {
  if (modifier === 'missing') return ofAll(!parseBoolean(name, value))
  if (modifier !== undefined && modifier !== 'not') throw unknownModifier(name, modifier)
  return { kind: 'id', ids: splitUnescaped(value, ',').map(withoutEscapes), not: modifier === 'not' }
}

/** Of what every resource has: all of them, or none. */
const ofAll = (all: boolean): Filter => ({ kind: 'id', ids: [], not: all })

function parseWords(name: string, key: number, modifier: string | undefined, value: string): Filter {
  if (modifier !== undefined) throw unknownModifier(name, modifier)
  const values = splitUnescaped(value, ',').map((one) => parseTextQuery(name, withoutEscapes(one)))
  return { kind: 'words', key, values }
}

/** `_list=42` or `_list=List/42`: what List/42 holds. https://hl7.org/fhir/R4/search.html#list */
function parseList(definitions: Definitions, name: string, modifier: string | undefined, value: string): Filter {
  if (modifier !== undefined) throw unknownModifier(name, modifier)
  const functional = splitUnescaped(value, ',').find((one) => one.startsWith('$'))
  if (functional !== undefined) {
    throw refuse(
      'not-supported',
      `_list: the functional list ${functional} is not kept here; name a List by its id.`,
      name,
    )
  }
  const parameter = typeIndex(definitions, 'List').parameters.get('item')
  if (!parameter) throw refuse('not-supported', `${name} is not supported.`, name)
  return {
    kind: 'has',
    type: 'List',
    parameter,
    filter: {
      kind: 'id',
      ids: splitUnescaped(value, ',').map((one) => withoutEscapes(one).replace(/^List\//, '')),
      not: false,
    },
  }
}

function parseLastUpdated(name: string, modifier: string | undefined, value: string): Filter {
  if (modifier === 'missing') return ofAll(!parseBoolean(name, value))
  if (modifier !== undefined) throw unknownModifier(name, modifier)
  return { kind: 'lastUpdated', values: splitUnescaped(value, ',').map((one) => parseDate(name, one)) }
}

function toFilter(
  definitions: Definitions,
  parameter: Parameter,
  modifier: string | undefined,
  value: string,
  name: string,
): Filter {
  if (modifier === 'missing') return { kind: 'missing', parameter, missing: parseBoolean(name, value) }
  const values = splitUnescaped(value, ',')
  switch (parameter.kind) {
    case 'token':
      return tokenFilter(parameter, modifier, values, name)
    case 'reference':
      return referenceFilter(definitions, parameter, modifier, values, name)
    case 'uri':
      return uriFilter(parameter, modifier, values, name)
    case 'string':
      return stringFilter(parameter, modifier, values, name)
  }
  if (modifier !== undefined) throw unknownModifier(name, modifier)
  switch (parameter.kind) {
    case 'date':
      return { kind: 'date', parameter, values: values.map((one) => parseDate(name, one)) }
    case 'number':
      return { kind: 'number', parameter, values: values.map((one) => parseNumber(name, one)) }
    case 'quantity':
      return { kind: 'quantity', parameter, values: values.map((one) => parseQuantity(name, one)) }
    case 'composite':
      return compositeFilter(definitions, parameter, values, name)
    case 'special':
      throw refuse('not-supported', `${name} is not supported.`, name)
  }
}

function tokenFilter(parameter: Parameter, modifier: string | undefined, values: string[], name: string): Filter {
  switch (modifier) {
    case undefined:
    case 'not':
      return { kind: 'token', parameter, values: values.map(parseToken), not: modifier === 'not' }
    case 'text':
      return { kind: 'text', parameter, values: values.map(withoutEscapes) }
    case 'in':
    case 'not-in': {
      const asked = values.map((one) => ({ relation: 'in', valueSet: withoutEscapes(one) }) as const)
      return { kind: 'terms', parameter, asked, not: modifier === 'not-in' }
    }
    case 'above':
    case 'below': {
      const asked = values.map((one) => {
        const { system, code = '' } = parseToken(one)
        return { relation: modifier, system, code } as const
      })
      return { kind: 'terms', parameter, asked, not: false }
    }
    case 'of-type':
      return { kind: 'token', parameter, values: values.map((one) => parseTypedIdentifier(name, one)), not: false }
    default:
      throw unknownModifier(name, modifier)
  }
}

function referenceFilter(
  definitions: Definitions,
  parameter: Parameter,
  modifier: string | undefined,
  values: string[],
  name: string,
): Filter {
  const filter = { kind: 'reference', parameter, not: modifier === 'not' } as const
  if (modifier === undefined || modifier === 'not') {
    return { ...filter, values: values.map((one) => parseReference(withoutEscapes(one))) }
  }
  if (modifier === 'identifier') return { ...filter, values: values.map(parseReferenceIdentifier) }
  if (!definitions.resourceTypes.has(modifier)) throw unknownModifier(name, modifier)
  return { ...filter, values: values.map((one) => parseReference(withoutEscapes(one), { type: modifier })) }
}

function uriFilter(parameter: Parameter, modifier: string | undefined, values: string[], name: string): Filter {
  if (modifier !== undefined && modifier !== 'below' && modifier !== 'above' && modifier !== 'not') {
    throw unknownModifier(name, modifier)
  }
  const match = modifier === 'below' || modifier === 'above' ? modifier : 'equal'
  return { kind: 'uri', parameter, values: values.map(withoutEscapes), match, not: modifier === 'not' }
}

function stringFilter(parameter: Parameter, modifier: string | undefined, values: string[], name: string): Filter {
  if (modifier !== undefined && modifier !== 'exact' && modifier !== 'contains') throw unknownModifier(name, modifier)
  return { kind: 'string', parameter, values: values.map(withoutEscapes), match: modifier ?? 'starts' }
}

/** https://hl7.org/fhir/R4/search.html#combining */
function compositeFilter(definitions: Definitions, parameter: Parameter, values: string[], name: string): Filter {
  const partCount = parameter.roots[0]?.components.length ?? 0
  const alternatives = values.flatMap((value) => {
    const parts = splitUnescaped(value, '$')
    if (parts.length !== partCount) {
      throw refuse('value', `${name} takes ${partCount} parts with $ between them, not ${value}.`, name)
    }
    return parameter.roots.map(({ parted, components }) => ({
      parted,
      parts: components.map((component, i) => toFilter(definitions, component, undefined, parts[i] ?? '', name)),
    }))
  })
  return { kind: 'composite', parameter, alternatives }
}

type Chain = { type: string; code: string; modifier: string | undefined; rest: string; name: string }

/** `subject:Patient.name`, `subject.name`: without a type, all types that the rest means something in. */
function parseChain(
  definitions: Definitions,
  { type, code, modifier, rest, name }: Chain,
  value: string,
): Filter | undefined {
  const parameter = typeIndex(definitions, type).parameters.get(code)
  if (parameter?.kind !== 'reference') return undefined
  const types = modifier === undefined ? possibleTargets(definitions, parameter) : [modifier]
  const targets = types.flatMap((target) => {
    if (!definitions.resourceTypes.has(target)) throw refuse('value', `${name}: ${target} is no resource type.`, name)
    const filter = parseFilter(definitions, target, rest, value)
    return filter ? [{ type: target, filter }] : []
  })
  return targets.length > 0 ? { kind: 'chain', parameter, targets } : undefined
}

/** The types that a reference parameter can lead to. */
export function possibleTargets(definitions: Definitions, parameter: Parameter): string[] {
  const filtered = parameter.keys.flatMap(({ target }) => target ?? [])
  const declared = filtered.length > 0 ? filtered : parameter.targets
  const types =
    declared.length > 0 ? declared : parameter.keys.flatMap(({ key }) => key.leaves.flatMap((leaf) => leaf.targets))
  return [...new Set(types)].filter((type) => definitions.resourceTypes.has(type))
}

const HAS = /^_has:([A-Za-z]+):([^:]+):(.+)$/

/** `_has:Observation:patient:code`. https://hl7.org/fhir/R4/search.html#has */
function parseHas(definitions: Definitions, name: string, value: string): Filter {
  const [, source = '', code = '', rest = ''] = HAS.exec(name) ?? []
  const parameter = definitions.resourceTypes.has(source)
    ? typeIndex(definitions, source).parameters.get(code)
    : undefined
  if (parameter?.kind !== 'reference') {
    throw refuse('value', `${name} must read _has:[type]:[reference parameter]:[parameter].`, name)
  }
  const filter = parseFilter(definitions, source, rest, value)
  if (!filter) throw refuse('value', `${name}: ${source} has no search parameter ${rest}.`, name)
  return { kind: 'has', type: source, parameter, filter }
}

function parseBoolean(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw refuse('value', `${name} must be true or false, not ${value}.`, name)
  return value === 'true'
}

const unknownModifier = (name: string, modifier: string) =>
  refuse('not-supported', `${name}: the modifier :${modifier} is not supported here.`, name)
