import type { Timing } from '@medplum/fhirtypes'
import { allRules, type CompiledPlan, type Rule } from '../core/decide/plan/compile-plan.ts'
import { madeAtEnrolment, madeBy, steered } from '../core/decide/plan/steer.ts'
import type { Told } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { phaseOf } from '../core/requests/activity-life.ts'
import { askedAnew, askedTiming } from '../core/requests/asked-timing.ts'
import { asksForSame, carePlansOf } from '../core/requests/same-activity.ts'
import { sortedJson } from './frozen.ts'

export type MovedActivity = { before: Resource; after: Resource }

/** From which version to which, for whose enrolment (`CarePlan/1`), and when. */
export type ActivityMove = { carePlan: string; from: CompiledPlan; to: CompiledPlan; now: Date }

/**
 * The activities that the version before has ordered, as the next one has them: by the same action's definition, with its schedule unless
 * somebody has set another for this person; ended where the action is gone, or asks for another kind of thing. What another plan wants
 * as well goes on for that one. Tasks of findings are work that was found, and stay.
 * @param requests the patient's
 * @returns those that change
 */
export function moveActivities(requests: Resource[], { carePlan, from, to, now }: ActivityMove): MovedActivity[] {
  const old = allRules(from.rules)
  const next = new Map(allRules(to.rules).map((rule) => [rule.id, rule]))
  const reason: Told = {
    nb: `${to.canonical} har det ikke lenger.`,
    nn: `${to.canonical} har det ikkje lenger.`,
    en: `${to.canonical} no longer has it.`,
  }
  return requests.flatMap((before): MovedActivity[] => {
    const joined = joining(before, { url: from.url, carePlan })
    if (joined) {
      const after = rejoined(before, { carePlan, old: old.filter(joined), next: [...next.values()].filter(joined) })
      const left = after ?? steered(before, { does: 'stop', carePlan, reason, now })
      return left === before ? [] : [{ before, after: left }]
    }
    const rule = ruleBehind(before, old, { url: from.url, carePlan })
    if (!rule) return []
    const successor = next.get(rule.id)
    const goesOn = successor && kindOf(successor) === kindOf(rule) && isOrdering(successor) === isOrdering(rule)
    const after = goesOn
      ? followed(before, { rule, successor, carePlan })
      : steered(before, { does: 'stop', carePlan, reason, now })
    return after === before ? [] : [{ before, after }]
  })
}

/**
 * Of what another plan has ordered and this enrolment shares: which rules ask for it.
 * @returns undefined where it is this plan's own, or nobody else's
 */
function joining(
  request: Resource,
  { url, carePlan }: { url: string; carePlan: string },
): ((rule: Rule) => boolean) | undefined {
  const made = madeBy(request)
  const carePlans = carePlansOf(request)
  if (!made || made.url === url || carePlans.length < 2 || !carePlans.includes(carePlan)) return undefined
  if (HOLDING.has(request.resourceType) || phaseOf(request) === undefined) return undefined
  return ({ activity }) => activity !== undefined && asksForSame(activity, request)
}

/** It is shared on while some rule asks for it, as often as the one that asked asks now. @returns undefined where none does any more */
function rejoined(request: Resource, { carePlan, old, next }: { carePlan: string; old: Rule[]; next: Rule[] }) {
  const [rule, ...otherRules] = old
  const [successor, ...others] = next
  // What none has asked for by a rule, somebody has said.
  if (!rule) return request
  if (!successor) return undefined
  // Of several nobody knows which asked how often.
  return otherRules.length + others.length > 0 ? request : rescheduled(request, { rule, successor, carePlan })
}

/** Kinds that hold what others ask for; each of those is judged by itself. */
const HOLDING: ReadonlySet<string> = new Set(['RequestGroup', 'CarePlan'])

/** The rule by which the plan has made a request whose life is not over. */
function ruleBehind(
  request: Resource,
  rules: readonly Rule[],
  { url, carePlan }: { url: string; carePlan: string },
): Rule | undefined {
  if (HOLDING.has(request.resourceType) || phaseOf(request) === undefined) return undefined
  const made = madeBy(request)
  if (made) {
    if (made.url !== url) return undefined
    if (request.resourceType === 'Task' && !madeAtEnrolment(request, carePlan)) return undefined
    return rules.find(({ id }) => id === made.actionId)
  }
  // Ordered by somebody else than us, by the same definition, for this enrolment.
  const isOurs = ((request.basedOn ?? []) as { reference?: string }[]).some(({ reference }) => reference === carePlan)
  if (request.resourceType === 'Task' || !isOurs) return undefined
  const canonicals = [request.instantiatesCanonical ?? []].flat()
  return rules.find(({ action }) => action.definitionCanonical && canonicals.includes(action.definitionCanonical))
}

/** An action that is only words, and one that asks for answers, is a Task. */
const kindOf = ({ activity }: Rule): string => activity?.kind ?? 'Task'
const isOrdering = ({ action }: Rule): boolean => action.definitionCanonical !== undefined

/** The action's own time comes before its activity's. */
const timingOf = ({ action, activity }: Rule): Timing | undefined => action.timingTiming ?? activity?.timingTiming

type Following = { rule: Rule; successor: Rule; carePlan: string }

function followed(request: Resource, following: Following): Resource {
  const [was, becomes] = [following.rule, following.successor].map(({ action }) => action.definitionCanonical)
  const renamed = was && becomes && was !== becomes ? withDefinition(request, was, becomes) : request
  return rescheduled(renamed, following)
}

/** By the schedule of the next version; what other plans want too as far as they do not want it oftener. */
function rescheduled(request: Resource, { rule, successor, carePlan }: Following): Resource {
  const [old, next] = [timingOf(rule), timingOf(successor)]
  const own = askedTiming(request, carePlan) ?? (request.occurrenceTiming as Timing | undefined)
  const isAsOrdered = sortedJson(unbounded(own, old)) === sortedJson(old)
  if (!own || !next || !isAsOrdered || sortedJson(old) === sortedJson(next)) return request
  const timing = withBoundsOf(own, next)
  const others = carePlansOf(request).filter((one) => one !== carePlan)
  return others.length > 0 ? askedAnew(request, carePlan, timing, others) : { ...request, occurrenceTiming: timing }
}

/** The bounds that a plan's timing was given at the enrolment say when the person began, not how often they measure. */
function unbounded(own: Timing | undefined, ordered: Timing | undefined): Timing | undefined {
  if (!own?.repeat?.boundsPeriod || ordered?.repeat?.boundsPeriod) return own
  const { boundsPeriod: _given, ...repeat } = own.repeat
  const { boundsDuration } = ordered?.repeat ?? {}
  return { ...own, repeat: { ...repeat, ...(boundsDuration ? { boundsDuration } : {}) } }
}

function withBoundsOf({ repeat: own }: Timing, next: Timing): Timing {
  const { boundsPeriod, boundsRange } = next.repeat ?? {}
  if (!own?.boundsPeriod || !next.repeat || boundsPeriod || boundsRange) return next
  const { boundsDuration: _length, ...repeat } = next.repeat
  return { ...next, repeat: { ...repeat, boundsPeriod: own.boundsPeriod } }
}

/** The request, naming the definition of the next version wherever it names that of the one before. */
function withDefinition(request: Resource, was: string, becomes: string): Resource {
  const renamed = (canonical: unknown) => (canonical === was ? becomes : canonical)
  const within = (all: unknown) =>
    ((all ?? []) as { valueCanonical?: string }[]).map((one) =>
      one.valueCanonical === was ? { ...one, valueCanonical: becomes } : one,
    )
  const { instantiatesCanonical, extension, input } = request
  return {
    ...request,
    ...(instantiatesCanonical
      ? {
          instantiatesCanonical: Array.isArray(instantiatesCanonical)
            ? instantiatesCanonical.map(renamed)
            : renamed(instantiatesCanonical),
        }
      : {}),
    ...(extension ? { extension: within(extension) } : {}),
    // A form that somebody has begun to answer is answered as it was asked.
    ...(request.resourceType === 'Task' && input && request.status === 'requested' ? { input: within(input) } : {}),
  } as Resource
}
