/** The urls that the engine and the pathways share. Everything here is FHIR data that others may read and write. */
export const FYLGJE = 'http://fylgje.no/fhir'

/** Who decides, writes and asks by itself. */
export const ENGINE = 'Device/plan-engine'

/** What the definition of an operation is called, wherever the server runs: it is the same one. */
export const operationCanonical = (id: string): string => `${FYLGJE}/OperationDefinition/${id}`

/** What a Task asks for. */
export const TASK_CODE = `${FYLGJE}/CodeSystem/task-code`
/** The roles that Tasks are for. */
export const TEAM_ROLE = `${FYLGJE}/CodeSystem/team-role`
/** red act now, yellow look at it today, grey missing or not assessable, green as expected. */
export const TRIAGE_COLOUR = `${FYLGJE}/CodeSystem/triage-colour`
/** What a `Task.input` is: evidence, the milder Task that this one grew from, the moment that passed. */
export const TASK_INPUT = `${FYLGJE}/CodeSystem/task-input`
/** What a `Task.output` is: the proposal that answers speak for and why; whether what it was about was real. */
export const TASK_OUTPUT = `${FYLGJE}/CodeSystem/task-output`
/** How a Task ended: `Task.statusReason` of one that is completed. */
export const TASK_OUTCOME = `${FYLGJE}/CodeSystem/task-outcome`
/** Task.identifier: plan url, action id, subject and first event, joined by `|`. */
export const FINDING = `${FYLGJE}/NamingSystem/finding`

/** CommunicationRequest.identifier: which Task is told of, and the moment at which it was late or what it asks for. */
export const NOTICE = `${FYLGJE}/NamingSystem/notice`

/** ClinicalImpression.identifier: plan url, CarePlan and measurement, joined by `|`. */
export const TRIAGE = `${FYLGJE}/NamingSystem/triage`
/** ClinicalImpression.code: what kind of assessment it is. */
export const TRIAGE_CODE = `${FYLGJE}/CodeSystem/assessment-kind`

/** On Goal.target: which zone a limit opens, and whether it is counted from the person's own baseline. */
export const LIMIT = `${FYLGJE}/StructureDefinition/limit`
export const isLimit = ({ url }: { url?: string }): boolean => url === LIMIT
/** On a periodic trigger: the id of the input whose newest resource the time is counted from. */
export const TIMER_SINCE = `${FYLGJE}/StructureDefinition/timer-since`
/** On an action or an ActivityDefinition: goal, deadline, calendar and escalation chain of the Tasks that come of it. */
export const SERVICE_LEVEL = `${FYLGJE}/StructureDefinition/service-level`
/** On an action or an ActivityDefinition: the queue its Tasks go to, the skills that they need, and whether one person is chosen. */
export const ROUTING = `${FYLGJE}/StructureDefinition/routing`
/** On a PlanDefinition: findings that come within this Duration of each other are gathered in one Task. */
export const SUMMARY_WINDOW = `${FYLGJE}/StructureDefinition/summary-window`
/** On a Task: what whoever does it must be able to do. */
export const SKILL = `${FYLGJE}/StructureDefinition/skill`
/** On a HealthcareService: the CareTeam whose opening hours and people these are. */
export const CARE_TEAM = `${FYLGJE}/StructureDefinition/care-team`
/** On a Task: one of its marks, when it is, whether it has passed, and what is done then. */
export const TASK_MARK = `${FYLGJE}/StructureDefinition/task-mark`
/** On a Task that somebody has taken: the queue that it came from, and goes back to. */
export const QUEUE = `${FYLGJE}/StructureDefinition/queue`
/** On a Task: it is put aside until a moment, with a reason. */
export const SNOOZE = `${FYLGJE}/StructureDefinition/snooze`
/** On a Task: how often the finding has come, and its latest value. */
export const REPETITION = `${FYLGJE}/StructureDefinition/repetition`
/** On a Task: 0–100, what a worklist is ordered by. */
export const URGENCY = `${FYLGJE}/StructureDefinition/urgency`
/** R6 applicabilityBehavior as extension: with `any` the first applicable child ends the group. */
export const APPLICABILITY_BEHAVIOR = 'http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior'
/** On an action: what it does to activities that are there: `change`, `stop`, `pause`, `resume`. */
export const ACTIVITY_EFFECT = `${FYLGJE}/StructureDefinition/activity-effect`
/** On a request that is not yet due: another action of its plan that must come first, and what to keep away from it. */
export const WAITS_FOR = `${FYLGJE}/StructureDefinition/waits-for`
/** On a PlanDefinition: a form that is to be answered before a referral to the plan is, and by whom. */
export const ELIGIBILITY_QUESTIONS = `${FYLGJE}/StructureDefinition/eligibility-questions`
/** On a PlanDefinition: FHIRPath over `%answers` and `%referral`, true for whom the plan is for. */
export const ELIGIBLE_WHEN = `${FYLGJE}/StructureDefinition/eligible-when`
/** On a PlanDefinition: what the patient does in one zone, and whom to call, also outside hours. */
export const ZONE_ADVICE = `${FYLGJE}/StructureDefinition/zone-advice`
export const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation'

export const COLOURS = ['red', 'yellow', 'grey', 'green'] as const
export type Colour = (typeof COLOURS)[number]
