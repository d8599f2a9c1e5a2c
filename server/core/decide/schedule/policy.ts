import type { Duration, Extension, Reference } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { longestMilliseconds } from '../time/duration.ts'

/** On a request, a CarePlan or a PlanDefinition: how its occurrences are followed. */
export const OCCURRENCE_POLICY = `${FYLGJE}/StructureDefinition/occurrence-policy`

/** How the occurrences of a request are followed. */
export type OccurrencePolicy = {
  /** How long before it is due the person is reminded; 0 is when it is due. None: no reminder. */
  reminders: Duration[]
  /** How long after it was due, while it is not done and not yet missing, the person is asked again. */
  nudges: Duration[]
  /** How long before it is due a result counts; undefined: two hours, or the day of an occurrence without a time. */
  early?: Duration
  /** How long after it was due a result counts before it is missing; undefined as for `early`. */
  grace?: Duration
  /** What its absence becomes: a Task for the team, an event only, or nothing. Unsaid: a Task, unless a rule takes the event up. */
  missing?: 'task' | 'event' | 'none'
  /** Who answers for silence; without it the CarePlan's team. */
  owner?: Reference
}

export type Extended = { extension?: Extension[] }

/** In a policy of what several plans ask for together: which CarePlan asks so. */
const ASKED_BY = 'care-plan'

export const isPolicy = ({ url }: Extension): boolean => url === OCCURRENCE_POLICY

/** Whose a policy is, `CarePlan/1`; undefined for one that is everybody's. */
export const askerOf = ({ extension = [] }: Extension): string | undefined =>
  extension.find(({ url }) => url === ASKED_BY)?.valueReference?.reference

/** The policy as one CarePlan's. */
export const askedBy = ({ extension = [], ...rest }: Extension, carePlan: string): Extension => ({
  ...rest,
  extension: [
    ...extension.filter(({ url }) => url !== ASKED_BY),
    { url: ASKED_BY, valueReference: { reference: carePlan } },
  ],
})

/** What a request says for one of its CarePlans: what is said for each of several is for that one alone. */
export function ownOf(request: Extended | undefined, carePlan: string): Extended {
  const policies = request?.extension?.filter(isPolicy) ?? []
  const isSaidForEach = policies.some((one) => askerOf(one) !== undefined)
  return { extension: isSaidForEach ? policies.filter((one) => askerOf(one) === carePlan) : policies }
}

/** What a request says whoever asks for it, beside what is said for each of several. */
export function saidForAll(request: Extended | undefined): Extended | undefined {
  const policies = request?.extension?.filter(isPolicy) ?? []
  const forAll = policies.filter((one) => askerOf(one) === undefined)
  return forAll.length > 0 && forAll.length < policies.length ? { extension: forAll } : undefined
}

/**
 * @param from the request first, then what it stands under; each part of the policy is the first one's that says it
 * @throws Error for a part that cannot be understood
 */
export function policyOf(...from: (Extended | undefined)[]): OccurrencePolicy {
  const parts = from.map((one) => one?.extension?.find(({ url }) => url === OCCURRENCE_POLICY)?.extension ?? [])
  const first = (name: string) =>
    parts.map((own) => own.filter(({ url }) => url === name)).find((own) => own.length > 0)
  const [early] = first('early') ?? []
  const [grace] = first('grace') ?? []
  const [missing] = first('missing') ?? []
  const [owner] = first('owner') ?? []
  return {
    reminders: (first('reminder') ?? []).map(durationOf),
    nudges: (first('nudge') ?? []).map(durationOf),
    ...(early ? { early: durationOf(early) } : {}),
    ...(grace ? { grace: durationOf(grace) } : {}),
    ...(missing ? { missing: missingOf(missing.valueCode) } : {}),
    ...(owner?.valueReference ? { owner: owner.valueReference } : {}),
  }
}

/** Longer than this is no reminder and no grace, but another schedule. */
const LENGTH_MAX = 31 * 86_400_000

function durationOf({ url, valueDuration }: { url: string; valueDuration?: Duration }): Duration {
  const length = longestMilliseconds(valueDuration ?? {})
  if (valueDuration && length >= 0 && length <= LENGTH_MAX) return valueDuration
  throw new Error(`occurrence-policy ${url}: ${valueDuration?.value} ${valueDuration?.code}; expected 0 to 31 days`)
}

function missingOf(code: string | undefined): NonNullable<OccurrencePolicy['missing']> {
  if (code === 'task' || code === 'event' || code === 'none') return code
  throw new Error(`occurrence-policy missing: ${code}; expected task, event or none`)
}
