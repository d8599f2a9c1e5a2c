import type { CarePlan, Observation, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { type AskedFor, toAskedFor } from '../../../server/core/decide/schedule/asked-for.ts'
import { type ScheduleLine, viewSchedule } from '../../../server/core/decide/schedule/view-schedule.ts'
import { addDays, fromOsloClock, toOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import type { Resource } from '../../../server/core/fhir/resource.ts'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { isReading } from '../learn/reading.ts'
import { formNamed } from '../record/form-named.ts'
import type { OwnRecord } from '../record/record.ts'
import type { Entry } from '../sending/entry.ts'

/** One thing to do, or done, today. */
export type ToDo = {
  key: string
  title: string
  /** ISO date-time of when it is due. */
  dueAt: Date
  opensAt: Date
  closesAt: Date
  state: ScheduleLine['state']
  /** What is to be measured, by LOINC and other codes; or the form, by its canonical. */
  codes: string[]
  questionnaire?: string
  /** Something to read, with questions about it. */
  isReading?: true
  /** `ServiceRequest/7`: what asks. */
  about: string
}

type Facts = { record: OwnRecord; entries: readonly Entry[]; now: Date }

/** What is asked for today, in the order in which it is due, worked out as the server does, also without a net. */
export function dayOf({ record, entries, now }: Facts, language: Language): ToDo[] {
  const { date } = toOsloClock(now)
  const from = fromOsloClock(date, 0)
  const until = fromOsloClock(addDays(date, 1), 0)
  const { asked } = askedOf(record)
  const { lines } = viewSchedule(
    {
      ...{ subject: `Patient/${record.patient.id}`, asked, timers: [], now },
      results: resultsOf(record, entries),
      openTasks: record.tasks,
      handlingOf: () => 'handled',
    },
    { from, until },
  )
  return lines.filter(({ state }) => state !== 'skipped').map((line) => toToDo(line, record, language))
}

/** What is done today that may be done now, the most pressing first; undefined when all is done. */
export function nextOf(day: readonly ToDo[]): ToDo | undefined {
  return day.find(({ state }) => state === 'due') ?? day.find(({ state }) => state === 'open')
}

/** Everything that counts as a result: what the server has, and what is on its way. */
export function resultsOf(record: Pick<OwnRecord, 'observations' | 'answers'>, entries: readonly Entry[]): Resource[] {
  const there = new Set([...record.observations, ...record.answers].map(({ id }) => id))
  const own = entries
    .filter(({ state, storedAs, resource }) => isResult(resource) && state !== 'refused' && !there.has(storedAs))
    .map((entry) => asStored(entry))
  return [...record.observations, ...record.answers, ...own] as unknown as Resource[]
}

/** As the server will have it, with the id that it has here meanwhile. */
export const asStored = ({ id, resource, savedAt, storedAs }: Entry): Observation | QuestionnaireResponse =>
  ({
    ...resource,
    id: storedAs ?? id,
    meta: { ...resource.meta, versionId: '1', lastUpdated: savedAt },
  }) as Observation | QuestionnaireResponse

const isResult = ({ resourceType }: Entry['resource']) =>
  resourceType === 'Observation' || resourceType === 'QuestionnaireResponse'

function askedOf({ carePlans, requests, tasks, plans }: OwnRecord) {
  return toAskedFor({
    ...{ carePlans, requests, tasks },
    plansOf: ({ instantiatesCanonical = [] }: CarePlan) =>
      plans.filter(({ url }) => instantiatesCanonical.some((canonical) => canonical.split('|')[0] === url)),
  })
}

function toToDo({ asked, occurrence, state }: ScheduleLine, record: OwnRecord, language: Language): ToDo {
  return {
    key: `${asked.about} ${asked.name} ${occurrence.dueAt.toISOString()}`,
    title: titleOf(asked, record, language),
    ...{ dueAt: occurrence.dueAt, opensAt: occurrence.opensAt, closesAt: occurrence.closesAt, state },
    codes: asked.code?.coding?.flatMap(({ code }) => code ?? []) ?? [],
    ...(asked.questionnaire ? { questionnaire: asked.questionnaire } : {}),
    ...(isToRead(asked, record) ? { isReading: true } : {}),
    about: asked.about,
  }
}

function isToRead({ questionnaire = '' }: AskedFor, { questionnaires }: OwnRecord): boolean {
  const form = formNamed(questionnaires, questionnaire)
  return form !== undefined && isReading(form)
}

/** In the language of the reader, where the request says it in that. */
function titleOf({ about, title }: AskedFor, { requests, tasks }: OwnRecord, language: Language): string {
  const request = requests.find(({ id }) => about === `ServiceRequest/${id}`)
  const task = tasks.find(({ id }: Task) => about === `Task/${id}`)
  return (
    translated(request?.code, 'text', language)?.text ??
    translated(task, 'description', language)?.text ??
    translated(task?.code, 'text', language)?.text ??
    title
  )
}
