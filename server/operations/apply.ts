import type { ActivityDefinition, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { type ApplyFacts, applyPlan } from '../apply/apply.ts'
import { applyActivity } from '../apply/apply-activity.ts'
import { toRequestBundle } from '../apply/request-bundle.ts'
import type { Exchange, Handler, Rooms } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { type ApplyParameters, parseApplyParameters } from './apply-parameters.ts'
import { DefinitionReader, inputsOf } from './definition-reader.ts'

/**
 * PlanDefinition/$apply and PlanDefinition/{id}/$apply, by GET or POST: what the plan proposes for one subject. Stores nothing.
 * @throws Refusal required (no subject), not-found (plan or subject, also what the caller may not see), business-rule (a retired
 *   plan), not-supported (a condition that is not FHIRPath; the action is named)
 * @see https://hl7.org/fhir/R4/plandefinition-operation-apply.html
 */
export const apply: Handler = async (exchange, rooms) => ({
  status: 200,
  text: JSON.stringify(await propose(exchange, rooms)),
})

/** The same as a Bundle whose first entry is the RequestGroup. https://hl7.org/fhir/R5/plandefinition-operation-apply.html */
export const applyAsBundle: Handler = async (exchange, rooms) => ({
  status: 200,
  text: JSON.stringify(toRequestBundle(await propose(exchange, rooms))),
})

/**
 * ActivityDefinition/$apply and ActivityDefinition/{id}/$apply: the request that the activity becomes. Stores nothing.
 * @throws Refusal as `apply` does, and required for what the kind cannot be without
 * @see https://hl7.org/fhir/R4/activitydefinition-operation-apply.html
 */
export const applyOneActivity: Handler = async (exchange, rooms) => {
  const parameters = parseApplyParameters(exchange, 'activityDefinition')
  const reader = new DefinitionReader(exchange, rooms)
  const definition = await findDefinition('ActivityDefinition', { exchange, rooms, reader, parameters })
  const { subject, context, variables } = await readContext(reader, parameters)
  const facts = {
    activity: definition as unknown as ActivityDefinition,
    subject,
    context,
    variables: { ...variables, data: parameters.bundle ?? [] },
    now: rooms.now(),
  }
  const made = await rooms.expressions.settle((evaluate) => applyActivity({ ...facts, evaluate }))
  return { status: 200, text: JSON.stringify(made) }
}

async function propose(exchange: Exchange, rooms: Rooms): Promise<CarePlan> {
  const facts = await planFacts(exchange, rooms)
  return rooms.expressions.settle((evaluate) => applyPlan({ ...facts, evaluate }))
}

/** What one call of PlanDefinition/$apply is worked out from. */
export async function planFacts(exchange: Exchange, rooms: Rooms): Promise<ApplyFacts> {
  const parameters = parseApplyParameters(exchange)
  const reader = new DefinitionReader(exchange, rooms)
  const definition = await findDefinition('PlanDefinition', { exchange, rooms, reader, parameters })
  const plan = definition as unknown as PlanDefinition
  const { subject, context, variables } = await readContext(reader, parameters)
  const definitions = await reader.readDefinitions(plan)
  const inputs = inputsOf([plan, ...definitions.values()])
  const read = parameters.useServerData ? await reader.readData(inputs, subject) : []
  const language = parameters.concepts.userLanguage?.coding?.[0]?.code
  return {
    plan,
    subject,
    context,
    variables,
    data: [...read, ...parameters.data],
    ...(parameters.bundle ? { bundle: parameters.bundle } : {}),
    find: (canonical) => definitions.get(canonical),
    codesOf: await reader.readCodes(inputs),
    ...(language ? { language } : {}),
    now: rooms.now(),
  }
}

/** The subject, and the others whom the parameters name: as references, and as variables. */
async function readContext(reader: DefinitionReader, parameters: ApplyParameters) {
  const { encounter, practitioner, organization, concepts } = parameters
  const subject = await reader.read(parameters.subject, 'subject')
  const named = Object.entries({ encounter, practitioner, organization }).filter(([, reference]) => reference)
  const read = await Promise.all(
    named.map(async ([name, reference]) => [name, await reader.read(String(reference), name)] as const),
  )
  return {
    subject,
    context: { encounter, practitioner, organization },
    variables: { ...Object.fromEntries(read), ...concepts },
  }
}

type Asked = { exchange: Exchange; rooms: Rooms; reader: DefinitionReader; parameters: ApplyParameters }

/** The definition of the path, or given whole, or by its canonical. */
async function findDefinition(
  type: 'PlanDefinition' | 'ActivityDefinition',
  { exchange: { id }, rooms, reader, parameters: { definition, canonical } }: Asked,
): Promise<Resource> {
  const found = id
    ? await reader.read(`${type}/${id}`, 'id')
    : definition
      ? rooms.validate(definition, type).resource
      : canonical && (await reader.findDefinition(canonical, [type], false))
  if (!found) {
    const parameter = type === 'PlanDefinition' ? 'planDefinition' : 'activityDefinition'
    throw canonical
      ? refuse('not-found', `No ${type} ${canonical}.`, 'url')
      : refuse('required', `Needed: ${type}/{id}/$apply, or the parameter ${parameter} or url.`, parameter)
  }
  if (found.status === 'retired') {
    throw refuse('business-rule', `${found.url ?? found.id} is retired.`, `${type}.status`)
  }
  return found
}
