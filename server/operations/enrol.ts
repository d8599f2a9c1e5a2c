import type { CarePlan, Extension, PlanDefinition, Task } from '@medplum/fhirtypes'
import type { ApplyFacts } from '../core/apply/apply.ts'
import { applyPlan } from '../core/apply/apply.ts'
import {
  checkProposal,
  checkUse,
  fromRequestBundle,
  openProposal,
  type Proposed,
} from '../core/apply/edited-proposal.ts'
import { type Order, type OrderFacts, toOrders } from '../core/apply/orders.ts'
import { choose } from '../core/apply/selection.ts'
import { withoutRules } from '../core/apply/without-rules.ts'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Exchange, type Handler, type Reply, type Rooms, withStore } from '../exchange.ts'
import { toExtensions } from '../lifecycle/legal-basis/basis.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { Change, StoreTransaction, Version } from '../store/store.ts'
import { planFacts } from './apply.ts'
import { DefinitionReader } from './definition-reader.ts'
import { type Eligible, type EnrolParameters, splitEnrolParameters } from './enrol-parameters.ts'
import { settleBasis } from './enrolment-basis.ts'
import { enrolmentProvenance } from './enrolment-provenance.ts'
import { oppositeAdvice, plansOfEnrolments, withWarnings } from './opposite-advice.ts'

/** `CarePlan.identifier`: by which a sender knows the enrolment again. */
const ENROLMENT_KEY = `${FYLGJE}/NamingSystem/enrolment-key`
const ELIGIBILITY = `${FYLGJE}/StructureDefinition/eligibility`

/**
 * PlanDefinition/{id}/$enrol: puts a patient in a plan. What $apply proposes, or what somebody has made of the proposal, is stored in
 * one transaction: the active CarePlan, its Goals and RequestGroup, each request as an order, and the Tasks that came with it.
 * @returns 201 with the CarePlan; 200 with the same one for a `key` that was used before. Where another plan of the patient says the
 *   opposite, the answer contains an OperationOutcome that warns of it
 * @throws Refusal as $apply does; business-rule (a plan that is not active, a legal basis that the plan demands and nobody has brought, a
 *   choice that nobody has made, an action that must be there),
 *   value (a Task that is another patient’s), processing (relations between actions that come to no times), conflict (the patient is in the plan already; a proposal of another plan, version or patient; a key of another enrolment)
 */
export const enrol: Handler = async (exchange, rooms) => {
  const { own, rest } = splitEnrolParameters(exchange)
  const [facts, ...others] = await planFacts(rest, rooms)
  if (!facts || others.length > 0) throw refuse('not-supported', 'One patient at a time is enrolled.', 'subject')
  mustBeInForce(facts.plan)
  if (facts.subject.resourceType !== 'Patient') {
    throw refuse('value', 'Only a Patient can be enrolled.', 'subject')
  }
  const carePlan = await rooms.expressions.settle((evaluate) => applyPlan({ ...facts, evaluate }), facts.ground)
  const proposed = proposedBy(carePlan, facts, own)
  return rooms.store.transact((inside) => store(exchange, withStore(rooms, inside), inside, { facts, proposed, own }))
}

type Enrolling = { facts: ApplyFacts; proposed: Proposed; own: EnrolParameters }

async function store(exchange: Exchange, rooms: Rooms, inside: StoreTransaction, enrolling: Enrolling): Promise<Reply> {
  const { facts, own } = enrolling
  const { validate } = rooms
  const subject = `Patient/${facts.subject.id}`
  const search = (params: Record<string, string>) =>
    parseSearch(rooms.definitions, 'CarePlan', new URLSearchParams(params), 'strict')
  // One after the other for each patient, so that two never enrol in the same plan, or ask for the same twice.
  await inside.lockCriteria([search({ subject })])
  const known = own.key
    ? await findByKey(inside, exchange, search({ identifier: `${ENROLMENT_KEY}|${own.key}` }))
    : undefined
  if (known) return sameAgain(known, facts)
  const reader = new DefinitionReader(exchange, rooms)
  await mustBeNew(reader, facts, subject)
  const basis = await settleBasis(facts.plan, own.basis, {
    ...{ reader, subject, now: facts.now },
    language: chooseLanguage(exchange.headers.acceptLanguage),
  })
  const others = await plansOfEnrolments(reader, subject)
  const warnings = await oppositeAdvice({ reader, headers: exchange.headers }, facts.plan, others)
  const orders = ordersOf({
    proposed: enrolling.proposed,
    planUrl: facts.plan.url ?? `PlanDefinition/${facts.plan.id}`,
    period: { ...own.period, start: own.period?.start ?? facts.now.toISOString() },
    careTeam: own.careTeam,
    extension: [...toExtensions(basis), ...own.eligibility.map(toExtension)],
    identifier: own.key ? [{ system: ENROLMENT_KEY, value: own.key }] : [],
    notes: own.omissions.map(({ actionId, reason }) => `Utelatt: ${actionId}. ${reason}`),
    existing: await readExisting(reader, subject),
    newId: (resource) => inside.newId(resource),
    now: facts.now,
  })
  const carePlan = `CarePlan/${orders[0]?.resource.id}`
  const { actor } = exchange.access
  const provenance = enrolmentProvenance({ basis, reason: own.reason, carePlan, subject, actor, at: facts.now })
  const [version] = await inside.writeAll(exchange.access, [
    ...orders.map((order) => toChange(order, rooms)),
    ...(provenance ? [{ interaction: 'create' as const, resource: provenance as unknown as Resource }] : []),
    ...own.tasks.map((task) => {
      const { resource } = validate(about(task, { subject, carePlan }), 'Task')
      return { interaction: 'create' as const, resource }
    }),
  ])
  const told = withWarnings(JSON.parse(version?.text ?? '{}') as Resource, warnings)
  const text = warnings.length > 0 ? { text: JSON.stringify(told), warnings } : {}
  return { status: 201, version: version as Version, located: true, ...text }
}

/** What is to be done by hand is about the enrolment, and is stored with it or not at all. @throws Refusal value */
function about(task: Task, { subject, carePlan }: { subject: string; carePlan: string }): Resource {
  const given = task.for?.reference
  if (given !== undefined && given !== subject)
    throw refuse('value', `A Task of the enrolment of ${subject} is for ${subject}, not for ${given}.`, 'task.for')
  const { id: _, ...rest } = task
  return { ...rest, for: { ...task.for, reference: subject }, focus: { reference: carePlan } } as unknown as Resource
}

/** Kept with the plan that rests on it. */
const toExtension = ({ criterion, met }: Eligible): Extension => ({
  url: ELIGIBILITY,
  extension: [
    { url: 'criterion', valueCodeableConcept: criterion },
    { url: 'met', valueBoolean: met },
  ],
})

/** @throws Refusal processing for actions whose relations come to no times: a circle, an offset that is no duration */
function ordersOf(facts: OrderFacts): Order[] {
  try {
    return toOrders(facts)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw refuse('processing', `The plan cannot be put into times: ${problem}.`, 'PlanDefinition.action.relatedAction')
  }
}

function proposedBy(carePlan: CarePlan, { plan, find }: ApplyFacts, own: EnrolParameters): Proposed {
  const atOnce = (proposed: Proposed) => withoutRules(proposed, plan, find)
  const fresh = atOnce(openProposal(carePlan))
  if (own.proposal) return edited(fresh, own.proposal, { own, atOnce })
  const { actions, issues } = choose(fresh.group.action ?? [], new Set(own.select))
  mustBeFree([...issuesOf(fresh), ...issues])
  return { ...fresh, group: { ...fresh.group, action: actions } }
}

function edited(
  fresh: Proposed,
  proposal: NonNullable<EnrolParameters['proposal']>,
  { own, atOnce }: { own: EnrolParameters; atOnce: (proposed: Proposed) => Proposed },
): Proposed {
  if (own.select.length > 0) {
    const said = 'select is for a plan that is applied now; a proposal says itself what is chosen.'
    throw refuse('invalid', said, 'select')
  }
  const given = open(proposal.resourceType === 'Bundle' ? fromRequestBundle(proposal, fresh.carePlan) : proposal)
  mustBeFree(checkUse(given))
  const opened = atOnce(given)
  mustBeFree(checkProposal(fresh, opened, own.omissions))
  return opened
}

function open(carePlan: CarePlan): Proposed {
  try {
    return openProposal(carePlan)
  } catch {
    const said = 'The proposal has no RequestGroup: its first activity names it, and the CarePlan contains it.'
    throw refuse('required', said, 'proposal.activity')
  }
}

function mustBeFree(issues: Issue[]): void {
  if (issues.length > 0) throw new Refusal(issues)
}

/** What went wrong while the plan was applied: nobody has seen it, so nothing is stored. */
function issuesOf({ contained }: Proposed): Issue[] {
  return [...contained.values()].flatMap(({ resourceType, issue }) =>
    resourceType === 'OperationOutcome'
      ? (issue as { severity: string; diagnostics?: string; expression?: string[] }[])
          // What it was only warned of has kept nothing from being proposed.
          .filter(({ severity }) => severity === 'error')
          .map(({ diagnostics = '', expression = [] }) => ({
            ...{ severity: 'error' as const, code: 'business-rule' as const, expression },
            diagnostics: `${diagnostics}. Apply the plan, look at what it proposes, and send the proposal.`,
          }))
      : [],
  )
}

function mustBeInForce(plan: PlanDefinition): void {
  if (plan.status === 'active') return
  throw refuse(
    'business-rule',
    `The plan is ${plan.status}; only an active one can be entered.`,
    'PlanDefinition.status',
  )
}

async function findByKey(
  inside: StoreTransaction,
  { access }: Exchange,
  query: SearchQuery,
): Promise<CarePlan | undefined> {
  const version = await inside.findOne(access, query)
  return version && (JSON.parse(version.text ?? '{}') as CarePlan)
}

function sameAgain(known: CarePlan, { plan, subject }: ApplyFacts): Reply {
  const isSame =
    known.subject.reference === `Patient/${subject.id}` &&
    (known.instantiatesCanonical ?? []).some((canonical) => canonical.split('|')[0] === plan.url)
  if (isSame) return { status: 200, text: JSON.stringify(known) }
  throw refuse(
    'conflict',
    `The key is that of CarePlan/${known.id}, which is another patient's or another plan's.`,
    'key',
  )
}

async function mustBeNew(reader: DefinitionReader, { plan }: ApplyFacts, subject: string): Promise<void> {
  const carePlans = await reader.search('CarePlan', { subject, status: 'active,on-hold' })
  const known = carePlans.find((carePlan) =>
    ((carePlan.instantiatesCanonical ?? []) as string[]).some((canonical) => canonical.split('|')[0] === plan.url),
  )
  if (known) throw refuse('conflict', `${subject} is in this plan already: CarePlan/${known.id}.`, 'subject')
}

/** What another plan may ask for already. */
async function readExisting(reader: DefinitionReader, subject: string): Promise<Resource[]> {
  const found = await Promise.all([
    reader.search('ServiceRequest', { subject, status: 'active' }),
    reader.search('DeviceRequest', { subject, status: 'active' }),
    reader.search('Task', { patient: subject, status: 'requested,received,accepted,ready,in-progress' }),
  ])
  return found.flat()
}

/** Edited by hand or not, what is stored is valid. @throws Refusal with the element, behind the type of the request */
function toChange({ act, resource }: Order, { validate }: Rooms): Change {
  const { resource: accepted } = validate(resource, resource.resourceType)
  const id = String(resource.id)
  return act === 'create'
    ? { interaction: 'create', resource: accepted, id }
    : { interaction: 'update', resource: accepted, id, ifMatch: Number(resource.meta?.versionId) || undefined }
}
