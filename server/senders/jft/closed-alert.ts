import type {
  ClinicalImpression,
  Communication,
  Identifier,
  Observation,
  Questionnaire,
  QuestionnaireResponse,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'

/** Somebody by an identifier that means something elsewhere; a reference into this server would not. */
export type Named = { identifier: Identifier; display?: string }

export type Addressed = {
  /** Organisation number of whose journal it is for. */
  organization: string
  /** What this server is called there. */
  sourceSystem: string
  /** The version that caused the message: `Task/1/_history/5`. It names everything in it. */
  cause: string
  patient: Identifier
  author: Named
}

/** An alert that somebody has closed, with what of it the receiver may see. */
export type ClosedAlert = Addressed & {
  task: Task
  /** When somebody took it; undefined where they closed it at once. */
  begunAt?: string
  closedAt: string
  evidence: (Observation | QuestionnaireResponse)[]
  /** Whether some of what the Task rests on, or all of it, was entered in error or deleted since. The Task's own words name it still. */
  invalidated?: 'some' | 'all'
  /** What the answers counted to. */
  scores: Observation[]
  /** How each of it was judged. */
  triage: ClinicalImpression[]
  /** The forms that were answered, or were to be. */
  questionnaires: Questionnaire[]
  /** What did not come, where it is about that. */
  asked?: ServiceRequest | Task
}

/** What somebody has written to the journal, of no alert. */
export type FreeNote = Addressed & { note: Communication }

const INVALIDATED = {
  some: 'Noe av det varselet bygget på, er trukket tilbake som feilført.',
  all: 'Det varselet bygget på, er trukket tilbake som feilført.',
} as const

/** Why there was an alert, in the Task's words; where these would tell what was entered in error, that it was. */
export function reasonsOf({ task, invalidated }: Pick<ClosedAlert, 'task' | 'invalidated'>): string[] {
  if (invalidated) return [INVALIDATED[invalidated]]
  return [task.reasonCode?.text, task.description].filter((text) => text !== undefined)
}
