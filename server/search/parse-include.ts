import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Parameter, typeIndex } from './parameters.ts'
import { possibleTargets } from './parse-filter.ts'

/** `_include=source:parameter:target`, and `_revinclude`. */
export type Include = {
  direction: 'include' | 'revinclude'
  source: string
  /** The references to follow: one parameter, or all of the source for the wildcard `*`. */
  parameters: Parameter[]
  target?: string
  iterate: boolean
}

const NAME = /^_(include|revinclude)(?::(.*))?$/

/** @returns undefined when `name` is another parameter @see https://hl7.org/fhir/R4/search.html#revinclude */
export function parseInclude(
  definitions: Definitions,
  type: string,
  name: string,
  value: string,
): Include[] | undefined {
  const [, direction, modifier] = NAME.exec(name) ?? []
  if (direction !== 'include' && direction !== 'revinclude') return undefined
  // `recurse` is what the same was called in earlier versions.
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse') {
    throw refuse('not-supported', `_${direction} knows the modifier :iterate, not :${modifier}.`, name)
  }
  const iterate = modifier !== undefined
  if (value === '*') return everything(definitions, type, { name, direction, iterate })
  const [source = '', code = '', target] = value.split(':')
  for (const type of target === undefined ? [source] : [source, target]) {
    if (!definitions.resourceTypes.has(type)) throw refuse('value', `${value}: ${type} is no resource type.`, name)
  }
  const include: Omit<Include, 'parameters'> = {
    direction,
    source,
    iterate,
    ...(target === undefined ? {} : { target }),
  }
  if (code === '*') return [{ ...include, parameters: referencesOf(definitions, source) }]
  const parameter = typeIndex(definitions, source).parameters.get(code)
  if (parameter?.kind !== 'reference') {
    throw refuse('value', `${value}: ${source} has no reference search parameter ${code || '(none given)'}.`, name)
  }
  return [{ ...include, parameters: [parameter] }]
}

type Asked = { name: string; direction: Include['direction']; iterate: boolean }

/** The wildcard `*`: every reference of the matches, and with `:iterate` of what is included too, whatever its type. */
function everything(definitions: Definitions, type: string, { name, direction, iterate }: Asked): Include[] {
  if (direction === 'include') {
    const sources = iterate ? [...definitions.resourceTypes] : [type]
    return sources.map((source) => ({ direction, source, parameters: referencesOf(definitions, source), iterate }))
  }
  if (iterate) {
    throw refuse(
      'not-supported',
      `${name}=* would gather whatever refers to anything that refers here; name the sources, as in ${name}=Task:focus.`,
      name,
    )
  }
  return everyReferenceTo(definitions, type).map((include) => ({ ...include, iterate }))
}

/** `_revinclude=*`: of each type the parameters that may lead to `type`. */
function everyReferenceTo(definitions: Definitions, type: string): Omit<Include, 'iterate'>[] {
  return [...definitions.resourceTypes].flatMap((source) => {
    const parameters = referencesOf(definitions, source).filter((parameter) =>
      possibleTargets(definitions, parameter).includes(type),
    )
    return parameters.length > 0 ? [{ direction: 'revinclude' as const, source, parameters, target: type }] : []
  })
}

function referencesOf(definitions: Definitions, type: string): Parameter[] {
  return [...typeIndex(definitions, type).parameters.values()].filter(({ kind }) => kind === 'reference')
}
