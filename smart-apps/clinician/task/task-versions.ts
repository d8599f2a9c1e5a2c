import type { Task } from '@medplum/fhirtypes'

const FIELDS = ['status', 'owner', 'priority', 'zone', 'deadline', 'statusReason', 'note'] as const
export type Field = (typeof FIELDS)[number]
/** One element in which two versions of a Task are not the same, as each has it. */
export type FieldDifference = { field: Field; mine: string; theirs: string }

/**
 * What somebody wanted a Task to be beside what another has made of it meanwhile.
 * @param mine as it would be written  @param theirs as it is stored now
 */
export function differences(mine: Task, theirs: Task): FieldDifference[] {
  return FIELDS.flatMap((field) => {
    const [one, other] = [said(mine, field), said(theirs, field)]
    return one === other ? [] : [{ field, mine: one, theirs: other }]
  })
}

function said(task: Task, field: Field): string {
  switch (field) {
    case 'status':
      return task.status ?? ''
    case 'owner':
      return task.owner?.display ?? task.owner?.reference ?? ''
    case 'priority':
      return task.priority ?? ''
    case 'zone':
      return task.businessStatus?.coding?.[0]?.code ?? ''
    case 'deadline':
      return task.restriction?.period?.end ?? ''
    case 'statusReason':
      return task.statusReason?.text ?? ''
    case 'note':
      return task.note?.at(-1)?.text ?? ''
  }
}
