import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { applyPlan } from '../plans/apply.ts'
import { parseSearch } from '../search/search-query.ts'
import { type ApplyParameters, parseApplyParameters } from './apply-parameters.ts'

/** How many resources of one type are looked back at for one subject. */
const DATA_COUNT_MAX = 1_000
const NESTED_MAX = 10

/**
 * PlanDefinition/$apply and PlanDefinition/{id}/$apply, by GET or POST: what the plan proposes for one subject. Stores nothing.
 * @throws Refusal required (no subject), not-found (plan or subject, also what the caller may not see), business-rule (a retired
 *   plan), not-supported (a condition that is not FHIRPath; the action is named)
 * @see https://hl7.org/fhir/R4/plandefinition-operation-apply.html
 */
export async function apply(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const parameters = parseApplyParameters(exchange)
  const reader = new Reader(exchange, rooms)
  const plan = (await findPlan(exchange, parameters, reader)) as Resource & PlanDefinition
  if (plan.status === 'retired')
    throw refuse('business-rule', `${plan.url ?? plan.id} is retired.`, 'PlanDefinition.status')
  const subject = await reader.read(parameters.subject, 'subject')
  const definitions = await reader.readDefinitions(plan)
  const { encounter, practitioner, organization } = parameters
  const named = Object.entries({ encounter, practitioner, organization }).filter(([, reference]) => reference)
  const variables = await Promise.all(
    named.map(async ([name, reference]) => [name, await reader.read(String(reference), name)] as const),
  )
  const read = await reader.readData(plan, definitions, subject)
  const carePlan = applyPlan({
    plan,
    subject,
    context: { encounter, practitioner, organization },
    variables: Object.fromEntries(variables),
    data: [...read, ...parameters.data],
    bundle: parameters.bundle,
    find: (canonical) => definitions.get(canonical),
    now: rooms.now(),
  })
  return { status: 200, text: JSON.stringify(carePlan) }
}

async function findPlan({ id }: Exchange, { planDefinition, url }: ApplyParameters, reader: Reader): Promise<Resource> {
  if (id) return reader.read(`PlanDefinition/${id}`, 'planDefinition')
  if (planDefinition) return planDefinition
  const found = url ? await reader.findDefinition(url, ['PlanDefinition']) : undefined
  if (found) return found
  throw url
    ? refuse('not-found', `No PlanDefinition ${url}.`, 'url')
    : refuse(
        'required',
        'A plan is needed: PlanDefinition/{id}/$apply, or the parameter planDefinition or url.',
        'planDefinition',
      )
}

/** Reads for one call, with the caller's own access: $apply shows nothing that a read would not. */
class Reader {
  private readonly exchange: Exchange
  private readonly rooms: Rooms

  constructor(exchange: Exchange, rooms: Rooms) {
    this.exchange = exchange
    this.rooms = rooms
  }

  /** @param parameter whose value the reference is, for the refusal */
  async read(reference: string, parameter: string): Promise<Resource> {
    const [type = '', id = '', ...rest] = reference.split('/')
    if (!type || !id || rest.length > 0) {
      throw refuse('value', `'${reference}' is not a reference of the form Type/id.`, parameter)
    }
    const version = await this.rooms.store.read(this.exchange.access, type, id)
    return JSON.parse(version.text ?? '{}') as Resource
  }

  async search(type: string, query: Record<string, string>): Promise<Resource[]> {
    const parsed = parseSearch(this.rooms.definitions, type, new URLSearchParams(query), 'strict')
    const { matches } = await this.rooms.store.search(this.exchange.access, parsed)
    return matches.map(({ text }) => JSON.parse(text ?? '{}') as Resource)
  }

  /** The version that a canonical names and no other; without a version the newest active one. */
  async findDefinition(canonical: string, types: string[]): Promise<Resource | undefined> {
    const [url = '', version] = canonical.split('|')
    for (const type of types) {
      const found = await this.search(type, { url, ...(version ? { version } : { status: 'active' }), _count: '100' })
      const newest = found.sort((one, other) =>
        String(other.version ?? '').localeCompare(String(one.version ?? ''), 'en', { numeric: true }),
      )[0]
      if (newest) return newest
    }
    return undefined
  }

  /** Everything that the plan's actions name, and the actions of the plans among it, by the canonical that names it. */
  async readDefinitions(plan: PlanDefinition): Promise<Map<string, Resource>> {
    const found = new Map<string, Resource>()
    let wanted = canonicalsOf(plan)
    for (let depth = 0; wanted.length > 0 && depth <= NESTED_MAX; depth++) {
      const fresh = [...new Set(wanted)].filter((canonical) => !found.has(canonical) && !canonical.startsWith('#'))
      const read = await Promise.all(fresh.map((canonical) => this.findDefinition(canonical, typesOf(canonical))))
      fresh.forEach((canonical, i) => {
        const definition = read[i]
        if (definition) found.set(canonical, definition)
      })
      wanted = read.flatMap((one) =>
        one?.resourceType === 'PlanDefinition' ? canonicalsOf(one as Resource & PlanDefinition) : [],
      )
    }
    return found
  }

  /** The subject's resources of the types that some input asks for. */
  async readData(plan: PlanDefinition, definitions: Map<string, Resource>, subject: Resource): Promise<Resource[]> {
    if (subject.resourceType !== 'Patient') return []
    const plans = [plan, ...definitions.values()]
    const types = new Set(plans.flatMap((one) => inputTypesOf((one as { action?: Action[] }).action)))
    types.delete('Patient')
    const found = await Promise.all(
      [...types].map((type) => this.search(type, { patient: `Patient/${subject.id}`, _count: String(DATA_COUNT_MAX) })),
    )
    return found.flat()
  }
}

type Action = NonNullable<PlanDefinition['action']>[number]

const canonicalsOf = (plan: { action?: Action[] }): string[] =>
  (plan.action ?? []).flatMap((action) => [
    ...(action.definitionCanonical ? [action.definitionCanonical] : []),
    ...canonicalsOf(action),
  ])

const inputTypesOf = (actions: Action[] = []): string[] =>
  actions.flatMap((action) => [...(action.input ?? []).map(({ type }) => String(type)), ...inputTypesOf(action.action)])

/** The url usually says what it is of; where it does not, each is asked. */
function typesOf(canonical: string): string[] {
  const types = ['ActivityDefinition', 'PlanDefinition', 'Questionnaire']
  return types.sort((one, other) => Number(canonical.includes(`/${other}/`)) - Number(canonical.includes(`/${one}/`)))
}
