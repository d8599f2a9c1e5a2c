import type { CarePlan } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { changesToCome, isRunning, withChanges } from '../core/decide/planned-change/planned-change.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import type { HandoverDemand } from '../lifecycle/legal-basis/handover-basis.ts'
import type { Guard } from '../store/rooms.ts'
import { demandsOfAll, readDemanding } from './handover-basis.ts'
import { readLastInForce } from './in-force-before.ts'
import { missingForTeam } from './planned-team.ts'

/**
 * Where a plan demands a legal basis before another organisation or team is told of its patients, writing that team into the CarePlan, or into
 * what is planned for it, is no way around `$handover` and `$plan-change`: the same is asked of every write. A CarePlan that runs is held
 * against itself; one that runs again, or follows the plan again, against what it was when it last did. What the engine moves was asked
 * before; what was planned is asked again on its day, by the round that moves it.
 */
export const teamGuard = (now: () => Date): Guard => ({
  types: ['CarePlan'],

  async admit(db, { access, before, after }) {
    const [stood, stands] = [before, after] as unknown as [CarePlan, CarePlan | undefined]
    if (isOurs(access) || !stands || !isRunning(stands)) return
    const goesOn = isRunning(stood)
    if (goesOn && newlyNamed(stood, stands).length > 0) {
      await mustRest(db, { stood, stands }, demandsOfAll(await readDemanding(db, [stood])), now())
    }
    if (!goesOn || followsOf(stood) !== followsOf(stands)) await mustRestAnew(db, { stood, stands }, now())
  },

  admitNew() {},

  admitBeside(db, access, resource) {
    const stands = resource as unknown as CarePlan
    if (isOurs(access) || !isRunning(stands)) return undefined
    // Without an id of the caller's it cannot have been there before, and nobody waits for what is not planned.
    const isPlain = stands.id === undefined && changesToCome(stands).length === 0
    return isPlain ? undefined : mustRestAnew(db, { stood: undefined, stands }, now())
  },
})

const isOurs = ({ clientId }: Access): boolean => clientId === ENGINE_CLIENT_ID

/** Whom it follows by what. */
const followsOf = ({ subject, instantiatesCanonical }: CarePlan): string =>
  JSON.stringify([subject?.reference, instantiatesCanonical])

/** What begins has the teams that it begins with, which is the enrolment's guard to judge; what is planned for it beside them, and what it was before, is not. */
async function mustRestAnew(db: Queryable, { stood, stands }: Beginning, now: Date): Promise<void> {
  const plans = await readDemanding(db, [stands])
  if (plans.length === 0) return
  const before = (await readLastInForce(db, { stood, stands }, plans)) ?? withChanges(stands, [])
  await mustRest(db, { stood: before, stands }, demandsOfAll(plans), now)
}

/** `stood` is undefined where it was deleted, or is new. */
type Beginning = { stood: CarePlan | undefined; stands: CarePlan }
type Judged = { stood: CarePlan; stands: CarePlan }

/** @throws Refusal business-rule, with each team that may not be told and what is missing */
async function mustRest(db: Queryable, { stood, stands }: Judged, demands: HandoverDemand[], now: Date): Promise<void> {
  const [from] = (stood.careTeam ?? []) as Owner[]
  const issues: Issue[] = []
  for (const { to, expression } of newlyNamed(stood, stands)) {
    const moving = { focus: `CarePlan/${stands.id}`, from, to, for: stands.subject }
    for (const demand of await missingForTeam(db, moving, now, demands)) {
      const needed = demandInWords(demand).en
      const diagnostics = `The plan demands a legal basis before ${to.reference} is told of the patient: ${needed}. With the patient's Consent it can be written; $handover takes another basis.`
      issues.push({ severity: 'error', code: 'business-rule', expression: [expression], diagnostics })
    }
  }
  if (issues.length > 0) throw new Refusal(issues)
}

/**
 * The teams that a CarePlan names and did not name before, now or for later, and where. One that was planned for later and is written in now is
 * told of the patient before its day: its basis is asked for anew.
 */
export function newlyNamed(stood: CarePlan, stands: CarePlan): { to: Owner; expression: string }[] {
  const has = new Set((stood.careTeam ?? []).map(({ reference }) => reference))
  const known = new Set([...has, ...changesToCome(stood).map(({ careTeam }) => careTeam?.reference)])
  return [
    ...(stands.careTeam ?? []).flatMap((to, i) =>
      has.has(to.reference) ? [] : [{ to: to as Owner, expression: `CarePlan.careTeam[${i}]` }],
    ),
    ...changesToCome(stands).flatMap(({ careTeam: to }) =>
      to && !known.has(to.reference) ? [{ to, expression: 'CarePlan.extension' }] : [],
    ),
  ]
}
