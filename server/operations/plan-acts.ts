import type { PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Handler } from '../exchange.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { oppositeAdvice, withWarnings } from './opposite-advice.ts'

const RETURN: Parameter[] = [
  { name: 'return', type: 'PlanDefinition', min: 1, max: '1', documentation: 'The plan as it then is.' },
]
const REASON: Parameter = { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'Why, in words.' }
const SHARE: Parameter = {
  name: 'share',
  type: 'integer',
  min: 0,
  max: '1',
  documentation:
    'For how many percent of the patients, 1 to 100; the same ones each time, by a hash of plan and patient.',
}

/** What the acts have in common: own operations on one PlanDefinition, which change it. */
const ACT = {
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  out: RETURN,
} satisfies Partial<Operation>

type Plan = Resource & PlanDefinition

const reply = (plan: Resource) => ({ status: 200, text: JSON.stringify(plan) })

/** Whoever may not change the plan must not learn that it is there. @throws Refusal not-found */
const seen =
  (handler: Handler): Handler =>
  async (exchange, rooms) => {
    await rooms.store.read(exchange.access, 'PlanDefinition', exchange.id, 'u')
    return handler(exchange, rooms)
  }

/**
 * PlanDefinition/{id}/$submit: a draft is ready to be approved. Refused with everything that stands against it.
 * @throws Refusal not-found, conflict (no draft), business-rule (all impediments at once)
 */
export const submitPlanDefinition: Operation = {
  ...ACT,
  code: 'submit',
  title: 'Submit a plan for approval',
  description:
    'Checks a draft as it would be checked at its activation: expressions, triggers, cases, coverage, owners of silence.',
  in: [],
  handler: seen(async (exchange, { planLife }) => {
    readGiven(exchange, submitPlanDefinition)
    return reply(await planLife.submit(exchange.access, exchange.id))
  }),
}

/**
 * PlanDefinition/{id}/$approve: a second person approves exactly what was submitted.
 * @throws Refusal forbidden (whoever has written it, and whoever is no person), conflict (not submitted as it is now),
 *   business-rule (an issue for each part that rests on a proposal and was not said yes to)
 */
export const approvePlanDefinition: Operation = {
  ...ACT,
  code: 'approve',
  title: 'Approve a plan',
  description: 'Approves the plan as it was submitted; another person than those who have written it.',
  in: [
    REASON,
    {
      ...{ name: 'proposals', type: 'boolean', min: 0, max: '1' },
      documentation:
        'true: every limit, rule and activity that rests on a proposal of its author’s (documentation labelled P) has been looked at, and is right. Needed where there is one; the refusal lists them.',
    },
  ],
  handler: seen(async (exchange, { planLife }) => {
    const given = readGiven(exchange, approvePlanDefinition)
    const asked = { reason: given.text('reason'), proposals: given.flag('proposals') ?? false }
    return reply(await planLife.approve(exchange.access, exchange.id, asked))
  }),
}

/**
 * PlanDefinition/{id}/$activate: an approved version comes into force, now or at a time, for all or for some first.
 * Where another plan in force says the opposite, the answer contains an OperationOutcome that warns of it.
 * @throws Refusal business-rule (not approved as it is now; impediments; alarms beyond the budget without a reason), value
 */
export const activatePlanDefinition: Operation = {
  ...ACT,
  code: 'activate',
  title: 'Activate a plan',
  description:
    'Brings an approved version into force, at once or at a time. The version before is retired once it is for all.',
  in: [
    { name: 'at', type: 'dateTime', min: 0, max: '1', documentation: 'When; at once if it is left out or past.' },
    SHARE,
    { ...REASON, documentation: 'Why, where the alarms are beyond the budget of the plan.' },
  ],
  handler: seen(async (exchange, rooms) => {
    const { planLife } = rooms
    const given = readGiven(exchange, activatePlanDefinition)
    const asked = {
      at: momentOf(given.text('at')),
      share: shareIn(given.count('share')),
      reason: given.text('reason'),
    }
    const plan = await planLife.activate(exchange.access, exchange.id, asked)
    // What it says against others keeps it from nothing: a patient may well be in one of them alone.
    const reader = new DefinitionReader(exchange, rooms)
    const others = (await reader.search('PlanDefinition', { status: 'active' })) as Plan[]
    const warnings = await oppositeAdvice({ reader, headers: exchange.headers }, plan as Plan, others)
    return reply(withWarnings(plan, warnings))
  }),
}

/** PlanDefinition/{id}/$stage: a staged version for another share, or with 100 for all. @throws Refusal business-rule, value */
export const stagePlanDefinition: Operation = {
  ...ACT,
  code: 'stage',
  title: 'Widen a staged start',
  description:
    'A version that is in force for some becomes it for another share. With 100 the versions before are retired.',
  in: [{ ...SHARE, min: 1 }],
  handler: seen(async (exchange, { planLife }) => {
    const given = readGiven(exchange, stagePlanDefinition)
    return reply(await planLife.stage(exchange.access, exchange.id, shareIn(given.count('share'))))
  }),
}

/** PlanDefinition/{id}/$roll-back: out of force, and the version before back in it, in one act. @throws Refusal business-rule */
export const rollBackPlanDefinition: Operation = {
  ...ACT,
  code: 'roll-back',
  title: 'Roll a plan back',
  description:
    'Retires a version, puts the one before it back in force, and moves back the patients that were moved to it.',
  in: [{ ...REASON, min: 1 }],
  handler: seen(async (exchange, { planLife }) => {
    const given = readGiven(exchange, rollBackPlanDefinition)
    return reply(await planLife.rollBack(exchange.access, exchange.id, given.text('reason') ?? ''))
  }),
}

/** @throws Refusal value: half a date does not say when */
function momentOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  if (!/T.*(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw refuse(
      'value',
      `at is a moment with its time and zone, such as 2026-12-01T07:00:00+01:00, not ${text}.`,
      'at',
    )
  }
  return new Date(text)
}

/** @throws Refusal value */
function shareIn(share = 100): number {
  if (Number.isInteger(share) && share >= 1 && share <= 100) return share
  throw refuse('value', `share is a whole number from 1 to 100, not ${share}.`, 'share')
}
