import { isDeepStrictEqual } from 'node:util'
import type {
  ClinicalImpression,
  Communication,
  Observation,
  Practitioner,
  PractitionerRole,
  Questionnaire,
  QuestionnaireResponse,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import { questionnairesOf } from '../../core/decide/schedule/questionnaire-task.ts'
import { endedAt } from '../../core/decide/task/task-end.ts'
import { colourIn } from '../../core/decide/words/coded-words.ts'
import { nameOf } from '../../core/fhir/human-name.ts'
import { nationalSystem } from '../../national-numbers/system-names.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import type { Message } from '../message.ts'
import { type ReadingRooms, readCurrent, readVersion, saidBy, Withheld } from '../read-as-receiver.ts'
import { evidenceOf } from './alert-kind.ts'
import type { Addressed, ClosedAlert, FreeNote, Named } from './closed-alert.ts'

const TAKEN: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress'])
const HISTORY_COUNT_MAX = 200
type About = Omit<Addressed, 'author'>

/**
 * What is told of a closed alert, as the receiver may see it now.
 * @param access the receiving organisation's
 * @throws Withheld when it may not see all of it: what is left of an alert would tell of what was left out
 */
export async function readAlert(
  rooms: ReadingRooms,
  access: Access,
  message: Message,
  about: About,
): Promise<ClosedAlert> {
  const task = await readVersion<Task>(rooms, access, message.cause)
  const { evidence, invalidated, corrected } = await readEvidence(rooms, access, task)
  const answers = evidence.filter((one) => one.resourceType === 'QuestionnaireResponse')
  const asked = await readAsked(rooms, access, task)
  const forms = [...answers.map(({ questionnaire }) => questionnaire), ...(asked ? formsOf(asked) : [])]
  const begunAt = await readBegun(rooms, access, task)
  const ended = endedAt(task)
  return {
    ...about,
    author: await readAuthor(rooms, access, { task, actor: message.actor, about }),
    task,
    closedAt: new Date(Number.isNaN(ended) ? message.causedAt : ended).toISOString(),
    ...(begunAt ? { begunAt } : {}),
    evidence,
    ...(invalidated ? { invalidated } : {}),
    ...(corrected ? { corrected } : {}),
    scores: await readScores(rooms, access, answers, evidence),
    triage: colourIn(task.businessStatus) ? [] : await readTriage(rooms, access, evidence),
    questionnaires: await readForms(rooms, access, forms),
    ...(asked ? { asked } : {}),
  }
}

/** @throws Withheld */
export async function readNote(rooms: ReadingRooms, access: Access, message: Message, about: About): Promise<FreeNote> {
  const note = await readVersion<Communication>(rooms, access, message.cause)
  const actor = note.sender?.reference ?? message.actor
  return { ...about, author: await readAuthor(rooms, access, { actor, about }), note }
}

type Evidence = ClosedAlert['evidence'][number]

/**
 * What it rests on, as it is now: the version that the Task names may have been corrected since, and what was entered in error, or deleted,
 * belongs in no journal.
 */
async function readEvidence(
  rooms: ReadingRooms,
  access: Access,
  task: Task,
): Promise<Pick<ClosedAlert, 'evidence' | 'invalidated' | 'corrected'>> {
  const cited = evidenceOf(task).filter((reference) => /^(Observation|QuestionnaireResponse)\//.test(reference))
  const read: Evidence[] = []
  let correctedCount = 0
  const byResource = Map.groupBy(new Set(cited), (one) => one.split('/_history/')[0] ?? '')
  for (const [reference, versions] of byResource) {
    const found = await readCurrent<Evidence>(rooms, access, reference)
    if (!found || found.status === 'entered-in-error') continue
    read.push(found)
    if (await isCorrected(rooms, access, found, versions)) correctedCount++
  }
  const withdrawnCount = byResource.size - read.length
  return {
    evidence: read,
    ...(withdrawnCount > 0 ? { invalidated: read.length === 0 ? 'all' : 'some' } : {}),
    ...(correctedCount > 0 ? { corrected: correctedCount === read.length ? 'all' : 'some' } : {}),
  }
}

/** Whether it says something else now than a version that was cited; a comment or a label that was added to it is no correction. */
async function isCorrected(rooms: ReadingRooms, access: Access, now: Evidence, cited: string[]): Promise<boolean> {
  for (const reference of cited) {
    const [, version] = reference.split('/_history/')
    if (version === undefined && ['amended', 'corrected'].includes(now.status)) return true
    if (version === undefined || version === now.meta?.versionId) continue
    const then = await readVersion<Evidence>(rooms, access, reference).catch((error: unknown) => {
      // What it said may not be seen: its words are not told either.
      if (error instanceof Withheld) return undefined
      throw error
    })
    if (!then || !isDeepStrictEqual(saidBy(then), saidBy(now))) return true
  }
  return false
}

/** What did not come: the request, or the Task to answer a form, that the Task is about. */
async function readAsked(
  rooms: ReadingRooms,
  access: Access,
  { focus }: Task,
): Promise<ServiceRequest | Task | undefined> {
  const reference = focus?.reference?.split('/_history/')[0] ?? ''
  return /^(ServiceRequest|Task)\//.test(reference)
    ? readCurrent<ServiceRequest | Task>(rooms, access, reference)
    : undefined
}

const formsOf = (asked: ServiceRequest | Task): string[] =>
  asked.resourceType === 'Task'
    ? questionnairesOf(asked)
    : (asked.extension ?? []).flatMap(({ valueReference }) => valueReference?.reference ?? [])

/** When somebody first took it. */
async function readBegun({ store }: ReadingRooms, access: Access, { id = '' }: Task): Promise<string | undefined> {
  const { versions } = await store.history(access, 'Task', id, { count: HISTORY_COUNT_MAX })
  const taken = versions.findLast(({ text }) => text !== undefined && TAKEN.has((JSON.parse(text) as Task).status))
  return taken?.lastUpdated
}

async function readScores(
  rooms: ReadingRooms,
  access: Access,
  answers: QuestionnaireResponse[],
  evidence: ClosedAlert['evidence'],
): Promise<Observation[]> {
  const found = await Promise.all(
    answers.map(({ id }) => rooms.search(access, 'Observation', { 'derived-from': `QuestionnaireResponse/${id}` })),
  )
  const known = new Set(evidence.map(({ resourceType, id }) => `${resourceType}/${id}`))
  return (found.flat() as Observation[]).filter(
    ({ id, status }) => status !== 'entered-in-error' && !known.has(`Observation/${id}`),
  )
}

async function readTriage(
  rooms: ReadingRooms,
  access: Access,
  evidence: ClosedAlert['evidence'],
): Promise<ClinicalImpression[]> {
  const found = await Promise.all(
    evidence.map(({ resourceType, id }) =>
      rooms.search(access, 'ClinicalImpression', { investigation: `${resourceType}/${id}`, status: 'completed' }),
    ),
  )
  return found.flat() as ClinicalImpression[]
}

async function readForms(rooms: ReadingRooms, access: Access, named: (string | undefined)[]): Promise<Questionnaire[]> {
  const names = [...new Set(named.flatMap((name) => (name ? [name.split('|')[0] ?? ''] : [])))]
  const found = await Promise.all(
    names.map((name) => {
      const [, id] = /^Questionnaire\/(.+)$/.exec(name) ?? []
      return rooms.search(access, 'Questionnaire', id ? { _id: id } : { url: name })
    }),
  )
  return found.flat() as Questionnaire[]
}

type Authored = { task?: Task; actor: string; about: About }

/** Who closed it: the person who wrote it, and whoever has the Task only where a system did; by the number of health personnel where they have one. */
async function readAuthor(rooms: ReadingRooms, access: Access, { task, actor, about }: Authored): Promise<Named> {
  const isPerson = (one: string) => /^Practitioner(Role)?\//.test(one)
  const owner = task?.owner?.reference ?? ''
  const who = !isPerson(actor) && isPerson(owner) ? owner : actor
  const person = await readPerson(rooms, access, who)
  // A system is known by what we are called there.
  if (!person) return { identifier: { value: about.sourceSystem }, display: about.sourceSystem }
  const display = nameOf(person.name)
  const number = person.identifier?.find(({ system = '' }) => nationalSystem(system) === HPR_NUMBER)?.value
  const identifier = number ? { system: HPR_NUMBER, value: number } : { value: String(person.id) }
  return { identifier, ...(display ? { display } : {}) }
}

async function readPerson(rooms: ReadingRooms, access: Access, who: string): Promise<Practitioner | undefined> {
  if (who.startsWith('Practitioner/')) return readCurrent<Practitioner>(rooms, access, who)
  if (!who.startsWith('PractitionerRole/')) return undefined
  const role = await readCurrent<PractitionerRole>(rooms, access, who)
  const practitioner = role?.practitioner?.reference
  return practitioner ? readCurrent<Practitioner>(rooms, access, practitioner) : undefined
}
