import type { CareTeam, PractitionerRole, Reference, Task } from '@medplum/fhirtypes'
import { permits } from '../access/reach.ts'
import { claimTask } from '../core/decide/task/claim.ts'
import { PRIORITIES } from '../core/decide/task/task-marks.ts'
import { byUrgency, isFor } from '../core/decide/task/worklist.ts'
import { parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { StoreTransaction } from '../store/store.ts'
import { PERFORMER, QUEUES } from './claim-task.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { type Performer, parseOwner, readPerformer } from './performer.ts'

const PAGE_COUNT = 200
/** Of one priority; a queue that is longer is looked through from its oldest end. */
const LOOKED_AT_MAX = 2_000

/**
 * Task/$next: gives somebody the most urgent Task that waits in their queues and that their roles and skills are for, and takes it
 * for them at once. No two callers are given the same.
 * @throws Refusal required (no performer; no queue known), value, forbidden
 */
export const taskNext: Operation = {
  code: 'next',
  title: 'The next Task',
  description: 'The most urgent Task that waits in the queues and fits the performer, who has taken it then.',
  resource: ['Task'],
  on: ['type'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    PERFORMER,
    {
      ...{ name: 'queue', type: 'Reference', min: 0, max: '*' },
      documentation: `${QUEUES.join(', ')}; else all that the performer works for.`,
    },
  ],
  out: [
    { name: 'task', type: 'Task', min: 0, max: '1', documentation: 'What is to be done next; none when nothing fits.' },
    { name: 'waiting', type: 'integer', min: 1, max: '1', documentation: 'How many wait in these queues still.' },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, taskNext)
    const performer = await readPerformer(exchange, rooms, given.text('performer'))
    const named = given.texts('queue').map((text) => parseOwner(text, 'queue', QUEUES).reference ?? '')
    const queues = named.length > 0 ? named : await queuesOf(performer, exchange, rooms)
    if (queues.length === 0) {
      throw refuse('required', `No queue of ${performer.owner.reference} is known here; name it as queue.`, 'queue')
    }
    const { task, waiting } = await takeNext({ exchange, rooms, performer, queues })
    return parametersReply([
      ...(task ? [{ name: 'task', resource: task }] : []),
      { name: 'waiting', valueInteger: waiting },
    ])
  },
}

type Wanted = { exchange: Exchange; rooms: Rooms; performer: Performer; queues: string[] }

async function takeNext({ exchange, rooms, performer, queues }: Wanted): Promise<{ task?: Task; waiting: number }> {
  const { access } = exchange
  // What was given to this very person by the routing waits for them too.
  const owners = [...queues, String(performer.owner.reference)]
  const search = (params: Record<string, string>): SearchQuery =>
    parseSearch(
      rooms.definitions,
      'Task',
      new URLSearchParams({ owner: owners.join(','), status: 'requested,received', ...params }),
      'strict',
    )
  return rooms.store.transact(async (inside) => {
    const all = search({ _count: '0', _total: 'accurate' })
    // Those who ask for the same queues wait for each other: each sees what the one before has taken.
    await inside.lockCriteria([all])
    for (const priority of [...PRIORITIES].reverse()) {
      const isDefault = priority === 'routine'
      const query = search({ priority, _sort: 'authored-on', _count: String(PAGE_COUNT) })
      const without = search({ 'priority:missing': 'true', _sort: 'authored-on', _count: String(PAGE_COUNT) })
      const found = await candidates(inside, exchange, [query, ...(isDefault ? [without] : [])])
      const fitting = found.filter((task) => isFor(task, performer.roles)).sort(byUrgency)
      for (const { id = '' } of fitting) {
        const task = await take(inside, { exchange, rooms, performer, queues: owners }, id)
        if (task) return { task, waiting: (await inside.search(access, all)).total ?? 0 }
      }
    }
    return { waiting: (await inside.search(access, all)).total ?? 0 }
  })
}

async function candidates(inside: StoreTransaction, { access }: Exchange, queries: SearchQuery[]): Promise<Task[]> {
  const found: Task[] = []
  for (const query of queries) {
    for (let cursor: string | undefined; found.length < LOOKED_AT_MAX; ) {
      const page = await inside.search(access, { ...query, ...(cursor === undefined ? {} : { cursor }) })
      found.push(...page.matches.map(({ text }) => JSON.parse(text ?? '{}') as Task))
      if (page.next === undefined) break
      cursor = page.next
    }
  }
  return found
}

/** @returns undefined where somebody else was there between the search and now */
async function take(
  inside: StoreTransaction,
  { exchange: { access }, rooms, performer, queues }: Wanted,
  id: string,
): Promise<Task | undefined> {
  const current = await inside.readForChange(access, 'Task', id)
  const before = parseJson(current.text ?? '{}') as Task
  const isWaiting = before.status === 'requested' || before.status === 'received'
  if (!isWaiting || !queues.includes(before.owner?.reference ?? '')) return undefined
  const after = claimTask(before, performer.owner, rooms.now())
  const { resource } = rooms.validate(after as unknown as Resource, 'Task')
  const written = await inside.write(access, { interaction: 'update', resource, id })
  return JSON.parse(written.text ?? '{}') as Task
}

/** The services of the performer's roles, and the teams that they are in. */
async function queuesOf({ owner, roles }: Performer, { access }: Exchange, rooms: Rooms): Promise<string[]> {
  const services = roles.flatMap(({ healthcareService = [] }) => healthcareService)
  return [...new Set([...services.flatMap(toReference), ...(await teamsOf(namesOf(owner, roles), access, rooms))])]
}

const toReference = ({ reference }: Reference) => reference ?? []

function namesOf(owner: Performer['owner'], roles: PractitionerRole[]): string[] {
  const names = roles.flatMap(({ id, practitioner }) => [`PractitionerRole/${id}`, ...toReference(practitioner ?? {})])
  return [...new Set([String(owner.reference), ...names])]
}

async function teamsOf(names: string[], access: Exchange['access'], { store, definitions }: Rooms): Promise<string[]> {
  if (!permits(access, 'CareTeam', 's')) return []
  const params = new URLSearchParams({ participant: names.join(','), _count: String(PAGE_COUNT) })
  const { matches } = await store.search(access, parseSearch(definitions, 'CareTeam', params, 'strict'))
  return matches
    .map(({ text }) => JSON.parse(text ?? '{}') as CareTeam)
    .filter(({ status }) => status === undefined || status === 'active')
    .map(({ id }) => `CareTeam/${id}`)
}
