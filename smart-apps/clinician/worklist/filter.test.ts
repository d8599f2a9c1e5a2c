import { describe, expect, test } from '@jest/globals'
import { choicesOf, countTabs, isNarrowed, isUnder, passes, readFilter, TABS } from './filter.ts'
import type { Row } from './row.ts'

const NOW = new Date('2026-11-23T09:00:00Z')
const SEEN = { me: 'Practitioner/kari', now: NOW }
const row = (rest: Partial<Row> = {}) => ({ id: 'a', zone: 'yellow', isOpen: true, ...rest }) as Row
const filter = (query: string) => readFilter(new URLSearchParams(query))

test('an address says what of the list is seen; what it cannot mean is left out', () => {
  expect(filter('tab=mine&zone=green,red,purple&overdue=true&team=CareTeam/7&pathway=copd&unit=')).toEqual({
    ...{ tab: 'mine', zones: ['red', 'green'], isOverdue: true, team: 'CareTeam/7', pathway: 'copd' },
  })
  expect(filter('tab=everything&overdue=yes')).toEqual({ tab: 'all', zones: [], isOverdue: false })
})

test.each([
  ['', false],
  ['tab=mine', false],
  ['zone=red', true],
  ['unit=Organization/1', true],
  ['overdue=true', true],
])('"%s" narrows the list: %s', (query, is) => expect(isNarrowed(filter(query))).toBe(is))

describe('under the tabs', () => {
  test.each([
    ['free', row(), ['all', 'unassigned']],
    ['mine', row({ takenBy: 'Practitioner/kari' }), ['all', 'mine']],
    ['another’s', row({ takenBy: 'Practitioner/ola' }), ['all']],
    ['missing', row({ code: 'missing-measurement' }), ['all', 'unassigned', 'missing']],
    ['put aside', row({ snoozedUntil: NOW, takenBy: 'Practitioner/kari' }), ['snoozed']],
    ['closed', row({ isOpen: false }), ['done']],
  ] as const)('one that is %s', (_name, one, tabs) => {
    expect(TABS.filter((tab) => isUnder(tab, one, SEEN))).toEqual(tabs)
    expect(Object.entries(countTabs([one], SEEN)).filter(([, count]) => count === 1)).toEqual(
      tabs.map((tab) => [tab, 1]),
    )
  })
  test('nothing is mine of whom nobody knows who they are', () => {
    expect(isUnder('mine', row(), { me: undefined })).toBe(false)
  })
})

test.each([
  ['zone=red', {}, false],
  ['zone=red,yellow', {}, true],
  ['pathway=copd', { pathway: 'copd' }, true],
  ['pathway=copd', {}, false],
  ['team=CareTeam/1', { team: 'CareTeam/2' }, false],
  ['unit=Organization/1', { unit: 'Organization/1' }, true],
  ['overdue=true', { deadline: new Date('2026-11-23T08:59:00Z') }, true],
  ['overdue=true', { deadline: NOW }, false],
  ['overdue=true', {}, false],
] as const)('"%s" lets %j through: %s', (query, rest, is) => expect(passes(row(rest), filter(query), SEEN)).toBe(is))

test('each choice is there once, by name', () => {
  const rows = [
    row({ team: '2', teamName: 'Åsen' }),
    row({ team: '1', teamName: 'Bruket' }),
    row({ team: '2', teamName: 'Åsen' }),
    row(),
  ]
  expect(choicesOf(rows, ({ team, teamName }) => ({ value: team, name: teamName })).map(({ name }) => name)).toEqual([
    'Bruket',
    'Åsen',
  ])
})
