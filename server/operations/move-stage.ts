import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { stageMove } from '../core/decide/stages/move-stage.ts'
import { movedTo } from '../core/decide/stages/stage-state.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { type Exchange, type Rooms, withStore } from '../exchange.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { stagedPlans } from './staged-plans.ts'

/**
 * CarePlan/{id}/$move-stage: the patient goes on to another stage, by somebody's decision. What the stage brings, and the end of what the one
 * before had started, is the engine's, at once afterwards.
 * @throws Refusal business-rule (a CarePlan that is not active; a stage that the plan does not have, or that does not come after this one),
 *   conflict (the patient is there already), required (several plans with stages, and none named), not-found
 */
export const moveStage: Operation = {
  code: 'move-stage',
  title: 'Move a patient on to a stage',
  description: 'Ends the stage of the plan in which the patient is, and begins another, with who decided it and why.',
  resource: ['CarePlan'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    {
      name: 'to',
      type: 'id',
      min: 1,
      max: '1',
      documentation: 'id of the stage: of the action of the plan that it is.',
    },
    { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why, for colleagues and the patient.' },
    {
      name: 'plan',
      type: 'uri',
      min: 0,
      max: '1',
      documentation: 'Of which plan; where the CarePlan follows several with stages.',
    },
  ],
  out: [{ name: 'return', type: 'CarePlan', min: 1, max: '1', documentation: 'As it is stored.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, moveStage)
    const [to, reason] = [String(given.text('to')), String(given.text('reason')).trim()]
    if (reason === '') throw refuse('required', 'A move needs its reason.', 'reason')
    return rooms.store.transact(async (inside) => {
      const read = await inside.readForChange(exchange.access, 'CarePlan', exchange.id)
      const carePlan = JSON.parse(read.text ?? '{}') as CarePlan
      if (carePlan.status !== 'active') {
        throw refuse(
          'business-rule',
          `CarePlan/${exchange.id} is ${carePlan.status}; only in one that is active a patient moves on.`,
          'CarePlan.status',
        )
      }
      const plan = await planOf(exchange, withStore(rooms, inside), { carePlan, wanted: given.text('plan') })
      const moved = moveOn(carePlan, plan, { to, reason, exchange, now: rooms.now() })
      const { resource } = rooms.validate(moved, 'CarePlan')
      const version = await inside.write(exchange.access, { interaction: 'update', resource, id: exchange.id })
      return { status: 200, version }
    })
  },
}

type Moving = { to: string; reason: string; exchange: Exchange; now: Date }

function moveOn(carePlan: CarePlan, plan: PlanDefinition, { to, reason, exchange, now }: Moving): CarePlan {
  const moving = stageMove(plan, String(plan.url), carePlan, to)
  if ('isThere' in moving) throw refuse('conflict', `The patient is in the stage '${to}' already.`, 'to')
  if ('problem' in moving) {
    throw refuse('business-rule', `${moving.problem[chooseLanguage(exchange.headers.acceptLanguage)]}.`, 'to')
  }
  const { actor } = exchange.access
  // A system is no resource that could be referred to; the audit and the version say which it was.
  const by = actor.startsWith('Client/') ? {} : { by: actor }
  return movedTo(carePlan, String(plan.url), moving.stage, { now, reason, ...by })
}

async function planOf(
  exchange: Exchange,
  rooms: Rooms,
  { carePlan, wanted }: { carePlan: CarePlan; wanted: string | undefined },
): Promise<PlanDefinition> {
  const staged = await stagedPlans(new DefinitionReader(exchange, rooms), carePlan)
  const named = wanted === undefined ? staged : staged.filter(({ url }) => url === wanted.split('|')[0])
  const [plan, ...others] = named
  if (!plan) {
    const said =
      wanted === undefined
        ? 'No plan of this CarePlan has stages.'
        : `This CarePlan follows no plan ${wanted} with stages.`
    throw refuse('business-rule', said, wanted === undefined ? 'CarePlan.instantiatesCanonical' : 'plan')
  }
  if (others.length > 0) {
    throw refuse('required', `Of which plan? ${named.map(({ url }) => url).join(', ')} have stages.`, 'plan')
  }
  return plan
}
