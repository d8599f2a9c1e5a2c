import type { PlanDefinition, Task } from '@medplum/fhirtypes'
import { causeWords, taskInWords } from '../core/decide/engine-cause/cause-words.ts'
import { type EngineWork, engineWorkOf } from '../core/decide/engine-cause/engine-work.ts'
import type { PlannedAhead } from '../core/decide/planned-change/planned-ahead.ts'
import { PLANNED_TYPES, type Planned } from '../core/decide/planned-change/planned-change.ts'
import type { Language } from '../core/decide/words/language.ts'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { versionedReference } from '../core/fhir/versioned-reference.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import { type Explained, type Missing, OCCURRENCE, occurrencesOf, toVersion } from './missed-occurrences.ts'
import { part, parts } from './operation.ts'
import { plannedThen } from './planned-then.ts'
import { ReaderThen } from './reader-then.ts'

/** Why the engine made a Task that no rule of a plan has made, as data. */
export const CAUSE = parts(
  'cause',
  '1',
  'Why the engine made this Task by itself, where no rule of a plan has made it.',
  [
    part('code', 'code', 'Of CodeSystem/task-code: missing-measurement, stage-late, silence-not-opened …'),
    part('at', 'instant', 'When the Task was made.'),
    part('about', 'Reference', 'What it is about, by the version that was there then.'),
    part('carePlan', 'Reference', 'By which the patient was followed, by version.', '*'),
    part('plan', 'canonical', 'The plan, with its version.', '*'),
    part('planVersion', 'Reference', 'The PlanDefinition, by version.', '*'),
    part('since', 'instant', 'Since when a silence lasts.'),
    OCCURRENCE,
    part('text', 'string', 'In plain language.'),
  ],
)

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
): Promise<(Explained & { planned: PlannedAhead[] }) | undefined> {
  const work = engineWorkOf(task)
  if (!work) return undefined
  const reader = new ReaderThen(access, rooms)
  const at = new Date(String(task.authoredOn)).toISOString()
  const about = isReference(work.about) ? await reader.asOf(work.about, at) : undefined
  const carePlans = await reader.carePlansOf([task as unknown as Resource], at)
  const plans = (await Promise.all(carePlans.map((one) => reader.plansOf(one, at)))).flat()
  const occurrences = work.kind === 'missing' ? await occurrencesOf(reader, task, work, language) : []
  const looked = [...carePlans, ...(about ? [about] : [])] as Resource[]
  const byVersion = new Map(looked.filter(isPlanned).map((one) => [versionedReference(one), one as unknown as Planned]))
  const planned = await plannedThen(rooms, [...byVersion.values()], new Date(at))
  const text = [
    taskInWords(task, language),
    ...(work.kind === 'missing'
      ? missingInWords(work, occurrences, language)
      : otherInWords(work, about, plans, language)),
  ].join('\n')
  const code = task.code?.coding?.[0]?.code
  return {
    ...{ text, planned },
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

const isPlanned = ({ resourceType }: Resource): boolean => PLANNED_TYPES.some((type) => type === resourceType)

const isReference = (about: string) => /^[A-Z][A-Za-z]+\/[^/]+$/.test(about)

function otherInWords(
  { since }: Extract<EngineWork, { kind: 'other' }>,
  about: Resource | undefined,
  plans: PlanDefinition[],
  language: Language,
): string[] {
  const words = causeWords(language)
  return [
    ...(about ? [words.about(versionedReference(about))] : []),
    ...(since ? [words.since(momentInWords(since, language))] : []),
    ...plans.map((plan) => words.plan(`${plan.title ?? plan.name ?? plan.url} (${plan.version ?? '–'})`)),
  ]
}

function missingInWords({ dues }: Missing, occurrences: Explained[], language: Language): string[] {
  const olderCount = dues.length - occurrences.length
  return [...(olderCount > 0 ? [causeWords(language).older(olderCount)] : []), ...occurrences.map(({ text }) => text)]
}
