import type { CarePlan, Task } from '@medplum/fhirtypes'
import { acting } from '../access/acting.ts'
import { isHandover, mayReceive, newHandover } from '../decide/handover.ts'
import type { Owner } from '../decide/task-marks.ts'
import { isOpen, OPEN_STATUSES } from '../decide/task-status.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { parseSearch } from '../search/search-query.ts'
import type { StoreTransaction } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parseOwner } from './performer.ts'

const RECEIVERS = ['CareTeam', 'HealthcareService', 'Organization', 'Practitioner', 'PractitionerRole'] as const

/**
 * Task/{id}/$handover and CarePlan/{id}/$handover: asks another team, of this sector or another, to take the responsibility over. The
 * answer is a move of the Task that comes of it: received, accepted or rejected. Until it is accepted nothing changes hands.
 * @throws Refusal business-rule (what is closed; to who has it already), conflict (asked before and not answered), value, required
 */
export const handover: Operation = {
  code: 'handover',
  title: 'Ask for a handover',
  description: 'A Task for another team: will you take this over? Accepted, the responsibility moves at once.',
  resource: ['Task', 'CarePlan'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    { name: 'to', type: 'Reference', min: 1, max: '1', documentation: `Who is asked; of a CarePlan a CareTeam.` },
    { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why.' },
    { name: 'answerBy', type: 'instant', min: 0, max: '1', documentation: 'When an answer must be there; else a day.' },
  ],
  out: [{ name: 'return', type: 'Task', min: 1, max: '1', documentation: 'The question, as a Task of who is asked.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, handover)
    const { type, access } = exchange
    const to = parseOwner(given.text('to') ?? '', 'to', RECEIVERS)
    if (!mayReceive(type, String(to.reference))) {
      throw refuse('value', `A ${type} is handed over to a CareTeam, not to ${to.reference}.`, 'to')
    }
    const answerBy = given.text('answerBy')
    if (answerBy !== undefined && new Date(answerBy) <= rooms.now()) {
      throw refuse('value', `answerBy must be yet to come, not ${answerBy}.`, 'answerBy')
    }
    const version = await rooms.store.transact(async (inside) => {
      // Locked: of two who ask at once, the second finds the first's question.
      const { text } = await inside.readForChange(access, type, exchange.id)
      const focus = JSON.parse(text ?? '{}') as Task | CarePlan
      const from = responsibleFor(focus)
      mustBeOpen(focus)
      if (from?.reference === to.reference) {
        throw refuse('business-rule', `${to.reference} has the responsibility already.`, 'to')
      }
      await mustBeFirst(exchange, rooms, inside)
      const task = newHandover({
        ...{ focus: `${type}/${exchange.id}`, from, to, reason: given.text('reason') ?? '' },
        for: focus.resourceType === 'Task' ? focus.for : focus.subject,
        requester: acting(access) as Task['requester'],
        ...(answerBy === undefined ? {} : { answerBy: new Date(answerBy) }),
        now: rooms.now(),
      })
      const { resource } = rooms.validate(task as unknown as Resource, 'Task')
      return inside.write(access, { interaction: 'create', resource })
    })
    return { status: 201, located: true, version }
  },
}

/** Who has the responsibility now: the owner of a Task, the first team of a CarePlan. */
export const responsibleFor = (focus: Task | CarePlan): Owner | undefined =>
  focus.resourceType === 'Task' ? focus.owner : focus.careTeam?.[0]

function mustBeOpen(focus: Task | CarePlan): void {
  const isClosed =
    focus.resourceType === 'Task' ? !isOpen(focus) : !['draft', 'active', 'on-hold'].includes(focus.status)
  if (isClosed) {
    const { resourceType: type, status } = focus
    throw refuse('business-rule', `A ${type} that is ${status} has nobody responsible any more.`, `${type}.status`)
  }
  if (focus.resourceType === 'Task' && isHandover(focus)) {
    throw refuse('business-rule', 'A handover is answered, not handed over.', 'Task.code')
  }
}

async function mustBeFirst(exchange: Exchange, rooms: Rooms, inside: StoreTransaction): Promise<void> {
  const [pending] = await pendingHandovers(exchange, rooms, inside)
  if (!pending) return
  const diagnostics = `Task/${pending.id} asks ${pending.owner?.reference} already; it is ${pending.status}.`
  throw refuse('conflict', diagnostics, `${exchange.type}`)
}

/** The handovers of a resource that nobody has answered yet. */
export async function pendingHandovers(
  { access, type, id }: Exchange,
  { definitions }: Rooms,
  store: Pick<StoreTransaction, 'search'>,
): Promise<Task[]> {
  const params = new URLSearchParams({ focus: `${type}/${id}`, status: [...OPEN_STATUSES].join(',') })
  const { matches } = await store.search(access, parseSearch(definitions, 'Task', params, 'strict'))
  return matches.map(({ text }) => JSON.parse(text ?? '{}') as Task).filter(isHandover)
}
