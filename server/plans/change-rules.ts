import type { Task } from '@medplum/fhirtypes'
import { checkTaskChange } from '../core/decide/task/task-status.ts'
import type { Resource } from '../core/fhir/resource.ts'

/** What the store asks before a resource of these types changes, whoever changes it and by whichever interaction. */
export const CHANGE_RULES: ReadonlyMap<string, (before: Resource, after: Resource) => void> = new Map([
  ['Task', (before, after) => checkTaskChange(before as unknown as Task, after as unknown as Task)],
])
