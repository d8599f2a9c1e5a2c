import type { ActivityDefinition, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { type ApplyFacts, applyPlan } from '../core/apply/apply.ts'
import { applyActivity } from '../core/apply/apply-activity.ts'
import { toRequestBundle } from '../core/apply/request-bundle.ts'
import { withBurden } from '../core/decide/burden/proposed-burden.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { groundOf } from '../cql/cql-basis.ts'
import type { CqlGround } from '../cql/library-set.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { type ApplyParameters, parseApplyParameters } from './apply-parameters.ts'
import { readSubjects } from './apply-subjects.ts'
import { readCql } from './cql-ground.ts'
import { DefinitionReader, inputsOf } from './definition-reader.ts'

/**
 * PlanDefinition/$apply and PlanDefinition/{id}/$apply, by GET or POST: what the plan proposes for each subject. Stores nothing.
 * @returns the CarePlan; of several subjects a Parameters with one CarePlan each, as operations answer with several results
 * @throws Refusal required (no subject), not-found (plan or subject, also what the caller may not see), business-rule (a retired
 *   plan), not-supported (a condition in a language that is not spoken here; the action is named)
 * @see https://hl7.org/fhir/R4/plandefinition-operation-apply.html
 */
export const apply: Handler = async (exchange, rooms) => toReply(await propose(exchange, rooms))

/** The same as a Bundle whose first entry is the RequestGroup. https://hl7.org/fhir/R5/plandefinition-operation-apply.html */
export const applyAsBundle: Handler = async (exchange, rooms) =>
  toReply((await propose(exchange, rooms)).map(toRequestBundle))

/**
 * ActivityDefinition/$apply and ActivityDefinition/{id}/$apply: the request that the activity becomes. Stores nothing.
 * @throws Refusal as `apply` does, and required for what the kind cannot be without
 * @see https://hl7.org/fhir/R4/activitydefinition-operation-apply.html
 */
export const applyOneActivity: Handler = async (exchange, rooms) => {
  const parameters = parseApplyParameters(exchange, 'activityDefinition')
  const reader = new DefinitionReader(exchange, rooms)
  const definition = await findDefinition('ActivityDefinition', { exchange, rooms, reader, parameters })
  const { subjects, context, variables } = await readContext(reader, parameters, definition)
  const basis = await readCql(exchange, rooms, [definition])
  const made: object[] = []
  for (const subject of subjects) {
    const read = basis && parameters.useServerData ? await reader.readData(basis.requirements, subject) : []
    const ground = basis && groundOf(basis, subject, [...read, ...parameters.data], parameters.values)
    const facts = {
      activity: definition as unknown as ActivityDefinition,
      subject,
      context,
      variables: { ...variables, data: parameters.bundle ?? [] },
      now: rooms.now(),
    }
    made.push(await rooms.expressions.settle((evaluate) => applyActivity({ ...facts, evaluate }), ground))
  }
  return toReply(made)
}

/** One result is the answer itself; several are the parameters `return`. https://hl7.org/fhir/R4/operations.html#response */
function toReply(results: object[]): Reply {
  const [only, ...others] = results
  const parameter = results.map((resource) => ({ name: 'return', resource }))
  const answer = others.length === 0 ? only : { resourceType: 'Parameters', parameter }
  return { status: 200, text: JSON.stringify(answer) }
}

/** What the plan proposes, for each subject. */
export async function propose(exchange: Exchange, rooms: Rooms): Promise<CarePlan[]> {
  const proposals: CarePlan[] = []
  for (const facts of await planFacts(exchange, rooms)) {
    const proposal = await rooms.expressions.settle((evaluate) => applyPlan({ ...facts, evaluate }), facts.ground)
    proposals.push(withBurden(proposal, facts.now))
  }
  return proposals
}

/** `ground` is what the plan's CQL is worked out over. */
export type PlanFacts = ApplyFacts & { ground?: CqlGround | undefined }

/** What one call of PlanDefinition/$apply is worked out from, for each subject. */
export async function planFacts(exchange: Exchange, rooms: Rooms): Promise<PlanFacts[]> {
  const parameters = parseApplyParameters(exchange)
  const reader = new DefinitionReader(exchange, rooms)
  const newest = await findDefinition('PlanDefinition', { exchange, rooms, reader, parameters })
  const { subjects, ...context } = await readContext(reader, parameters, newest)
  // By a url alone each patient has the version that is in force for them: a staged start is for some only.
  const isByUrl = !exchange.id && !parameters.definition && !parameters.canonical?.includes('|')
  const plans = isByUrl ? await reader.findInForce(newest, subjects) : subjects.map(() => newest)
  const asked = { exchange, rooms, reader, parameters }
  const found = new Map<Resource, PlanFacts>()
  for (const plan of new Set(plans)) {
    const own = subjects.filter((_, i) => plans[i] === plan)
    for (const facts of await factsOf(plan, { ...context, subjects: own }, asked)) found.set(facts.subject, facts)
  }
  return subjects.flatMap((subject) => found.get(subject) ?? [])
}

type Context = Awaited<ReturnType<typeof readContext>>

async function factsOf(
  definition: Resource,
  { subjects, others, context, variables }: Context,
  { exchange, rooms, reader, parameters }: Asked,
): Promise<PlanFacts[]> {
  const plan = definition as unknown as PlanDefinition
  const definitions = await reader.readDefinitions(plan)
  const inputs = inputsOf([plan, ...definitions.values()])
  const basis = await readCql(exchange, rooms, [definition, ...definitions.values()])
  const asked = [...inputs, ...(basis?.requirements ?? [])]
  const language = parameters.concepts.userLanguage?.coding?.[0]?.code
  const common = {
    ...{ plan, others, context, variables, mergeNested: parameters.mergeNestedCarePlans },
    ...(parameters.bundle ? { bundle: parameters.bundle } : {}),
    find: (canonical: string) => definitions.get(canonical),
    codesOf: await reader.readCodes(inputs),
    ...(language ? { language } : {}),
    now: rooms.now(),
  }
  return Promise.all(
    subjects.map(async (subject) => {
      const read = parameters.useServerData ? await reader.readData(asked, subject) : []
      const data = [...read, ...parameters.data]
      return { ...common, subject, data, ground: basis && groundOf(basis, subject, data, parameters.values) }
    }),
  )
}

/** The subjects, and the others whom the parameters name: as references, and as variables. */
async function readContext(reader: DefinitionReader, parameters: ApplyParameters, definition: Resource) {
  const { encounter, practitioner, organization, concepts, values } = parameters
  const { subjects, others } = await readSubjects(reader, parameters.subjects, definition)
  const named = Object.entries({ encounter, practitioner, organization }).filter(([, reference]) => reference)
  const read = await Promise.all(
    named.map(async ([name, reference]) => [name, await reader.read(String(reference), name)] as const),
  )
  return {
    ...{ subjects, others },
    context: { encounter, practitioner, organization },
    // What the operation itself gives keeps its name.
    variables: { ...values, ...Object.fromEntries(read), ...concepts },
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
