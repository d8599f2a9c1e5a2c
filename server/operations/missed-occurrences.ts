import type { CarePlan, ParametersParameter, PlanDefinition, Task } from '@medplum/fhirtypes'
import { causeWords } from '../core/decide/engine-cause/cause-words.ts'
import type { EngineWork } from '../core/decide/engine-cause/engine-work.ts'
import {
  type MissedOccurrence,
  missedInWords,
  missedOccurrence,
  type Sought,
  soughtFor,
} from '../core/decide/engine-cause/missed-occurrence.ts'
import { madeAt } from '../core/decide/schedule/made-at.ts'
import { identifierOf } from '../core/decide/task/finding-task.ts'
import type { Language } from '../core/decide/words/language.ts'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { versionedReference } from '../core/fhir/versioned-reference.ts'
import { UCUM_SYSTEM } from '../search/ucum.ts'
import { part, parts } from './operation.ts'
import type { ReaderThen } from './reader-then.ts'

/** Something that was asked for and did not come, as data. */
export const OCCURRENCE = parts('occurrence', '*', 'What was asked for and did not come, oldest first.', [
  part('due', 'instant', 'When it was due.'),
  part('request', 'Reference', 'What asked, by version.'),
  part('activity', 'string', 'Which activity of the CarePlan asked.'),
  part('title', 'string', 'What it asked for.'),
  part('askedBy', 'code', 'plan, or order: one of its own.'),
  part('grace', 'Duration', 'How long after it was due a result would have counted.'),
  part('graceFrom', 'code', 'Who says so: request, care-plan, plan, or default.'),
  part('window', 'Period', 'When a result would have had to be made; its end is not in it.'),
  part('counted', 'Reference', 'Made in the window and counted for an earlier time, by version.', '*'),
  part('before', 'Reference', 'The last result before the window, at most two days, by version.'),
  part('late', 'Reference', 'Made in the window, and here only when it had been missed.', '*'),
  part('text', 'string', 'In plain language.'),
])

/** So many of the occurrences that a Task has joined are worked out: the newest. */
const OCCURRENCE_COUNT_MAX = 10
/** As the schedule looks back: windows may overlap. */
const OVERLAP = 2 * 86_400_000

/** Work of the engine for something that did not come. */
export type Missing = Extract<EngineWork, { kind: 'missing' }>
/** In words, and as data. */
export type Explained = { text: string; parameter: ParametersParameter }

/** The newest of what the Task tells as missed, each as it was asked for then. @throws Refusal forbidden for what the caller may not read */
export async function occurrencesOf(
  reader: ReaderThen,
  task: Task,
  work: Missing,
  language: Language,
): Promise<Explained[]> {
  const found: Explained[] = []
  for (const dueAt of work.dues.slice(-OCCURRENCE_COUNT_MAX)) {
    const missed = await missedThen(reader, task, work, dueAt)
    found.push(missed ? await occurrenceOf(reader, task, missed, language) : unknownOccurrence(dueAt, language))
  }
  return found
}

async function missedThen(reader: ReaderThen, task: Task, { about, activity }: Missing, dueAt: Date) {
  const at = dueAt.toISOString()
  const request = await reader.asOf(about, at)
  if (!request) return undefined
  const carePlans = await reader.carePlansOf([request, task as unknown as Resource], at)
  const plans = new Map<CarePlan, PlanDefinition[]>()
  const own = request.resourceType === 'CarePlan' ? (request as unknown as CarePlan) : undefined
  for (const carePlan of own ? [own] : carePlans) plans.set(carePlan, await reader.plansOf(carePlan, at))
  // A CarePlan that asks by itself is the one that its activities are of.
  const others = own ? [] : carePlans
  return missedOccurrence(
    { about, activity, request, carePlans: others, plansOf: (carePlan) => plans.get(carePlan) ?? [] },
    dueAt,
  )
}

function unknownOccurrence(dueAt: Date, language: Language): Explained {
  const text = causeWords(language).notKept(momentInWords(dueAt, language))
  const due = { name: 'due', valueInstant: dueAt.toISOString() }
  return { text, parameter: { name: 'occurrence', part: [due, { name: 'text', valueString: text }] } }
}

async function occurrenceOf(reader: ReaderThen, task: Task, missed: MissedOccurrence, language: Language) {
  const { opensAt, closesAt } = missed.occurrence
  // What was made in the window and came before the engine looked would have counted.
  const foundAt = [closesAt.toISOString(), new Date(String(task.authoredOn)).toISOString()]
  const isFirst = missed.occurrence.dueAt.toISOString() === firstDue(task)
  const at = String(isFirst ? foundAt.sort().at(-1) : foundAt[0])
  const results = await resultsAround(reader, String(task.for?.reference), missed, {
    from: new Date(opensAt.getTime() - OVERLAP).toISOString(),
    until: closesAt.toISOString(),
  })
  const sought = soughtFor(missed, await reader.allAsOf(results, at), results)
  const text = missedInWords(missed, sought, language)
  return { text, parameter: occurrenceParameter(missed, sought, text) }
}

/** The one for which the Task was made; others have joined it. */
const firstDue = (task: Task) => identifierOf(task)?.split('|').at(-1)

/** What may be for it: by its code, its Questionnaire, or because it says so itself. */
async function resultsAround(
  reader: ReaderThen,
  subject: string,
  { asked }: MissedOccurrence,
  { from, until }: { from: string; until: string },
): Promise<Resource[]> {
  if (asked.questionnaire) return reader.search('QuestionnaireResponse', { subject, authored: `ge${from}` })
  const code = (asked.code?.coding ?? []).map((one) => `${one.system ?? ''}|${one.code}`).join(',')
  const found = await Promise.all([
    reader.search('Observation', { subject, code, date: `ge${from}` }),
    reader.search('Observation', { subject, 'based-on': asked.about, date: `ge${from}` }),
  ])
  const byId = new Map(found.flat().map((one) => [one.id, one]))
  return [...byId.values()].filter((one) => madeAt(one) < Date.parse(until))
}

function occurrenceParameter(missed: MissedOccurrence, sought: Sought, text: string): ParametersParameter {
  const { asked, occurrence, request, askedBy, graceFrom } = missed
  const { dueAt, opensAt, closesAt } = occurrence
  const minutes = (closesAt.getTime() - dueAt.getTime()) / 60_000
  return {
    name: 'occurrence',
    part: [
      { name: 'due', valueInstant: dueAt.toISOString() },
      toVersion('request', request),
      ...(asked.name ? [{ name: 'activity', valueString: asked.name }] : []),
      { name: 'title', valueString: asked.title },
      { name: 'askedBy', valueCode: askedBy },
      { name: 'grace', valueDuration: { value: minutes, unit: 'min', system: UCUM_SYSTEM, code: 'min' } },
      { name: 'graceFrom', valueCode: graceFrom },
      { name: 'window', valuePeriod: { start: opensAt.toISOString(), end: closesAt.toISOString() } },
      ...sought.within.map((one) => toVersion('counted', one)),
      ...(sought.before ? [toVersion('before', sought.before)] : []),
      ...sought.late.map((one) => toVersion('late', one)),
      { name: 'text', valueString: text },
    ],
  }
}

/** A parameter that names a resource by its version. */
export const toVersion = (name: string, resource: Resource): ParametersParameter => ({
  name,
  valueReference: { reference: versionedReference(resource) },
})
