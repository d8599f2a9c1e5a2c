import type {
  ActivityDefinition,
  CodeableConcept,
  Goal,
  PlanDefinition,
  PlanDefinitionAction,
} from '@medplum/fhirtypes'
import { goalOf, observationOf } from '../../server/core/decide/cases/case-resources.ts'
import type { CaseEvent, CaseRequest, PathwayCase } from '../../server/core/decide/cases/pathway-case.ts'
import { type Limit, toLimit } from '../../server/core/decide/limits/limits.ts'
import { measured } from '../../server/core/decide/limits/measured.ts'
import { waitsInWords } from '../../server/core/decide/task/escalation.ts'
import { escalationOf } from '../../server/core/decide/task/service-level.ts'
import type { EscalationStep } from '../../server/core/decide/task/task-marks.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { isNamed } from '../../server/lifecycle/named-definitions.ts'

/** A pathway as its cases are held against it. */
export type CasesOfPathway = {
  plan: PlanDefinition
  /** Of its folder, its activities among them. */
  resources: Resource[]
  cases: PathwayCase[]
}

type Rule = { action: PlanDefinitionAction; activity: ActivityDefinition | undefined; hasClock: boolean }
type Book = { rules: ReadonlyMap<string, Rule>; limits: Limit[] }

/** What the cases of a pathway are to show between them, where a case's own events and Tasks tell that it does. */
const SHOWN: [what: string, shows: (given: PathwayCase, book: Book) => boolean][] = [
  ['a red finding', ({ tasks }) => tasks.some(({ colour }) => colour === 'red')],
  ['a yellow finding', ({ tasks }) => tasks.some(({ colour }) => colour === 'yellow')],
  ['something measured or answered that is as it should be', isGreen],
  [
    'a value at a limit, or the smallest step from it ("borderline" names the rule where no limit has a number)',
    isBorderline,
  ],
  ['that something is missing: a Task about it, or of a rule that a clock wakes', isMissing],
  ['an artefact: a Task that asks for it again, or answers that are refused', isArtefact],
  ['a correction: the same resource again, or one that is taken back', isCorrected],
  ["a person's own limits", hasOwnLimits],
  ['a deadline that passes (clocks: deadlines)', ({ clocks = [] }) => clocks.includes('deadlines')],
]

/**
 * Which of the kinds of cases that each pathway is to have, none of these is; and of which message, or notice to staff, no case says to whom it
 * goes and what it says.
 */
export function lackingCases({ plan, resources, cases }: CasesOfPathway): string[] {
  const activities = resources.filter(
    ({ resourceType }) => resourceType === 'ActivityDefinition',
  ) as unknown as ActivityDefinition[]
  const book: Book = {
    rules: new Map(rulesIn(plan.action, activities).map((rule) => [String(rule.action.id), rule])),
    limits: (plan.goal ?? []).flatMap((goal) => limitsIn(goal, 'plan')),
  }
  return [
    ...SHOWN.flatMap(([what, shows]) => (cases.some((one) => shows(one, book)) ? [] : [`No case shows ${what}`])),
    ...untoldMessages(book, cases),
    ...untoldNotices(book, cases),
  ]
}

function rulesIn(actions: PlanDefinitionAction[] = [], activities: ActivityDefinition[], above = false): Rule[] {
  return actions.flatMap((action) => {
    const hasClock = above || (action.trigger ?? []).some(({ type }) => type === 'periodic' || type === 'named-event')
    const activity = activities.find((one) => action.definitionCanonical && isNamed(action.definitionCanonical, one))
    return [{ action, activity, hasClock }, ...rulesIn(action.action, activities, hasClock)]
  })
}

const FINDINGS: (string | undefined)[] = ['red', 'yellow', 'grey']

function isGreen({ events, tasks }: PathwayCase): boolean {
  return events.some(isReport) && !tasks.some(({ colour }) => FINDINGS.includes(colour))
}

/** `Observation/m1`: what came of what was measured or answered. Of answers that are refused nothing comes. */
function reportedIn(event: CaseEvent): string | undefined {
  if ('measured' in event) return `Observation/${event.measured.id}`
  if ('answered' in event) return event.refused ? undefined : `QuestionnaireResponse/${event.id}`
  if (!('resource' in event)) return undefined
  const { resourceType, id } = event.resource
  return REPORTED.has(resourceType) ? `${resourceType}/${id}` : undefined
}
const REPORTED = new Set(['Observation', 'QuestionnaireResponse'])
const isReport = (event: CaseEvent): boolean => reportedIn(event) !== undefined

const isOf = ({ activity }: Rule, code: string): boolean =>
  activity?.code?.coding?.some((one) => one.code === code) ?? false

function isMissing({ tasks }: PathwayCase, { rules }: Book): boolean {
  return tasks.some(({ rule, code }) => {
    const own = rules.get(rule)
    return (
      rule.startsWith('occurrence-missing') ||
      code === 'missing-measurement' ||
      (own && (own.hasClock || isOf(own, 'missing-measurement')))
    )
  })
}

function isArtefact({ tasks, events }: PathwayCase, { rules }: Book): boolean {
  const isAskedAgain = tasks.some(({ rule, code }) => {
    const own = rules.get(rule)
    return code === 'measure-again' || rule.endsWith('~again') || (own && isOf(own, 'measure-again'))
  })
  return isAskedAgain || events.some((event) => 'answered' in event && event.refused)
}

const limitsIn = ({ target = [] }: Pick<Goal, 'target'>, source: Limit['source']): Limit[] =>
  target.flatMap((one) => toLimit(one, source))

/** A limit that one value alone meets. */
const isBound = ({ zone, trend, relative }: Limit): boolean =>
  (zone === 'red' || zone === 'yellow') && !trend && !relative

/** Somebody's own limits count as the plan's do. A limit on the course is met by no one value: such a case names its rule. */
function isBorderline(given: PathwayCase, { rules, limits }: Book): boolean {
  if (given.borderline) return rules.has(given.borderline)
  const bounds = [...limits, ...limitsIn(goalOf(given.patient.limits), 'patient')].filter(isBound)
  return given.events
    .filter(isReport)
    .flatMap(valuesIn)
    .some(({ codes, value }) =>
      bounds.some((one) => isAt(value, one.value) && (!codes || one.codes.some((code) => codes.includes(code)))),
    )
}

type Value = { codes?: string[]; value: number }

/** What was measured, by its codes; what was answered, as a number without any: a total is held against the limit of a score. */
function valuesIn(event: CaseEvent): Value[] {
  if ('answered' in event) {
    return Object.values(event.answered).flatMap((value) => (typeof value === 'number' ? [{ value }] : []))
  }
  const observation = 'measured' in event ? observationOf(event) : 'resource' in event ? event.resource : undefined
  if (observation?.resourceType !== 'Observation') return []
  return measured(observation).flatMap(({ codes, quantity }) =>
    quantity?.value === undefined ? [] : [{ codes, value: quantity.value }],
  )
}

const decimalsOf = (value: number): number => String(value).split('.')[1]?.length ?? 0

/** At it, or the smallest step from it that the two are written with. */
function isAt(value: number, bound: number): boolean {
  const scale = 10 ** Math.max(decimalsOf(value), decimalsOf(bound))
  return Math.abs(Math.round(value * scale) - Math.round(bound * scale)) <= 1
}

function isCorrected({ events }: PathwayCase): boolean {
  const reported = events.flatMap((event) => reportedIn(event) ?? [])
  return events.some((event) => 'removed' in event) || new Set(reported).size < reported.length
}

function hasOwnLimits({ patient: { limits = [], baseline, facts = [] }, events }: PathwayCase): boolean {
  const resources = [...facts, ...events.flatMap((event) => ('resource' in event ? event.resource : []))]
  const goals = resources.filter(({ resourceType }) => resourceType === 'Goal') as unknown as Goal[]
  const setsLimits = goals.some((goal) => limitsIn(goal, 'patient').length > 0)
  return limits.length > 0 || baseline !== undefined || setsLimits || events.some((event) => 'limits' in event)
}

const isTold = ({ type, to, text }: CaseRequest): boolean => type === 'CommunicationRequest' && !!to && !!text

/** Whoever writes a message is to see it in a case as it reaches its reader. */
const untoldMessages = ({ rules }: Book, cases: PathwayCase[]): string[] =>
  [...rules]
    .filter(([, { activity }]) => activity?.kind === 'CommunicationRequest')
    .filter(([id]) => !cases.some(({ requests = [] }) => requests.some((one) => one.rule === id && isTold(one))))
    .map(([id]) => `No case says to whom the message of "${id}" goes and what it says (requests: rule, to, text)`)

/** Of each activity that tells somebody when its Tasks wait: a case in which they wait. */
function untoldNotices({ rules }: Book, cases: PathwayCase[]): string[] {
  const activities = new Set([...rules.values()].flatMap(({ activity }) => activity ?? []))
  return [...activities].flatMap((activity) => {
    const own = new Set([...rules].filter(([, rule]) => rule.activity === activity).map(([id]) => id))
    const late = cases.filter(
      ({ clocks = [], tasks }) => clocks.includes('deadlines') && tasks.some(({ rule }) => own.has(rule)),
    )
    return stepsOf(activity)
      .filter((step) => !late.some((one) => showsStep(one, own, step)))
      .map(({ act, role }) => {
        const whom = role ? ` to the role "${codeOf(role)}"` : ''
        return `No case shows what ActivityDefinition/${activity.id} does when its Task waits: ${act}${whom}`
      })
  })
}

type Step = Omit<EscalationStep, 'at'>

const codeOf = ({ coding }: CodeableConcept): string => coding?.[0]?.code ?? ''

/** Each but once: what is done at several marks is shown where it is done at one. */
function stepsOf(activity: ActivityDefinition): Step[] {
  const steps = escalationOf(activity).map(({ at: _, ...step }): Step => step)
  return [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()]
}

function showsStep({ tasks, requests = [] }: PathwayCase, own: ReadonlySet<string>, { act, role }: Step): boolean {
  const late = tasks.filter(({ rule }) => own.has(rule))
  if (act === 'raise') return late.some(({ priority }) => priority === 'stat' || priority === 'asap')
  if (act === 'notify') {
    const begin = `${waitsInWords(role, 'nb')}: `
    return requests.some((one) => isTold(one) && one.text?.startsWith(begin))
  }
  return late.some(({ roles = [], owner }) => (role ? roles.includes(codeOf(role)) : owner !== undefined))
}
