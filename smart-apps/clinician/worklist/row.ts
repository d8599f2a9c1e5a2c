import type { Extension, Patient, Task } from '@medplum/fhirtypes'
import { SNOOZE, TASK_CODE, TRIAGE_COLOUR } from '../../../server/core/decide/plan/vocabulary.ts'
import { isQuestionToTeam } from '../../../server/core/decide/task/question-to-team.ts'
import { isOpen, isPerson, takenBy } from '../../../server/core/decide/task/task-status.ts'
import { TASK_WORDS } from '../../../server/core/decide/words/coded-words.ts'
import { type Said, translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { unbroken } from '../../ui/format.ts'
import { ageOf, isDeceased, nameOf } from '../../ui/person.ts'
import { ZONES, type Zone } from '../../ui/zone.ts'

export type StoredTask = Task & { id: string }
export type Patients = ReadonlyMap<string, Patient>

/** A Task as the list shows it. */
export type Row = {
  id: string
  versionId: string
  zone: Zone
  patientId?: string
  /** In full; the Task's own word for whom it is about where the Patient is not shown to us. */
  patientName: string
  age?: number
  isDeceased: boolean
  /** What it asks for: `assess-measurement`. */
  code?: string
  authoredOn: Date
  deadline?: Date
  /** `copd` of the plan's canonical. */
  pathway?: string
  /** The team whose queue it waits in or came from. */
  team?: string
  teamName?: string
  /** `Practitioner/7`, once somebody has taken it. */
  takenBy?: string
  takenByName?: string
  /** `Practitioner/7`, who is asked and has not taken it. */
  askedOf?: string
  askedOfName?: string
  /** It asks whether somebody takes something over: it is answered, not taken. */
  isQuestion: boolean
  /** The organization that follows the patient up. */
  unit?: string
  unitName?: string
  /** Put aside until then. */
  snoozedUntil?: Date
  isOpen: boolean
  task: StoredTask
}

const PRIORITY_ZONE: Readonly<Record<string, Zone>> = { stat: 'red', asap: 'red', urgent: 'yellow', routine: 'grey' }
const QUEUE = 'http://fylgje.no/fhir/StructureDefinition/queue'

export function toRow(task: StoredTask, patients: Patients): Row {
  const patient = patients.get(task.for?.reference ?? '')
  const [, patientId] = /^Patient\/(.+)$/.exec(task.for?.reference ?? '') ?? []
  const age = ageOf(patient?.birthDate)
  const taken = takenBy(task)
  const isAsked = !taken && isPerson(task.owner?.reference)
  const team = taken || isAsked ? extension(task, QUEUE)?.valueReference : task.owner
  const snoozedUntil = snoozeEnd(task)
  const code = task.code?.coding?.find(({ system }) => system === TASK_CODE)?.code
  const [, pathway] = /\/([^/|]+)(?:\|.*)?$/.exec(task.instantiatesCanonical ?? '') ?? []
  const deadline = moment(task.restriction?.period?.end)
  return {
    id: task.id,
    versionId: task.meta?.versionId ?? '',
    zone: zoneOf(task),
    ...(patientId && { patientId }),
    patientName: nameOf(patient?.name) ?? task.for?.display ?? '–',
    ...(age !== undefined && { age }),
    isDeceased: patient ? isDeceased(patient) : false,
    ...(code && { code }),
    authoredOn: moment(task.authoredOn ?? task.meta?.lastUpdated) ?? new Date(0),
    ...(deadline && { deadline }),
    ...(pathway && { pathway }),
    ...(team?.reference && { team: team.reference, teamName: team.display ?? team.reference }),
    ...(taken && { takenBy: taken, takenByName: task.owner?.display ?? taken }),
    ...(isAsked &&
      task.owner?.reference && {
        askedOf: task.owner.reference,
        askedOfName: task.owner.display ?? task.owner.reference,
      }),
    isQuestion: isQuestionToTeam(task),
    ...(patient?.managingOrganization?.reference && {
      unit: patient.managingOrganization.reference,
      unitName: patient.managingOrganization.display ?? patient.managingOrganization.reference,
    }),
    ...(snoozedUntil && { snoozedUntil }),
    isOpen: isOpen(task),
    task,
  }
}

export function zoneOf({ businessStatus, priority = 'routine' }: Task): Zone {
  const codes = businessStatus?.coding ?? []
  const said = ZONES.find((zone) => codes.some(({ system, code }) => system === TRIAGE_COLOUR && code === zone))
  return said ?? PRIORITY_ZONE[priority] ?? 'grey'
}

/** Why it is there, in one line: its reason, else what is to be done, else what such a Task is called. */
export function reasonOf(task: Task, language: Language): Said {
  const said = translated(task.reasonCode, 'text', language) ?? translated(task, 'description', language)
  return said ? { ...said, text: unbroken(said.text) } : { text: kindOf(task, language), lang: language }
}

/** What it asks for, in a few words: "Vurder måling". */
export function kindOf(task: Task, language: Language): string {
  const coding = task.code?.coding?.find(({ system }) => system === TASK_CODE)
  const words = TASK_WORDS[coding?.code as keyof typeof TASK_WORDS]
  return words?.[language] ?? coding?.display ?? task.code?.text ?? ''
}

/**
 * A Task may name its team or its person by reference alone; then they are called by their own name, or what other Tasks call them.
 * @param names by reference
 */
export function withNames(rows: readonly Row[], names: ReadonlyMap<string, string> = new Map()): Row[] {
  const known = new Map(names)
  for (const { team, teamName } of rows) if (team && teamName && teamName !== team) known.set(team, teamName)
  const nameOf = (reference: string | undefined, said: string | undefined) =>
    reference !== undefined && reference === said ? known.get(reference) : undefined
  return rows.map((row) => {
    const teamName = nameOf(row.team, row.teamName)
    const takenByName = nameOf(row.takenBy, row.takenByName)
    const askedOfName = nameOf(row.askedOf, row.askedOfName)
    if (!teamName && !takenByName && !askedOfName) return row
    return {
      ...row,
      ...(teamName && { teamName }),
      ...(takenByName && { takenByName }),
      ...(askedOfName && { askedOfName }),
    }
  })
}

/** Red first; of one colour those whose deadline has passed, then whose comes first, then who has waited longest. */
export function byUrgency(one: Row, other: Row): number {
  return (
    ZONES.indexOf(one.zone) - ZONES.indexOf(other.zone) ||
    (one.deadline?.getTime() ?? Number.POSITIVE_INFINITY) - (other.deadline?.getTime() ?? Number.POSITIVE_INFINITY) ||
    one.authoredOn.getTime() - other.authoredOn.getTime() ||
    one.id.localeCompare(other.id)
  )
}

/** All of one patient, the most urgent first: who is called once is called about everything. */
export type Group = { id: string; first: Row; more: readonly Row[] }

/** @param rows in their order, which the groups keep */
export function toGroups(rows: readonly Row[]): Group[] {
  const groups = new Map<string, { first: Row; more: Row[] }>()
  for (const row of rows) {
    const key = row.patientId ?? `Task/${row.id}`
    const group = groups.get(key)
    if (group) group.more.push(row)
    else groups.set(key, { first: row, more: [] })
  }
  return [...groups].map(([id, group]) => ({ id, ...group }))
}

function snoozeEnd(task: Task): Date | undefined {
  if (task.status !== 'on-hold') return undefined
  const until = extension(task, SNOOZE)?.extension?.find(({ url }) => url === 'until')
  return moment(until?.valueInstant ?? until?.valueDateTime)
}

const extension = (task: Task, url: string): Extension | undefined => task.extension?.find((one) => one.url === url)

function moment(text: string | undefined): Date | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : new Date(at)
}
