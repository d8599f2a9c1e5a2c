import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange } from '../exchange.ts'

const MODES = ['create', 'update', 'delete', 'profile'] as const

export type ValidateParameters = {
  /** As it was sent; undefined when nothing was. */
  resource: unknown
  /** https://hl7.org/fhir/R4/valueset-resource-validation-mode.html */
  mode: (typeof MODES)[number] | undefined
  profiles: string[]
}

/**
 * The parameters of $validate: in the URL, and in the body as the resource itself or in a Parameters resource.
 * @throws Refusal for a mode that R4 does not have
 */
export function parseValidateParameters({
  type,
  query,
  body,
}: Pick<Exchange, 'type' | 'query' | 'body'>): ValidateParameters {
  const parts = partsOf(body, type)
  const given = (name: string) => (parts ?? []).filter((part) => part.name === name)
  const textOf = (part: Part) => part.valueCode ?? part.valueUri ?? part.valueCanonical ?? part.valueString
  const mode = query.get('mode') ?? given('mode').map(textOf)[0]
  if (mode !== undefined && !MODES.includes(mode as 'create'))
    throw refuse('value', `The mode must be ${MODES.join(', ')}, not ${JSON.stringify(mode)}.`, 'mode')
  return {
    resource: parts ? given('resource')[0]?.resource : body,
    mode: mode as ValidateParameters['mode'],
    profiles: [...query.getAll('profile'), ...given('profile').map(textOf)].filter((one) => typeof one === 'string'),
  }
}

type Part = { name?: unknown; resource?: unknown } & {
  [value in 'valueCode' | 'valueUri' | 'valueCanonical' | 'valueString']?: unknown
}

/** A Parameters resource may itself be what is validated; then none of its parameters is called `resource`. */
function partsOf(body: unknown, type: string): Part[] | undefined {
  const { resourceType, parameter } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters') return undefined
  const parts = (Array.isArray(parameter) ? parameter : []).filter((part) => typeof part === 'object' && part !== null)
  return type !== 'Parameters' || parts.some(({ name }) => name === 'resource') ? parts : undefined
}
