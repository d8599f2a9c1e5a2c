import type {
  ActivityDefinition,
  Measure,
  PlanDefinition,
  PlanDefinitionAction,
  Questionnaire,
  QuestionnaireItem,
} from '@medplum/fhirtypes'
import { ENDS_WHEN } from '../../server/core/decide/enrolment/ends-when.ts'
import { type Colour, ZONE_ADVICE } from '../../server/core/decide/plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../../server/core/decide/schedule/policy.ts'
import { stagesOf } from '../../server/core/decide/stages/stage.ts'
import { escalationOf } from '../../server/core/decide/task/service-level.ts'
import { colourIn } from '../../server/core/decide/words/coded-words.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { benefitsOf, casesOf, isNamed } from '../../server/lifecycle/named-definitions.ts'

/** SNOMED CT: review of medication. */
const MEDICATION_REVIEW = '182836005'
/** Texts to read; fewer are the lead of a form that asks. */
const READ_TEXT_COUNT_MIN = 3

type Content = {
  plan: PlanDefinition
  actions: PlanDefinitionAction[]
  activities: ActivityDefinition[]
  forms: Questionnaire[]
  resources: Resource[]
}

/** What a pathway has beside its cases, each with what is said of one that lacks it. */
const PARTS: [has: (content: Content) => boolean, lacks: string][] = [
  [({ activities }) => activities.length > 0, 'No ActivityDefinition says what is done'],
  [({ forms }) => forms.some((form) => itemsOf(form.item).some(isQuestion)), 'No form in force asks the patient'],
  [isScheduled, 'Nothing has a schedule: a timing, a clock, or a stage that lasts so long'],
  [({ plan }) => (plan.goal ?? []).some(({ target }) => target?.length), 'No goal has limits'],
  [hasRuleOf('red'), 'No rule is red'],
  [hasRuleOf('yellow'), 'No rule is yellow'],
  [
    looksForWhatIsMissing,
    'Nothing is done about what does not come: an occurrence-policy, or a rule about what is missing',
  ],
  [
    ({ forms, actions }) => forms.some(isReading) || actions.some(({ id }) => id === 'learn'),
    'The patient is taught nothing: a form with texts to read, or an action "learn"',
  ],
  [
    (content) => isDone(content, MEDICATION_REVIEW),
    `No action lets somebody go through the medicines (SNOMED CT ${MEDICATION_REVIEW})`,
  ],
  [closes, 'Nothing says when it is over: ends-when, or a last stage'],
  [
    ({ plan }) => casesOf(plan)?.split('|')[1] === plan.version,
    'It does not name the cases of its own version: a relatedArtifact composed-of, label "cases", of its Library',
  ],
  [measuresBenefits, 'Its benefits are not measured: a relatedArtifact composed-of, label "benefits", of a Measure'],
]

/**
 * What a pathway does not have of what each is to have: schedules, rules of both colours, what happens about what is missing, escalation, advice
 * to the patient in each zone, teaching, a review of medicines, an end, measures of benefit.
 * @param resources of its folder, the plan among them
 */
export function lackingParts(plan: PlanDefinition, resources: Resource[]): string[] {
  const ofType = <T>(type: string) => resources.filter(({ resourceType }) => resourceType === type) as unknown as T[]
  const content: Content = {
    plan,
    actions: actionsOf(plan.action),
    activities: ofType<ActivityDefinition>('ActivityDefinition'),
    forms: ofType<Questionnaire>('Questionnaire').filter(({ status }) => status === 'active'),
    resources,
  }
  return [
    ...PARTS.flatMap(([has, lacks]) => (has(content) ? [] : [lacks])),
    ...(['green', 'yellow', 'red'] as const).flatMap((zone) => lackingAdvice(plan, zone)),
    ...withoutEscalation(content),
  ]
}

const actionsOf = (actions: PlanDefinitionAction[] = []): PlanDefinitionAction[] =>
  actions.flatMap((action) => [action, ...actionsOf(action.action)])

const itemsOf = (items: QuestionnaireItem[] = []): QuestionnaireItem[] =>
  items.flatMap((item) => [item, ...itemsOf(item.item)])

const isQuestion = ({ type }: QuestionnaireItem): boolean => type !== 'display' && type !== 'group'

const isReading = ({ item }: Questionnaire): boolean =>
  itemsOf(item).filter(({ type }) => type === 'display').length >= READ_TEXT_COUNT_MIN

function hasRuleOf(colour: Colour) {
  return ({ actions }: Content): boolean => actions.some(({ code }) => colourIn(code) === colour)
}

const hasClock = ({ trigger = [] }: PlanDefinitionAction): boolean => trigger.some(({ type }) => type === 'periodic')

function isScheduled({ plan, actions, activities }: Content): boolean {
  const lasts = stagesOf(plan).some(({ goal }) => goal)
  return lasts || actions.some((one) => hasClock(one) || one.timingTiming) || activities.some((one) => one.timingTiming)
}

function looksForWhatIsMissing(content: Content): boolean {
  const isPlanned = (content.plan.extension ?? []).some(({ url }) => url === OCCURRENCE_POLICY)
  return isPlanned || isDone(content, 'missing-measurement')
}

const does = ({ definitionCanonical }: PlanDefinitionAction, activity: ActivityDefinition): boolean =>
  definitionCanonical !== undefined && isNamed(definitionCanonical, activity)

/** Whether some action does what has this code. */
const isDone = ({ activities, actions }: Content, wanted: string): boolean =>
  activities.some(
    (one) => one.code?.coding?.some(({ code }) => code === wanted) && actions.some((action) => does(action, one)),
  )

function closes({ plan }: Content): boolean {
  const last = stagesOf(plan).at(-1)
  return (plan.extension ?? []).some(({ url }) => url === ENDS_WHEN) || (last !== undefined && !last.next?.length)
}

function measuresBenefits({ plan, resources }: Content): boolean {
  const named = benefitsOf(plan)
  const measure = resources.find((one) => named && isNamed(named, one)) as Measure | undefined
  return (measure?.group ?? []).length > 0
}

const ADVICE = { todo: 'what to do', call: 'whom to call', 'outside-hours': 'whom to call outside hours' }

function lackingAdvice({ extension = [] }: PlanDefinition, zone: Colour): string[] {
  const own = extension
    .filter(({ url }) => url === ZONE_ADVICE)
    .find(({ extension: parts = [] }) => parts.some(({ url, valueCode }) => url === 'zone' && valueCode === zone))
  if (!own) return [`The patient has no advice for the zone "${zone}" (zone-advice)`]
  return Object.entries(ADVICE).flatMap(([part, what]) =>
    own.extension?.some(({ url, valueString }) => url === part && valueString)
      ? []
      : [`The advice for the zone "${zone}" does not say ${what} (${part})`],
  )
}

/** Whoever is to answer a red finding may not have seen it: somebody hears of that. */
function withoutEscalation({ actions, activities }: Content): string[] {
  return actions
    .filter(({ code }) => colourIn(code) === 'red')
    .filter((action) => {
      const activity = activities.find((one) => does(action, one))
      return escalationOf(action, activity).length === 0
    })
    .map(({ id }) => `Rule "${id}" is red, and nobody hears of it when its deadline passes (service-level, escalation)`)
}
