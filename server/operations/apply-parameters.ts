import type { Exchange } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'

export type ApplyParameters = {
  subject: string
  encounter?: string
  practitioner?: string
  organization?: string
  /** The plan itself, or its canonical url; only where the path names none. */
  planDefinition?: Resource
  url?: string
  /** The parameter `data`, and the resources in it. */
  bundle?: Resource
  data: Resource[]
}

/** Of R4's parameters: taken, but without effect on the result yet. */
const IGNORED = new Set(['userType', 'userLanguage', 'userTaskContext', 'setting', 'settingContext'])
const TEXTS = ['subject', 'encounter', 'practitioner', 'organization', 'url'] as const

/**
 * The parameters of $apply, from the query or from a Parameters resource.
 * @throws Refusal required for a missing subject; value, invalid, not-supported for what is not a parameter or not of its type
 * @see https://hl7.org/fhir/R4/operation-plandefinition-apply.html
 */
export function parseApplyParameters({ query, body }: Pick<Exchange, 'query' | 'body'>): ApplyParameters {
  const texts = new Map<string, string>()
  const resources = new Map<string, Resource>()
  for (const [name, value] of query) put(texts, name, value)
  for (const { name, text, resource } of parametersIn(body)) {
    if (resource) resources.set(name, resource)
    else if (text !== undefined) put(texts, name, text)
    else if (!IGNORED.has(name)) throw refuse('value', `The parameter ${name} has no value that can be used.`, name)
  }
  for (const name of [...texts.keys(), ...resources.keys()]) {
    const known = (TEXTS as readonly string[]).includes(name) || IGNORED.has(name) || name.startsWith('_')
    if (!known && name !== 'planDefinition' && name !== 'data') {
      throw refuse('not-supported', `$apply has no parameter ${name} here.`, name)
    }
  }
  const subject = texts.get('subject')
  if (!subject) throw refuse('required', '$apply needs the parameter subject, such as Patient/123.', 'subject')
  const bundle = resources.get('data')
  const entries = (bundle?.entry ?? []) as { resource?: Resource }[]
  return {
    subject,
    ...Object.fromEntries(TEXTS.slice(1).flatMap((name) => (texts.has(name) ? [[name, texts.get(name)]] : []))),
    ...(resources.has('planDefinition') ? { planDefinition: planIn(resources) } : {}),
    ...(bundle ? { bundle } : {}),
    data: entries.flatMap(({ resource }) => resource ?? []),
  }
}

function put(texts: Map<string, string>, name: string, value: string): void {
  if (texts.has(name)) throw refuse('not-supported', `Only one ${name} can be given.`, name)
  texts.set(name, value)
}

function planIn(resources: Map<string, Resource>): Resource | undefined {
  const plan = resources.get('planDefinition')
  if (plan?.resourceType !== 'PlanDefinition')
    throw refuse('value', 'planDefinition must be a PlanDefinition.', 'planDefinition')
  return plan
}

type Given = { name: string; text?: string; resource?: Resource }

function parametersIn(body: unknown): Given[] {
  if (body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)) return []
  const { resourceType, parameter } = body as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters') throw refuse('invalid', 'The body must be a Parameters resource.', 'Parameters')
  return (Array.isArray(parameter) ? parameter : []).map((one: Record<string, unknown>) => {
    const reference = one.valueReference as { reference?: unknown } | undefined
    const text = [one.valueString, one.valueUri, one.valueCanonical, one.valueId, reference?.reference].find(
      (value) => typeof value === 'string',
    )
    return { name: String(one.name), text: text as string | undefined, resource: one.resource as Resource | undefined }
  })
}
