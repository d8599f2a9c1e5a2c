import type { Duration, Extension } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { carePlansOf, notShared, shared } from '../../requests/same-activity.ts'
import { longestMilliseconds } from '../time/duration.ts'
import { askedBy, askerOf, isPolicy, OCCURRENCE_POLICY, type OccurrencePolicy, policyOf } from './policy.ts'

/** The strictest first; unsaid is a Task, unless a rule takes the event up. */
const STRICTNESS: OccurrencePolicy['missing'][] = ['task', undefined, 'event', 'none']

/**
 * How what several plans ask for together is followed, so that none of them is promised less than it asks for: everybody's reminders, each once;
 * the shortest windows that somebody says; and of what its absence becomes the strictest, whose owner it then is.
 * @param policies one at least, in the order in which an owner is looked for
 */
export function strictest(policies: OccurrencePolicy[]): OccurrencePolicy {
  const rank = ({ missing }: OccurrencePolicy) => STRICTNESS.indexOf(missing)
  const byMissing = policies.toSorted((one, other) => rank(one) - rank(other))
  const [first] = byMissing
  const owner = byMissing.find((one) => one.owner && becomes(one) === becomes(first))?.owner
  const early = shortest(policies.flatMap((one) => one.early ?? []))
  const grace = shortest(policies.flatMap((one) => one.grace ?? []))
  return {
    reminders: eachOnce(policies.flatMap(({ reminders }) => reminders)),
    nudges: eachOnce(policies.flatMap(({ nudges }) => nudges)),
    ...(early ? { early } : {}),
    ...(grace ? { grace } : {}),
    ...(first?.missing ? { missing: first.missing } : {}),
    ...(owner ? { owner } : {}),
  }
}

/**
 * The request of two plans: as often as the one that wants it oftener (`shared`), and with what each of them says of how it is followed, by its
 * name, so that `toAskedFor` follows it as the strictest of those that ask for it then, and by that one's team. What one of them leaves unsaid
 * its own CarePlan or plan may say. One plan that asks twice says both at once.
 * @throws Error for a policy of `wanted` that cannot be understood
 */
export function sharedAndFollowed(known: Resource, wanted: Resource, carePlan: string): Resource {
  const both = shared(known, wanted, carePlan)
  const [own, asked] = [known, wanted].map(extensionsOf) as [Extension[], Extension[]]
  const policy = asked.find(isPolicy)
  if (![...own, ...asked].some(isPolicy)) return both
  const others = carePlansOf(known).filter((one) => one !== carePlan)
  const isNobodys = carePlansOf(known).length === 0
  if (others.length === 0 && !isNobodys) return withPolicies(both, [...saidTogether(own.filter(isPolicy), policy)])
  const named = isNobodys
    ? own.filter(isPolicy)
    : own.filter(isPolicy).flatMap((one) => forEach(one, carePlansOf(known)))
  const mine = named.filter((one) => askerOf(one) === carePlan)
  const said = saidTogether(mine, policy).map((one) => askedBy(one, carePlan))
  return withPolicies(both, [...named.filter((one) => !mine.includes(one)), ...said])
}

/** The request without one of its CarePlans, and without what that one said and how often it asked; the others still want it. */
export function leftBy<T extends Resource>(request: T, carePlan: string): T {
  const left = notShared(request, carePlan)
  const policies = extensionsOf(left).filter(isPolicy)
  const others = policies.filter((one) => askerOf(one) !== carePlan)
  return others.length === policies.length ? left : withPolicies(left, others)
}

/** What was everybody's, until somebody came who asks otherwise, was said for each of those that asked. */
const forEach = (policy: Extension, carePlans: string[]): Extension[] =>
  askerOf(policy) === undefined ? carePlans.map((one) => askedBy(policy, one)) : [policy]

/** What one CarePlan says by two requests. What it has left before that cannot be read is its schedule's to tell. */
function saidTogether(before: Extension[], policy: Extension | undefined): Extension[] {
  const asked = policyOf({ extension: policy ? [policy] : [] })
  if (before.length === 0 || !policy) return policy ? [policy] : before
  const known = readable(before)
  if (!known) return before
  const said = [known, asked]
  // What only one of them says of an absence must not silence the other: unless it is the strictest, it is left unsaid.
  const missing = said.every((one) => one.missing) || said.some((one) => one.missing === 'task')
  const { missing: both, ...rest } = strictest(said)
  return [toExtension({ ...rest, ...(missing && both ? { missing: both } : {}) })]
}

function withPolicies<T extends Resource>(request: T, policies: Extension[]): T {
  const { extension: _before, ...rest } = request
  const extension = [...extensionsOf(request).filter((one) => !isPolicy(one)), ...policies]
  return (extension.length > 0 ? { ...rest, extension } : rest) as T
}

function readable(extension: Extension[]): OccurrencePolicy | undefined {
  try {
    return policyOf({ extension })
  } catch {
    return undefined
  }
}

/** Unsaid it is a Task, which is whose who has a name for it. */
const becomes = (policy: OccurrencePolicy | undefined) => policy?.missing ?? 'task'

const extensionsOf = ({ extension }: Resource): Extension[] => (extension ?? []) as Extension[]

function toExtension({ reminders, nudges, early, grace, missing, owner }: OccurrencePolicy): Extension {
  const lengths = (url: string, all: Duration[]) => all.map((valueDuration) => ({ url, valueDuration }))
  return {
    url: OCCURRENCE_POLICY,
    extension: [
      ...lengths('reminder', reminders),
      ...lengths('nudge', nudges),
      ...lengths('early', early ? [early] : []),
      ...lengths('grace', grace ? [grace] : []),
      ...(missing ? [{ url: 'missing', valueCode: missing }] : []),
      ...(owner ? [{ url: 'owner', valueReference: owner }] : []),
    ],
  }
}

const shortest = (all: Duration[]): Duration | undefined =>
  all.toSorted((one, other) => longestMilliseconds(one) - longestMilliseconds(other))[0]

const eachOnce = (all: Duration[]): Duration[] => [
  ...new Map(all.map((one) => [longestMilliseconds(one), one] as const)).values(),
]
