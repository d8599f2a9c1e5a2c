import type { CarePlan, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { stageMove } from '../core/decide/stages/move-stage.ts'
import { type Stage, stagesOf } from '../core/decide/stages/stage.ts'
import { type StageState, statesOf } from '../core/decide/stages/stage-state.ts'
import { chooseLanguage, type Language } from '../core/decide/words/language.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { stagedPlans } from './staged-plans.ts'

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
