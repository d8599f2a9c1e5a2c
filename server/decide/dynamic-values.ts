import type { PlanDefinitionActionDynamicValue, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { type Evaluator, evaluateHere, isKnownLanguage, type Variables } from './evaluator.ts'
import { setPath } from './set-path.ts'

/**
 * Sets what the dynamicValues say in a Task of the engine, in order, later over earlier. One that cannot be evaluated is told in
 * a note: the Task itself must come all the same.
 * @param values those of the ActivityDefinition first, then those of the action
 */
export function withDynamicValues(
  task: Task,
  values: Pick<PlanDefinitionActionDynamicValue, 'path' | 'expression'>[],
  { variables, now, evaluate = evaluateHere }: { variables: Variables; now: Date; evaluate?: Evaluator | undefined },
): Task {
  if (values.length === 0) return task
  const changed = structuredClone(task)
  for (const { path = '', expression } of values) {
    try {
      const { language, expression: text = '', reference } = expression ?? {}
      if (!isKnownLanguage(language)) throw new Error(`språket «${language}» støttes ikke`)
      const all = { ...variables, resource: changed as unknown as Resource, reason: task.reasonCode?.text ?? [] }
      const focus = variables.subject as Resource
      const result = evaluate({ language, expression: text, reference, focus, variables: all, now })
      setPath(changed, 'Task', path, result)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      changed.note = [...(changed.note ?? []), { text: `${path} kunne ikke settes: ${message}` }]
    }
  }
  return changed
}
