import type { CarePlan } from '@medplum/fhirtypes'
import { changesToCome } from '../core/decide/planned-change/planned-change.ts'
import { newHandover } from '../core/decide/task/handover.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import type { Queryable } from '../db/pool.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import type { HandoverDemand } from '../lifecycle/legal-basis/handover-basis.ts'
import { readBasisFor, readHandoverBasis } from './handover-basis.ts'

export type Moving = {
  /** `CarePlan/1` */
  focus: string
  from: Owner | undefined
  to: Owner
  for: CarePlan['subject'] | undefined
}

/**
 * What is demanded before a responsibility goes from one team to another, and nothing meets now: no law is named, so a Consent must be there.
 * @param demands unsaid, those of the plans that the focus follows as it is stored
 */
export async function missingForTeam(
  db: Queryable,
  moving: Moving,
  now: Date,
  demands?: HandoverDemand[],
): Promise<HandoverDemand[]> {
  const task = newHandover({ ...moving, reason: '', requester: undefined, now })
  const basis = demands ? readBasisFor(db, { task, demands, now }) : readHandoverBasis(db, task, now)
  return (await basis).missing
}

/**
 * The teams that were planned for a CarePlan until now and may not have it: what stood behind it when it was planned may have been withdrawn
 * since, and the record would be shared on its day.
 * @returns by the id of the change, what is missing
 */
export async function barredChanges(db: Queryable, carePlan: CarePlan, now: Date): Promise<ReadonlyMap<string, Told>> {
  const barred = new Map<string, Told>()
  let [from] = (carePlan.careTeam ?? []) as Owner[]
  for (const { id, at, careTeam: to } of changesToCome(carePlan)) {
    // Whoever has it already is told nothing new.
    if (!to || to.reference === from?.reference || Date.parse(at) > now.getTime()) continue
    const missing = await missingForTeam(db, { focus: `CarePlan/${carePlan.id}`, from, to, for: carePlan.subject }, now)
    if (missing.length === 0) from = to
    else
      barred.set(
        id,
        tell((language) => missing.map((demand) => demandInWords(demand)[language]).join('; ')),
      )
  }
  return barred
}
