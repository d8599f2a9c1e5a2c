import type { Duration, Extension } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { shared } from '../../requests/same-activity.ts'
import { longestMilliseconds } from '../time/duration.ts'
import { OCCURRENCE_POLICY, type OccurrencePolicy, policyOf } from './policy.ts'

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
 * The request of two plans: as often as the one that wants it oftener (`shared`), and followed as the stricter of both says. What one of them
 * leaves unsaid its own CarePlan or plan may say: see `toAskedFor`.
 * @throws Error for a policy of `wanted` that cannot be understood
 */
export function sharedAndFollowed(known: Resource, wanted: Resource, carePlan: string): Resource {
  const both = shared(known, wanted, carePlan)
  const [own, other] = [known, wanted].map(extensionsOf) as [Extension[], Extension[]]
  if (![own, other].some((one) => one.some(isPolicy))) return both
  const before = readable(own)
  // What another plan has left there is its own trouble, and its schedule's to tell: this one goes on beside it.
  if (!before) return both
  const said = [before, policyOf({ extension: other })]
  // What only one of them says of an absence must not silence the other: unless it is the strictest, it is left to each.
  const missing = said.every((one) => one.missing) || said.some((one) => one.missing === 'task')
  const { missing: asked, ...rest } = strictest(said)
  const policy = { ...rest, ...(missing && asked ? { missing: asked } : {}) }
  return { ...both, extension: [...own.filter((one) => !isPolicy(one)), toExtension(policy)] }
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
const isPolicy = ({ url }: Extension): boolean => url === OCCURRENCE_POLICY

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
