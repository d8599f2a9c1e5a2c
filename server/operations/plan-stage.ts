import type { CarePlan, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { chooseLanguage, type Language } from '../decide/language.ts'
import { stageMove } from '../decide/stages/move-stage.ts'
import { type Stage, stagesOf } from '../decide/stages/stage.ts'
import { movedTo, type StageState, statesOf } from '../decide/stages/stage-state.ts'
import { type Exchange, type Rooms, withStore } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** CarePlan/{id}/$stages: the stages of the patient's plan, where the patient is and has been, and where they may be moved. */
export const carePlanStages: Operation = {
  code: 'stages',
  title: 'The stages of an enrolment',
  description:
    'Each stage of the plans of a CarePlan: whether the patient is there, was there or may come there, with its times and who moved them.',
  resource: ['CarePlan'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    {
      ...{
        name: 'stage',
        min: 0,
        max: '*',
        documentation: 'One for each time that the patient was there; later ones as the plan has them.',
      },
      part: [
        { name: 'plan', type: 'uri', min: 1, max: '1', documentation: 'Of which plan.' },
        { name: 'id', type: 'id', min: 1, max: '1', documentation: 'By which $move-stage calls it.' },
        { name: 'title', type: 'string', min: 1, max: '1', documentation: 'In the language that is asked for.' },
        {
          name: 'state',
          type: 'code',
          min: 1,
          max: '1',
          documentation: 'past, current, next (it may come now) or later.',
        },
        {
          name: 'alternate',
          type: 'boolean',
          min: 1,
          max: '1',
          documentation: 'An exception, beside the way that most go.',
        },
        { name: 'period', type: 'Period', min: 0, max: '1', documentation: 'When the patient was there.' },
        { name: 'goal', type: 'dateTime', min: 0, max: '1', documentation: 'When it should be over.' },
        { name: 'deadline', type: 'dateTime', min: 0, max: '1', documentation: 'When it must be over.' },
        { name: 'passed', type: 'code', min: 0, max: '*', documentation: 'Which of the two have passed.' },
        { name: 'by', type: 'Reference', min: 0, max: '1', documentation: 'Who moved the patient there.' },
        { name: 'rule', type: 'string', min: 0, max: '1', documentation: 'The action of the plan that did.' },
        { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'Why.' },
      ],
    },
  ],
  async handler(exchange, rooms) {
    readGiven(exchange, carePlanStages)
    const version = await rooms.store.read(exchange.access, 'CarePlan', exchange.id)
    const carePlan = JSON.parse(version.text ?? '{}') as CarePlan
    const plans = await stagedPlans(new DefinitionReader(exchange, rooms), carePlan)
    const language = chooseLanguage(exchange.headers.acceptLanguage)
    return parametersReply(
      plans
        .flatMap((plan) => toParts(plan, carePlan))
        .map((one) => ({ name: 'stage', part: inLanguage(one, language) })),
    )
  },
}

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

/** The plans that the CarePlan follows and that have stages, in the version that is in force for the patient. */
async function stagedPlans(reader: DefinitionReader, carePlan: CarePlan): Promise<PlanDefinition[]> {
  const [type = '', id = ''] = carePlan.subject.reference?.split('/') ?? []
  const plans = await Promise.all(
    (carePlan.instantiatesCanonical ?? []).map(async (canonical) => {
      const found = await reader.findDefinition(canonical, ['PlanDefinition'], false)
      if (!found || canonical.includes('|')) return found
      const [inForce] = await reader.findInForce(found, [{ resourceType: type, id } as Resource])
      return inForce
    }),
  )
  return plans.flatMap((plan) => {
    const definition = plan as (Resource & PlanDefinition) | undefined
    return definition && stagesOf(definition).length > 0 ? [definition] : []
  })
}

type Shown = { plan: string; stage: Stage; state: 'past' | 'current' | 'next' | 'later'; was?: StageState }

/** Where the patient was, in order, and then the stages that they were not in, as the plan has them. */
function toParts(plan: PlanDefinition, carePlan: CarePlan): Shown[] {
  const url = String(plan.url)
  const stages = stagesOf(plan)
  const own = statesOf(carePlan).filter((state) => state.plan === url)
  const been = own.flatMap((was): Shown[] => {
    const stage = stages.find(({ id }) => id === was.stage) ?? unknownStage(was.stage)
    return [{ plan: url, stage, was, state: was.until === undefined ? 'current' : 'past' }]
  })
  const rest = stages.filter(({ id }) => !own.some((was) => was.stage === id && was.until === undefined))
  const ahead = rest.flatMap((stage): Shown[] => {
    const mayCome = 'stage' in stageMove(plan, url, carePlan, stage.id)
    const wasThere = own.some((was) => was.stage === stage.id)
    // Where somebody has been is shown as such; once more only if they may go there again.
    return wasThere && !mayCome ? [] : [{ plan: url, stage, state: mayCome ? 'next' : 'later' }]
  })
  return [...been, ...ahead]
}

/** Of a version before. */
const unknownStage = (id: string): Stage => ({ id, title: { nb: id, nn: id, en: id }, isAlternate: false })

function inLanguage({ plan, stage, state, was }: Shown, language: Language): ParametersParameter[] {
  return [
    { name: 'plan', valueUri: plan },
    { name: 'id', valueId: stage.id },
    { name: 'title', valueString: stage.title[language] },
    { name: 'state', valueCode: state },
    { name: 'alternate', valueBoolean: stage.isAlternate },
    ...(was ? [{ name: 'period', valuePeriod: { start: was.since, ...(was.until ? { end: was.until } : {}) } }] : []),
    ...(was?.goal ? [{ name: 'goal', valueDateTime: was.goal }] : []),
    ...(was?.deadline ? [{ name: 'deadline', valueDateTime: was.deadline }] : []),
    ...(was?.passed ?? []).map((mark) => ({ name: 'passed', valueCode: mark })),
    ...(was?.by ? [{ name: 'by', valueReference: { reference: was.by } }] : []),
    ...(was?.rule ? [{ name: 'rule', valueString: was.rule }] : []),
    ...(was?.reason ? [{ name: 'reason', valueString: was.reason }] : []),
  ]
}
