import type { CarePlan } from '@medplum/fhirtypes'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { changesToCome, isRunning } from '../core/decide/planned-change/planned-change.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import type { Guard } from '../store/rooms.ts'
import { missingForTeam } from './planned-team.ts'

/**
 * Where a plan demands a legal basis before another organisation or team is told of its patients, writing that team into the CarePlan, or into
 * what is planned for it, is no way around `$handover` and `$plan-change`: the same is asked of every write. What the engine moves was asked
 * before; what was planned is asked again on its day, by the round that moves it.
 */
export const teamGuard = (now: () => Date): Guard => ({
  types: ['CarePlan'],

  async admit(db, { access, before, after }) {
    const [stood, stands] = [before, after] as unknown as [CarePlan, CarePlan | undefined]
    // What has not begun has the teams that it will begin with.
    if (access.clientId === ENGINE_CLIENT_ID || !stands || !isRunning(stood) || !isRunning(stands)) return
    const [from] = (stood.careTeam ?? []) as Owner[]
    const issues: Issue[] = []
    for (const { to, expression } of newlyNamed(stood, stands)) {
      const moving = { focus: `CarePlan/${stood.id}`, from, to, for: stood.subject }
      for (const demand of await missingForTeam(db, moving, now())) {
        const needed = demandInWords(demand).en
        const diagnostics = `The plan demands a legal basis before ${to.reference} is told of the patient: ${needed}. With the patient's Consent it can be written; $handover takes another basis.`
        issues.push({ severity: 'error', code: 'business-rule', expression: [expression], diagnostics })
      }
    }
    if (issues.length > 0) throw new Refusal(issues)
  },

  // Whoever begins has the teams that they begin with; that they may is the enrolment's guard to say.
  admitNew() {},
})

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
