import { accessLog } from './access-log.ts'
import { accessPolicy } from './access-policy.ts'
import { advanceClock } from './advance-clock.ts'
import {
  activityDefinitionApply,
  planDefinitionApply,
  planDefinitionApplyAsBundle,
  planDefinitionEnrol,
} from './apply-operations.ts'
import { groupExport, patientExport, systemExport } from './bulk-export.ts'
import { taskClaim, taskRelease } from './claim-task.ts'
import { dataRequirements } from './data-requirements.ts'
import { diffPlanDefinition } from './diff-plan.ts'
import { docref } from './docref.ts'
import { document } from './document.ts'
import { clonePlanDefinition, draftPlanDefinition } from './draft-plan.ts'
import { encounterEverything, patientEverything } from './everything.ts'
import { expand } from './expand.ts'
import { explain, explainPatient } from './explain.ts'
import { explainAccess } from './explain-access.ts'
import { exportAudit } from './export-audit.ts'
import { fileDocument } from './file-document.ts'
import { graphql } from './graphql.ts'
import { handover } from './hand-over.ts'
import { systemImport } from './import.ts'
import { acceptInvitation, invite } from './invitation.ts'
import { journalFind, journalStatus } from './journal.ts'
import {
  kjernejournalDocument,
  kjernejournalFind,
  kjernejournalLaboratory,
  kjernejournalPortal,
  kjernejournalStatus,
} from './kjernejournal.ts'
import { lastn } from './lastn.ts'
import { lookup } from './lookup.ts'
import { meta, metaAdd, metaDelete } from './meta.ts'
import { migratePlanDefinition, undoMigration } from './migrate-plan.ts'
import { moveStage } from './move-stage.ts'
import { news2 } from './news2.ts'
import { nextQuestionOperation } from './next-question.ts'
import { taskNext } from './next-task.ts'
import { breakGlass, openRestricted } from './open-record.ts'
import type { Operation } from './operation.ts'
import { patientSchedule } from './patient-schedule.ts'
import {
  activatePlanDefinition,
  approvePlanDefinition,
  rollBackPlanDefinition,
  stagePlanDefinition,
  submitPlanDefinition,
} from './plan-acts.ts'
import { planChange, plannedChanges, withdrawChange } from './plan-change.ts'
import { carePlanDocument, carePlanPdf, compositionPdf } from './plan-documents.ts'
import { exportPlanPackage, importPlanPackage } from './plan-package.ts'
import { carePlanStages } from './plan-stages.ts'
import { limitsProposal } from './propose-limits.ts'
import { pushKey, pushSubscribe, pushUnsubscribe } from './push.ts'
import { carePlanEvent, planDefinitionEvent } from './raise-event.ts'
import { refinePlanDefinition } from './refine-plan.ts'
import { searchParameterReindexStatus } from './reindex-status-operation.ts'
import { replay, replayPatient } from './replay.ts'
import { reportDifference } from './report-difference.ts'
import { taskResend } from './resend.ts'
import { responsible } from './responsible.ts'
import { ruleRates } from './rule-rates.ts'
import { testPlanDefinition } from './run-plan-cases.ts'
import { sentMessages } from './sent-messages.ts'
import { setLimits } from './set-limits.ts'
import { shadowPlanDefinition, shadowReport } from './shadow-plan.ts'
import { simulateCarePlan, simulatePlanDefinition } from './simulate.ts'
import { taskSnooze, taskWake } from './snooze-task.ts'
import { stats } from './stats.ts'
import { subscriptionEvents } from './subscription-events.ts'
import { subscriptionStatus } from './subscription-status.ts'
import { subsumes } from './subsumes.ts'
import { suggestTeam } from './suggest-team.ts'
import { translate } from './translate.ts'
import { validate } from './validate.ts'
import { validateCodeInCodeSystem, validateCodeInValueSet } from './validate-code.ts'
import { whoMaySee } from './who-may-see.ts'
import { wsBindingToken } from './ws-binding-token.ts'

/** Every operation that declares itself; routes, metadata and OperationDefinitions are made from this list. */
export const OPERATIONS: Operation[] = [
  systemExport,
  patientExport,
  groupExport,
  systemImport,
  taskNext,
  taskClaim,
  taskRelease,
  taskSnooze,
  taskWake,
  taskResend,
  handover,
  responsible,
  ruleRates,
  validate,
  planDefinitionApply,
  planDefinitionApplyAsBundle,
  planDefinitionEnrol,
  dataRequirements,
  testPlanDefinition,
  simulatePlanDefinition,
  simulateCarePlan,
  shadowPlanDefinition,
  shadowReport,
  draftPlanDefinition,
  clonePlanDefinition,
  diffPlanDefinition,
  refinePlanDefinition,
  submitPlanDefinition,
  approvePlanDefinition,
  activatePlanDefinition,
  stagePlanDefinition,
  rollBackPlanDefinition,
  migratePlanDefinition,
  undoMigration,
  exportPlanPackage,
  importPlanPackage,
  activityDefinitionApply,
  explain,
  explainPatient,
  replay,
  replayPatient,
  carePlanEvent,
  planDefinitionEvent,
  nextQuestionOperation,
  carePlanStages,
  moveStage,
  planChange,
  withdrawChange,
  plannedChanges,
  limitsProposal,
  setLimits,
  patientEverything,
  encounterEverything,
  lastn,
  news2,
  stats,
  document,
  compositionPdf,
  carePlanDocument,
  carePlanPdf,
  fileDocument,
  docref,
  graphql,
  meta,
  metaAdd,
  metaDelete,
  expand,
  validateCodeInValueSet,
  lookup,
  validateCodeInCodeSystem,
  subsumes,
  translate,
  searchParameterReindexStatus,
  patientSchedule,
  suggestTeam,
  breakGlass,
  openRestricted,
  accessLog,
  whoMaySee,
  invite,
  acceptInvitation,
  kjernejournalStatus,
  kjernejournalFind,
  kjernejournalDocument,
  kjernejournalLaboratory,
  kjernejournalPortal,
  journalStatus,
  journalFind,
  pushKey,
  pushSubscribe,
  pushUnsubscribe,
  reportDifference,
  exportAudit,
  accessPolicy,
  explainAccess,
  subscriptionStatus,
  subscriptionEvents,
  wsBindingToken,
  sentMessages,
  advanceClock,
]
