import type { CarePlan, Task } from '@medplum/fhirtypes'
import { concept } from '../fhir/codeable-concept.ts'
import type { CompiledPlan, Rule } from './compile-plan.ts'
import { newTask } from './finding-task.ts'
import { type Told, toldConcept } from './told.ts'
import { COLOUR_DISPLAY, FINDING, TASK_CODE, TRIAGE_COLOUR } from './vocabulary.ts'

/** Stands for the plan as a whole where no single rule is at fault. */
function wholePlan(plan: CompiledPlan): Rule {
  const { title, name } = plan.definition
  const action = { title: title ?? name ?? plan.url }
  return {
    ...{ id: '*', cause: '*', action, triggers: [], conditions: [], inputs: [], firstChildOnly: false, children: [] },
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
  return {
    resourceType: 'Task',
    id,
    identifier: [
      { system: FINDING, value: `${canonical.split('|')[0]}|*!|${carePlan.subject.reference}|CarePlan/${carePlan.id}` },
    ],
    basedOn: [{ reference: `CarePlan/${carePlan.id}` }],
    status: 'requested',
    businessStatus: concept(TRIAGE_COLOUR, 'yellow', COLOUR_DISPLAY.yellow),
    intent: 'order',
    priority: 'urgent',
    code: concept(TASK_CODE, 'rule-unevaluable', 'Regel kunne ikke vurderes'),
    description: `Planen ${canonical} finnes ikke her; ingenting blir vurdert for pasienten.`,
    reasonCode: toldConcept({
      nb: `Planen ${canonical} finnes ikke`,
      nn: `Planen ${canonical} finst ikkje`,
      en: `There is no plan ${canonical}`,
    }),
    reasonReference: { reference: `CarePlan/${carePlan.id}` },
    focus: { reference: `CarePlan/${carePlan.id}` },
    for: carePlan.subject,
    owner: carePlan.careTeam?.[0],
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
  }
}
