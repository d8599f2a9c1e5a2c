import type { PlanDefinitionActionDynamicValue, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import type { Variables } from './condition.ts'
import { setPath } from './set-path.ts'

/**
 * Sets what the dynamicValues say in a Task of the engine, in order, later over earlier. One that cannot be evaluated is told in
 * a note: the Task itself must come all the same.
 * @param values those of the ActivityDefinition first, then those of the action
 */
export function withDynamicValues(
  task: Task,
  values: Pick<PlanDefinitionActionDynamicValue, 'path' | 'expression'>[],
  { variables, now }: { variables: Variables; now: Date },
): Task {
  if (values.length === 0) return task
  const changed = structuredClone(task)
  for (const { path = '', expression } of values) {
    try {
      if (expression?.language !== 'text/fhirpath') throw new Error(`språket «${expression?.language}» støttes ikke`)
      const all = { ...variables, resource: changed as unknown as Resource, reason: task.reasonCode?.text ?? [] }
      setPath(changed, 'Task', path, compileFhirPath(expression.expression ?? '')(variables.subject, all, now))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      changed.note = [...(changed.note ?? []), { text: `${path} kunne ikke settes: ${message}` }]
    }
  }
  return changed
}
