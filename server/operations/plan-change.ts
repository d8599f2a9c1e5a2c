import { randomUUID } from 'node:crypto'
import type { CarePlan, CareTeam, ParametersParameter } from '@medplum/fhirtypes'
import {
  changesOf,
  changesToCome,
  isRunning,
  mayFollow,
  PLANNED_STATUSES,
  PLANNED_TYPES,
  type Planned,
  type PlannedChange,
  type PlannedStatus,
  statusAt,
  withChanges,
} from '../core/decide/planned-change/planned-change.ts'
import { newHandover } from '../core/decide/task/handover.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { parseOwner } from './performer.ts'

/** Further ahead nobody knows what will be right. */
const AHEAD_DAYS_MAX = 366
const DAY = 86_400_000

const STORED: Parameter[] = [
  {
    name: 'return',
    type: 'Resource',
    min: 1,
    max: '1',
    documentation: 'The CarePlan or ServiceRequest, as it is stored.',
  },
]

/**
 * CarePlan/{id}/$plan-change and ServiceRequest/{id}/$plan-change: what it becomes at a moment to come, to the second. A pause, going on, an
 * end; of a CarePlan another team that has the responsibility. With `until` it is as before from then on.
 * If-Match is obeyed.
 * @throws Refusal business-rule (what has ended; a status that cannot follow by then; the team that has it by then;
 *   another for which the plan wants a legal basis that is not there), value (moments,
 *   status, team), required (one of status and careTeam), not-supported (the team of a ServiceRequest), conflict (something
 *   is planned for that moment)
 */
export const planChange: Operation = {
  code: 'plan-change',
  title: 'Plan a change',
  description:
    'A pause, going on, an end, or another responsible team, at a moment to come: for a holiday or a stay in hospital. Done by a durable clock; $withdraw-change takes it back before.',
  resource: [...PLANNED_TYPES],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    { name: 'at', type: 'instant', min: 1, max: '1', documentation: `When; at most ${AHEAD_DAYS_MAX} days ahead.` },
    {
      name: 'status',
      type: 'code',
      min: 0,
      max: '1',
      documentation: `${PLANNED_STATUSES.join(', ')}: what it becomes.`,
    },
    {
      name: 'careTeam',
      type: 'Reference',
      min: 0,
      max: '1',
      documentation: 'Of a CarePlan: which CareTeam has it from then on.',
    },
    {
      name: 'until',
      type: 'instant',
      min: 0,
      max: '1',
      documentation: 'When it goes on, or the team of before has it again.',
    },
    { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why, for colleagues and the patient.' },
  ],
  out: STORED,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, planChange)
    const asked = askedOf(given, exchange, rooms.now())
    if (asked.careTeam) {
      await mustBeTeam(exchange, rooms, asked.careTeam)
      await mustBeShareable(exchange, rooms, asked.careTeam)
    }
    return change(exchange, rooms, (resource) => {
      mustRun(resource)
      return withChanges(resource, [...changesOf(resource), ...toChanges(resource, asked)])
    })
  },
}

/**
 * CarePlan/{id}/$withdraw-change and ServiceRequest/{id}/$withdraw-change: what was planned is not, before its moment.
 * @throws Refusal not-found (no such change), conflict (it is done)
 */
export const withdrawChange: Operation = {
  code: 'withdraw-change',
  title: 'Take a planned change back',
  description: 'What was planned by $plan-change does not come; what was planned beside it does.',
  resource: [...PLANNED_TYPES],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    { name: 'change', type: 'id', min: 1, max: '1', documentation: 'id of the change, as $planned-changes tells it.' },
  ],
  out: STORED,
  async handler(exchange, rooms) {
    const id = readGiven(exchange, withdrawChange).text('change')
    return change(exchange, rooms, (resource) => {
      const found = changesOf(resource).find((one) => one.id === id)
      if (!found) throw refuse('not-found', `Nothing is planned here under the id ${id}.`, 'change')
      if (found.done) throw refuse('conflict', `That was done ${found.done}; it cannot be taken back.`, 'change')
      return withChanges(
        resource,
        changesOf(resource).filter((one) => one.id !== id),
      )
    })
  },
}

/** CarePlan/{id}/$planned-changes and ServiceRequest/{id}/$planned-changes: what comes, and what came of it, in the order of the moments. */
export const plannedChanges: Operation = {
  code: 'planned-changes',
  title: 'What is planned to change',
  description: 'Each change that was planned: when, what, why, by whom, and whether it has come.',
  resource: [...PLANNED_TYPES],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    {
      ...{ name: 'change', min: 0, max: '*', documentation: 'In the order of their moments.' },
      part: [
        { name: 'id', type: 'id', min: 1, max: '1', documentation: 'By which $withdraw-change calls it.' },
        { name: 'at', type: 'instant', min: 1, max: '1', documentation: 'When.' },
        { name: 'status', type: 'code', min: 0, max: '1', documentation: 'What it becomes.' },
        { name: 'careTeam', type: 'Reference', min: 0, max: '1', documentation: 'Or who has it from then on.' },
        { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why.' },
        { name: 'by', type: 'Reference', min: 0, max: '1', documentation: 'Who has planned it.' },
        {
          name: 'state',
          type: 'code',
          min: 1,
          max: '1',
          documentation:
            'planned, changed, not-needed (it was so already), refused (its legal basis was gone) or void (it had ended).',
        },
        { name: 'done', type: 'instant', min: 0, max: '1', documentation: 'When it was done.' },
      ],
    },
  ],
  async handler(exchange, rooms) {
    readGiven(exchange, plannedChanges)
    const { text } = await rooms.store.read(exchange.access, exchange.type, exchange.id)
    const resource = JSON.parse(text ?? '{}') as Planned
    return parametersReply(
      changesOf(resource).map((one) => ({ name: 'change', part: partsOf(one, isRunning(resource)) })),
    )
  },
}

/** A planned change as an operation tells it. */
export function partsOf(change: PlannedChange, isOfRunning: boolean): ParametersParameter[] {
  const { id, at, status, careTeam, reason, by, done, outcome } = change
  return [
    { name: 'id', valueId: id },
    { name: 'at', valueInstant: at },
    ...(status ? [{ name: 'status', valueCode: status }] : []),
    ...(careTeam ? [{ name: 'careTeam', valueReference: careTeam }] : []),
    { name: 'reason', valueString: reason },
    ...(by ? [{ name: 'by', valueReference: { reference: by } }] : []),
    { name: 'state', valueCode: outcome ?? (isOfRunning ? 'planned' : 'void') },
    ...(done ? [{ name: 'done', valueInstant: done }] : []),
  ]
}

type Asked = {
  at: Date
  until?: Date
  status?: PlannedStatus
  careTeam?: Owner
  reason: string
  by?: string
}

function askedOf(given: Given, { type, access }: Exchange, now: Date): Asked {
  const status = given.text('status')
  const team = given.text('careTeam')
  const reason = String(given.text('reason'))
  if ((status === undefined) === (team === undefined))
    throw refuse('required', 'One thing changes: status or careTeam.', status === undefined ? 'status' : 'careTeam')
  const known = PLANNED_STATUSES.find((one) => one === status)
  if (status !== undefined && !known)
    throw refuse('value', `status becomes ${PLANNED_STATUSES.join(', ')}, not ${status}.`, 'status')
  if (team !== undefined && type !== 'CarePlan')
    throw refuse('not-supported', 'The team is that of the CarePlan: plan the change there.', 'careTeam')
  const at = momentOf(given, 'at', now, now) as Date
  const until = momentOf(given, 'until', at, now)
  if (until && known && known !== 'on-hold')
    throw refuse('value', `A pause has an end; what becomes ${known} stays so.`, 'until')
  const { actor } = access
  return {
    ...{ at, reason },
    ...(until ? { until } : {}),
    ...(known ? { status: known } : {}),
    ...(team === undefined ? {} : { careTeam: parseOwner(team, 'careTeam', ['CareTeam']) }),
    // A system is no resource that could be referred to; the audit and the version say which it was.
    ...(actor.startsWith('Client/') ? {} : { by: actor }),
  }
}

function momentOf(given: Given, name: string, after: Date, now: Date): Date | undefined {
  const text = given.text(name)
  if (text === undefined) return undefined
  const moment = new Date(text)
  if (moment <= after) throw refuse('value', `${name} must be after ${after.toISOString()}, not ${text}.`, name)
  if (moment.getTime() > now.getTime() + AHEAD_DAYS_MAX * DAY)
    throw refuse('value', `${name} is at most ${AHEAD_DAYS_MAX} days ahead, not ${text}.`, name)
  return moment
}

/** @throws Refusal value for a team that is not there, or not in use, as far as the caller may see */
async function mustBeTeam({ access }: Exchange, { store }: Rooms, { reference = '' }: Owner): Promise<void> {
  const [type = '', id = ''] = reference.split('/')
  const version = await store.read(access, type, id).catch(() => undefined)
  const { status } = JSON.parse(version?.text ?? '{}') as Partial<CareTeam>
  if (!version) throw refuse('value', `There is no ${reference}.`, 'careTeam')
  if (status !== 'active')
    throw refuse('value', `${reference} is ${status ?? 'not active'}; nobody works its queue.`, 'careTeam')
}

/**
 * Whoever takes over sees the patient's record. Where the plan wants a legal basis for that, a date is no way around it.
 * @throws Refusal business-rule
 */
async function mustBeShareable({ access, type, id }: Exchange, rooms: Rooms, to: Owner): Promise<void> {
  const { text } = await rooms.store.read(access, type, id)
  const { careTeam, subject } = JSON.parse(text ?? '{}') as CarePlan
  const from = careTeam?.[0] as Owner | undefined
  const about = { focus: `${type}/${id}`, from, to, for: subject, reason: '', requester: undefined, now: rooms.now() }
  const { missing } = await rooms.handoverBasis(newHandover(about))
  if (missing.length === 0) return
  const needed = missing.map((demand) => demandInWords(demand).en).join('; ')
  throw refuse(
    'business-rule',
    `The plan demands a legal basis for handing the patient over: ${needed}. With the patient's Consent it can be planned; $handover takes another basis.`,
    'careTeam',
  )
}

function mustRun(resource: Planned): void {
  if (isRunning(resource)) return
  const { resourceType: type, status } = resource
  throw refuse('business-rule', `A ${type} that is ${status} does not change any more, or not yet.`, `${type}.status`)
}

/** What was asked as changes, where each can follow what is so by then. */
function toChanges(resource: Planned, { at, until, status, careTeam, reason, by }: Asked): PlannedChange[] {
  const common = { reason, ...(by ? { by } : {}) }
  for (const [name, moment] of [
    ['at', at],
    ['until', until],
  ] as const) {
    const same = moment && changesToCome(resource).find((one) => Date.parse(one.at) === moment.getTime())
    if (same) throw refuse('conflict', `Something is planned for that moment already: ${same.id}.`, name)
  }
  const then = (moment: Date, what: { status: PlannedStatus } | { careTeam: Owner }): PlannedChange => ({
    ...{ id: randomUUID(), at: moment.toISOString(), ...common },
    ...what,
  })
  if (status) {
    const before = statusAt(resource, at)
    if (!mayFollow(before, status))
      throw refuse(
        'business-rule',
        `By then it is ${before}, and what is ${before} does not become ${status}.`,
        'status',
      )
    return [then(at, { status }), ...(until ? [then(until, { status: 'active' })] : [])]
  }
  if (!careTeam) return []
  const before = teamAt(resource, at)
  if (before?.reference === careTeam.reference)
    throw refuse('business-rule', `${careTeam.reference} has the responsibility by then.`, 'careTeam')
  if (until && !before) throw refuse('value', 'No team has it by then that could have it again.', 'until')
  return [then(at, { careTeam }), ...(until && before ? [then(until, { careTeam: before })] : [])]
}

function teamAt(resource: Planned, at: Date): Owner | undefined {
  const planned = changesToCome(resource).filter((one) => one.careTeam && Date.parse(one.at) <= at.getTime())
  const now = resource.resourceType === 'CarePlan' ? (resource.careTeam?.[0] as Owner | undefined) : undefined
  return planned.at(-1)?.careTeam ?? now
}

async function change(exchange: Exchange, rooms: Rooms, by: (resource: Planned) => Planned): Promise<Reply> {
  const { access, type, id, headers } = exchange
  const ifMatch = parseIfMatch(headers.ifMatch)
  return rooms.store.transact(async (inside) => {
    const { text } = await inside.readForChange(access, type, id)
    const changed = by(JSON.parse(text ?? '{}') as Planned)
    const { resource } = rooms.validate(changed as unknown as Resource, type)
    return { status: 200, version: await inside.write(access, { interaction: 'update', resource, id, ifMatch }) }
  })
}
