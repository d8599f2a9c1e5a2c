import type { CodeableConcept } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange } from '../exchange.ts'
import { canonicalGiven } from './canonical-given.ts'

export type ApplyParameters = {
  /** One or more references; several of one type are answered one by one. */
  subjects: string[]
  encounter?: string
  practitioner?: string
  organization?: string
  /** The definition itself, or its canonical (`url`, with `version` as `url|version`); only where the path names none. */
  definition?: unknown
  canonical?: string
  /** The parameter `data`, and the resources in it. */
  bundle?: Resource
  data: Resource[]
  /** Whether what is stored here may be looked at, beside `data`. */
  useServerData: boolean
  /** Of the user and the setting: nothing here depends on them, expressions may, as `%setting`. */
  concepts: Record<string, CodeableConcept>
  /** The parameter `parameters`: values by name, which expressions see as `%name`; a name that is repeated is a list. */
  values: Record<string, unknown[]>
  /** Plans within the plan become actions of one RequestGroup instead of RequestGroups of their own. */
  mergeNestedCarePlans: boolean
}

const TEXTS = ['encounter', 'practitioner', 'organization', 'url', 'version', 'useServerData', 'mergeNestedCarePlans']
/** Of the newer guides: where else to look. Only what is stored here, or sent along, is looked at. */
const ENDPOINTS = ['dataEndpoint', 'contentEndpoint', 'terminologyEndpoint', 'artifactEndpointConfiguration']
const CONCEPTS = ['userType', 'userLanguage', 'userTaskContext', 'setting', 'settingContext']

/**
 * The parameters of $apply, from the query or from a Parameters resource. What is in `data` is taken as it is: facts that lack
 * something are for the conditions to judge.
 * @param definition name of the parameter that holds the definition itself
 * @throws Refusal required for a missing subject; value, invalid, not-supported for what is not a parameter or not of its type
 * @see https://hl7.org/fhir/R4/operation-plandefinition-apply.html
 */
export function parseApplyParameters(
  { query, body }: Pick<Exchange, 'query' | 'body'>,
  definition: 'planDefinition' | 'activityDefinition' = 'planDefinition',
): ApplyParameters {
  const texts = new Map<string, string>()
  const resources = new Map<string, unknown>()
  const concepts = new Map<string, CodeableConcept>()
  const subjects: string[] = []
  const prefetched: Resource[] = []
  const given: Given[] = [...query].map(([name, text]) => ({ name, text }))
  for (const { name, text, resource, concept, part } of [...given, ...parametersIn(body)]) {
    if (name === 'subject') subjects.push(text ?? noValue(name, TEXT))
    else if (TEXTS.includes(name)) putOnce(texts, { name, value: text, expected: TEXT })
    else if (name === definition || name === 'data' || name === 'parameters')
      putOnce(resources, { name, value: resource, expected: RESOURCE })
    else if (name === 'prefetchData') prefetched.push(...prefetchedIn(part))
    else if (ENDPOINTS.includes(name))
      throw refuse('not-supported', `${name}: only what is stored here or sent is used.`, name)
    else if (CONCEPTS.includes(name)) putOnce(concepts, { name, value: concept, expected: CONCEPT })
    else if (!name.startsWith('_')) throw refuse('not-supported', `$apply has no parameter ${name} here.`, name)
  }
  if (subjects.length === 0)
    throw refuse('required', '$apply needs the parameter subject, such as Patient/123.', 'subject')
  const bundle = resources.has('data') ? bundleIn(resources.get('data')) : undefined
  const canonical = canonicalGiven(texts.get('url'), texts.get('version'))
  return {
    subjects: [...new Set(subjects)],
    ...Object.fromEntries(
      ['encounter', 'practitioner', 'organization'].flatMap((name) =>
        texts.has(name) ? [[name, texts.get(name)]] : [],
      ),
    ),
    ...(resources.has(definition) ? { definition: definitionIn(resources.get(definition), definition) } : {}),
    ...(canonical ? { canonical } : {}),
    ...(bundle ? { bundle } : {}),
    data: [...resourcesIn(bundle), ...prefetched],
    useServerData: isTrue(texts.get('useServerData') ?? 'true', 'useServerData'),
    mergeNestedCarePlans: isTrue(texts.get('mergeNestedCarePlans') ?? 'false', 'mergeNestedCarePlans'),
    concepts: Object.fromEntries(concepts),
    values: resources.has('parameters') ? valuesIn(resources.get('parameters')) : {},
  }
}

const resourcesIn = (bundle: Resource | undefined): Resource[] =>
  ((bundle?.entry ?? []) as { resource?: Resource }[]).flatMap(({ resource }) => resource ?? [])

/** As CDS Hooks sends data beforehand: key, descriptor, and a Bundle. */
function prefetchedIn(part: unknown[] | undefined): Resource[] {
  const data = (part ?? []).find((one) => isObject(one) && one.name === 'data')
  if (!isObject(data)) throw refuse('required', 'prefetchData needs its part data, a Bundle.', 'prefetchData.data')
  return resourcesIn(bundleIn(data.resource, 'prefetchData.data'))
}

/** What is given for the parameters of a Library: values, resources, and parts as objects. */
function valuesIn(resource: unknown): Record<string, unknown[]> {
  const { resourceType, parameter } = isObject(resource) ? resource : {}
  if (resourceType !== 'Parameters' || (parameter !== undefined && !Array.isArray(parameter))) {
    throw refuse('value', 'parameters must be a Parameters resource.', 'parameters')
  }
  return namedValues((parameter ?? []) as unknown[], 'parameters.parameter')
}

function namedValues(parameters: unknown[], at: string): Record<string, unknown[]> {
  const values: Record<string, unknown[]> = {}
  for (const [i, one] of parameters.entries()) {
    const { name, part } = isObject(one) ? one : {}
    if (!isObject(one) || typeof name !== 'string') throw refuse('value', 'Each needs its name.', `${at}[${i}].name`)
    const key = Object.keys(one).find((field) => field === 'resource' || /^value[A-Z]/.test(field))
    const value = key !== undefined ? one[key] : Array.isArray(part) ? tupleOf(part, `${at}[${i}].part`) : undefined
    if (value === undefined) throw refuse('value', `${name} has no value.`, `${at}[${i}]`)
    values[name] = [...(values[name] ?? []), value]
  }
  return values
}

const tupleOf = (part: unknown[], at: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(namedValues(part, at)).map(([name, all]) => [name, all.length > 1 ? all : all[0]]))

type Once<T> = { name: string; value: T | undefined; expected: string }

function putOnce<T>(values: Map<string, T>, { name, value, expected }: Once<T>): void {
  if (values.has(name)) throw refuse('not-supported', `Only one ${name} can be given.`, name)
  values.set(name, value ?? noValue(name, expected))
}

/** How the value of a parameter is given. */
const TEXT = 'a text, in the URL or as valueString'
const RESOURCE = 'a resource, in Parameters.parameter.resource'
const CONCEPT = 'a valueCodeableConcept, which only a Parameters resource can hold'

function noValue(name: string, expected: string): never {
  throw refuse('value', `The parameter ${name} has no value that can be used; it takes ${expected}.`, name)
}

function isTrue(text: string, name: string): boolean {
  if (text !== 'true' && text !== 'false') throw refuse('value', `${name} must be true or false.`, name)
  return text === 'true'
}

function definitionIn(resource: unknown, name: string): unknown {
  const type = name.charAt(0).toUpperCase() + name.slice(1)
  if (isObject(resource) && resource.resourceType === type) return resource
  throw refuse('value', `${name} must be of the type ${type}.`, name)
}

function bundleIn(resource: unknown, name = 'data'): Resource {
  const { resourceType, entry = [] } = isObject(resource) ? resource : {}
  const isBundle = resourceType === 'Bundle' && Array.isArray(entry)
  if (!isBundle) throw refuse('value', `${name} must be a Bundle.`, name)
  for (const [i, one] of (entry as unknown[]).entries()) {
    const { resource: inner } = isObject(one) ? one : {}
    if (inner !== undefined && !(isObject(inner) && typeof inner.resourceType === 'string')) {
      throw refuse('value', `What is in ${name} must be resources.`, `${name}.entry[${i}].resource`)
    }
    if (!isObject(one)) throw refuse('value', 'An entry is an object.', `${name}.entry[${i}]`)
  }
  return resource as Resource
}

type Given = {
  name: string
  text?: string | undefined
  resource?: unknown
  concept?: CodeableConcept | undefined
  part?: unknown[] | undefined
}

/** The parameters that are true or false. */
const FLAGS = ['useServerData', 'mergeNestedCarePlans']

function parametersIn(body: unknown): Given[] {
  if (body === undefined || body === null || (isObject(body) && Object.keys(body).length === 0)) return []
  const { resourceType, parameter = [] } = isObject(body) ? body : {}
  if (resourceType !== 'Parameters') throw refuse('invalid', 'The body must be a Parameters resource.', 'Parameters')
  if (!Array.isArray(parameter)) {
    throw refuse('structure', 'Parameters.parameter must be an array.', 'Parameters.parameter')
  }
  return parameter.map((one: unknown, i) => {
    if (!isObject(one) || typeof one.name !== 'string') {
      throw refuse('required', 'Each parameter needs its name.', `Parameters.parameter[${i}].name`)
    }
    const { valueReference: to, valueCodeableConcept: concept, valueBoolean: flag } = one
    const text = [
      one.valueString,
      one.valueUri,
      one.valueCanonical,
      one.valueId,
      isObject(to) ? to.reference : to,
    ].find((value) => typeof value === 'string')
    return {
      name: one.name,
      text:
        (text as string | undefined) ??
        (FLAGS.includes(one.name) && typeof flag === 'boolean' ? String(flag) : undefined),
      resource: isObject(one.resource) ? one.resource : undefined,
      concept: isObject(concept) ? (concept as CodeableConcept) : undefined,
      part: Array.isArray(one.part) ? one.part : undefined,
    }
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
