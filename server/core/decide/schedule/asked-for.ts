import type {
  CarePlan,
  CodeableConcept,
  Period,
  PlanDefinition,
  PlanDefinitionAction,
  ServiceRequest,
  Task,
  Timing,
} from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isOrderedBeside } from '../../requests/asked-timing.ts'
import { minutesSaid } from '../burden/minutes-said.ts'
import { type QualityDemand, qualityOf } from '../limits/measurement-quality.ts'
import { type SilenceOwner, silenceOwner } from '../silence/silence-owner.ts'
import { expandTiming, type PlannedTime } from '../timing/expand-timing.ts'
import { parseDateTime } from '../timing/wall-clock.ts'
import { type OccurrenceEventKind, occurrenceKindOf } from './occurrence-event.ts'
import { ownDay } from './own-day.ts'
import { askerOf, type Extended, isPolicy, type OccurrencePolicy, ownOf, policyOf, saidForAll } from './policy.ts'
import { questionnaireOf } from './questionnaire-task.ts'
import { strictest } from './strictest-policy.ts'

/** One thing that a person is to measure or answer, now and again or once. */
export type AskedFor = {
  /** The resource that asks, as `Type/id`. */
  about: string
  /** Which of its occurrences: an activity of a CarePlan has a name of its own. */
  name: string
  carePlan?: CarePlan
  /** Other CarePlans that run ask for it too. */
  isShared: boolean
  title: string
  /** What a result must be of: the code of a measurement, or the canonical of a Questionnaire without its version. */
  code?: CodeableConcept
  questionnaire?: string
  policy: OccurrencePolicy
  /** How a measurement must have been made to be a result. */
  quality?: QualityDemand
  /** How many minutes it takes each time, where that is said. */
  minutes?: number
  /** Whose it is when nothing is measured, and how long it may last, as the plan says. */
  silence?: SilenceOwner
  /** The events of its occurrences that a rule of the plan takes up. */
  heard: ReadonlySet<OccurrenceEventKind>
  zone: string
  /** The planned times strictly after a moment, in order; may be endless. */
  plannedAfter(moment: Date): Iterable<PlannedTime>
  /** Changes when, and only when, something changes by which it is followed: then it is followed anew from now on. */
  digest: string
}

/** What stands about a person, as far as a schedule is concerned. */
export type ScheduleFacts = {
  carePlans: CarePlan[]
  requests: ServiceRequest[]
  /** Open ones; those that ask for a Questionnaire count. */
  tasks: Task[]
  /** The plans in which a CarePlan enrols somebody: their policy counts, and their rules may take events up. */
  plansOf?: (carePlan: CarePlan) => PlanDefinition[]
  /** Only what these ask for, as `Type/id`; left out: all. */
  only?: ReadonlySet<string>
}

/** A request whose occurrences cannot be worked out: nobody would be reminded, and nothing would be missed. */
export type ScheduleProblem = { about: string; name: string; carePlan?: CarePlan; message: string }

/**
 * What the person is asked for now. A request counts while it is active and a CarePlan that it is based on is; one for "as
 * needed" asks for nothing at a time.
 */
export function toAskedFor(facts: ScheduleFacts): { asked: AskedFor[]; problems: ScheduleProblem[] } {
  const asked: AskedFor[] = []
  const problems: ScheduleProblem[] = []
  const sources = [
    ...facts.requests.flatMap((request) => ofRequest(request, facts)),
    ...facts.carePlans.flatMap((carePlan) => ofActivities(carePlan, facts)),
    ...facts.tasks.flatMap((task) => ofTask(task, facts)),
  ]
  for (const source of sources.filter(({ about }) => facts.only?.has(about) ?? true)) {
    try {
      asked.push(source.make())
    } catch (error) {
      const { about, name, carePlan } = source
      problems.push({
        about,
        name,
        ...(carePlan ? { carePlan } : {}),
        message: error instanceof Error ? error.message : String(error),
      })
    }
  }
  return { asked, problems }
}

/** Of a request, a CarePlan or a Task: while it says this of itself, what it asks for is asked for. */
export const isAsking = (status: unknown): boolean => status === 'active' || WAITING.has(String(status))

type Source = { about: string; name: string; carePlan?: CarePlan | undefined; make(): AskedFor }

const ORDERING = new Set([
  'plan',
  'directive',
  'order',
  'original-order',
  'reflex-order',
  'filler-order',
  'instance-order',
])

function ofRequest(request: ServiceRequest, facts: ScheduleFacts): Source[] {
  const { occurrenceTiming, occurrenceDateTime, occurrencePeriod } = request
  const isScheduled = occurrenceTiming || occurrenceDateTime || occurrencePeriod
  if (request.status !== 'active' || !ORDERING.has(request.intent) || !isScheduled) return []
  if (request.doNotPerform || request.asNeededBoolean || request.asNeededCodeableConcept) return []
  const about = `ServiceRequest/${request.id}`
  const carePlans = carePlansOf(request, about, facts)
  // One that serves several plans goes on while one of them does; what was ordered beside all plans goes on by itself.
  const running = carePlans.filter(({ status }) => status === 'active')
  const [carePlan] = running
  if (carePlans.length > 0 && !carePlan && !isOrderedBeside(request as unknown as Resource)) return []
  const isShared = running.length > 1
  const sharedWith = running.slice(1)
  const when = { timing: occurrenceTiming, dateTime: occurrenceDateTime, period: occurrencePeriod }
  const path = 'ServiceRequest.occurrence'
  const from = request.authoredOn ?? carePlan?.period?.start ?? request.meta?.lastUpdated
  const title = request.code?.text ?? request.code?.coding?.[0]?.display ?? about
  const { code } = request
  const make = () =>
    toAsked(
      {
        about,
        name: '',
        carePlan,
        sharedWith,
        isShared,
        title,
        code,
        questionnaire: questionnaireOf(request),
        own: request,
        when,
        path,
        from,
      },
      facts,
    )
  return [{ about, name: '', carePlan, make }]
}

/** Those that it is based on, and those that name it as their activity. */
function carePlansOf(request: ServiceRequest, about: string, { carePlans }: ScheduleFacts): CarePlan[] {
  const named = new Set((request.basedOn ?? []).map(({ reference }) => reference))
  return carePlans.filter(
    ({ id, activity }) =>
      named.has(`CarePlan/${id}`) || activity?.some(({ reference }) => reference?.reference === about),
  )
}

const RUNNING = new Set(['not-started', 'scheduled', 'in-progress', 'unknown'])

function ofActivities(carePlan: CarePlan, facts: ScheduleFacts): Source[] {
  if (carePlan.status !== 'active') return []
  return (carePlan.activity ?? []).flatMap((activity, i): Source[] => {
    const { detail } = activity
    if (!detail || !RUNNING.has(detail.status) || detail.doNotPerform) return []
    if (!detail.scheduledTiming && !detail.scheduledPeriod) return []
    const about = `CarePlan/${carePlan.id}`
    const name = activity.id ?? `activity[${i}]`
    const { code } = detail
    const questionnaire = detail.instantiatesCanonical?.find((canonical) => canonical.includes('/Questionnaire/'))
    const title = detail.description ?? code?.text ?? code?.coding?.[0]?.display ?? name
    const when = { timing: detail.scheduledTiming, period: detail.scheduledPeriod }
    const path = `CarePlan.activity[${i}].detail.scheduled`
    const from = carePlan.period?.start ?? carePlan.created ?? carePlan.meta?.lastUpdated
    const make = () =>
      toAsked({ about, name, carePlan, title, code, questionnaire, own: detail, when, path, from }, facts)
    return [{ about, name, carePlan, make }]
  })
}

const WAITING = new Set(['requested', 'received', 'accepted', 'ready', 'in-progress'])

function ofTask(task: Task, facts: ScheduleFacts): Source[] {
  const questionnaire = questionnaireOf(task)
  const period = task.restriction?.period ?? task.executionPeriod
  if (!questionnaire || !WAITING.has(task.status) || !period?.end) return []
  const about = `Task/${task.id}`
  const carePlan = facts.carePlans.find(({ id }) =>
    task.basedOn?.some(({ reference }) => reference === `CarePlan/${id}`),
  )
  if (carePlan && carePlan.status !== 'active') return []
  const title = task.description ?? task.code?.text ?? questionnaire
  const when = { period }
  const path = 'Task.restriction.period'
  const make = () =>
    toAsked({ about, name: '', carePlan, title, questionnaire, own: task, when, path, from: task.authoredOn }, facts)
  return [{ about, name: '', carePlan, make }]
}

type Given = {
  about: string
  name: string
  carePlan: CarePlan | undefined
  /** Others that run and ask for it too. */
  sharedWith?: CarePlan[]
  isShared?: boolean
  title: string
  code?: CodeableConcept | undefined
  questionnaire?: string | undefined
  own: Parameters<typeof policyOf>[0]
  when: { timing?: Timing | undefined; dateTime?: string | undefined; period?: Period | undefined }
  path: string
  from: string | undefined
}

function toAsked(given: Given, { plansOf }: ScheduleFacts): AskedFor {
  const { about, name, sharedWith = [], isShared = false, title, code, own, when, path, from } = given
  const questionnaire = given.questionnaire?.split('|')[0]
  if (!questionnaire && !code?.coding?.length)
    throw new Error(`${about} asks for nothing that a result could be of; expected a code`)
  const asking = [...(given.carePlan ? [given.carePlan] : []), ...sharedWith]
  const { carePlan, plans, policy, heard } = followedBy(own, asking, plansOf)
  const [silence] = plans.flatMap((plan) => silenceOwner(plan, 'not-measured') ?? [])
  const quality = own && qualityOf(own)
  const minutes = minutesSaid(own?.extension)
  const dayTimes = ownDay(carePlan)
  const plannedAfter = plan(when, from, path, dayTimes)
  const end = carePlan?.period?.end
  const until = end ? parseDateTime(end, dayTimes.zone, 'CarePlan.period.end').until : Number.POSITIVE_INFINITY
  return {
    ...{ about, name, isShared, title, policy, zone: dayTimes.zone, heard },
    ...(carePlan ? { carePlan } : {}),
    ...(quality ? { quality } : {}),
    ...(silence ? { silence } : {}),
    ...(minutes === undefined ? {} : { minutes }),
    ...(code ? { code } : {}),
    ...(questionnaire ? { questionnaire } : {}),
    *plannedAfter(moment) {
      for (const time of plannedAfter(moment)) {
        if (time.at.getTime() >= until) return
        yield time
      }
    },
    digest: digestOf([when, from, code?.coding, questionnaire, policy, dayTimes, end, ...(quality ? [quality] : [])]),
  }
}

type Way = {
  /** Whose it is when nothing comes. */
  carePlan: CarePlan | undefined
  plans: PlanDefinition[]
  policy: OccurrencePolicy
  heard: ReadonlySet<OccurrenceEventKind>
}

/**
 * How it is followed: as the request says, else its CarePlan, else the plan. Of what several ask for, as the strictest of those that ask now would
 * have it, and by the team of that one: none of them gets less than it asks for because another asks too, nor more once the other is gone.
 */
function followedBy(own: Given['own'], asking: CarePlan[], plansOf: ScheduleFacts['plansOf']): Way {
  const ways = asking.map((carePlan) => {
    const plans = plansOf?.(carePlan) ?? []
    const heard = heardBy(plans)
    const policy = policyOf(ownOf(own, `CarePlan/${carePlan.id}`), carePlan, ...plans)
    const missing = policy.missing ?? (heard.has('missing') ? ('event' as const) : ('task' as const))
    return { carePlan, plans, heard, policy, strictly: { ...policy, missing } }
  })
  const [first, ...others] = ways
  if (!first) return { carePlan: undefined, plans: [], policy: policyOf(own), heard: NOBODY_LISTENS }
  const forAll = saidForAll(own)
  if (others.length === 0 && !forAll) return first
  const said = ways.map(({ strictly }) => strictly)
  const policy = strictest([...said, ...inGeneral(own, ways, forAll)])
  const lead = ways.find(({ strictly }) => strictly.missing === policy.missing) ?? first
  return { ...lead, policy, heard: new Set(ways.flatMap(({ heard }) => [...heard])) }
}

/**
 * What counts too, as far as it says it: what the request says for everybody beside what it says for each; and where it says one thing for all,
 * what they say themselves, for it may bear what only one of them has asked.
 */
function inGeneral(own: Given['own'], ways: Way[], forAll: Extended | undefined): OccurrencePolicy[] {
  const isSaidForEach = own?.extension?.some((one) => isPolicy(one) && askerOf(one) !== undefined)
  const general = forAll ? [policyOf(forAll)] : []
  const theirs = isSaidForEach
    ? []
    : ways.flatMap(({ carePlan, plans }) => (carePlan ? [policyOf(carePlan, ...plans)] : []))
  return [...general, ...theirs].map((said) => ({ ...said, missing: said.missing ?? 'none' }))
}

const NOBODY_LISTENS: ReadonlySet<OccurrenceEventKind> = new Set()

function plan(
  when: Given['when'],
  start: string | undefined,
  path: string,
  dayTimes: ReturnType<typeof ownDay>,
): AskedFor['plannedAfter'] {
  if (when.timing) {
    const expanded = expandTiming(when.timing, { path, dayTimes, ...(start ? { start } : {}) })
    return (moment) => expanded.after(moment)
  }
  const once = when.dateTime
    ? dueOnce(when.dateTime, path, dayTimes)
    : dueWithin(when.period ?? {}, start, path, dayTimes)
  return (moment) => (once.at > moment ? [once] : [])
}

function dueOnce(dateTime: string, path: string, dayTimes: ReturnType<typeof ownDay>): PlannedTime {
  const [time] = expandTiming({ event: [dateTime] }, { path, dayTimes }).after()
  if (!time) throw new Error(`${path} plans nothing`)
  return time
}

/** A period asks for one result within it: due at its end, and counted from its beginning. */
function dueWithin(
  period: Period,
  start: string | undefined,
  path: string,
  { zone }: ReturnType<typeof ownDay>,
): PlannedTime {
  if (!period.end) throw new Error(`${path} has no end; expected one, for nothing is due without`)
  const from = period.start ?? start
  const { from: end, until, hasTime } = parseDateTime(period.end, zone, `${path}.end`)
  return {
    // A day is over at its midnight; a time is itself.
    at: new Date(hasTime ? end : until),
    ...(from ? { earliest: new Date(parseDateTime(from, zone, `${path}.start`).from) } : {}),
    isWholeDay: false,
    isOptional: false,
  }
}

function heardBy(plans: PlanDefinition[]): ReadonlySet<OccurrenceEventKind> {
  const triggers = plans.flatMap(({ action }) => allActions(action ?? []).flatMap(({ trigger }) => trigger ?? []))
  return new Set(triggers.flatMap(({ type, name }) => (type === 'named-event' && occurrenceKindOf(name)) || []))
}

const allActions = (actions: PlanDefinitionAction[]): PlanDefinitionAction[] =>
  actions.flatMap((action) => [action, ...allActions(action.action ?? [])])

/** FNV-1a twice over, 64 bits: to see that something changed, not to keep anything secret. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return [0x811c9dc5, 0x01000193]
    .map((seed) => {
      let hash = seed
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
      return (hash >>> 0).toString(36)
    })
    .join('-')
}
