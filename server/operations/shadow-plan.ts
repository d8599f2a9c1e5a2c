import type { PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { answerSimulated } from './simulate.ts'
import { SIMULATED } from './simulate-parameters.ts'
import { cohortFor } from './simulation-cohort.ts'

/**
 * PlanDefinition/{id}/$shadow: a draft runs in shadow beside the version in force, or does so no longer. It makes no Tasks; what it would
 * have decided is told by $shadow-report. Bringing it into force, for a share or for all, ends it.
 * @throws Refusal not-found, conflict (no draft; it runs already, or does not), business-rule (no version in force), invalid
 * @see docs/plans.md
 */
export const shadowPlanDefinition: Operation = {
  code: 'shadow',
  title: 'Run a version in shadow',
  description:
    'Sets a draft to run in shadow beside the version in force, or ends that; it makes no Tasks, and $shadow-report tells the differences.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    { name: 'end', type: 'boolean', min: 0, max: '1', documentation: 'True: it runs in shadow no longer.' },
    { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'Why, in words.' },
  ],
  out: [{ name: 'return', type: 'PlanDefinition', min: 1, max: '1', documentation: 'The plan.' }],
  async handler(exchange, { store, planLife }) {
    await store.read(exchange.access, 'PlanDefinition', exchange.id, 'u')
    const given = readGiven(exchange, shadowPlanDefinition)
    const asked = { isOn: given.flag('end') !== true, reason: given.text('reason') }
    return { status: 200, text: JSON.stringify(await planLife.shadow(exchange.access, exchange.id, asked)) }
  },
}

/**
 * PlanDefinition/{id}/$shadow-report: what a version in shadow would have made since it began, beside what the version in force made, with each
 * difference and the conditions behind it. Worked out from what was stored, as $simulate does; answers as that does.
 * @throws Refusal not-found, business-rule (it does not run in shadow), value, forbidden
 */
export const shadowReport: Operation = {
  code: 'shadow-report',
  title: 'What a version in shadow would have done',
  description:
    'Tells each Task that a version in shadow would have made, or not have made, since it began, beside the version in force.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'subject', type: 'Reference', min: 0, max: '*' },
      documentation: 'A Patient, or a Group; everybody in the plan if left out.',
    },
  ],
  out: SIMULATED,
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const given = readGiven(exchange, shadowReport)
    const { text } = await rooms.store.read(access, 'PlanDefinition', id)
    const plan = JSON.parse(text ?? '{}') as PlanDefinition
    const since = await rooms.planLife.shadowSince(id)
    if (!since) {
      throw refuse('business-rule', `PlanDefinition/${id} does not run in shadow; POST PlanDefinition/${id}/$shadow.`)
    }
    const looking = { rooms, access, also: [] }
    const patients = await cohortFor(looking, given.texts('subject'), String(plan.url))
    return answerSimulated(exchange, rooms, {
      ...{ plan: id, patients, start: since, end: rooms.now() },
      tellsAll: true,
    })
  },
}
