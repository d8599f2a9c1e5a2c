import type { CodeableConcept, CommunicationRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { madeBy } from '../plan/steer.ts'
import { ruleOf } from '../task/finding-task.ts'
import { repetitionOf } from '../task/repetition.ts'
import type { CaseRequest, CaseTask } from './pathway-case.ts'

/** What a case writes of a Task. */
export function summarise(task: Task): Required<CaseTask> {
  const repetition = repetitionOf(task)
  const code = codeIn(task.code)
  return {
    rule: ruleOf(task)?.actionId ?? code,
    colour: codeIn(task.businessStatus),
    priority: task.priority ?? '',
    status: task.status,
    reason: task.reasonCode?.text ?? '',
    evidence: (task.input ?? []).flatMap((input) => input.valueReference?.reference ?? []),
    code,
    owner: task.owner?.reference ?? task.owner?.display ?? '',
    deadline: task.restriction?.period?.end ?? '',
    count: repetition?.count ?? 1,
    suppressed: repetition?.suppressedCount ?? 0,
    note: task.note?.at(-1)?.text ?? '',
    roles: (task.performerType ?? []).map(codeIn),
  }
}

/** What a case writes of anything else that the plan brought about. */
export function summariseRequest(resource: Resource): Required<CaseRequest> {
  const { payload, recipient } = resource as unknown as CommunicationRequest
  return {
    type: resource.resourceType,
    status: String(resource.status ?? ''),
    code: codeIn((resource.code ?? resource.codeCodeableConcept) as CodeableConcept | undefined),
    text: payload?.[0]?.contentString ?? '',
    to: recipient?.[0]?.reference ?? '',
    rule: madeBy(resource)?.actionId ?? '',
    at: String(resource.authoredOn ?? resource.meta?.lastUpdated ?? ''),
  }
}

const codeIn = (concept: CodeableConcept | undefined): string => concept?.coding?.[0]?.code ?? ''
