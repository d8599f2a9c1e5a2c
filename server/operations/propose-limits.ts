import type { CarePlan, Goal, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { type LimitsProposal, proposeLimits, SAMPLES_MIN } from '../core/decide/limits-review/propose-limits.ts'
import { PROPOSAL_DAYS, reviewRequirements } from '../core/decide/limits-review/review.ts'
import { proposalInWords } from '../core/decide/limits-review/review-words.ts'
import { toldAs } from '../core/decide/words/told.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { compiledOf } from './plan-reading.ts'

const DAYS_MAX = 90
const DAY = 86_400_000
const COUNT_MAX = '1000'

/**
 * CarePlan/{id}/$propose-limits: limits of the person's own, from how their measurements lie, with the reasons in words. Stores nothing:
 * `$set-limits` takes the Goal, as it is or edited.
 * @throws Refusal business-rule (the CarePlan is in no plan with limits; too few measurements, of each measure), value (days), not-found
 * @see docs/plans.md
 */
export const limitsProposal: Operation = {
  code: 'propose-limits',
  title: 'Propose limits',
  description:
    'Proposes a baseline and limits from the median and the usual variation of a person’s own measurements, with what they would have changed in the last 30 days.',
  resource: ['CarePlan'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'days', type: 'integer', min: 0, max: '1' },
      documentation: `How many days back measurements count; ${PROPOSAL_DAYS} when left out, at most ${DAYS_MAX}.`,
    },
  ],
  out: [
    {
      ...{ name: 'proposal', min: 0, max: '*' },
      documentation: 'One for each measure whose limits could fit better; none where those of now fit.',
      part: [
        { name: 'measure', type: 'string', min: 1, max: '1', documentation: 'Of what.' },
        { name: 'goal', type: 'Goal', min: 1, max: '1', documentation: 'The Goal that $set-limits takes.' },
        { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why, in words; with translations.' },
        { name: 'median', type: 'decimal', min: 1, max: '1', documentation: 'Of the person’s usual days.' },
        { name: 'spread', type: 'decimal', min: 1, max: '1', documentation: 'How much they usually vary.' },
        { name: 'count', type: 'integer', min: 1, max: '1', documentation: 'So many measurements.' },
        { name: 'unusual-days', type: 'integer', min: 1, max: '1', documentation: 'Days that were left out.' },
        {
          name: 'hits-before',
          type: 'integer',
          min: 1,
          max: '1',
          documentation: 'Outside the limits of now, in 30 days.',
        },
        { name: 'hits-after', type: 'integer', min: 1, max: '1', documentation: 'Outside the proposed ones.' },
      ],
    },
    {
      ...{ name: 'too-few', min: 0, max: '*' },
      documentation: `A measure with fewer than ${SAMPLES_MIN.count} measurements on ${SAMPLES_MIN.days} days.`,
      part: [
        { name: 'measure', type: 'string', min: 1, max: '1', documentation: 'Of what.' },
        { name: 'count', type: 'integer', min: 1, max: '1', documentation: 'Measurements that there are.' },
        { name: 'days', type: 'integer', min: 1, max: '1', documentation: 'Days on which there are some.' },
      ],
    },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, limitsProposal)
    const days = Number(given.text('days') ?? PROPOSAL_DAYS)
    if (!(days >= SAMPLES_MIN.days && days <= DAYS_MAX)) {
      throw refuse('value', `days must be ${SAMPLES_MIN.days} to ${DAYS_MAX}, not ${days}.`, 'days')
    }
    const now = rooms.now()
    const grounds = await readGrounds(exchange, rooms, now)
    const since = new Date(now.getTime() - days * DAY)
    const found = grounds.map((ground) => proposeLimits(ground, since))
    const proposals = found.flatMap((one) => one.proposals)
    const tooFew = found.flatMap((one) => one.tooFew)
    if (grounds.length === 0) {
      throw refuse('business-rule', 'This CarePlan is in no plan that has limits.', 'CarePlan.instantiatesCanonical')
    }
    return parametersReply([
      ...proposals.map((proposal) => ({ name: 'proposal', part: partsOf(proposal) })),
      ...tooFew.map(({ measure, count, days: counted }) => ({
        name: 'too-few',
        part: [
          { name: 'measure', valueString: measure },
          { name: 'count', valueInteger: count },
          { name: 'days', valueInteger: counted },
        ],
      })),
    ])
  },
}

/** The plans with limits that the CarePlan is in, each with the person's Goals and measurements, as the caller may see them. */
async function readGrounds(exchange: Exchange, rooms: Rooms, now: Date) {
  const reader = new DefinitionReader(exchange, rooms)
  const carePlan = (await reader.read(`CarePlan/${exchange.id}`, 'id')) as Resource & CarePlan
  const patient = String(carePlan.subject.reference)
  const goals = (await reader.search('Goal', { patient, _count: COUNT_MAX })) as (Resource & Goal)[]
  const found = await Promise.all(
    (carePlan.instantiatesCanonical ?? []).map(async (canonical) => {
      const definition = (await reader.findDefinition(canonical, ['PlanDefinition'], false)) as
        | (Resource & PlanDefinition)
        | undefined
      if (!definition) return []
      const plan = compiledOf(definition, await reader.readDefinitions(definition))
      if (plan.limits.length === 0) return []
      const codes = reviewRequirements(plan).flatMap(({ codeFilter = [] }) =>
        codeFilter.flatMap(({ code = [] }) => code),
      )
      const code = codes.map((one) => `${one.system ?? ''}|${one.code ?? ''}`).join(',')
      const from = new Date(now.getTime() - DAYS_MAX * DAY).toISOString()
      const query = { patient, code, date: `ge${from}`, _sort: '-date', _count: COUNT_MAX }
      return [{ plan, carePlan, goals, now, history: await reader.search('Observation', query) }]
    }),
  )
  return found.flat()
}

function partsOf(proposal: LimitsProposal): ParametersParameter[] {
  const { measure, distribution, hits, goal } = proposal
  const rounded = (value: number) => Number(value.toFixed(2))
  return [
    { name: 'measure', valueString: measure },
    { name: 'goal', resource: goal },
    { name: 'reason', ...toldAs('valueString', proposalInWords('asked', [proposal])) },
    { name: 'median', valueDecimal: rounded(distribution.median) },
    { name: 'spread', valueDecimal: rounded(distribution.spread) },
    { name: 'count', valueInteger: distribution.count },
    { name: 'unusual-days', valueInteger: distribution.unusualDays },
    { name: 'hits-before', valueInteger: hits.before },
    { name: 'hits-after', valueInteger: hits.after },
  ]
}
