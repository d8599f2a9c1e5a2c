import type { CarePlan, Consent } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { isRunning } from '../core/decide/planned-change/planned-change.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable } from '../db/pool.ts'
import { basisOf, isGiven, missingBasis } from '../lifecycle/legal-basis/basis.ts'
import { demandInWords, demandsOf } from '../lifecycle/legal-basis/demands.ts'
import type { Guard } from '../store/rooms.ts'
import { readAbout } from './facts.ts'
import { readPlansNamed } from './plans-named.ts'

/**
 * Nobody is followed by a plan that demands a legal basis without one, whichever way the CarePlan comes: by `$enrol`, which fills it in, or
 * written by somebody else. One that rests lets its teams see the record as one that runs: it is judged as that. What is there already is
 * judged again when it is taken up again, and when its plans or its basis change; that it is paused or ends needs no basis. Our own moves
 * pass: what they leave without a basis is a Task (lifecycle/legal-basis/basis-task.ts).
 */
export const enrolmentGuard = (now: () => Date): Guard => ({
  types: ['CarePlan'],

  async admit(db, { access, before, after }) {
    if (after && (begins(before, after) || saysOf(before) !== saysOf(after))) await judge(db, access, after, now())
  },

  admitNew() {},

  admitBeside: (db, access, resource) => judge(db, access, resource, now()),
})

/** It opens the record, or work for it begins: again after a pause too. */
const begins = (before: Resource, after: Resource): boolean =>
  !isRunning(before as unknown as CarePlan) || (after.status === 'active' && before.status !== 'active')

/** What the judgement goes by. */
const saysOf = (resource: Resource): string => {
  const carePlan = resource as unknown as CarePlan
  return JSON.stringify([carePlan.subject, carePlan.instantiatesCanonical, basisOf(carePlan)])
}

/** @returns undefined where there is nothing to judge: the CarePlan opens nothing, or follows no plan */
function judge(db: Queryable, { clientId }: Access, resource: Resource, now: Date): Promise<void> | undefined {
  const carePlan = resource as unknown as CarePlan
  const canonicals = carePlan.instantiatesCanonical ?? []
  if (clientId === ENGINE_CLIENT_ID || !isRunning(carePlan) || canonicals.length === 0) return undefined
  return mustRest(db, carePlan, canonicals, now)
}

/** @throws Refusal business-rule, with each legal basis that is missing */
async function mustRest(db: Queryable, carePlan: CarePlan, canonicals: string[], now: Date): Promise<void> {
  const plans = (await readPlansNamed(db, canonicals)).filter((plan) => demandsOf(plan).length > 0)
  if (plans.length === 0) return
  const basis = basisOf(carePlan)
  const consents = [...(await readAbout(db, basis.consents)).values()] as unknown as Consent[]
  const given = consents.filter((consent) => isGiven(consent, carePlan.subject.reference, now))
  const missing = plans.flatMap((plan) =>
    missingBasis(plan, { ...basis, given }).map(
      (demand): Issue => ({
        ...{ severity: 'error', code: 'business-rule', expression: ['CarePlan.extension'] },
        diagnostics: `${plan.title ?? plan.url} demands a legal basis that the CarePlan does not name: ${demandInWords(demand).en}.`,
      }),
    ),
  )
  if (missing.length > 0) throw new Refusal(missing)
}
