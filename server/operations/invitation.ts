import { createHash, randomBytes } from 'node:crypto'
import type { Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { isSystem, permits, reachOf } from '../access/reach.ts'
import { isThemself } from '../access/themself.ts'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Change } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** `Task.identifier` of an invitation: the digest of its code. */
export const INVITATION = `${FYLGJE}/NamingSystem/invitation`
const PATIENT_APP = `${FYLGJE}/CodeSystem/patient-app`
const START_APP = 'start-app'

/** As much as nobody guesses; short enough for a QR code that a phone reads from paper. */
const CODE_BYTES = 16
const CODE = /^[\w-]{22}$/
const DAYS_DEFAULT = 14
const DAYS_MAX = 60
const DAY_MILLIS = 86_400_000

const digestOf = (code: string): string => createHash('sha256').update(code).digest('hex')

/**
 * Patient/{id}/$invite: a link by which the patient begins to use the app. It opens nothing by itself: who they are is proven at the
 * sign-in, and the link is only good for this patient, once. One that is still open is withdrawn by the next.
 * @throws Refusal forbidden (no scope for Tasks; a patient or next of kin), not-found, value (days)
 */
export const invite: Operation = {
  code: 'invite',
  title: 'Invite to the app',
  description:
    'Gives a link by which the patient begins to use the app: for this patient alone, once, and until it expires; who they are is proven at the sign-in. One that is still open is withdrawn.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'days', type: 'integer', min: 0, max: '1' },
      documentation: `For how long it is good; ${DAYS_DEFAULT} if it is left out, at most ${DAYS_MAX}.`,
    },
  ],
  out: [
    {
      ...{ name: 'link', type: 'uri', min: 1, max: '1' },
      documentation: 'To be given to the patient; it is told here and nowhere else.',
    },
    { name: 'expires', type: 'instant', min: 1, max: '1', documentation: 'Until when it is good.' },
    {
      ...{ name: 'task', type: 'Reference', min: 1, max: '1' },
      documentation: 'The invitation; completed when the patient has begun, and cancelled by whoever takes it back.',
    },
  ],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const days = readGiven(exchange, invite).count('days') ?? DAYS_DEFAULT
    if (days < 1 || days > DAYS_MAX) throw refuse('value', `days is a whole number from 1 to ${DAYS_MAX}.`, 'days')
    if (!permits(access, 'Task', 'c') || isOfFamily(access))
      throw refuse('forbidden', 'Whoever follows the patient invites them, with a scope to create Tasks.')
    await rooms.store.read(access, 'Patient', id)
    const code = randomBytes(CODE_BYTES).toString('base64url')
    const from = rooms.now()
    const until = new Date(from.getTime() + days * DAY_MILLIS)
    const task = await rooms.store.transact(async (inside) => {
      await inside.lockCriteria([openInvitations(rooms, id)])
      const { matches } = await inside.search(access, openInvitations(rooms, id))
      const [made] = await inside.writeAll(access, [
        {
          interaction: 'create',
          resource: checked(rooms, toTask({ patient: id, by: access.actor, code, from, until })),
        },
        ...matches.map(({ text }) => changed(rooms, parseJson(text ?? '{}') as Task, 'cancelled')),
      ])
      return made
    })
    return parametersReply([
      // Behind the #, so that no server and no log has it but the one that it is shown to.
      { name: 'link', valueUri: new URL(`../apps/patient/welcome#${code}`, `${rooms.baseUrl}/`).href },
      { name: 'expires', valueInstant: until.toISOString() },
      { name: 'task', valueReference: { reference: `Task/${task?.id}` } },
    ])
  },
}

/**
 * Patient/{id}/$accept-invitation: the patient, who has signed in, has come by the link. Good once.
 * @throws Refusal not-found (no such code; somebody else's record), forbidden (a code for somebody else), conflict (used),
 *   business-rule (expired, or withdrawn), value
 */
export const acceptInvitation: Operation = {
  code: 'accept-invitation',
  title: 'Begin by an invitation',
  description:
    'The patient has signed in and has come by the link of an invitation. It is used with this; one for somebody else, used, expired or withdrawn is refused.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [{ name: 'code', type: 'string', min: 1, max: '1', documentation: 'What stands behind the # of the link.' }],
  out: [{ name: 'task', type: 'Reference', min: 1, max: '1', documentation: 'The invitation, which is used now.' }],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const code = readGiven(exchange, acceptInvitation).text('code') ?? ''
    if (!CODE.test(code)) throw refuse('value', 'The code is the 22 signs behind the # of the link.', 'code')
    if (!mayBegin(access, id)) throw refuse('not-found', `There is no Patient/${id}.`)
    // The server itself knows whose it is: the patient may change no Task.
    const server: Access = { ...engineAccess('invitation'), actor: access.actor }
    const task = await rooms.store.transact(async (inside) => {
      const query = search(rooms, { identifier: `${INVITATION}|${digestOf(code)}` })
      await inside.lockCriteria([query])
      const found = await inside.findOne(server, query)
      if (!found) throw refuse('not-found', 'There is no such invitation.', 'code')
      const invitation = parseJson(found.text ?? '{}') as Task
      mustBeGood(invitation, id, rooms.now())
      return inside.write(server, changed(rooms, invitation, 'completed'))
    })
    return parametersReply([{ name: 'task', valueReference: { reference: `Task/${task.id}` } }])
  },
}

/** Whose it is comes first: of somebody else's nothing more is told. @throws Refusal */
function mustBeGood({ status, for: subject, restriction }: Task, patient: string, now: Date): void {
  if (subject?.reference !== `Patient/${patient}`)
    throw refuse('forbidden', 'This invitation is for somebody else.', 'code')
  if (status === 'completed') throw refuse('conflict', 'This invitation was used already.', 'code')
  if (status !== 'requested') throw refuse('business-rule', 'This invitation was withdrawn; ask for another.', 'code')
  if (Date.parse(restriction?.period?.end ?? '') <= now.getTime())
    throw refuse('business-rule', 'This invitation has expired; ask for another.', 'code')
}

/** Patients and next of kin give nobody a link: they share their record in other ways. */
const isOfFamily = ({ standing }: Access): boolean =>
  (standing?.roles ?? []).some((role) => role === 'patient' || role === 'next-of-kin')

/** The patient, the parent by whom a child's app is begun, or a system that may. */
const mayBegin = (access: Access, id: string): boolean =>
  isSystem(access) ? reachOf(access, 'Task', 'u').kind === 'all' : isThemself(access, id)

type Invited = { patient: string; by: string; code: string; from: Date; until: Date }

const toTask = ({ patient, by, code, from, until }: Invited): Task => ({
  resourceType: 'Task',
  identifier: [{ system: INVITATION, value: digestOf(code) }],
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: PATIENT_APP, code: START_APP }], text: 'Kom i gang i appen' },
  for: { reference: `Patient/${patient}` },
  owner: { reference: `Patient/${patient}` },
  ...(/^(?:Practitioner|PractitionerRole|Organization|Device)\//.test(by) ? { requester: { reference: by } } : {}),
  authoredOn: from.toISOString(),
  restriction: { period: { start: from.toISOString(), end: until.toISOString() } },
})

const search = ({ definitions }: Pick<Rooms, 'definitions'>, params: Record<string, string>) =>
  parseSearch(definitions, 'Task', new URLSearchParams(params), 'strict')

const openInvitations = (rooms: Rooms, patient: string) =>
  search(rooms, { patient, code: `${PATIENT_APP}|${START_APP}`, status: 'requested' })

const checked = ({ validate }: Pick<Rooms, 'validate'>, task: Task): Resource =>
  validate(task as unknown as Resource, 'Task').resource

/** If nobody has changed it meanwhile. */
const changed = (rooms: Rooms, task: Task, status: 'cancelled' | 'completed'): Change => ({
  ...{ interaction: 'update', resource: checked(rooms, { ...task, status }), id: task.id ?? '' },
  ifMatch: Number(task.meta?.versionId),
})
