import type { CarePlan, DataRequirement, TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { compileDirect } from '../../fhirpath/direct.ts'
import type { Evaluator } from '../evaluator.ts'
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
  const ground = groundOf(coming)
  return asking.filter((listener) => mayBeWoken(listener, ground)).flatMap(({ inputs }) => inputs)
}

function groundOf({ happening, carePlan, subject, now }: Coming): TriggerGround {
  const variables = { careplan: carePlan, subject: subject ?? [] }
  return { happening, history: [], carePlanId: carePlan.id, variables, now, evaluate: answerInPlace }
}

const mayBeWoken = ({ triggers }: Listener, ground: TriggerGround): boolean =>
  triggers?.some((trigger) => mayBeMet(trigger, ground)) ?? true

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
const answerInPlace: Evaluator = ({ expression, variables, now }) => {
  const answer = compileDirect(expression)?.(variables, now)
  if (!answer) throw new Error('This is not answered before it must be.')
  return answer
}
