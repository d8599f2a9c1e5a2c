import type { PlanDefinitionActionDynamicValue, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type Evaluator, evaluateHere, isKnownLanguage, type Variables } from '../evaluator.ts'
import { setPath } from './set-path.ts'

type DynamicValue = Pick<PlanDefinitionActionDynamicValue, 'path' | 'expression'>
type Ground = { variables: Variables; now: Date; evaluate?: Evaluator | undefined }

/**
 * Sets what the dynamicValues say in a Task of the engine, in order, later over earlier. One that cannot be evaluated is told in
 * a note: the Task itself must come all the same.
 * @param values those of the ActivityDefinition first, then those of the action
 */
export function withDynamicValues(task: Task, values: DynamicValue[], ground: Ground): Task {
  if (values.length === 0) return task
  const changed = structuredClone(task)
  const variables = { ...ground.variables, reason: task.reasonCode?.text ?? [] }
  for (const value of values) {
    try {
      setDynamicValues(changed as unknown as Resource, [value], { ...ground, variables })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      changed.note = [...(changed.note ?? []), { text: `${value.path} kunne ikke settes: ${message}` }]
    }
  }
  return changed
}

/**
 * The same in any resource, in place.
 * @throws Error for the first that cannot be evaluated or set
 */
export function setDynamicValues(target: Resource, values: DynamicValue[], ground: Ground): void {
  const { variables, now, evaluate = evaluateHere } = ground
  for (const { path = '', expression } of values) {
    const { language, expression: text = '', reference } = expression ?? {}
    if (!isKnownLanguage(language)) throw new Error(`språket «${language}» støttes ikke`)
    const all = { ...variables, resource: target }
    const focus = variables.subject as Resource
    setPath(
      target,
      target.resourceType,
      path,
      evaluate({ language, expression: text, reference, focus, variables: all, now }),
    )
    // The translations were of what stood there.
    delete target[`_${path}`]
  }
}
