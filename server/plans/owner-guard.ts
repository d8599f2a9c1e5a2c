import type { CarePlan, Task } from '@medplum/fhirtypes'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { isRunning } from '../core/decide/planned-change/planned-change.ts'
import { handoverIn } from '../core/decide/task/handover.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { isOpen, isPerson } from '../core/decide/task/task-status.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import type { HandoverDemand } from '../lifecycle/legal-basis/handover-basis.ts'
import type { Guard } from '../store/rooms.ts'
import { readAbout } from './facts.ts'
import { demandsOfAll, readDemanding, readParties } from './handover-basis.ts'
import { type Moving, missingForTeam } from './planned-team.ts'
import { worksForReceiver } from './works-for-receiver.ts'

/**
 * An open Task lets its owner see the patient's record. Where the plan that it is work for demands a legal basis before another organisation
 * or team is told of the patient, giving it to one by hand is no way around `$handover`: the same is asked, also where it becomes a Task for
 * another patient. Whoever has the patient already, by a CarePlan that runs or as the owner before, and those who work for them, take and
 * give back Tasks as they like.
 */
export const ownerGuard = (now: () => Date): Guard => ({
  types: ['Task'],

  async admit(db, { access, before, after }) {
    const [stood, stands] = [before, after] as unknown as [Task, Task | undefined]
    if (access.clientId === ENGINE_CLIENT_ID || !stands || !isOpen(stands) || handoverIn(stood)) return
    const to = stands.owner as Owner | undefined
    const receiver = to?.reference ?? ''
    const isSamePatient = stood.for?.reference === stands.for?.reference
    if (!to || !SEES.test(receiver) || (isSamePatient && receiver === stood.owner?.reference)) return
    const carePlans = await readCarePlans(db, [stood, stands])
    const demands = demandsOfAll(await readDemanding(db, carePlans))
    if (demands.length === 0) return
    // Who follows somebody else, or would if a draft began, has nothing of this record by that.
    const following = carePlans.filter((one) => isRunning(one) && one.subject?.reference === stands.for?.reference)
    const told = toldOf(following, isSamePatient ? stood.owner : undefined)
    if (told.includes(receiver)) return
    const queues = told.filter((one) => !isPerson(one))
    if (isPerson(receiver) && (await isOneOfThem(db, receiver, { queues, demands, now: now() }))) return
    const from = queues[0] === undefined ? undefined : { reference: queues[0] }
    const moving: Moving = { focus: `Task/${stood.id}`, from, to, for: stands.for as Moving['for'] }
    const missing = await missingForTeam(db, moving, now(), demands)
    if (missing.length > 0) throw new Refusal(missing.map((demand) => toIssue(receiver, demand)))
  },

  admitNew() {},
})

/** Who gets to see the record by an open Task; a patient's own questions are for themselves. */
const SEES = /(?:^|\/)(?:Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService)\//

async function readCarePlans(db: Queryable, tasks: Task[]): Promise<CarePlan[]> {
  const named = tasks.flatMap(({ basedOn = [] }) => basedOn.flatMap(({ reference = '' }) => reference))
  const found = await readAbout(
    db,
    named.filter((reference) => reference.startsWith('CarePlan/')),
  )
  return [...found.values()] as unknown as CarePlan[]
}

/** The owner first: from them it goes. */
const toldOf = (carePlans: CarePlan[], owner: Task['owner']): string[] =>
  [owner, ...carePlans.flatMap(({ careTeam = [] }) => careTeam)].flatMap((one) => one?.reference ?? [])

type Told = { queues: string[]; demands: HandoverDemand[]; now: Date }

/** Whether a person is of a team that has the patient; or of its organisation, where only other organisations are strangers. */
async function isOneOfThem(db: Queryable, person: string, { queues, demands, now }: Told): Promise<boolean> {
  const parties = demands.some(({ between }) => between === 'teams') ? [] : await readParties(db, queues)
  const organizations = parties.flatMap(({ organization }) => organization ?? [])
  for (const queue of new Set([...queues, ...organizations])) {
    if (await worksForReceiver(db, person, queue, now)) return true
  }
  return false
}

const toIssue = (receiver: string, demand: HandoverDemand): Issue => ({
  ...{ severity: 'error', code: 'business-rule', expression: ['Task.owner'] },
  diagnostics: `The plan demands a legal basis before ${receiver} is told of the patient: ${demandInWords(demand).en}. With the patient's Consent it can be written; $handover takes another basis.`,
})
