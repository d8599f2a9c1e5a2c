import type { DataRequirement, PlanDefinition } from '@medplum/fhirtypes'
import type { CodesOf } from '../core/decide/plan/data-requirement.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { shareOf } from '../lifecycle/extensions.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { isInStage } from '../lifecycle/stage.ts'
import { codesIn } from '../terminology/codes-in.ts'
import { dataQueries, limitOf } from './data-query.ts'
import { findAll } from './find-all.ts'

const NESTED_MAX = 10

/** Reads for one call, with the caller's own access: $apply shows nothing that a read would not. */
export class DefinitionReader {
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
    try {
      const version = await this.rooms.store.read(this.exchange.access, type, id)
      return JSON.parse(version.text ?? '{}') as Resource
    } catch (error) {
      throw error instanceof Refusal ? refusedAt(parameter, error) : error
    }
  }

  /** All that is found. @param enough how many of the first are wanted @throws Refusal too-costly where they are too many */
  search(type: string, criteria: Record<string, string>, enough?: number): Promise<Resource[]> {
    return findAll(this.rooms, this.exchange.access, type, criteria, enough)
  }

  /**
   * The version that a canonical names and no other; without a version the newest active one.
   * @param withDraft a draft is tried with drafts, where nothing is active yet
   */
  async findDefinition(canonical: string, types: string[], withDraft: boolean): Promise<Resource | undefined> {
    const [url = '', version] = canonical.split('|')
    for (const type of types) {
      const found = await this.search(type, { url, ...(version ? { version } : {}) })
      const newest = found.sort((one, other) =>
        String(other.version ?? '').localeCompare(String(one.version ?? ''), 'en', { numeric: true }),
      )
      const active = version ? newest[0] : newest.find(({ status }) => status === 'active')
      const best = active ?? (withDraft ? newest.find(({ status }) => status === 'draft') : undefined)
      if (best) return best
    }
    return undefined
  }

  /**
   * The version of a plan that is in force for each of these, as the engine chooses it for an enrolment without a version: one in a
   * staged start counts for its share of the patients alone, and the others have the one before.
   * @param newest as `findDefinition` gives it for a url without a version
   */
  async findInForce(newest: Resource, subjects: Resource[]): Promise<Resource[]> {
    const { url, status } = newest
    if (status !== 'active' || typeof url !== 'string' || shareOf(newest as Versioned) >= 100) {
      return subjects.map(() => newest)
    }
    const versions = (await this.search('PlanDefinition', { url, status: 'active' })) as Versioned[]
    const all = [newest as Versioned, ...versions.filter(({ id }) => id !== newest.id)]
    const sorted = all.sort((one, other) => compareVersions(other.version, one.version))
    return subjects.map(({ resourceType, id }) => {
      const reference = `${resourceType}/${id}`
      return sorted.find((one) => isInStage(url, reference, shareOf(one))) ?? newest
    })
  }

  /** Everything that the plan's actions name, and the actions of the plans among it, by the canonical that names it. */
  async readDefinitions(plan: PlanDefinition): Promise<Map<string, Resource>> {
    const found = new Map<string, Resource>()
    const withDraft = plan.status === 'draft'
    let wanted = canonicalsOf(plan)
    for (let depth = 0; wanted.length > 0 && depth <= NESTED_MAX; depth++) {
      const fresh = [...new Set(wanted)].filter((canonical) => !found.has(canonical) && !canonical.startsWith('#'))
      const read = await Promise.all(
        fresh.map((canonical) => this.findDefinition(canonical, typesOf(canonical), withDraft)),
      )
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

  /** What the inputs ask for of the subject's resources. @throws Refusal too-costly for an input that asks for too many */
  async readData(inputs: DataRequirement[], subject: Resource): Promise<Resource[]> {
    if (subject.resourceType !== 'Patient') return []
    const now = this.rooms.now()
    const queries = inputs
      .filter(({ type }) => type !== 'Patient')
      .flatMap((input) =>
        dataQueries(input, `Patient/${subject.id}`, now).map((query) => ({
          ...{ type: String(input.type), query, enough: limitOf(input) },
        })),
      )
    const found = new Map<string, Resource>()
    // One after another: a plan may have hundreds of inputs, and the database has others to serve.
    for (const { type, query, enough } of new Map(queries.map((one) => [JSON.stringify(one), one])).values()) {
      for (const one of await this.search(type, query, enough)) found.set(`${one.resourceType}/${one.id}`, one)
    }
    return [...found.values()]
  }

  /** The codes of every value set that an input names; asked for one that cannot be listed, it throws why. */
  async readCodes(inputs: DataRequirement[]): Promise<CodesOf> {
    const names = new Set(inputs.flatMap(({ codeFilter = [] }) => codeFilter.flatMap(({ valueSet }) => valueSet ?? [])))
    const terms = this.rooms.terminology.of(this.exchange.access)
    const listed = await Promise.all(
      [...names].map(async (name) => {
        try {
          const valueSet = await terms.valueSet(name)
          return [name, valueSet && new Set((await codesIn(terms, valueSet)).keys())] as const
        } catch (error) {
          return [name, new Error(error instanceof Error ? error.message : String(error))] as const
        }
      }),
    )
    const byName = new Map<string, ReadonlySet<string> | Error | undefined>(listed)
    return (name) => {
      const codes = byName.get(name)
      if (codes instanceof Error) throw codes
      return codes
    }
  }
}

/** The same, with the parameter that named what was not found. */
const refusedAt = (parameter: string, { issues, status }: Refusal): Refusal =>
  new Refusal(
    issues.map((issue) => ({ ...issue, expression: issue.expression ?? [parameter] })),
    status,
  )

type Versioned = Resource & Pick<PlanDefinition, 'version' | 'extension'>

/** What the actions of these look back at. */
export const inputsOf = (definitions: (Resource | PlanDefinition)[]): DataRequirement[] =>
  definitions.flatMap(({ action }) => inputsOfActions(action as Action[] | undefined))

type Action = NonNullable<PlanDefinition['action']>[number]

const inputsOfActions = (actions: Action[] = []): DataRequirement[] =>
  actions.flatMap(({ input = [], action }) => [...input, ...inputsOfActions(action)])

const canonicalsOf = (plan: { action?: Action[] }): string[] =>
  (plan.action ?? []).flatMap((action) => [
    ...(action.definitionCanonical ? [action.definitionCanonical] : []),
    ...canonicalsOf(action),
  ])

/** The url usually says what it is of; where it does not, each is asked. */
function typesOf(canonical: string): string[] {
  const types = ['ActivityDefinition', 'PlanDefinition', 'Questionnaire']
  return types.sort((one, other) => Number(canonical.includes(`/${other}/`)) - Number(canonical.includes(`/${one}/`)))
}
