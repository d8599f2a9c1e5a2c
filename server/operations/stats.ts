import type { CodeableConcept, Observation } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { instantAt } from '../core/decide/plan/data-requirement.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { ASKED, type Asked, isAsked, type Measurement, statisticsObservation } from './statistics-observation.ts'

const PAGE_COUNT = '1000'
/** As many values as one answer is made of. */
const VALUE_COUNT_MAX = 100_000
/** As many Observations as are sent along. */
const SOURCE_COUNT_MAX = 1_000

/**
 * Observation/$stats: statistics of a subject's Observations, one Observation for each code.
 * https://hl7.org/fhir/R4/observation-operation-stats.html
 */
export const stats: Operation = {
  code: 'stats',
  title: 'Observation statistics',
  description: 'Statistics of the values of a subject’s Observations in a period, code by code.',
  resource: ['Observation'],
  on: ['type'],
  letter: 's',
  in: [
    { name: 'subject', type: 'uri', min: 1, max: '1', documentation: 'Whose, such as Patient/1.' },
    { name: 'code', type: 'string', min: 0, max: '*', documentation: 'Code of Observation.code, in the system.' },
    { name: 'system', type: 'uri', min: 0, max: '1', documentation: 'System of the codes.' },
    { name: 'coding', type: 'Coding', min: 0, max: '*', documentation: 'Code and system as a Coding.' },
    { name: 'duration', type: 'decimal', min: 0, max: '1', documentation: 'The last so many hours.' },
    { name: 'period', type: 'Period', min: 0, max: '1', documentation: 'Within this period.' },
    { name: 'statistic', type: 'code', min: 1, max: '*', documentation: `Of ${ASKED.join(', ')}.` },
    { name: 'include', type: 'boolean', min: 0, max: '1', documentation: 'True: with the Observations themselves.' },
    {
      name: 'limit',
      type: 'integer',
      min: 0,
      max: '1',
      documentation: `The newest so many; ${SOURCE_COUNT_MAX} at most.`,
    },
  ],
  out: [
    { name: 'statistics', type: 'Observation', min: 1, max: '*', documentation: 'One for each code and unit.' },
    { name: 'source', type: 'Observation', min: 0, max: '*', documentation: 'What they were worked out from.' },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, stats)
    const subject = given.text('subject') ?? ''
    const statistics = given.texts('statistic').flatMap((text) => text.split(','))
    const unknown = statistics.find((one) => !isAsked(one))
    if (unknown !== undefined) {
      throw refuse('not-supported', `The statistic ${unknown} is not one of ${ASKED.join(', ')}.`, 'statistic')
    }
    const dates = datesOf(given, rooms.now())
    const sourceCountMax = given.flag('include')
      ? Math.min(given.count('limit') ?? SOURCE_COUNT_MAX, SOURCE_COUNT_MAX)
      : 0
    const answers = await Promise.all(
      codesOf(given).map(async (code) => {
        const wanted = { subject, code, dates }
        const { measurements, ignoredCount, sources } = await measurementsOf(
          rooms,
          exchange.access,
          wanted,
          sourceCountMax,
        )
        const byUnit = Map.groupBy(
          measurements,
          ({ quantity: { system = '', code: unit = '', unit: text = '' } }) => `${system}|${unit || text}`,
        )
        const found = [...byUnit.values()].map((ofUnit) =>
          statisticsObservation({ ...wanted, measurements: ofUnit, ignoredCount, statistics: statistics as Asked[] }),
        )
        return { found, sources }
      }),
    )
    const sources = new Map(answers.flatMap((answer) => answer.sources.map((one) => [one.id, one])))
    return parametersReply([
      ...answers.flatMap(({ found }) => found).map((resource) => ({ name: 'statistics', resource })),
      ...[...sources.values()].slice(0, sourceCountMax).map((resource) => ({ name: 'source', resource })),
    ])
  },
}

type Code = { system?: string; code: string }

function codesOf(given: Given): Code[] {
  const system = given.text('system')
  const bare = given.texts('code').map((code) => ({ code, ...(system === undefined ? {} : { system }) }))
  const codings = given
    .codings('coding')
    .flatMap(({ system: of, code }) =>
      code === undefined ? [] : [{ code, ...(of === undefined ? {} : { system: of }) }],
    )
  const all = [...bare, ...codings]
  if (all.length === 0) throw refuse('required', '$stats needs a code and its system, or a coding.', 'code')
  return all
}

type Dates = { start?: string; end?: string }

function datesOf(given: Given, now: Date): Dates {
  const duration = given.text('duration')
  const period = given.period('period')
  if (duration !== undefined) {
    const hours = Number(duration)
    if (!(hours > 0 && hours < 1e6))
      throw refuse('value', `duration must be a number of hours, not ${duration}.`, 'duration')
    return { start: new Date(now.getTime() - hours * 3_600_000).toISOString(), end: now.toISOString() }
  }
  return {
    ...(period?.start === undefined ? {} : { start: period.start }),
    ...(period?.end === undefined ? {} : { end: period.end }),
  }
}

type Wanted = { subject: string; code: Code; dates: Dates }

/** What was measured of a code: `ignoredCount` measurements have no value, and of `sources` there are the newest. */
type Measured = { measurements: Measurement[]; ignoredCount: number; sources: Observation[] }

/**
 * Read by pages with the caller's own search, so that nothing is counted that a search would not show. A component counts as an
 * Observation of its own code: a systolic pressure stands in one.
 */
async function measurementsOf(
  { store, definitions }: Rooms,
  access: Access,
  { subject, code, dates }: Wanted,
  sourceCountMax: number,
): Promise<Measured> {
  const literal = (text: string) => text.replace(/[\\,|$]/g, '\\$&')
  const params = new URLSearchParams({
    ...{ subject: literal(subject), _sort: '-date', _count: PAGE_COUNT },
    'combo-code': code.system === undefined ? literal(code.code) : `${literal(code.system)}|${literal(code.code)}`,
  })
  if (dates.start !== undefined) params.append('date', `ge${dates.start}`)
  if (dates.end !== undefined) params.append('date', `le${dates.end}`)
  const query = parseSearch(definitions, 'Observation', params, 'strict')
  const found: Measured = { measurements: [], ignoredCount: 0, sources: [] }
  for (let cursor: string | undefined; ; ) {
    const page = await store.search(access, { ...query, ...(cursor === undefined ? {} : { cursor }) })
    for (const { text } of page.matches) {
      const observation = JSON.parse(text ?? '{}') as Observation & Resource
      // What was entered in error, or called off, was never measured.
      if (observation.status === 'entered-in-error' || observation.status === 'cancelled') continue
      const ofCode = [observation, ...(observation.component ?? [])].filter((one) => isOf(one, code))
      const at = instantAt(observation, 'effective')
      const values = ofCode.flatMap(({ valueQuantity: quantity }) =>
        quantity?.value === undefined ? [] : [{ quantity, at }],
      )
      found.measurements.push(...values)
      found.ignoredCount += ofCode.length - values.length
      if (found.sources.length < sourceCountMax) found.sources.push(observation)
    }
    if (page.next === undefined) return found
    if (found.measurements.length > VALUE_COUNT_MAX) {
      throw refuse('too-costly', `There are more than ${VALUE_COUNT_MAX} values; ask for a shorter period.`, 'period')
    }
    cursor = page.next
  }
}

const isOf = ({ code: concept }: { code?: CodeableConcept }, { system, code }: Code): boolean =>
  concept?.coding?.some((one) => one.code === code && (system === undefined || one.system === system)) ?? false
