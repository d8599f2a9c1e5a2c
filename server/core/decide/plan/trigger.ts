import type { TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Evaluator } from '../evaluator.ts'
import { type DataHappening, isAssessable } from '../happening.ts'
import { sameInAll, type Told } from '../words/told.ts'
import { toCondition } from './compile-plan.ts'
import { outcomeOf, type Variables } from './condition.ts'
import { matches } from './data-requirement.ts'
import { concerns, eventNameOf } from './named-event.ts'

export type Triggered = { outcome: 'yes' | 'no' } | { outcome: 'unevaluable'; problem: Told }

/** What a trigger is held against. */
export type TriggerGround = {
  happening: DataHappening
  /** What else of the patient's is known, for a trigger that asks for several things. */
  history: Resource[]
  carePlanId: string | undefined
  /** `%careplan` and `%subject`, beside `%current`, `%previous` and `%access`. */
  variables: Variables
  now: Date
  evaluate?: Evaluator | undefined
  /** Those of which it is known already that they are not met. */
  unmet?: ReadonlySet<TriggerDefinition> | undefined
}

/**
 * https://hl7.org/fhir/R4/codesystem-trigger-type.html, those that concern data. Over REST an access is one moment: it has ended when it
 * is answered.
 */
const KINDS = {
  create: ['data-added', 'data-changed'],
  update: ['data-modified', 'data-changed'],
  delete: ['data-removed', 'data-changed'],
  access: ['data-accessed', 'data-access-ended'],
} as const satisfies Record<DataHappening['interaction'], readonly TriggerDefinition['type'][]>

/** Whether a trigger waits for the reading of something. */
export const isAccessTrigger = (type: TriggerDefinition['type']): boolean => KINDS.access.some((kind) => kind === type)

/**
 * Whether some trigger of a rule is met: several are alternatives.
 * @returns `unevaluable` with the reason when none is met and the condition of one cannot be evaluated
 * @throws Error for a data requirement that cannot be held against anything (data-requirement.ts)
 * @see https://hl7.org/fhir/R4/metadatatypes.html#TriggerDefinition
 */
export function isTriggered(triggers: TriggerDefinition[], ground: TriggerGround): Triggered {
  let best = NO
  // Each is asked, also after one has said yes: what cannot be held against anything is told, whatever the others say.
  for (const trigger of triggers) {
    if (ground.unmet?.has(trigger) || !isMet(trigger, ground)) continue
    const judged = judge(trigger, ground)
    if (judged.outcome === 'yes' ? best.outcome !== 'yes' : judged.outcome === 'unevaluable' && best === NO)
      best = judged
  }
  return best
}

const YES: Triggered = { outcome: 'yes' }
const NO: Triggered = { outcome: 'no' }

function isMet(trigger: TriggerDefinition, ground: TriggerGround): boolean {
  const { interaction, current, previous } = ground.happening
  const changed = current ?? previous
  if (!changed) return false
  if (trigger.type === 'named-event') {
    const isIt = interaction === 'create' && trigger.name !== undefined && eventNameOf(changed) === trigger.name
    return isIt && concerns(changed, ground.carePlanId)
  }
  const kinds: readonly string[] = KINDS[interaction]
  if (!kinds.includes(trigger.type) || !trigger.data?.length) return false
  // A rule looks at what stands, unless it asks for the status itself: "no longer preliminary", "entered in error".
  if (current && !isAssessable(current) && !asksForStatus(trigger)) return false
  return holds(trigger.data, changed, ground)
}

/** All of the requirements must be met, one at least by what changed; the others may be by what was there. */
function holds(data: NonNullable<TriggerDefinition['data']>, changed: Resource, { history, now }: TriggerGround) {
  const [only] = data
  if (only && data.length === 1) return matches(changed, only, now)
  const unmet = data.filter((requirement) => !matches(changed, requirement, now))
  if (unmet.length === data.length) return false
  return unmet.every((requirement) => history.some((known) => isAssessable(known) && matches(known, requirement, now)))
}

const asksForStatus = ({ condition }: TriggerDefinition) => /\bstatus\b/.test(condition?.expression ?? '')

const NO_PROBLEMS = {}

/** The trigger's own condition must be true; no value is no. */
function judge({ condition }: TriggerDefinition, ground: TriggerGround): Triggered {
  if (!condition) return YES
  const { happening, variables } = ground
  const { current, previous, access } = happening
  const focus = current ?? previous
  if (!focus) return NO
  const given = { ...variables, current: current ?? [], previous: previous ?? [], access: access ?? [] }
  const { outcome, problem, isEmpty } = outcomeOf(toCondition(condition), focus, given, NO_PROBLEMS, ground)
  if (outcome === 'true') return YES
  if (outcome === 'false' || isEmpty) return NO
  return { outcome: 'unevaluable', problem: problem ?? sameInAll('') }
}
