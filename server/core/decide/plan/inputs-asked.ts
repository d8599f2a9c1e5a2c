import type { CarePlan, DataRequirement, TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { compileDirect } from '../../fhirpath/direct.ts'
import { type Evaluator, isFhirPath } from '../evaluator.ts'
import type { DataHappening } from '../happening.ts'
import { type CompiledPlan, type Listener, listenersTo } from './compile-plan.ts'
import { isTriggered, type TriggerGround } from './trigger.ts'

/** What came to somebody whom the plan follows. */
export type Coming = { happening: DataHappening; carePlan: CarePlan; subject: Resource | undefined; now: Date }

/**
 * The inputs that the rules ask for which may be woken by what came. A rule whose trigger says no already asks for none: most measurements
 * are as they should be, and looking back for a rule that none of them wakes costs more than all the rest of the decision.
 */
export function inputsAsked(plan: CompiledPlan, coming: Coming): DataRequirement[] {
  const { current, previous } = coming.happening
  const changed = current ?? previous
  if (!changed) return []
  const asking = listenersTo(plan, changed).filter(({ inputs }) => inputs.length > 0)
  if (asking.length === 0) return []
  const judged: Judged = { plan, coming, unmet: new Set() }
  const others = judgedOf.get(changed)
  if (others) others.push(judged)
  else judgedOf.set(changed, [judged])
  const ground = groundOf(coming)
  return asking.filter((listener) => mayBeWoken(listener, ground, judged.unmet)).flatMap(({ inputs }) => inputs)
}

type Judged = { plan: CompiledPlan; coming: Coming; unmet: Set<TriggerDefinition> }
/** By what came, for as long as anybody has it. */
const judgedOf = new WeakMap<Resource, Judged[]>()

/** The triggers of which `inputsAsked` has found that just this does not meet them: nobody needs to ask them once more. */
export function knownUnmet(plan: CompiledPlan, coming: Coming): ReadonlySet<TriggerDefinition> | undefined {
  const { current, previous } = coming.happening
  const changed = current ?? previous
  return changed && judgedOf.get(changed)?.find((one) => one.plan === plan && isSame(one.coming, coming))?.unmet
}

const isSame = (one: Coming, other: Coming): boolean =>
  one.carePlan === other.carePlan &&
  one.subject === other.subject &&
  one.now === other.now &&
  one.happening.interaction === other.happening.interaction &&
  one.happening.current === other.happening.current &&
  one.happening.previous === other.happening.previous &&
  one.happening.access === other.happening.access

function groundOf({ happening, carePlan, subject, now }: Coming): TriggerGround {
  const variables = { careplan: carePlan, subject: subject ?? [] }
  return { happening, history: [], carePlanId: carePlan.id, variables, now, evaluate: answerInPlace }
}

/** Those that are not met are noted. */
function mayBeWoken({ triggers }: Listener, ground: TriggerGround, unmet: Set<TriggerDefinition>): boolean {
  if (!triggers) return true
  for (const trigger of triggers) {
    if (mayBeMet(trigger, ground)) return true
    unmet.add(trigger)
  }
  return false
}

/** A trigger that asks for several things is not judged before they are read; nor is what cannot be judged at all. */
function mayBeMet(trigger: TriggerDefinition, ground: TriggerGround): boolean {
  if ((trigger.data?.length ?? 0) > 1) return true
  try {
    return isTriggered([trigger], ground).outcome !== 'no'
  } catch {
    return true
  }
}

/** Only what takes no time to speak of, and is the same wherever it is asked. What has no answer here may be met. */
const answerInPlace: Evaluator = (question) => {
  const { expression, variables, now } = question
  const answer = isFhirPath(question) ? compileDirect(expression)?.(variables, now) : undefined
  if (!answer) throw new Error('This is not answered before it must be.')
  return answer
}
