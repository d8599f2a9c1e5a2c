import type { CodeableConcept } from '@medplum/fhirtypes'
import type { Exchange } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { canonicalGiven } from './canonical-given.ts'

export type ApplyParameters = {
  subject: string
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
}

const TEXTS = ['subject', 'encounter', 'practitioner', 'organization', 'url', 'version', 'useServerData']
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
  const concepts: Record<string, CodeableConcept> = {}
  const given: Given[] = [...query].map(([name, text]) => ({ name, text }))
  for (const { name, text, resource, concept } of [...given, ...parametersIn(body)]) {
    if (TEXTS.includes(name)) putOnce(texts, name, text)
    else if (name === definition || name === 'data') putOnce(resources, name, resource)
    else if (CONCEPTS.includes(name)) concepts[name] = concept ?? noValue(name)
    else if (!name.startsWith('_')) throw refuse('not-supported', `$apply has no parameter ${name} here.`, name)
  }
  const subject = texts.get('subject')
  if (!subject) throw refuse('required', '$apply needs the parameter subject, such as Patient/123.', 'subject')
  const bundle = resources.has('data') ? bundleIn(resources.get('data')) : undefined
  const canonical = canonicalGiven(texts.get('url'), texts.get('version'))
  return {
    subject,
    ...Object.fromEntries(
      ['encounter', 'practitioner', 'organization'].flatMap((name) =>
        texts.has(name) ? [[name, texts.get(name)]] : [],
      ),
    ),
    ...(resources.has(definition) ? { definition: definitionIn(resources.get(definition), definition) } : {}),
    ...(canonical ? { canonical } : {}),
    ...(bundle ? { bundle } : {}),
    data: ((bundle?.entry ?? []) as { resource?: Resource }[]).flatMap(({ resource }) => resource ?? []),
    useServerData: isTrue(texts.get('useServerData') ?? 'true', 'useServerData'),
    concepts,
  }
}

function putOnce<T>(values: Map<string, T>, name: string, value: T | undefined): void {
  if (values.has(name)) throw refuse('not-supported', `Only one ${name} can be given.`, name)
  values.set(name, value ?? noValue(name))
}

function noValue(name: string): never {
  throw refuse('value', `The parameter ${name} has no value that can be used.`, name)
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

function bundleIn(resource: unknown): Resource {
  const { resourceType, entry = [] } = isObject(resource) ? resource : {}
  const isBundle = resourceType === 'Bundle' && Array.isArray(entry)
  if (!isBundle) throw refuse('value', 'data must be a Bundle.', 'data')
  for (const [i, one] of (entry as unknown[]).entries()) {
    const { resource: inner } = isObject(one) ? one : {}
    if (inner !== undefined && !(isObject(inner) && typeof inner.resourceType === 'string')) {
      throw refuse('value', 'What is in data must be resources.', `data.entry[${i}].resource`)
    }
    if (!isObject(one)) throw refuse('value', 'An entry is an object.', `data.entry[${i}]`)
  }
  return resource as Resource
}

type Given = { name: string; text?: string | undefined; resource?: unknown; concept?: CodeableConcept | undefined }

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
      // Only useServerData is true or false.
      text:
        (text as string | undefined) ??
        (one.name === 'useServerData' && typeof flag === 'boolean' ? String(flag) : undefined),
      resource: isObject(one.resource) ? one.resource : undefined,
      concept: isObject(concept) ? (concept as CodeableConcept) : undefined,
    }
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
