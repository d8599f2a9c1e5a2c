import type { CarePlan, Task } from '@medplum/fhirtypes'
import type { CompiledPlan, Rule } from '../plan/compile-plan.ts'
import type { Told } from '../words/told.ts'
import { engineTask } from './engine-task.ts'
import { newTask } from './finding-task.ts'

/** Stands for the plan as a whole where no single rule is at fault. */
function wholePlan(plan: CompiledPlan): Rule {
  const { title, name } = plan.definition
  const action = { title: title ?? name ?? plan.url }
  return {
    ...{ id: '*', cause: '*', action, triggers: [], conditions: [], inputs: [], firstChildOnly: false, children: [] },
    related: [],
    ...{ effect: { does: 'raise' }, life: { start: [], stop: [] } },
  }
}

/** The engine itself failed on something. The team looks at it by hand; the message may help whoever mends it. */
export function unhandledTask(
  id: string,
  { carePlan, plan }: { carePlan: CarePlan; plan: CompiledPlan },
  happening: string,
  why: Told,
  now: Date,
): Task {
  const reason: Told = {
    nb: `${happening} kunne ikke behandles (${why.nb}). Vurder den for hånd.`,
    nn: `${happening} kunne ikkje handsamast (${why.nn}). Vurder den for hand.`,
    en: `${happening} could not be handled (${why.en}). Assess it by hand.`,
  }
  return newTask(id, {
    plan,
    rule: wholePlan(plan),
    carePlan,
    kind: 'unevaluable',
    reason,
    evidence: [],
    variables: {},
    event: happening,
    now,
  })
}

/** What a new version of the plan may ask for of somebody who was moved to it could not be decided: a person decides. */
export function undecidedTask(
  id: string,
  { carePlan, plan }: { carePlan: CarePlan; plan: CompiledPlan },
  problems: string[],
  now: Date,
): Task {
  const why = problems.join(' ')
  const reason: Told = {
    nb: `Pasienten ble flyttet til ${plan.canonical}, og disse tiltakene kunne ikke avgjøres: ${why}`,
    nn: `Pasienten vart flytta til ${plan.canonical}, og desse tiltaka kunne ikkje avgjerast: ${why}`,
    en: `The patient was moved to ${plan.canonical}, and these actions could not be decided: ${why}`,
  }
  return newTask(id, {
    ...{ plan, rule: wholePlan(plan), carePlan, kind: 'unevaluable', reason, evidence: [], variables: {}, now },
    event: `CarePlan/${carePlan.id}`,
  })
}

/** Somebody is enrolled in a plan that this server does not know: nothing would ever be evaluated for them. */
export function unknownPlanTask(id: string, carePlan: CarePlan, canonical: string, now: Date): Task {
  const about = `CarePlan/${carePlan.id}`
  return engineTask({
    ...{ id, code: 'rule-unevaluable', colour: 'yellow', about, basedOn: [about], now },
    name: `${canonical.split('|')[0]}|*!|${carePlan.subject.reference}|${about}`,
    told: {
      nb: `Planen ${canonical} finnes ikke her; ingenting blir vurdert for pasienten.`,
      nn: `Planen ${canonical} finst ikkje her; ingenting vert vurdert for pasienten.`,
      en: `There is no plan ${canonical} here; nothing is evaluated for the patient.`,
    },
    reason: {
      nb: `Planen ${canonical} finnes ikke`,
      nn: `Planen ${canonical} finst ikkje`,
      en: `There is no plan ${canonical}`,
    },
    subject: carePlan.subject,
    owner: carePlan.careTeam?.[0],
  })
}
