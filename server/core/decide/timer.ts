/**
 * What kind of moment a timer waits for; each kind has one function that decides when it rings.
 *
 * | kind | about | name |
 * |---|---|---|
 * | `rule` | the CarePlan | id of the action with the periodic trigger, `#2` behind it for its second such; `plan` is its PlanDefinition's url |
 * | `occurrence` | the ServiceRequest or Task that asks for it | which of its moments is next |
 * | `task-mark` | the Task | goal, deadline, passed |
 * | `snooze` | the Task | when it comes back |
 * | `silence` | the Task, the phone's status, or the result that was announced | which silence; where it is of a plan, `plan` is its url |
 * | `limits-review` | the CarePlan | when its limits are looked at, and when the first of the person's own ends |
 * | `step-down` | the ServiceRequest | when it may be asked for less often, or must be as before |
 * | `closing` | the CarePlan | when its period is over |
 * | `activation` | the PlanDefinition | when it comes into force |
 * | `legal-basis` | the CarePlan | when the first Consent that it rests on is over |
 * | `stage` | the CarePlan | goal, deadline: when the stage that the patient is in should be over; `plan` is its url |
 * | `planned-change` | the CarePlan or ServiceRequest | when the next of what is planned for it is done |
 * | `alarm-budget` | the PlanDefinition | when its alarms are held against its budget |
 * | `forecast` | the PlanDefinition | when the week's work is forecast, and last week's forecast held against what came |
 * | `alternative` | the PlanDefinition | when it is looked how far the trial of a quieter version is |
 */
export type TimerKind =
  | 'closing'
  | 'rule'
  | 'occurrence'
  | 'task-mark'
  | 'snooze'
  | 'silence'
  | 'limits-review'
  | 'step-down'
  | 'activation'
  | 'alarm-budget'
  | 'alternative'
  | 'forecast'
  | 'legal-basis'
  | 'stage'
  | 'planned-change'

/** Which timer it is: there is at most one with this key. */
export type TimerKey = {
  kind: TimerKind
  /** What it is about, as `Type/id`. */
  about: string
  name: string
  /** url of the PlanDefinition by which it runs, without the version, where there is one. */
  plan?: string
}

/** A moment that will come: durable, to the second, and once. */
export type Timer = TimerKey & {
  dueAt: Date
  /** What whoever decides then should not have to find out again; small, and JSON. */
  payload?: TimerPayload
}
export type TimerPayload = { [name: string]: string | number | boolean | null | TimerPayload | TimerPayload[] }

/**
 * `start` a timer unless it runs already; `set` it, or move it, to this moment; `drop` one; `clear` all of one kind that are about
 * this resource. A timer that has rung and is not set again by what was decided then is gone.
 */
export type TimerDecision =
  | { act: 'start' | 'set'; timer: Timer }
  | { act: 'drop'; timer: TimerKey }
  | { act: 'clear'; kind: TimerKind; about: string }

/** One text for each key, for maps. */
export const timerId = ({ kind, about, name, plan = '' }: TimerKey): string => `${kind} ${about} ${plan} ${name}`
