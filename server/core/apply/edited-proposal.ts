import type { Bundle, CarePlan, RequestGroup, RequestGroupAction } from '@medplum/fhirtypes'
import type { Issue } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { checkEdited, flatten, keyOf, type Omission } from './selection.ts'

/** A proposal of $apply with what it contains at hand. */
export type Proposed = {
  carePlan: CarePlan
  /** By their ids in the proposal. */
  contained: Map<string, Resource>
  /** The RequestGroup of the plan itself; those of plans within it stand where its actions name them. */
  group: RequestGroup
}

/** @throws Error for a proposal without a RequestGroup, which $apply never makes */
export function openProposal(carePlan: CarePlan): Proposed {
  const contained = new Map(((carePlan.contained ?? []) as Resource[]).map((one) => [String(one.id), one]))
  const [reference] = (carePlan.activity ?? []).flatMap(({ reference: to }) => to?.reference ?? [])
  const group = contained.get(reference?.slice(1) ?? '')
  if (group?.resourceType !== 'RequestGroup') throw new Error('the proposal has no RequestGroup')
  return { carePlan, contained, group: group as Resource & RequestGroup }
}

/** The newer form, a Bundle that begins with its RequestGroup, as the CarePlan that it is. */
export function fromRequestBundle(bundle: Bundle, like: CarePlan): CarePlan {
  const resources = (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource as Resource] : []))
  const names = new Map(resources.map(({ resourceType, id }) => [`${resourceType}/${id}`, `#${id}`]))
  const text = JSON.stringify(resources).replace(/"reference":"([^"]+)"/g, (all, to: string) =>
    names.has(to) ? `"reference":"${names.get(to)}"` : all,
  )
  const contained = JSON.parse(text) as Resource[]
  const [first] = contained
  const { contained: _contained, goal: _goal, activity: _activity, ...rest } = like
  const goals = contained.filter(({ resourceType }) => resourceType === 'Goal')
  return {
    ...rest,
    instantiatesCanonical: (first as RequestGroup | undefined)?.instantiatesCanonical ?? [],
    contained: contained as CarePlan['contained'],
    goal: goals.map(({ id }) => ({ reference: `#${id}` })),
    activity: [{ reference: { reference: `#${first?.id}` } }],
  }
}

/**
 * Whether an edited proposal is still one of this plan, for this subject: each action is the plan's, with a request of the kind that
 * the plan asks for. What the requests say may be changed.
 */
export function checkProposal(fresh: Proposed, edited: Proposed, omissions: Omission[]): Issue[] {
  const [wanted] = fresh.carePlan.instantiatesCanonical ?? []
  const given = edited.carePlan.instantiatesCanonical ?? []
  if (wanted === undefined || !given.includes(wanted)) {
    const from = given.join(', ') || 'no plan'
    return [
      issue('conflict', `The proposal was made from ${from}; the plan is ${wanted}.`, 'proposal.instantiatesCanonical'),
    ]
  }
  const subject = fresh.carePlan.subject.reference
  if (edited.carePlan.subject?.reference !== subject) {
    return [issue('conflict', `The proposal is for another than ${subject}.`, 'proposal.subject')]
  }
  return [
    ...checkEdited(fresh.group.action ?? [], edited.group.action ?? [], omissions).map(inProposal),
    ...checkRequests(fresh, edited),
  ]
}

function checkRequests(fresh: Proposed, edited: Proposed): Issue[] {
  const kinds = new Map(leavesOf(fresh).map(({ path, resource }) => [path, resource?.resourceType]))
  const subject = fresh.carePlan.subject.reference
  return leavesOf(edited).flatMap(({ path, action, resource }) => {
    const reference = action.resource?.reference
    const kind = kinds.get(path)
    if (kind === undefined) return []
    if (!resource)
      return [
        issue('not-found', `'${path}' names ${reference ?? 'nothing'}, which is not in the proposal.`, 'proposal'),
      ]
    if (resource.resourceType !== kind) {
      return [issue('business-rule', `'${path}' is a ${kind}, not a ${resource.resourceType}.`, 'proposal')]
    }
    const of = subjectOf(resource)
    return of === undefined || of === subject
      ? []
      : [
          issue(
            'conflict',
            `'${path}' is for ${of}, not for ${subject}.`,
            `proposal.contained.where(id = '${resource.id}')`,
          ),
        ]
  })
}

/** What is in an edited proposal and hangs on nothing would be lost without a word. */
export function checkUse({ carePlan, contained }: Proposed): Issue[] {
  const text = JSON.stringify(carePlan)
  return [...contained.values()].flatMap(({ id, resourceType }) =>
    resourceType === 'OperationOutcome' || text.includes(`"reference":"#${id}"`)
      ? []
      : [
          issue(
            'business-rule',
            `Nothing in the proposal leads to ${resourceType} ${id}.`,
            `proposal.contained.where(id = '${id}')`,
          ),
        ],
  )
}

export type Leaf = {
  /** The keys of the actions above it and its own, by dots, across plans in plans. */
  path: string
  action: RequestGroupAction
  resource: Resource | undefined
}

/** Every action that leads to a request, in plans within the plan too. */
function leavesOf(
  { contained, group }: Pick<Proposed, 'contained' | 'group'>,
  actions = group.action,
  prefix = '',
): Leaf[] {
  return flatten(actions).flatMap((action): Leaf[] => {
    const reference = action.resource?.reference
    const resource = reference?.startsWith('#') ? contained.get(reference.slice(1)) : undefined
    const path = prefix + keyOf(action)
    if (resource?.resourceType !== 'RequestGroup') return reference ? [{ path, action, resource }] : []
    const nested = resource as Resource & RequestGroup
    return leavesOf({ contained, group: nested }, nested.action ?? [], `${path}.`)
  })
}

function subjectOf({ subject, for: forWhom, patient }: Resource): string | undefined {
  const to = (subject ?? forWhom ?? patient) as { reference?: string } | undefined
  return to?.reference
}

const inProposal = (one: Issue): Issue => ({ ...one, expression: (one.expression ?? []).map((at) => `proposal.${at}`) })
const issue = (code: Issue['code'], diagnostics: string, expression: string): Issue => ({
  ...{ severity: 'error', code, diagnostics, expression: [expression] },
})
