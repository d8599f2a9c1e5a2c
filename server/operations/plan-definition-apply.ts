import { apply } from './apply.ts'
import type { Operation } from './operation.ts'

/** https://hl7.org/fhir/R4/plandefinition-operation-apply.html; apply-parameters.ts reads what it takes. */
export const planDefinitionApply: Operation = {
  code: 'apply',
  title: 'Apply a plan',
  description: 'What a plan proposes for one subject, as a CarePlan. Stores nothing.',
  resource: ['PlanDefinition'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'planDefinition', type: 'PlanDefinition', min: 0, max: '1', documentation: 'The plan itself.' },
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the plan.' },
    { name: 'subject', type: 'string', min: 1, max: '1', documentation: 'Whom it is applied to, such as Patient/1.' },
    { name: 'encounter', type: 'string', min: 0, max: '1', documentation: 'The encounter in which it happens.' },
    { name: 'practitioner', type: 'string', min: 0, max: '1', documentation: 'Who applies it.' },
    { name: 'organization', type: 'string', min: 0, max: '1', documentation: 'For whom.' },
    { name: 'data', type: 'Bundle', min: 0, max: '1', documentation: 'Facts beside those that are stored here.' },
  ],
  out: [{ name: 'return', type: 'CarePlan', min: 1, max: '1', documentation: 'What is proposed.' }],
  handler: apply,
}
