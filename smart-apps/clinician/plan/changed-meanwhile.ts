import type { CarePlan, Provenance } from '@medplum/fhirtypes'
import { changesToCome } from '../../../server/core/decide/planned-change/planned-change.ts'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import { orMissing } from '../../fhir/missing.ts'

/** One thing that somebody wanted so, and that stands so now. */
export type Difference = { field: string; mine: string; theirs: string }

/** Somebody else has changed it since it was read. Nothing is overwritten; what was wanted stands beside what is there now. */
export class ChangedMeanwhile extends Error {
  readonly differences: readonly Difference[]
  /** Why they changed it, where they said so. */
  readonly reason?: string
  constructor(differences: readonly Difference[], reason?: string) {
    super('changed meanwhile')
    this.differences = differences.filter(({ mine, theirs }) => mine !== theirs)
    if (reason) this.reason = reason
  }
}

/** Runs it; where another version stands, tells what is different. @param compare reads what is there now */
export async function orCompared<T>(run: () => Promise<T>, compare: () => Promise<ChangedMeanwhile>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Refused && error.isStale) throw await compare()
    throw error
  }
}

/** Why something was changed last. @param reference `Goal/7` */
export async function lastReason(fhir: FhirClient, reference: string): Promise<string | undefined> {
  const found = await orMissing(fhir.search('Provenance', { target: reference, _count: 50 }))
  return latestReason(found ? ofType(found, 'Provenance') : [])
}

/** Why, of the last that tells so. */
export const latestReason = (told: readonly Provenance[]): string | undefined =>
  [...told].sort((one, other) => other.recorded.localeCompare(one.recorded))[0]?.reason?.[0]?.text

/** What is planned for a plan, by its moments: for what it is compared with. */
export const plannedIn = (carePlan: CarePlan): { at: Date; status: string }[] =>
  changesToCome(carePlan).map(({ at, status }) => ({ at: new Date(at), status: status ?? 'team' }))
