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
  /** Whether some of `evidence`, or all of it, says something else than what the Task rests on did. The Task's own words name the former value. */
  corrected?: 'some' | 'all'
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

const CORRECTED = 'Noe av det varselet bygget på, er korrigert siden. Det som følger med, er det korrigerte.'

/** Why there was an alert, in the Task's words; where these would tell what was entered in error or corrected since, that it was. */
export function reasonsOf({ task, invalidated, corrected }: Told): string[] {
  const since = [invalidated ? INVALIDATED[invalidated] : undefined, corrected ? CORRECTED : undefined]
  const own = invalidated || corrected ? [] : [task.reasonCode?.text, task.description]
  return [...since, ...own].filter((text) => text !== undefined)
}

/** Whether nothing that the alert rests on stands as it did: nobody knows then how grave it was. */
export const isWithoutGround = ({ invalidated, corrected }: Omit<Told, 'task'>): boolean =>
  invalidated === 'all' || corrected === 'all'

type Told = Pick<ClosedAlert, 'task' | 'invalidated' | 'corrected'>
