import type { Coding } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isAssessable } from '../happening.ts'
import { shortcomings } from '../limits/measurement-quality.ts'
import { answeredForm } from './answered-form.ts'
import type { AskedFor } from './asked-for.ts'
import { madeAt } from './made-at.ts'
import type { AskedOccurrence } from './occurrences.ts'
import { isSameDefinition } from './questionnaire-task.ts'

/** An occurrence with what came for it. */
export type Fulfilment = {
  occurrence: AskedOccurrence
  result?: Resource
  /** The result was made after the occurrence had closed, and before the next one opened. */
  isLate: boolean
}

/** How it stands with an occurrence. */
export type OccurrenceState = 'planned' | 'open' | 'due' | 'done' | 'late' | 'missing' | 'skipped'

/**
 * Which result is for which occurrence. Results are taken in the order in which they were made; each goes to the earliest
 * occurrence whose window it lies in and that has none yet, else, late, to the one that closed last. What is left is `extra`:
 * nobody asked for it. The same result counts for every request that asks for its code, so one measurement serves several plans.
 * @param occurrences in order; with those of at least one window before the first result
 */
export function fulfil(
  asked: AskedFor,
  occurrences: AskedOccurrence[],
  results: Resource[],
): { fulfilments: Fulfilment[]; extra: Resource[] } {
  const fulfilments: Fulfilment[] = occurrences.map((occurrence) => ({ occurrence, isLate: false }))
  const extra: Resource[] = []
  for (const result of results.filter((one) => isResultOf(asked, one)).sort((a, b) => madeAt(a) - madeAt(b))) {
    const at = madeAt(result)
    const inTime = fulfilments.find(({ occurrence, result: own }) => !own && isWithin(at, occurrence))
    const found = inTime ?? lately(fulfilments, at)
    if (!found) extra.push(result)
    else {
      found.result = result
      found.isLate = found !== inTime
    }
  }
  return { fulfilments, extra }
}

const isWithin = (at: number, { opensAt, closesAt }: AskedOccurrence) =>
  at >= opensAt.getTime() && at < closesAt.getTime()

function lately(fulfilments: Fulfilment[], at: number): Fulfilment | undefined {
  if (fulfilments.some(({ occurrence }) => isWithin(at, occurrence))) return undefined
  const last = fulfilments.findLast(({ occurrence }) => occurrence.closesAt.getTime() <= at)
  return last && !last.result ? last : undefined
}

export function stateOf({ occurrence, result, isLate }: Fulfilment, now: Date): OccurrenceState {
  if (result) return isLate ? 'late' : 'done'
  if (now >= occurrence.closesAt) return occurrence.isOptional ? 'skipped' : 'missing'
  if (now >= occurrence.dueAt) return 'due'
  return now >= occurrence.opensAt ? 'open' : 'planned'
}

/** Whether it is a result, of what is asked for: its code, its Questionnaire, or because it says so itself. */
export function isResultOf(
  asked: Pick<AskedFor, 'about' | 'code' | 'questionnaire' | 'quality'>,
  result: Resource,
): boolean {
  if (!isAssessable(result)) return false
  // Its age is the schedule's to say: each occurrence has its window.
  if (shortcomings(result, asked.quality && { ...asked.quality, age: undefined }, new Date(0)).length > 0) return false
  if (result.resourceType === 'QuestionnaireResponse') {
    const named = answeredForm(result)
    return asked.questionnaire !== undefined && named !== undefined && isSameDefinition(named, asked.questionnaire)
  }
  if (result.resourceType !== 'Observation' || asked.questionnaire) return false
  const basedOn = (result.basedOn ?? []) as { reference?: string }[]
  if (basedOn.some(({ reference }) => reference === asked.about)) return true
  const { coding = [] } = (result.code ?? {}) as { coding?: Coding[] }
  return coding.some((one) =>
    asked.code?.coding?.some(({ system, code }) => system === one.system && code === one.code),
  )
}
