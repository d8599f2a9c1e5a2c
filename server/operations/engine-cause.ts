import type { CarePlan, ParametersParameter, PlanDefinition, Task } from '@medplum/fhirtypes'
import { causeWords, taskInWords } from '../decide/engine-cause/cause-words.ts'
import { type EngineWork, engineWorkOf } from '../decide/engine-cause/engine-work.ts'
import {
  type MissedOccurrence,
  missedInWords,
  missedOccurrence,
  type Sought,
  soughtFor,
  versionOf,
} from '../decide/engine-cause/missed-occurrence.ts'
import { identifierOf } from '../decide/finding-task.ts'
import type { Language } from '../decide/language.ts'
import { momentInWords } from '../decide/moment-in-words.ts'
import { madeAt } from '../decide/schedule/made-at.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { Resource } from '../fhir/resource.ts'
import type { Parameter } from './operation.ts'
import { ReaderThen } from './reader-then.ts'

const part = (name: string, type: string, documentation: string, max: '1' | '*' = '1'): Parameter => ({
  ...{ name, type, min: 0, max, documentation },
})

/** Why the engine made a Task that no rule of a plan has made, as data. */
export const CAUSE: Parameter = {
  name: 'cause',
  min: 0,
  max: '1',
  documentation: 'Why the engine made this Task by itself, where no rule of a plan has made it.',
  part: [
    part('code', 'code', 'Of CodeSystem/task-code: missing-measurement, stage-late, silence-not-opened …'),
    part('at', 'instant', 'When the Task was made.'),
    part('about', 'Reference', 'What it is about, by the version that was there then.'),
    part('carePlan', 'Reference', 'By which the patient was followed, by version.', '*'),
    part('plan', 'canonical', 'The plan, with its version.', '*'),
    part('planVersion', 'Reference', 'The PlanDefinition, by version.', '*'),
    part('since', 'instant', 'Since when a silence lasts.'),
    {
      ...{ name: 'occurrence', min: 0, max: '*' },
      documentation: 'What was asked for and did not come, oldest first.',
      part: [
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
      ],
    },
    part('text', 'string', 'In plain language.'),
  ],
}

/** So many of the occurrences that a Task has joined are worked out: the newest. */
const OCCURRENCE_COUNT_MAX = 10
/** As the schedule looks back: windows may overlap. */
const OVERLAP = 2 * 86_400_000

export type Cause = { text: string; parameter: ParametersParameter }

/**
 * Why the engine made this Task: from the Task itself, and what is stored, as it was at that time.
 * @returns undefined for a Task that somebody else or a rule has made
 * @throws Refusal forbidden for what the caller may not read
 */
export async function engineCauseOf(
  { access }: Pick<Exchange, 'access'>,
  rooms: Rooms,
  task: Task,
  language: Language,
): Promise<Cause | undefined> {
  const work = engineWorkOf(task)
  if (!work) return undefined
  const reader = new ReaderThen(access, rooms)
  const at = new Date(String(task.authoredOn)).toISOString()
  const about = isReference(work.about) ? await reader.asOf(work.about, at) : undefined
  const carePlans = await reader.carePlansOf([task as unknown as Resource], at)
  const plans = (await Promise.all(carePlans.map((one) => reader.plansOf(one, at)))).flat()
  const occurrences = work.kind === 'missing' ? await occurrencesOf(reader, task, work, language) : []
  const text = [
    taskInWords(task, language),
    ...(work.kind === 'missing'
      ? missingInWords(work, occurrences, language)
      : otherInWords(work, about, plans, language)),
  ].join('\n')
  const code = task.code?.coding?.[0]?.code
  return {
    text,
    parameter: {
      name: 'cause',
      part: [
        ...(code ? [{ name: 'code', valueCode: code }] : []),
        { name: 'at', valueInstant: at },
        ...(about ? [toVersion('about', about)] : []),
        ...carePlans.map((one) => toVersion('carePlan', one as unknown as Resource)),
        ...plans.map((plan) => ({ name: 'plan', valueCanonical: canonicalOf(plan) })),
        ...plans.map((plan) => toVersion('planVersion', plan as unknown as Resource)),
        ...(work.kind === 'other' && work.since ? [{ name: 'since', valueInstant: work.since.toISOString() }] : []),
        ...occurrences.map(({ parameter }) => parameter),
        { name: 'text', valueString: text },
      ],
    },
  }
}

const isReference = (about: string) => /^[A-Z][A-Za-z]+\/[^/]+$/.test(about)

const toVersion = (name: string, resource: Resource): ParametersParameter => ({
  name,
  valueReference: { reference: versionOf(resource) },
})

const canonicalOf = ({ url, version }: PlanDefinition) => (version ? `${url}|${version}` : String(url))

function otherInWords(
  { since }: Extract<EngineWork, { kind: 'other' }>,
  about: Resource | undefined,
  plans: PlanDefinition[],
  language: Language,
): string[] {
  const words = causeWords(language)
  return [
    ...(about ? [words.about(versionOf(about))] : []),
    ...(since ? [words.since(momentInWords(since, language))] : []),
    ...plans.map((plan) => words.plan(`${plan.title ?? plan.name ?? plan.url} (${plan.version ?? '–'})`)),
  ]
}

type Missing = Extract<EngineWork, { kind: 'missing' }>

function missingInWords({ dues }: Missing, occurrences: Cause[], language: Language): string[] {
  const olderCount = dues.length - occurrences.length
  return [...(olderCount > 0 ? [causeWords(language).older(olderCount)] : []), ...occurrences.map(({ text }) => text)]
}

/** The newest of what the Task tells as missed, each as it was asked for then. */
async function occurrencesOf(reader: ReaderThen, task: Task, work: Missing, language: Language): Promise<Cause[]> {
  const found: Cause[] = []
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

function unknownOccurrence(dueAt: Date, language: Language): Cause {
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
      { name: 'grace', valueDuration: { value: minutes, unit: 'min', system: UCUM, code: 'min' } },
      { name: 'graceFrom', valueCode: graceFrom },
      { name: 'window', valuePeriod: { start: opensAt.toISOString(), end: closesAt.toISOString() } },
      ...sought.within.map((one) => toVersion('counted', one)),
      ...(sought.before ? [toVersion('before', sought.before)] : []),
      ...sought.late.map((one) => toVersion('late', one)),
      { name: 'text', valueString: text },
    ],
  }
}

const UCUM = 'http://unitsofmeasure.org'
