import type { CarePlan, ParametersParameter } from '@medplum/fhirtypes'
import { isSoon, type PlannedAhead, plannedAhead, plannedInWords } from '../core/decide/planned-change/planned-ahead.ts'
import type { Planned } from '../core/decide/planned-change/planned-change.ts'
import type { Language } from '../core/decide/words/language.ts'
import type { Rooms } from '../exchange.ts'
import { part, parts } from './operation.ts'

/** What was planned ahead that bears on what is explained, as data. */
export const PLANNED_CHANGE = parts(
  'plannedChange',
  '*',
  'What was planned ahead and bears on it: the pause, end or team that made it as it was then, and what comes within thirty days.',
  [
    part(
      'of',
      'Reference',
      'The CarePlan or ServiceRequest, by the version that was there then, or the PlanDefinition.',
    ),
    part('at', 'instant', 'The moment for which it was planned.'),
    part('status', 'code', 'What it becomes: on-hold, active, completed or revoked.'),
    part('careTeam', 'Reference', 'Who has the responsibility from then on.'),
    part('version', 'string', 'The version of the plan that comes into force.'),
    part('share', 'integer', 'For so many percent of the patients.'),
    part('reason', 'string', 'Why.'),
    part('by', 'Reference', 'Who has planned it.'),
    part('done', 'instant', 'When it was carried out; of what was still to come, left out.'),
    part('text', 'string', 'In plain language.'),
  ],
)

/**
 * What was planned ahead for these, seen from a moment; in its order.
 * @param resources CarePlans and ServiceRequests as they were then, which the caller may read
 */
export async function plannedThen({ planLife }: Pick<Rooms, 'planLife'>, resources: Planned[], then: Date) {
  const urls = new Set(resources.flatMap((one) => (one.resourceType === 'CarePlan' ? withoutVersion(one) : [])))
  const versions = await Promise.all([...urls].map((url) => planLife.scheduled(url, then)))
  const planned: PlannedAhead[] = [
    ...resources.flatMap((one) => plannedAhead(one, then)),
    ...versions.flat().filter(({ at }) => isSoon(at, then)),
  ]
  return planned.sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
}

/** Whoever follows a plan without saying which version has the newest one's rules; all others keep theirs until they are moved. */
const withoutVersion = ({ instantiatesCanonical = [] }: CarePlan): string[] =>
  instantiatesCanonical.filter((canonical) => !canonical.includes('|'))

export const plannedParameters = (planned: PlannedAhead[], language: Language): ParametersParameter[] =>
  planned.map((one) => ({
    name: 'plannedChange',
    part: [
      { name: 'of', valueReference: { reference: one.of } },
      { name: 'at', valueInstant: one.at },
      ...(one.status ? [{ name: 'status', valueCode: one.status }] : []),
      ...(one.careTeam ? [{ name: 'careTeam', valueReference: one.careTeam }] : []),
      ...(one.version === undefined
        ? []
        : [
            { name: 'version', valueString: one.version },
            { name: 'share', valueInteger: one.share },
          ]),
      ...(one.reason ? [{ name: 'reason', valueString: one.reason }] : []),
      ...(one.by ? [{ name: 'by', valueReference: { reference: one.by } }] : []),
      ...(one.done ? [{ name: 'done', valueInstant: one.done }] : []),
      { name: 'text', valueString: plannedInWords(one, language) },
    ],
  }))

export const plannedTexts = (planned: PlannedAhead[], language: Language): string[] =>
  planned.map((one) => plannedInWords(one, language))
