import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permitsAct, reachOf } from '../access/reach.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Reply, Rooms } from '../exchange.ts'
import type { MovePreview } from '../lifecycle/plan-moves.ts'
import { wantsAsync } from './async-job.ts'
import { differenceParameter, differencePart } from './difference-parameter.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const ENROLMENTS_SHOWN = 50
/** How long a caller waits who has not asked for `respond-async`. */
const WAIT_MILLISECONDS = 20_000

const DIFFERENCE = differenceParameter(
  'rule, limit, schedule, activity, task, goal or kept (a limit of the person).',
  'added, removed, changed, kept or undecided (the team is told).',
  'One thing that changes, or is kept although the plan changes it.',
)
const TASK: Parameter = {
  name: 'return',
  type: 'Task',
  min: 0,
  max: '1',
  documentation: 'How far it is: businessStatus, and in its output how many enrolments are in which state.',
}

/**
 * PlanDefinition/{id}/$migrate: moves running enrolments to this version, in batches. Their team, own limits and open Tasks stay; Goals and
 * activities follow the version: those that it does not have end, those that only it has are ordered, as $apply proposes them for each person.
 * With `dryRun` nothing is written, and what would change is told, for the plan and person by person. Answers 202 with Content-Location
 * where the Task can be read meanwhile: at once for `Prefer: respond-async`, otherwise when it takes long.
 * @throws Refusal not-found, business-rule (not in force; a version that nobody knows), value, forbidden (whoever may not change every CarePlan)
 */
export const migratePlanDefinition: Operation = {
  code: 'migrate',
  title: 'Move patients to this version',
  description:
    'Moves running enrolments from other versions of the plan to this one, in batches, or tells what would change.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    {
      name: 'dryRun',
      type: 'boolean',
      min: 0,
      max: '1',
      documentation: 'True: tells what would change, and writes nothing.',
    },
    {
      name: 'from',
      type: 'canonical',
      min: 0,
      max: '*',
      documentation:
        'A version that is left, as url|version, or the url for those who name no version; all other versions if none is given.',
    },
    {
      name: 'share',
      type: 'integer',
      min: 0,
      max: '1',
      documentation: 'Percent of the patients; else as many as the version is in force for.',
    },
    {
      name: 'carePlan',
      type: 'Reference',
      min: 0,
      max: '*',
      documentation: 'Only these enrolments, whatever the share; all that are in the versions left if none is given.',
    },
    { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'Why, in words.' },
    {
      name: 'count',
      type: 'integer',
      min: 0,
      max: '1',
      documentation: `Enrolments shown by a dry run; ${ENROLMENTS_SHOWN} if it is left out, at most 500.`,
    },
    { name: 'offset', type: 'integer', min: 0, max: '1', documentation: 'How many of them to pass over.' },
  ],
  out: [
    TASK,
    { name: 'from', type: 'canonical', min: 0, max: '*', documentation: 'Of a dry run: the versions that are left.' },
    { name: 'to', type: 'canonical', min: 0, max: '1', documentation: 'The version that they go to.' },
    { name: 'total', type: 'integer', min: 0, max: '1', documentation: 'How many enrolments would be moved.' },
    {
      name: 'version',
      min: 0,
      max: '*',
      documentation: 'One for each version that is left.',
      part: [{ name: 'from', type: 'canonical', min: 1, max: '1', documentation: 'Which.' }, DIFFERENCE],
    },
    {
      name: 'enrolment',
      min: 0,
      max: '*',
      documentation: 'One for each person shown.',
      part: [
        { name: 'carePlan', type: 'Reference', min: 1, max: '1', documentation: 'The enrolment.' },
        { name: 'patient', type: 'Reference', min: 1, max: '1', documentation: 'Whose.' },
        DIFFERENCE,
      ],
    },
  ],
  async handler(exchange, rooms) {
    const { access, id, headers } = exchange
    const given = readGiven(exchange, migratePlanDefinition)
    mustReachAll(access)
    await rooms.store.read(access, 'PlanDefinition', id, 'u')
    const options = {
      from: given.texts('from'),
      share: given.has('share') ? numberIn(given.count('share'), 'share', 1, 100) : undefined,
      only: given.texts('carePlan').map(toCarePlanId),
    }
    if (given.flag('dryRun')) {
      const page = {
        count: numberIn(given.count('count') ?? ENROLMENTS_SHOWN, 'count', 0, 500),
        offset: numberIn(given.count('offset') ?? 0, 'offset', 0, Number.MAX_SAFE_INTEGER),
        language: chooseLanguage(headers.acceptLanguage),
      }
      return parametersReply(toParameters(await rooms.planMoves.preview(id, options, page)))
    }
    const task = await rooms.planMoves.start(access, id, { ...options, reason: given.text('reason') })
    return whenDone(rooms, task, headers.prefer)
  },
}

/** PlanDefinition/{id}/$undo-migration: everybody back where they were, in one act. Answers as `$migrate`. */
export const undoMigration: Operation = {
  code: 'undo-migration',
  title: 'Take a move back',
  description:
    'Moves patients back who were moved to this version. What was changed by others meanwhile stays, and is told.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    {
      name: 'task',
      type: 'Reference',
      min: 0,
      max: '1',
      documentation: 'The Task of the move; the last one if none is given.',
    },
  ],
  out: [TASK],
  async handler(exchange, rooms) {
    const { access, id, headers } = exchange
    const given = readGiven(exchange, undoMigration)
    mustReachAll(access)
    await rooms.store.read(access, 'PlanDefinition', id, 'u')
    const task = await rooms.planMoves.undo(access, id, given.text('task')?.replace(/^.*\//, ''))
    return whenDone(rooms, task, headers.prefer)
  },
}

/** Patients are moved whoever cares for them: by a system that may change any CarePlan, or by whom the policy lets. @throws Refusal forbidden */
function mustReachAll(access: Access): void {
  const isScoped = access.scopes.some(
    ({ type, letters }) => (type === '*' || type === 'CarePlan') && letters.includes('u'),
  )
  if (reachOf(access, 'CarePlan', 'u').kind === 'all' || (isScoped && permitsAct(access, 'migrate-plans'))) return
  throw notPermitted('CarePlan', 'u')
}

async function whenDone({ planMoves }: Rooms, task: Resource, prefer: string | undefined): Promise<Reply> {
  const contentLocation = `Task/${task.id}`
  if (wantsAsync(prefer)) return { status: 202, text: JSON.stringify(task), contentLocation }
  const { isDone, task: now } = await planMoves.waitFor(String(task.id), WAIT_MILLISECONDS)
  return { status: isDone ? 200 : 202, text: JSON.stringify(now), contentLocation }
}

/** @throws Refusal value for what is no CarePlan of this server */
function toCarePlanId(reference: string): string {
  const [, id] = /^CarePlan\/([A-Za-z0-9.-]{1,64})$/.exec(reference) ?? []
  if (id) return id
  throw refuse('value', `carePlan is an enrolment, such as CarePlan/1, not ${reference}.`, 'carePlan')
}

/** @throws Refusal value */
function numberIn(value: number | undefined, name: string, min: number, max: number): number {
  if (value !== undefined && Number.isInteger(value) && value >= min && value <= max) return value
  throw refuse('value', `${name} is a whole number from ${min} to ${max}, not ${value}.`, name)
}

function toParameters({ from, to, total, differences, enrolments }: MovePreview): ParametersParameter[] {
  return [
    ...from.map((canonical) => ({ name: 'from', valueCanonical: canonical })),
    { name: 'to', valueCanonical: to },
    { name: 'total', valueInteger: total },
    ...differences.map(
      (one): ParametersParameter => ({
        name: 'version',
        part: [{ name: 'from', valueCanonical: one.from }, ...one.differences.map(differencePart)],
      }),
    ),
    ...enrolments.map(
      ({ carePlan, patient, differences: own }): ParametersParameter => ({
        name: 'enrolment',
        part: [
          { name: 'carePlan', valueReference: { reference: carePlan } },
          { name: 'patient', valueReference: { reference: patient } },
          ...own.map(differencePart),
        ],
      }),
    ),
  ]
}
