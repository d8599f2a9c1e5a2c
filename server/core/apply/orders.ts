import type {
  CarePlan,
  CareTeam,
  Extension,
  Identifier,
  Period,
  Reference,
  RequestGroup,
  RequestGroupAction,
} from '@medplum/fhirtypes'
import { followsEnd } from '../decide/plan/relations.ts'
import { madeAtEnrolment, madeBy } from '../decide/plan/steer.ts'
import { FINDING } from '../decide/plan/vocabulary.ts'
import { sharedAndFollowed } from '../decide/schedule/strictest-policy.ts'
import { START_CONDITION, type Wait, withWaits } from '../decide/waiting.ts'
import { taskCode } from '../decide/words/coded-words.ts'
import type { Resource } from '../fhir/resource.ts'
import { asOrder, phaseOf } from '../requests/activity-life.ts'
import { containedFor } from '../requests/contained.ts'
import { placedAt } from '../requests/occurrence.ts'
import { withoutGoalsBut } from '../requests/pertains-to-goal.ts'
import { basedOn, findSame } from '../requests/same-activity.ts'
import type { Proposed } from './edited-proposal.ts'
import { type Placement, placeActions } from './related-times.ts'
import { keyOf } from './selection.ts'

export type OrderFacts = {
  proposed: Proposed
  /** Of the PlanDefinition, without the version. */
  planUrl: string
  period: Period & { start: string }
  careTeam: Reference<CareTeam>[]
  identifier: Identifier[]
  /** What else the CarePlan says of the enrolment. */
  extension?: Extension[]
  /** What else was told when it was stored. */
  notes: string[]
  /** The patient's requests and open Tasks as they are. */
  existing: Resource[]
  /** An id for a resource that is to be. */
  newId: (resource: Resource) => string
  now: Date
}

export type Order = { act: 'create' | 'update'; resource: Resource }

/**
 * A proposal as what is in force: the active CarePlan, its Goals, its RequestGroups, and each request as an order, with the times that
 * the relations between the actions come to. Pure: writes nothing.
 * What another plan of the patient asks for already is asked for once, for both.
 * @returns the CarePlan first
 * @throws Error for actions that wait for each other
 */
export function toOrders(facts: OrderFacts): Order[] {
  const orders = new Orders(facts)
  return orders.all()
}

/** What is ordered beside what was ordered before. */
export type Addition = OrderFacts & {
  /** The enrolment as it is. */
  carePlan: CarePlan
  /** The actions that are ordered, by their paths (see `pathsBeside`). */
  paths: ReadonlySet<string>
}

/**
 * What an enrolment that runs gets beside what it has: the requests of some actions of a proposal, in a RequestGroup of their own.
 * Relations to actions that were ordered before hold: what is done already is waited for by nobody.
 * @returns the CarePlan first, as it then is
 * @throws Error for actions that wait for each other
 */
export function toAddedOrders({ carePlan, paths, ...facts }: Addition): Order[] {
  return new Orders(facts, { carePlanId: String(carePlan.id), paths }).beside(carePlan)
}

class Orders {
  private readonly facts: OrderFacts
  /** Of the actions that are ordered; all, when there is none. */
  private readonly paths: ReadonlySet<string> | undefined
  private readonly carePlanId: string
  /** Of what is stored, by the id in the proposal. */
  private readonly references = new Map<string, string>()
  private readonly orders: Order[] = []
  private readonly activities: string[] = []

  constructor(facts: OrderFacts, known?: { carePlanId: string; paths: ReadonlySet<string> }) {
    this.facts = facts
    this.paths = known?.paths
    this.carePlanId =
      known?.carePlanId ?? facts.newId({ ...facts.proposed.carePlan, contained: undefined } as unknown as Resource)
  }

  beside(carePlan: CarePlan): Order[] {
    const { proposed, period } = this.facts
    const group = this.storeGroup(proposed.group, { prefix: '', begins: new Date(period.start) })
    const added = [group, ...this.activities].map((reference) => ({ reference: { reference } }))
    const resource = { ...carePlan, activity: [...(carePlan.activity ?? []), ...added] } as unknown as Resource
    return [{ act: 'update' as const, resource }, ...this.orders].map((order) => ({
      ...order,
      resource: this.linked(order.resource),
    }))
  }

  all(): Order[] {
    const { proposed, period } = this.facts
    const goals = (proposed.carePlan.goal ?? []).flatMap(({ reference }) => this.storeGoal(reference))
    const group = this.storeGroup(proposed.group, { prefix: '', begins: new Date(period.start) })
    const orders: Order[] = [{ act: 'create', resource: this.carePlan(goals, group) }, ...this.orders]
    return orders.map(({ act, resource }) => ({ act, resource: this.linked(resource) }))
  }

  private carePlan(goals: string[], group: string): Resource {
    const { proposed, period, careTeam, identifier, extension = [], notes, now } = this.facts
    const {
      contained: _contained,
      extension: _messages,
      goal: _goals,
      activity: _activity,
      ...rest
    } = proposed.carePlan
    const carePlan: CarePlan = {
      ...rest,
      id: this.carePlanId,
      ...(extension.length > 0 ? { extension } : {}),
      ...(identifier.length > 0 ? { identifier } : {}),
      status: 'active',
      intent: 'plan',
      period,
      created: now.toISOString(),
      ...(careTeam.length > 0 ? { careTeam } : {}),
      ...(goals.length > 0 ? { goal: goals.map((reference) => ({ reference })) } : {}),
      activity: [group, ...this.activities].map((reference) => ({ reference: { reference } })),
      ...(notes.length > 0
        ? { note: [...(rest.note ?? []), ...notes.map((text) => ({ time: now.toISOString(), text }))] }
        : {}),
    }
    return carePlan as unknown as Resource
  }

  private storeGoal(reference: string | undefined): string[] {
    const goal = this.contained(reference)
    if (!goal) return []
    return [this.store(goal, { ...goal, lifecycleStatus: 'active' })]
  }

  private storeGroup(group: RequestGroup, { prefix, begins, waits = [] }: Beginning): string {
    const placements = placeActions(group.action ?? [], begins)
    const action = (group.action ?? []).flatMap((one) => this.storeAction(one, { prefix, begins, waits, placements }))
    const { contained: _contained, ...rest } = group
    const stored = basedOn(asOrder(rest as unknown as Resource), this.itself)
    return this.store(group as unknown as Resource, { ...stored, action: action.length > 0 ? action : undefined })
  }

  private storeAction(action: RequestGroupAction, within: Within): RequestGroupAction[] {
    const { prefix, begins, placements } = within
    const path = prefix + keyOf(action)
    const own = placements.get(keyOf(action)) ?? { start: begins, waits: [] }
    // Its relations are to actions of the same plan, whose ids stand behind the same prefix.
    const related = own.waits.map((wait) => ({ ...wait, actionId: prefix + wait.actionId }))
    const placement = { ...own, waits: [...within.waits, ...related.filter((wait) => !this.isMet(wait))] }
    const inside = { prefix: `${path}.`, begins: placement.start, waits: placement.waits }
    const { action: children, resource, ...rest } = action
    const below = (children ?? []).flatMap((one) => this.storeAction(one, within))
    const request = this.contained(resource?.reference)
    if (!this.isOrdered(path)) {
      // Of an action that is ordered already, what is below it may be new.
      const inner = request?.resourceType === 'RequestGroup' && this.isOrdered(`${path}.`, 'below')
      const group = inner ? this.storeGroup(request as Resource & RequestGroup, inside) : undefined
      const actions = [...below, ...(group ? [{ title: rest.title ?? path, resource: { reference: group } }] : [])]
      return actions.length > 0 ? [{ ...rest, action: actions }] : []
    }
    const to =
      request?.resourceType === 'RequestGroup'
        ? this.storeGroup(request as Resource & RequestGroup, inside)
        : request
          ? this.storeRequest(request, { action, path, placement })
          : (resource?.reference ?? (children ? undefined : this.storeText({ action, path, placement })))
    if (below.length === 0) return to ? [{ ...rest, resource: { reference: to } }] : []
    // An action leads to a request or holds actions, not both (rqg-1).
    return [{ ...rest, action: to ? [{ title: rest.title ?? path, resource: { reference: to } }, ...below] : below }]
  }

  private isOrdered(path: string, where: 'here' | 'below' = 'here'): boolean {
    if (!this.paths) return true
    return where === 'here' ? this.paths.has(path) : [...this.paths].some((one) => one.startsWith(path))
  }

  private storeRequest(request: Resource, placed: Placed): string {
    const { existing } = this.facts
    const phase = this.waitsOf(placed).length > 0 ? 'held' : 'active'
    const pertaining = withoutGoalsBut(request, (reference) => this.references.has(reference.slice(1)))
    const ordered = withTimes(asOrder(basedOn(pertaining, this.itself), phase), placed)
    const named = this.named(this.owned(withWaits(ordered, this.waitsOf(placed))), placed.path)
    const same = phase === 'active' ? (findSame(existing, named) ?? this.sameForm(named)) : undefined
    if (!same) return this.noteActivity(this.store(request, named))
    const known = `${same.resourceType}/${same.id}`
    this.references.set(String(request.id), known)
    this.orders.push({ act: 'update', resource: sharedAndFollowed(same, named, this.itself) })
    return this.noteActivity(known)
  }

  /** An action that is only words is somebody's to do. */
  private storeText(placed: Placed): string {
    const { proposed, now } = this.facts
    const { action } = placed
    const task = {
      ...{ resourceType: 'Task', status: 'draft', intent: 'option' },
      code: taskCode('carry-out'),
      description: action.textEquivalent ?? action.description ?? action.title ?? placed.path,
      ...(action.priority ? { priority: action.priority } : {}),
      for: proposed.carePlan.subject,
      authoredOn: now.toISOString(),
    }
    return this.storeRequest(task as Resource, placed)
  }

  /** The open Task that asks the patient for the same form already. */
  private sameForm(wanted: Resource): Resource | undefined {
    const forms = new Set(formsOf(wanted))
    if (forms.size === 0) return undefined
    return this.facts.existing.find((one) => phaseOf(one) !== undefined && formsOf(one).some((form) => forms.has(form)))
  }

  private waitsOf({ action, placement }: Placed): Wait[] {
    const starts = (action.condition ?? []).some(({ kind }) => kind === 'start')
    return [...placement.waits, ...(starts ? [{ actionId: START_CONDITION }] : [])]
  }

  /** Whether what an action has made for this enrolment before is there no more to be waited for, or has begun where that is enough. */
  private isMet({ actionId, relationship }: Wait): boolean {
    const { existing, planUrl } = this.facts
    const own = existing.filter((request) => {
      const made = madeBy(request)
      return made?.url === planUrl && made.actionId === actionId && madeAtEnrolment(request, this.itself)
    })
    const isOver = own.every((request) => phaseOf(request) === undefined)
    const hasBegun = own.some((request) => phaseOf(request) === 'active')
    return own.length > 0 && (isOver || (hasBegun && !followsEnd(relationship)))
  }

  private named(request: Resource, path: string): Resource {
    const { planUrl, proposed } = this.facts
    const value = `${planUrl}|${path}|${proposed.carePlan.subject.reference}|${this.itself}`
    const identifier = [...((request.identifier ?? []) as Identifier[]), { system: FINDING, value }]
    return { ...request, identifier }
  }

  /** A Task is somebody's: what is to be answered is the patient's, the rest the team's. */
  private owned(request: Resource): Resource {
    if (request.resourceType !== 'Task' || request.owner) return request
    const owner = formsOf(request).length > 0 ? this.facts.proposed.carePlan.subject : this.facts.careTeam[0]
    return owner ? { ...request, owner } : request
  }

  private store(proposed: Resource, resource: Resource): string {
    const id = this.facts.newId(resource)
    const along = containedFor(resource, [this.facts.proposed.carePlan as unknown as Resource]).filter(isBroughtAlong)
    const { id: _local, ...rest } = resource
    this.orders.push({
      act: 'create',
      resource: { ...rest, id, ...(along.length > 0 ? { contained: along } : {}) } as Resource,
    })
    const reference = `${resource.resourceType}/${id}`
    if (proposed.id) this.references.set(String(proposed.id), reference)
    return reference
  }

  private noteActivity(reference: string): string {
    if (ACTIVITIES.has(reference.split('/')[0] ?? '')) this.activities.push(reference)
    return reference
  }

  private contained(reference: string | undefined): Resource | undefined {
    return reference?.startsWith('#') ? this.facts.proposed.contained.get(reference.slice(1)) : undefined
  }

  /** With the references of what was stored in place of those within the proposal. */
  private linked(resource: Resource): Resource {
    const text = JSON.stringify(resource).replace(/"reference":"#([^"]+)"/g, (all, id: string) => {
      const reference = this.references.get(id)
      return reference ? `"reference":"${reference}"` : all
    })
    return JSON.parse(text) as Resource
  }

  private get itself(): string {
    return `CarePlan/${this.carePlanId}`
  }
}

/** Where a plan within the plan stands; what it waits for, everything in it does. */
type Beginning = { prefix: string; begins: Date; waits?: Wait[] }
type Within = { prefix: string; begins: Date; waits: Wait[]; placements: Map<string, Placement> }
type Placed = { action: RequestGroupAction; path: string; placement: Placement }

/** https://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.reference */
const ACTIVITIES = new Set([
  ...['Appointment', 'CommunicationRequest', 'DeviceRequest', 'MedicationRequest', 'NutritionOrder', 'Task'],
  ...['ServiceRequest', 'VisionPrescription'],
])
/** What a request needs beside it to be whole, such as a Medication; everything else of a proposal is stored by itself. */
const isBroughtAlong = ({ resourceType }: Resource) =>
  !['RequestGroup', 'Goal', 'OperationOutcome'].includes(resourceType) && !ACTIVITIES.has(resourceType)

const formsOf = ({ resourceType, input }: Resource): string[] =>
  resourceType === 'Task'
    ? ((input ?? []) as { valueCanonical?: string }[]).flatMap(
        ({ valueCanonical }) => valueCanonical?.split('|')[0] ?? [],
      )
    : []

/** The action's own timing, and the time that its relations come to; the plan's timing comes before the activity's. */
function withTimes(request: Resource, { action, placement }: Placed): Resource {
  const isTimed = Object.keys(action).some((name) => name.startsWith('timing')) || action.relatedAction?.length
  const { start, startMax, end, waits } = placement
  // Of what waits nobody knows the time yet.
  if (!isTimed || waits.length > 0) return request
  return placedAt(request, { start, end: end ?? startMax }, action.timingTiming)
}
