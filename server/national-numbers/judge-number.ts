import type { Judgement } from './judgement.ts'
import { judgeDufNumber, judgeHprNumber, judgeOrganizationNumber, judgeReshId } from './other-numbers.ts'
import { judgeDNumber, judgeFhNumber, judgeFnr, judgeHNumber } from './person-number.ts'
import { nationalSystem } from './system-names.ts'
import { D_NUMBER, DUF_NUMBER, FH_NUMBER, FNR, H_NUMBER, HPR_NUMBER, ORGANIZATION_NUMBER, RESH_ID } from './systems.ts'

const JUDGES: ReadonlyMap<string, (value: string) => Judgement> = new Map([
  [FNR, judgeFnr],
  [D_NUMBER, judgeDNumber],
  [H_NUMBER, judgeHNumber],
  [FH_NUMBER, judgeFhNumber],
  [DUF_NUMBER, judgeDufNumber],
  [HPR_NUMBER, judgeHprNumber],
  [ORGANIZATION_NUMBER, judgeOrganizationNumber],
  [RESH_ID, judgeReshId],
])

/** Whether a value can be a number of this system; undefined for a system that is not one of ours. */
export const judgeNumber = (system: string, value: string): Judgement | undefined =>
  JUDGES.get(nationalSystem(system))?.(value)

/**
 * The identifier that the number of somebody who has signed in is: a D-number is told from a fødselsnummer by its day.
 * @returns undefined for what is neither: nobody is looked for by a number that cannot be one
 */
export function personIdentifier(pid: string): { system: string; value: string } | undefined {
  const system = [FNR, D_NUMBER].find((one) => judgeNumber(one, pid)?.problem === undefined)
  return system === undefined ? undefined : { system, value: pid }
}
