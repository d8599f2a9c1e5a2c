import { ACCESS_EXAMPLES } from './access-examples.ts'
import { DOCUMENT_EXAMPLES } from './document-examples.ts'
import { EXPORT_EXAMPLES } from './export-examples.ts'
import { FORM_EXAMPLES } from './form-examples.ts'
import { JOURNAL_EXAMPLES } from './journal-examples.ts'
import { KJERNEJOURNAL_EXAMPLES } from './kjernejournal-examples.ts'
import { NEWS2_EXAMPLES } from './news2-examples.ts'
import type { OperationExample } from './operation-example.ts'
import { PATIENT_EXAMPLES } from './patient-examples.ts'
import { PLAN_EXAMPLES } from './plan-examples.ts'
import { SUBSCRIPTION_EXAMPLES } from './subscription-examples.ts'
import { TASK_EXAMPLES } from './task-examples.ts'

/** The examples of every operation, by the id of its OperationDefinition; of one on several types, that of the first. */
export const EXAMPLES: { [definition: string]: OperationExample[] } = {
  ...TASK_EXAMPLES,
  ...PLAN_EXAMPLES,
  ...PATIENT_EXAMPLES,
  ...DOCUMENT_EXAMPLES,
  ...FORM_EXAMPLES,
  ...JOURNAL_EXAMPLES,
  ...KJERNEJOURNAL_EXAMPLES,
  ...NEWS2_EXAMPLES,
  ...ACCESS_EXAMPLES,
  ...EXPORT_EXAMPLES,
  ...SUBSCRIPTION_EXAMPLES,
}
