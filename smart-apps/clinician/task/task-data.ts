import type { CareTeam, Communication, Parameters, Task } from '@medplum/fhirtypes'
import { TASK_CODE, TRIAGE_COLOUR } from '../../../server/core/decide/plan/vocabulary.ts'
import { handoverIn } from '../../../server/core/decide/task/handover.ts'
import { isOfPatient, isOpen } from '../../../server/core/decide/task/task-status.ts'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { Language } from '../../texts/language.ts'
import { nameOf } from '../../ui/person.ts'
import type { StoredTask } from '../worklist/row.ts'
import type { Doer } from './act.ts'
import { type Explanation, toExplanation } from './explanation.ts'

export const readTask = (fhir: FhirClient, id: string, signal: AbortSignal): Promise<StoredTask> =>
  fhir.read('Task', id, signal) as Promise<StoredTask>

export const patientIdOf = (task: Task): string | undefined => /^Patient\/(.+)$/.exec(task.for?.reference ?? '')?.[1]

/** @returns undefined where nothing is told of it: it was made by a person, or by another system */
export async function readExplanation(
  fhir: FhirClient,
  id: string,
  language: Language,
  signal: AbortSignal,
): Promise<Explanation | undefined> {
  try {
    const answer = await fhir.operation<Parameters>(
      `Task/${id}/$explain`,
      [{ name: 'language', valueCode: language }],
      { signal },
    )
    return toExplanation(answer)
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.status === 422)) return undefined
    throw error
  }
}

export type Around = { tasks: StoredTask[]; communications: (Communication & { id: string })[] }

/** What else there is about the same patient: other Tasks, those that came of this one, and what was said. */
export async function readAround(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Around> {
  const [tasks, communications] = await Promise.all([
    fhir.search('Task', { patient, _sort: '-authored-on', _count: 80 }, signal),
    fhir.search('Communication', { patient, _sort: '-sent', _count: 60 }, signal),
  ])
  return { tasks: ofType(tasks, 'Task'), communications: ofType(communications, 'Communication') }
}

/** Other open Tasks of the team about the same patient. */
export const othersOpen = ({ tasks }: Around, task: Task): StoredTask[] =>
  tasks.filter((one) => one.id !== task.id && isOpen(one) && !isOfPatient(one) && !handoverIn(one))

/** Of the same rule of the same plan; else of the same kind and colour. Ended ones, the newest first. */
export function similarEnded({ tasks }: Around, task: Task): StoredTask[] {
  const rule = findingRule(task)
  return tasks.filter((one) => {
    if (one.id === task.id || isOpen(one) || isOfPatient(one) || one.status === 'entered-in-error') return false
    const other = findingRule(one)
    return rule && other ? rule === other : kindOf(one) === kindOf(task)
  })
}
const findingRule = ({ identifier }: Task): string | undefined =>
  identifier
    ?.find(({ system }) => system?.endsWith('/NamingSystem/finding'))
    ?.value?.split('|')
    .slice(0, 2)
    .join('|')
const kindOf = ({ code, businessStatus }: Task): string =>
  `${code?.coding?.find(({ system }) => system === TASK_CODE)?.code} ${businessStatus?.coding?.find(({ system }) => system === TRIAGE_COLOUR)?.code}`

/** Tasks that somebody was given because of this one, and what was said about it. */
export const cameOf = ({ tasks }: Around, { id }: Task): StoredTask[] =>
  tasks.filter(({ partOf }) => partOf?.some(({ reference }) => reference === `Task/${id}`))
export const saidAbout = ({ communications }: Around, { id }: Task): Around['communications'] =>
  communications.filter(({ about }) => about?.some(({ reference }) => reference === `Task/${id}`))

/** Questions to others whether they take this over. */
export const handoversOf = ({ tasks }: Around, { id }: Task): StoredTask[] =>
  tasks.filter((one) => handoverIn(one)?.focus === `Task/${id}`)

/** Who can be asked: people with a role, teams, organizations. */
export type Receivers = { doctors: Doer[]; teams: Doer[]; organizations: Doer[] }
const DOCTOR = /lege|doctor|physician/i

export async function readReceivers(fhir: FhirClient, signal: AbortSignal): Promise<Receivers> {
  const [roles, teams, organizations] = await Promise.all([
    fhir.search('PractitionerRole', { active: 'true', _count: 100, _include: 'PractitionerRole:practitioner' }, signal),
    fhir.search('CareTeam', { status: 'active', _count: 50 }, signal),
    fhir.search('Organization', { active: 'true', _count: 50 }, signal),
  ])
  const people = ofType(roles, 'Practitioner')
  const doctors = ofType(roles, 'PractitionerRole').flatMap(({ practitioner, code, organization }) => {
    const person = people.find(({ id }) => practitioner?.reference === `Practitioner/${id}`)
    const role = code?.map(({ text, coding }) => text ?? coding?.[0]?.display ?? '').join(', ') ?? ''
    const isDoctor =
      DOCTOR.test(role) || person?.qualification?.some(({ code }) => code.coding?.some(({ code }) => code === 'LE'))
    if (!practitioner?.reference || !isDoctor) return []
    const name = practitioner.display ?? nameOf(person?.name) ?? practitioner.reference
    const about = [role, organization?.display].filter(Boolean).join(', ')
    return [{ reference: practitioner.reference, display: about ? `${name} (${about})` : name }]
  })
  return {
    doctors,
    teams: ofType(teams, 'CareTeam')
      .filter((one: CareTeam) => !one.subject)
      .map(({ id, name }) => ({ reference: `CareTeam/${id}`, display: name ?? id })),
    organizations: ofType(organizations, 'Organization').map(({ id, name }) => ({
      reference: `Organization/${id}`,
      display: name ?? id,
    })),
  }
}
