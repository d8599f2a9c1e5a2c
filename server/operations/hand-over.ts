import type { CarePlan, Task } from '@medplum/fhirtypes'
import { acting } from '../access/acting.ts'
import { heldHandover, isHandover, mayReceive, newHandover } from '../core/decide/task/handover.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { isOpen, OPEN_STATUSES } from '../core/decide/task/task-status.ts'
import { chooseLanguage, type Language } from '../core/decide/words/language.ts'
import { tell } from '../core/decide/words/told.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { withBasis } from '../lifecycle/legal-basis/basis.ts'
import { demandInWords, isAbsolute } from '../lifecycle/legal-basis/demands.ts'
import { parseSearch } from '../search/search-query.ts'
import type { StoreTransaction } from '../store/store.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parseOwner } from './performer.ts'

const RECEIVERS = ['CareTeam', 'HealthcareService', 'Organization', 'Practitioner', 'PractitionerRole'] as const

/**
 * Task/{id}/$handover and CarePlan/{id}/$handover: asks another team, of this sector or another, to take the responsibility over. The
 * answer is a move of the Task that comes of it: received, accepted or rejected. Until it is accepted nothing changes hands.
 * @throws Refusal business-rule (what is closed; to who has it already), conflict (asked before and not answered), value, required;
 *   business-rule for a legal basis that the plan demands and nobody has
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
    {
      ...{ name: 'policy', type: 'uri', min: 0, max: '*' },
      documentation: 'By what right the receiver comes to see the patient’s record: laws, agreements, by their uris.',
    },
    {
      ...{ name: 'consent', type: 'Reference', min: 0, max: '*' },
      documentation: 'The same: Consents of the patient’s. One that meets what the plan demands is found by itself.',
    },
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
      const rested = await rest(task, { given, from, language: chooseLanguage(exchange.headers.acceptLanguage) }, rooms)
      const { resource } = rooms.validate(rested as unknown as Resource, 'Task')
      return inside.write(access, { interaction: 'create', resource })
    })
    return { status: 201, located: true, version }
  },
}

type Asking = { given: Given; from: Owner | undefined; language: Language }

/**
 * The question with what it rests on; held back where the plan says so and the patient's Consent is missing.
 * @throws Refusal business-rule (each legal basis that is missing; a Consent that is not given, or not to this receiver), value
 */
async function rest(task: Task, { given, from, language }: Asking, rooms: Rooms): Promise<Task> {
  const named = { policies: given.texts('policy'), consents: given.texts('consent') }
  const relative = named.policies.find((policy) => !isAbsolute(policy))
  if (relative !== undefined) throw refuse('value', `policy is an absolute uri, not '${relative}'.`, 'policy')
  const { missing, basis, notGiven } = await rooms.handoverBasis(withBasis(task, named))
  if (notGiven.length > 0)
    throw refuse(
      'business-rule',
      `${notGiven.join(', ')}: no consent that the patient gives to the receiver now.`,
      'consent',
    )
  if (missing.length === 0) return withBasis(task, basis)
  const words = tell((which) => missing.map((demand) => demandInWords(demand)[which]).join('; '))
  if (from && missing.every(({ without }) => without === 'hold')) {
    const why = tell((which) => `${WAITS[which]}: ${words[which]}`)
    return withBasis(heldHandover(task, from, why), basis)
  }
  throw refuse('business-rule', `${NEEDED[language]}: ${words[language]}.`, 'policy', 'consent')
}

const WAITS = {
  nb: 'Venter på det som må til før mottakeren kan spørres',
  nn: 'Ventar på det som må til før mottakaren kan spørjast',
  en: 'Waits for what is needed before the receiver is asked',
}
const NEEDED = {
  nb: 'Planen krever et rettslig grunnlag for å overføre pasienten',
  nn: 'Planen krev eit rettsleg grunnlag for å overføre pasienten',
  en: 'The plan demands a legal basis for handing the patient over',
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
