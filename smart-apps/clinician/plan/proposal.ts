import type {
  CarePlan,
  Condition,
  Goal,
  PlanDefinition,
  RequestGroup,
  RequestGroupAction,
  Resource,
  Timing,
} from '@medplum/fhirtypes'
import { type MeasureLimits, measuresOf, type Slot, withBounds } from './own-limits.ts'

/** One thing that a plan proposes to ask for. */
export type ProposedAction = {
  id: string
  action: RequestGroupAction
  /** id of the contained request that it leads to. */
  request?: string
  timing?: Timing
}

/** What somebody has made of a proposal before it is stored. */
export type Edits = {
  /** ids of actions that are left out. */
  left: ReadonlySet<string>
  /** By the id of the request. */
  timings: Readonly<Record<string, Timing>>
  /** By the measure's key. */
  bounds: Readonly<Record<string, Partial<Record<Slot, number>>>>
}
export const NO_EDITS: Edits = { left: new Set(), timings: {}, bounds: {} }

const groupsOf = ({ contained = [] }: CarePlan): RequestGroup[] =>
  contained.filter((one): one is RequestGroup => one.resourceType === 'RequestGroup')

/** What is asked for at the beginning, whichever group it stands in; the rules of the plan wait for what happens, and are none of it. */
export function actionsOf(proposal: CarePlan, plan?: PlanDefinition): ProposedAction[] {
  const rules = new Set(plan ? rulesOf(plan.action) : [])
  const leaves = (actions: readonly RequestGroupAction[]): RequestGroupAction[] =>
    actions.flatMap((action) => (action.action?.length ? leaves(action.action) : [action]))
  return groupsOf(proposal).flatMap(({ action }) =>
    leaves(action ?? []).flatMap((one): ProposedAction[] => {
      if (!one.id || rules.has(one.id)) return []
      const request = /^#(.+)$/.exec(one.resource?.reference ?? '')?.[1]
      const found = proposal.contained?.find(({ id }) => id === request)
      const timing = found?.resourceType === 'ServiceRequest' ? found.occurrenceTiming : undefined
      return [{ id: one.id, action: one, ...(request && { request }), ...(timing && { timing }) }]
    }),
  )
}

/** ids of what waits for something to happen, and of all that belongs to it. */
export function rulesOf(actions: PlanDefinition['action'], isInRule = false): string[] {
  return (actions ?? []).flatMap(({ id, trigger, action }) => {
    const isRule = isInRule || trigger !== undefined
    return [...(isRule && id ? [id] : []), ...rulesOf(action, isRule)]
  })
}

/** The limits that the person would begin with. */
export function proposedMeasures(proposal: CarePlan): MeasureLimits[] {
  const goals = (proposal.contained ?? []).filter((one): one is Goal & { id: string } => one.resourceType === 'Goal')
  const named = { ...proposal, goal: goals.map(({ id }) => ({ reference: `Goal/${id}` })) }
  return measuresOf(
    named,
    goals.map((goal) => ({ ...goal, lifecycleStatus: 'active' as const })),
    undefined,
  )
}

/** The proposal as it is to be stored: without what is left out, with other times and limits, and nothing in it that nobody leads to. */
export function edited(proposal: CarePlan, { left, timings, bounds }: Edits): CarePlan {
  const keep = (actions: readonly RequestGroupAction[] | undefined): RequestGroupAction[] =>
    (actions ?? []).flatMap((action) => {
      if (action.id && left.has(action.id)) return []
      if (!action.action?.length) return [action]
      const inner = keep(action.action)
      return inner.length > 0 ? [{ ...action, action: inner }] : []
    })
  const contained = (proposal.contained ?? []).map((one): Resource => {
    if (one.resourceType === 'RequestGroup') return { ...one, action: keep(one.action) }
    if (one.resourceType === 'ServiceRequest' && one.id && timings[one.id])
      return { ...one, occurrenceTiming: timings[one.id] }
    if (one.resourceType === 'Goal') return withBounds(one, bounds)
    return one
  })
  return withoutUnused({ ...proposal, contained })
}

function withoutUnused(proposal: CarePlan): CarePlan {
  const text = JSON.stringify(proposal)
  const contained = proposal.contained?.filter(
    ({ id, resourceType }) => resourceType === 'OperationOutcome' || text.includes(`"reference":"#${id}"`),
  )
  // What only something unused led to is unused as well.
  return contained?.length === proposal.contained?.length ? proposal : withoutUnused({ ...proposal, contained })
}

/** Whether something in the record is what the plan is for: one of its topics, or a narrower code of ICD-10 or ICPC-2. */
export function fitting({ topic }: PlanDefinition, conditions: readonly Condition[]): Condition[] {
  const wanted = topic?.flatMap(({ coding }) => coding ?? []) ?? []
  const narrows = (system: string | undefined) => /icd-10|icpc-2/.test(system ?? '')
  return conditions.filter(
    ({ code, clinicalStatus }) =>
      !clinicalStatus?.coding?.some(({ code }) => code === 'resolved' || code === 'inactive' || code === 'remission') &&
      code?.coding?.some((one) =>
        wanted.some(
          ({ system, code = '–' }) =>
            one.system === system && (narrows(system) ? one.code?.startsWith(code) : one.code === code),
        ),
      ),
  )
}

/** What went wrong or is warned of while the plan was applied. */
export const warningsOf = ({ contained = [] }: CarePlan): string[] =>
  contained.flatMap((one) =>
    one.resourceType === 'OperationOutcome'
      ? one.issue.flatMap(({ details, diagnostics }) => details?.text ?? diagnostics ?? [])
      : [],
  )
