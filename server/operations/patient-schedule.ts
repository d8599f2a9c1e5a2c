import type {
  CarePlan,
  Observation,
  ParametersParameter,
  PlanDefinition,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { type Burden, burdenOf } from '../core/decide/burden/burden.ts'
import type { Handling } from '../core/decide/decision-record.ts'
import { changesToCome, type Planned, statusAt } from '../core/decide/planned-change/planned-change.ts'
import { toAskedFor } from '../core/decide/schedule/asked-for.ts'
import { type ScheduleLine, viewSchedule } from '../core/decide/schedule/view-schedule.ts'
import { SYNC_STATUS_CODE, unsentOf } from '../core/decide/silence/sync-status.ts'
import { OPEN_STATUSES } from '../core/decide/task/task-status.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Version } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { partsOf as changePartsOf, plannedChanges } from './plan-change.ts'

const DAY = 86_400_000
const DAYS_MAX = 92
/** As much as is looked at for one answer; beyond it the period must be shorter. */
const FOUND_COUNT_MAX = 1_000

const LINE: Parameter[] = [
  {
    name: 'request',
    type: 'Reference',
    min: 1,
    max: '1',
    documentation: 'What asks: a ServiceRequest, CarePlan or Task.',
  },
  { name: 'activity', type: 'string', min: 0, max: '1', documentation: 'Which activity of the CarePlan.' },
  { name: 'title', type: 'string', min: 1, max: '1', documentation: 'For people.' },
  { name: 'due', type: 'instant', min: 1, max: '1', documentation: 'When it is due.' },
  { name: 'window', type: 'Period', min: 1, max: '1', documentation: 'When a result counts for it.' },
  {
    name: 'state',
    type: 'code',
    min: 1,
    max: '1',
    documentation: 'planned, open, due, done, late, missing or skipped.',
  },
  { name: 'result', type: 'Reference', min: 0, max: '1', documentation: 'What came for it.' },
  {
    name: 'silence',
    min: 0,
    max: '1',
    documentation: 'What is waited for now.',
    part: [
      {
        name: 'kind',
        type: 'code',
        min: 1,
        max: '1',
        documentation: 'not-measured, not-sent, not-evaluated, not-opened or not-decided.',
      },
      { name: 'since', type: 'instant', min: 1, max: '1', documentation: 'Since when.' },
      {
        name: 'owner',
        type: 'Reference',
        min: 0,
        max: '1',
        documentation: 'Who can end it; the operator where there is none.',
      },
    ],
  },
]

/** An operation of this server's own. */
export const patientSchedule: Operation = {
  code: 'schedule',
  title: 'Schedule of a patient',
  description:
    'What a patient is asked to measure and answer, when, and how it stands with each: done, missing, or who is waited for.',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    { name: 'from', type: 'dateTime', min: 0, max: '1', documentation: 'From when; a day ago when left out.' },
    {
      name: 'to',
      type: 'dateTime',
      min: 0,
      max: '1',
      documentation: `Until when, exclusive; a week later when left out, at most ${DAYS_MAX} days.`,
    },
  ],
  out: [
    { name: 'occurrence', min: 0, max: '*', documentation: 'By due time.', part: LINE },
    {
      name: 'extra',
      min: 0,
      max: '*',
      documentation: 'What came without having been asked for at that time.',
      part: LINE.filter(({ name }) => name === 'request' || name === 'result'),
    },
    {
      ...{ name: 'planned-change', min: 0, max: '*' },
      documentation: 'What is planned to change within the period: see $plan-change.',
      part: [
        { name: 'of', type: 'Reference', min: 1, max: '1', documentation: 'A CarePlan or ServiceRequest.' },
        ...(plannedChanges.out[0]?.part ?? []),
      ],
    },
    {
      ...{ name: 'burden', min: 1, max: '1' },
      documentation: 'What all of it takes of the day, over the next four weeks.',
      part: [
        { name: 'minutes-per-day', type: 'decimal', min: 1, max: '1', documentation: 'Each request once.' },
        {
          ...{ name: 'plan', min: 0, max: '*' },
          documentation: 'Of each plan.',
          part: [
            { name: 'canonical', type: 'canonical', min: 1, max: '1', documentation: 'Which plan.' },
            { name: 'minutes-per-day', type: 'decimal', min: 1, max: '1', documentation: 'Of the day.' },
          ],
        },
      ],
    },
  ],
  handler,
}

/** @throws Refusal not-found, value, too-costly */
async function handler({ access, id, query, body }: Exchange, rooms: Rooms): Promise<Reply> {
  const given = readGiven({ query, body }, patientSchedule)
  await rooms.store.read(access, 'Patient', id)
  const now = rooms.now()
  const period = periodOf(given.text('from'), given.text('to'), now)
  const found = async <T>(type: string, search: string) => (await findAll(rooms, access, type, search)) as Found<T>[]
  const since = new Date(period.from.getTime() - 2 * DAY).toISOString()
  const [carePlans, requests, tasks, observations, answers, devices] = await Promise.all([
    found<CarePlan>('CarePlan', `patient=${id}`),
    found<ServiceRequest>('ServiceRequest', `patient=${id}&status=active`),
    found<Task>('Task', `patient=${id}&status=${[...OPEN_STATUSES].join(',')}`),
    found<Observation>('Observation', `patient=${id}&date=ge${since}`),
    found<Resource>('QuestionnaireResponse', `patient=${id}&authored=ge${since}`),
    found<Resource>('Basic', `patient=${id}&code=${SYNC_STATUS_CODE.system}|${SYNC_STATUS_CODE.code}`),
  ])
  const results = [...observations, ...answers].map(({ resource }) => resource as unknown as Resource)
  const plans = await plansByCanonical(
    rooms,
    carePlans.map(({ resource }) => resource),
  )
  const { asked } = toAskedFor({
    carePlans: carePlans.map(({ resource }) => resource),
    requests: requests.map(({ resource }) => resource),
    tasks: tasks.map(({ resource }) => resource),
    plansOf: (carePlan) => (carePlan.instantiatesCanonical ?? []).flatMap((canonical) => plans.get(canonical) ?? []),
  })
  const byReference = new Map(
    [...carePlans, ...requests].map(({ resource }): [string, Planned] => [
      `${resource.resourceType}/${resource.id}`,
      resource,
    ]),
  )
  const handling = await handlingOfNewest(rooms, results)
  const view = viewSchedule(
    {
      ...{ subject: `Patient/${id}`, asked, now, timers: await rooms.scheduleTimers(id) },
      results,
      openTasks: tasks.map(({ resource }) => resource),
      unsent: devices.flatMap(({ resource }) => unsentOf(resource) ?? []),
      handlingOf: (result) => handling.get(result) ?? 'handled',
    },
    period,
  )
  return parametersReply([
    ...view.lines.map((line) => ({ name: 'occurrence', part: partsOf(asPlanned(line, byReference)) })),
    ...view.extra.map(({ asked: { about }, result }) => ({
      name: 'extra',
      part: [
        { name: 'request', valueReference: { reference: about } },
        { name: 'result', valueReference: { reference: `${result.resourceType}/${result.id}` } },
      ],
    })),
    ...[...byReference].flatMap(([reference, one]) =>
      changesToCome(one)
        .filter(({ at }) => Date.parse(at) >= period.from.getTime() && Date.parse(at) < period.until.getTime())
        .map((change) => ({
          name: 'planned-change',
          part: [{ name: 'of', valueReference: { reference } }, ...changePartsOf(change, true)],
        })),
    ),
    burdenPart(burdenOf(asked, now)),
  ])
}

/** What comes while its request or plan will rest is not asked for. */
function asPlanned(line: ScheduleLine, byReference: Map<string, Planned>): ScheduleLine {
  const { asked, occurrence, state } = line
  if (state !== 'planned') return line
  const asking = [byReference.get(asked.about), asked.isShared ? undefined : asked.carePlan]
  const rests = asking.some(
    (one) => one && changesToCome(one).length > 0 && statusAt(one, occurrence.dueAt) !== 'active',
  )
  return rests ? { ...line, state: 'skipped' } : line
}

const burdenPart = ({ minutesPerDay, byPlan }: Burden): ParametersParameter => ({
  name: 'burden',
  part: [
    { name: 'minutes-per-day', valueDecimal: minutesPerDay },
    ...byPlan.map(({ plan, minutesPerDay: ofPlan }) => ({
      name: 'plan',
      part: [
        { name: 'canonical', valueCanonical: plan },
        { name: 'minutes-per-day', valueDecimal: ofPlan },
      ],
    })),
  ],
})

/** The engine takes what comes for one patient in its order: where it has come to the newest, it has come to all. */
const NEWEST_COUNT = 50

async function handlingOfNewest(rooms: Rooms, results: Resource[]): Promise<Map<Resource, Handling>> {
  const cameAt = ({ meta }: Resource) => meta?.lastUpdated ?? ''
  const newest = results.toSorted((one, other) => cameAt(other).localeCompare(cameAt(one))).slice(0, NEWEST_COUNT)
  const asked = newest.map(async (result) => [result, await rooms.handling(versionOf(result))] as const)
  return new Map(await Promise.all(asked))
}

const versionOf = ({ resourceType, id, meta }: Resource): Version => ({
  ...{ type: resourceType, id: String(id), versionId: Number(meta?.versionId), lastUpdated: meta?.lastUpdated ?? '' },
  interaction: 'update',
})

function periodOf(from: string | undefined, to: string | undefined, now: Date): { from: Date; until: Date } {
  const begin = from ? Date.parse(from) : now.getTime() - DAY
  const end = to ? Date.parse(to) : begin + 8 * DAY
  if (end <= begin || end - begin > DAYS_MAX * DAY) {
    throw refuse('value', `Expected a period of at most ${DAYS_MAX} days, its end after its beginning`, 'from', 'to')
  }
  return { from: new Date(begin), until: new Date(end) }
}

type Found<T> = { resource: T }

async function findAll(
  { store, definitions }: Rooms,
  access: Access,
  type: string,
  search: string,
): Promise<Found<unknown>[]> {
  const query = parseSearch(definitions, type, new URLSearchParams(`${search}&_count=${FOUND_COUNT_MAX}`), 'strict')
  const { matches, next } = await store.search(access, query)
  if (next)
    throw refuse('too-costly', `More than ${FOUND_COUNT_MAX} of type ${type}; ask for a shorter period`, 'from', 'to')
  return matches.flatMap(({ text }) => (text ? [{ resource: JSON.parse(text) as unknown }] : []))
}

/** Definitions are nobody's secret: whoever may see the CarePlan sees by which policy it is followed. */
async function plansByCanonical(rooms: Rooms, carePlans: CarePlan[]): Promise<Map<string, PlanDefinition>> {
  const canonicals = [...new Set(carePlans.flatMap(({ instantiatesCanonical }) => instantiatesCanonical ?? []))]
  const found = await Promise.all(
    canonicals.map(async (canonical) => {
      const [url = '', version] = canonical.split('|')
      const search = `url=${encodeURIComponent(url)}${version ? `&version=${encodeURIComponent(version)}` : '&status=active'}`
      const [plan] = await findAll(rooms, engineAccess('schedule'), 'PlanDefinition', search)
      return plan ? ([[canonical, plan.resource as PlanDefinition]] as const) : []
    }),
  )
  return new Map(found.flat())
}

function partsOf({ asked, occurrence, state, result, silence }: ScheduleLine): ParametersParameter[] {
  const { opensAt, closesAt, dueAt } = occurrence
  return [
    { name: 'request', valueReference: { reference: asked.about } },
    ...(asked.name ? [{ name: 'activity', valueString: asked.name }] : []),
    { name: 'title', valueString: asked.title },
    { name: 'due', valueInstant: dueAt.toISOString() },
    { name: 'window', valuePeriod: { start: opensAt.toISOString(), end: closesAt.toISOString() } },
    { name: 'state', valueCode: state },
    ...(result ? [{ name: 'result', valueReference: { reference: `${result.resourceType}/${result.id}` } }] : []),
    ...(silence
      ? [
          {
            name: 'silence',
            part: [
              { name: 'kind', valueCode: silence.kind },
              { name: 'since', valueInstant: silence.since.toISOString() },
              ...(silence.owner ? [{ name: 'owner', valueReference: silence.owner }] : []),
            ],
          },
        ]
      : []),
  ]
}
