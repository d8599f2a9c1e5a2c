import type { CareTeam, HealthcareService, PractitionerRole, Task } from '@medplum/fhirtypes'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { type Handover, handoverIn } from '../decide/handover.ts'
import { NOBODY, worksFor } from '../decide/staff.ts'
import { isOpen } from '../decide/task-status.ts'
import { refuse } from '../fhir/outcome.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'
import type { Guard } from '../store/rooms.ts'

/** What answers nothing: the question is taken back, or rests. */
const NO_ANSWER: ReadonlySet<unknown> = new Set(['requested', 'on-hold', 'cancelled', 'entered-in-error'])
const PERSON = /^(?:Practitioner|Patient|RelatedPerson)\//

/**
 * Whoever is asked to take a responsibility over answers, and nobody else: a person who is not of the receiving team can neither accept
 * nor reject for it, and nobody can turn the question to another team before answering. Systems answer for their own people; who
 * they are is for the system to know.
 */
export const handoverGuard: Guard = {
  types: ['Task'],

  async admit(db, { access, before, after }) {
    if (!PERSON.test(access.actor)) return
    const asked = before as unknown as Task
    const handover = handoverIn(asked)
    if (!handover || !isOpen(asked)) return
    const answer = after as unknown as Task | undefined
    if (answer) mustAskTheSame(asked, answer, handover)
    if (!answer || answer.status === asked.status || NO_ANSWER.has(answer.status)) return
    if (await isOf(db, access.actor, handover.to.reference)) return
    const told = `${access.actor} is not of ${handover.to.reference}, who is asked: only they answer this handover.`
    throw refuse('forbidden', told, 'Task.status')
  },

  admitNew() {},
}

/** @throws Refusal business-rule */
function mustAskTheSame(before: Task, after: Task, { to, focus }: Handover): void {
  const then = handoverIn(after)
  if (!then || then.to.reference !== to.reference || after.owner?.reference !== before.owner?.reference) {
    const told = `This handover asks ${to.reference}; another team is asked by another $handover.`
    throw refuse('business-rule', told, 'Task.owner')
  }
  if (then.focus !== focus) throw refuse('business-rule', `This handover is of ${focus}.`, 'Task.focus')
}

/** Whether a person is who is asked, or works for them now; read from what is stored, whatever the person may see of it. */
async function isOf(db: Queryable, actor: string, receiver: string | undefined): Promise<boolean> {
  if (receiver === actor) return true
  const [type, id = ''] = receiver?.split('/') ?? []
  const practitioner = tokenHash(referenceToken('PractitionerRole.practitioner', actor))
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'PractitionerRole' AND NOT deleted AND tokens @> ARRAY[${practitioner}::bigint]
      UNION ALL
      SELECT content FROM resource WHERE type = ${type ?? ''} AND id = ${id} AND NOT deleted
      UNION ALL
      SELECT content FROM resource WHERE type = 'HealthcareService' AND NOT deleted`),
  )
  const found = rows.map(({ content }) => JSON.parse(content) as CareTeam | HealthcareService | PractitionerRole)
  const staff = {
    ...NOBODY,
    roles: found.filter((one) => one.resourceType === 'PractitionerRole'),
    careTeams: found.filter((one) => one.resourceType === 'CareTeam'),
    services: found.filter((one) => one.resourceType === 'HealthcareService'),
  }
  return worksFor(actor, receiver, staff, new Date())
}
