import type { Access } from '../access/access.ts'
import type { Language } from '../core/decide/words/language.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Difference } from './plan-diff.ts'

/** Who is to be moved. */
export type MoveOptions = {
  /** `url|version` of the versions that are left; empty for all others of the plan. */
  from: string[]
  /** Percent of the patients; undefined for the share that the version is in force for. */
  share: number | undefined
  /** ids of the CarePlans that are moved, and no others; left out or empty, all of them. */
  only?: string[]
}

/** Which of the enrolments are shown, and in which language they are told of. */
export type MovePage = { count: number; offset: number; language: Language }

/** What a move would change, for the plan and for each person. */
export type MovePreview = {
  from: string[]
  to: string
  /** How many enrolments would be moved. */
  total: number
  differences: { from: string; differences: Difference[] }[]
  enrolments: { carePlan: string; patient: string; differences: Difference[] }[]
}

/** Moving enrolments from one version of a plan to another: tried first, done in batches, taken back in one act. */
export type PlanMoves = {
  /** Writes nothing. @param page of the enrolments @throws Refusal not-found, business-rule (a version that is not known) */
  preview(id: string, options: MoveOptions, page: MovePage): Promise<MovePreview>
  /** @returns the Task that tells how far it is @throws Refusal not-found, business-rule (the version is not in force) */
  start(access: Access, id: string, options: MoveOptions & { reason: string | undefined }): Promise<Resource>
  /** @param task of the move; undefined for the last one to this version @throws Refusal not-found, conflict (undone already) */
  undo(access: Access, id: string, task: string | undefined): Promise<Resource>
  /** How far a move is: the Task as it is now, once the work is done or the time is over. */
  waitFor(task: string, milliseconds: number): Promise<{ isDone: boolean; task: Resource }>
}
