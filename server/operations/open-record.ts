import type { Patient } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { type Opening, openingNews, openingTask } from '../access/opening.ts'
import { type Act, POLICY } from '../access/policy/policy.ts'
import { permitsAct } from '../access/reach.ts'
import { BREAK_GLASS, OPEN_RESTRICTED } from '../access/vocabulary.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { opensRecord, opensWholeRecord } from '../store/relations/ties.ts'
import type { Ties } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import { oneOf } from './one-of.ts'
import type { Operation, Parameter } from './operation.ts'

const { minutesDefault: MINUTES_DEFAULT, minutesMax: MINUTES_MAX, reasonCharsMin: REASON_CHARS_MIN } = POLICY.openings

const REASON: Parameter = {
  ...{ name: 'reason', type: 'string', min: 1, max: '1' },
  documentation: `Why, in words; at least ${REASON_CHARS_MIN} characters. The reviewer and the patient's log have it.`,
}
const MINUTES: Parameter = {
  ...{ name: 'minutes', type: 'integer', min: 0, max: '1' },
  documentation: `For how long; ${MINUTES_DEFAULT} if it is left out, at most ${MINUTES_MAX}.`,
}
const RETURN: Parameter = {
  ...{ name: 'return', type: 'Task', min: 1, max: '1' },
  documentation: 'The opening, and its review; restriction.period says until when it lasts.',
}

/** v3-ActReason: emergency treatment; treatment that cannot wait until the relation is there; break the glass. */
const PURPOSES = ['ETREAT', 'TREAT', 'BTG']
const BASES = ['consent', 'emergency']
const PURPOSE_OF: Record<string, string> = { consent: 'TREAT', emergency: 'ETREAT' }

/**
 * Patient/{id}/$break-glass: lets one person into the record of one patient with whom they have nothing to do, for a short time. The patient is told, and
 * somebody reviews it.
 * @throws Refusal forbidden (the policy lets the person not; a system), business-rule (there is a relation already), value, required,
 *   not-found
 */
export const breakGlass: Operation = {
  code: 'break-glass',
  title: 'Break the glass',
  description:
    'Opens the record of one patient to a health professional outside of the care relation, for a short time and with a reason; it is reviewed, and the patient is told.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'purpose', type: 'code', min: 1, max: '1' },
      documentation: `Of v3-ActReason: ${PURPOSES.join(', ')}.`,
    },
    REASON,
    MINUTES,
  ],
  out: [RETURN],
  handler: opening({
    ...{ code: BREAK_GLASS, ground: 'purpose', grounds: PURPOSES, act: 'break-glass' },
    refusal: ({ relations }) => {
      if (relations.some(opensWholeRecord))
        return refuse('business-rule', 'You have to do with this patient already; nothing needs to be broken.')
    },
  }),
}

/**
 * Patient/{id}/$open-restricted: opens what the patient has closed (sperring), and an address that is protected, to one person who is
 * in the patient's care, for a short time. Asked for with the patient's consent, or in an emergency.
 * @throws Refusal forbidden, business-rule (nothing is closed), value, required, not-found (also without a relation to the patient)
 */
export const openRestricted: Operation = {
  code: 'open-restricted',
  title: 'Open what is closed',
  description:
    'Opens what a patient has closed, and a protected address, to somebody in their care, for a short time, with their consent or in an emergency; it is reviewed, and the patient is told.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    { ...{ name: 'basis', type: 'code', min: 1, max: '1' }, documentation: `On what ground: ${BASES.join(' or ')}.` },
    REASON,
    MINUTES,
  ],
  out: [RETURN],
  handler: opening({
    ...{ code: OPEN_RESTRICTED, ground: 'basis', grounds: BASES, act: 'open-restricted' },
    refusal: ({ relations, closedBy, isAddressWithheld }, patient) => {
      if (!relations.some(opensRecord)) return refuse('not-found', `There is no Patient/${patient}.`)
      if (closedBy.length === 0 && !isAddressWithheld)
        return refuse('business-rule', 'Nothing in this record is closed to you.')
    },
  }),
}

type Kind = {
  code: Opening['code']
  /** The parameter that says on what ground, and what it may be. */
  ground: string
  grounds: string[]
  act: Act
  /** What stands against it, by how the person stands to the patient. */
  refusal: (ties: Ties, patient: string) => Refusal | undefined
}

function opening({ code, ground, grounds, act, refusal: refusalOf }: Kind): Handler {
  const operation = () => (code === BREAK_GLASS ? breakGlass : openRestricted)
  return async (exchange, rooms): Promise<Reply> => {
    const { access, id } = exchange
    const given = readGiven(exchange, operation())
    if (!permitsAct(access, act)) {
      throw refuse('forbidden', `The policy of access lets none of your roles $${act}; a health professional may.`)
    }
    const basis = oneOf(given.text(ground) ?? '', ground, grounds)
    const reason = reasonOf(given.text('reason') ?? '')
    const minutes = minutesOf(given.count('minutes'))
    const record = await mustBeThere(exchange, rooms)
    const refusal = refusalOf(await rooms.store.ties(access, [id]), id)
    if (refusal) throw refusal
    const from = rooms.now()
    const opened: Opening = {
      ...{ code, patient: id, who: access.actor, basis, reason, from },
      until: new Date(from.getTime() + minutes * 60_000),
      queue: access.standing?.attest.pointOfCare ?? keeperOf(JSON.parse(record.text ?? '{}') as Partial<Patient>),
    }
    const written = [openingTask(opened), openingNews(opened)].map((one) => ({
      interaction: 'create' as const,
      resource: rooms.validate(one as unknown as Resource, one.resourceType).resource,
    }))
    // It is the server that lets somebody in; who it was for stands in the Task and in the event.
    const [version] = await rooms.store.writeAll({ ...engineAccess('access'), actor: access.actor }, written)
    const audit = {
      code,
      reason: withoutNationalNumbers(reason),
      purpose: code === BREAK_GLASS ? basis : PURPOSE_OF[basis],
    }
    return { status: 201, located: true, ...(version ? { version } : {}), audit }
  }
}

function reasonOf(reason: string): string {
  if (reason.trim().length >= REASON_CHARS_MIN) return reason.trim()
  throw refuse('value', `reason must say why, in at least ${REASON_CHARS_MIN} characters.`, 'reason')
}

function minutesOf(minutes = MINUTES_DEFAULT): number {
  if (minutes >= 1 && minutes <= MINUTES_MAX) return minutes
  throw refuse('value', `minutes is a whole number from 1 to ${MINUTES_MAX}, not ${minutes}.`, 'minutes')
}

const KEEPER = /^Organization\/[A-Za-z0-9.-]{1,64}$/

/**
 * `Organization/…` that keeps the record. One that is named by an identifier alone, contained in the Patient, or of another server has no queue here,
 * and an emergency is never refused for that: the role that reviews is named in any case.
 */
export function keeperOf({ managingOrganization }: Partial<Patient>): string | undefined {
  const keeper = managingOrganization?.reference
  return keeper !== undefined && KEEPER.test(keeper) ? keeper : undefined
}

/** Whether there is such a patient is no secret to whoever gives a reason and is written down. @throws Refusal not-found, deleted */
const mustBeThere = ({ id }: Exchange, { store }: Rooms) => store.read(engineAccess('access'), 'Patient', id)
