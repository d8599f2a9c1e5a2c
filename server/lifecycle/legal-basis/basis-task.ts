import type { CarePlan, Consent, Task } from '@medplum/fhirtypes'
import type { Decisions } from '../../core/decide/decisions.ts'
import type { CompiledPlan } from '../../core/decide/plan/compile-plan.ts'
import { TASK_CODE } from '../../core/decide/plan/vocabulary.ts'
import { engineTask } from '../../core/decide/task/engine-task.ts'
import { identifierOf, withdrawTasks } from '../../core/decide/task/finding-task.ts'
import { isOpen } from '../../core/decide/task/task-status.ts'
import { endOf } from '../../core/decide/time/end-of-period.ts'
import type { TimerDecision } from '../../core/decide/timer.ts'
import { type Told, tell } from '../../core/decide/words/told.ts'
import { hasCode } from '../../core/fhir/codeable-concept.ts'
import { basisOf, isGiven, missingBasis } from './basis.ts'
import { demandInWords, demandsOf, type LegalDemand } from './demands.ts'

/** Task.code of a Task about an enrolment that has lost its legal basis, or was moved to a plan that demands another. */
const BASIS_MISSING = 'legal-basis-missing'

export type BasisFacts = {
  /** A plan each. */
  enrolments: readonly { carePlan: CarePlan; plan: CompiledPlan }[]
  /** The patient's, as they are. */
  consents: readonly Consent[]
  openTasks: readonly Task[]
  now: Date
  newId: () => string
}

/**
 * A patient's enrolments or Consents changed, or a Consent's time is over: each enrolment that no longer rests on what its plan demands is a
 * Task for its team, once, and is taken back when a basis is there again. Nothing stops by itself: whether a sick person is
 * still looked after is for people to say.
 */
export function keepLegalBasis(facts: BasisFacts): Pick<Decisions, 'tasks' | 'timers'> {
  const { enrolments, openTasks, now, newId } = facts
  const demanding = enrolments.filter(({ plan }) => demandsOf(plan.definition).length > 0)
  const judged = demanding.map((enrolment) => ({ ...enrolment, ...judge(enrolment, facts) }))
  const wanting = new Map(judged.filter(({ missing }) => missing.length > 0).map((one) => [nameOf(one), one]))
  const told = openTasks.filter((task) => isOpen(task) && hasCode(task.code, TASK_CODE, BASIS_MISSING))
  const known = new Set(told.map(identifierOf))
  const settled = told.filter((task) => !wanting.has(identifierOf(task) ?? ''))
  return {
    tasks: [
      ...[...wanting].flatMap(([name, one]): Decisions['tasks'] =>
        known.has(name) ? [] : [{ act: 'create', task: basisTask(name, one, { id: newId(), now }) }],
      ),
      ...withdrawTasks(settled, THERE_AGAIN, now).map((task) => ({ act: 'update' as const, task })),
    ],
    timers: judged.map(toTimer),
  }
}

type Judged = BasisFacts['enrolments'][number] & { missing: LegalDemand[]; until: Date | undefined }

/** What is missing, and when the first of the Consents that it rests on is over. */
function judge({ carePlan, plan }: BasisFacts['enrolments'][number], { consents, now }: BasisFacts) {
  const basis = basisOf(carePlan)
  const given = consents.filter(
    (consent) => basis.consents.includes(`Consent/${consent.id}`) && isGiven(consent, carePlan.subject.reference, now),
  )
  const ends = given.flatMap(({ provision }) => endOf(provision?.period) ?? [])
  const until = ends.sort((one, other) => one.getTime() - other.getTime())[0]
  return { missing: missingBasis(plan.definition, { ...basis, given }), until }
}

function toTimer({ carePlan, plan, until }: Judged): TimerDecision {
  const key = { kind: 'legal-basis' as const, about: `CarePlan/${carePlan.id}`, name: 'until', plan: plan.url }
  return until ? { act: 'set', timer: { ...key, dueAt: until } } : { act: 'drop', timer: key }
}

const nameOf = ({ carePlan, plan }: Judged): string =>
  `${plan.url}|*legal-basis|${carePlan.subject.reference}|CarePlan/${carePlan.id}`

/** For the doctors of the team: it is they who answer for treating somebody. */
function basisTask(name: string, { carePlan, plan, missing }: Judged, { id, now }: { id: string; now: Date }): Task {
  const what = tell((language) => missing.map((demand) => demandInWords(demand)[language]).join('; '))
  const title = plan.definition.title ?? plan.url
  const told: Told = {
    nb: `Oppfølgingen i «${title}» mangler rettslig grunnlag: ${what.nb}.`,
    nn: `Oppfølginga i «${title}» manglar rettsleg grunnlag: ${what.nn}.`,
    en: `The follow-up by "${title}" has no legal basis: ${what.en}.`,
  }
  const about = `CarePlan/${carePlan.id}`
  return engineTask({
    ...{ id, name, code: BASIS_MISSING, colour: 'yellow', told, about, basedOn: [about], now },
    plan: plan.canonical,
    subject: carePlan.subject,
    owner: carePlan.careTeam?.[0],
  })
}

const THERE_AGAIN: Told = {
  nb: 'Oppfølgingen har et rettslig grunnlag igjen, eller er avsluttet.',
  nn: 'Oppfølginga har eit rettsleg grunnlag att, eller er avslutta.',
  en: 'The follow-up has a legal basis again, or has ended.',
}
