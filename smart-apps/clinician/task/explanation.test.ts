import { expect, test } from '@jest/globals'
import type { Parameters } from '@medplum/fhirtypes'
import { limitsThatCount, toExplanation } from './explanation.ts'

const limit = (zone: string, value: number, hit: boolean) => ({
  name: 'limit',
  part: [
    { name: 'code', valueCoding: { system: 'http://loinc.org', code: '59408-5' } },
    { name: 'measure', valueString: 'SpO2' },
    { name: 'zone', valueCode: zone },
    { name: 'comparator', valueString: '<' },
    { name: 'value', valueQuantity: { value, unit: '%' } },
    { name: 'source', valueCode: 'patient' },
    { name: 'observed', valueQuantity: { value: 85, unit: '%' } },
    { name: 'hit', valueBoolean: hit },
  ],
})
const rule = (id: string, outcome: string, isGroup: boolean, limits: object[] = []) => ({
  name: 'rule',
  part: [
    { name: 'id', valueString: id },
    { name: 'title', valueString: id },
    { name: 'isGroup', valueBoolean: isGroup },
    { name: 'outcome', valueCode: outcome },
    {
      name: 'source',
      valueRelatedArtifact: { type: 'documentation', label: 'G', display: 'GOLD', url: 'https://goldcopd.org/' },
    },
    { name: 'source', valueRelatedArtifact: { type: 'documentation', label: 'P', display: 'Eget forslag' } },
    {
      name: 'condition',
      part: [
        { name: 'text', valueString: 'c' },
        { name: 'seen', part: limits },
      ],
    },
  ],
})
const ANSWER = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'text', valueString: 'Alt.' },
    {
      name: 'decision',
      part: [
        { name: 'at', valueInstant: '2026-11-23T08:00:00Z' },
        { name: 'plan', valueCanonical: 'http://x/copd|1.0.0' },
        { name: 'reproduced', valueBoolean: true },
        rule('group', 'applicable', true),
        rule('red', 'applicable', false, [
          limit('yellow', 91, true),
          limit('red', 89, true),
          limit('plausible', 50, true),
        ]),
        rule('other', 'not-applicable', false, [limit('red', 40, false)]),
      ],
    },
  ],
} as Parameters

test('each rule tells what it rests on, and what of it is only proposed', () => {
  const [decision] = toExplanation(ANSWER).decisions
  expect(decision?.rules[0]?.sources).toEqual([
    { display: 'GOLD', url: 'https://goldcopd.org/', isProposal: false },
    { display: 'Eget forslag', isProposal: true },
  ])
})

test('the rules that applied are told, without those that only hold others together', () => {
  const { decisions, text } = toExplanation(ANSWER)
  expect(text).toBe('Alt.')
  expect(decisions).toMatchObject([{ plan: 'http://x/copd|1.0.0', isReproduced: true, rules: [{ id: 'red' }] }])
})

test('limits stand once, red first; that a value is possible is not worth a line', () => {
  expect(
    limitsThatCount(toExplanation(ANSWER)).map(({ zone, value, observed, isOwn }) => [zone, value, observed, isOwn]),
  ).toEqual([
    ['red', 89, 85, true],
    ['yellow', 91, 85, true],
  ])
  expect(limitsThatCount(toExplanation({ resourceType: 'Parameters' }))).toEqual([])
})
