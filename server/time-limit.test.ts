import { createRation, SpentForNow, TooLong, within } from './time-limit.ts'

const NEVER_ENDS = [
  ['a pattern that backtracks', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
  [
    'a loop',
    () => {
      for (;;) Math.sqrt(2)
    },
  ],
] as const

test.each(NEVER_ENDS)('%s is stopped', (_name, work) => {
  expect(() => within(20, work)).toThrow(TooLong)
})

test('what ends in time gives its result, or its own error', () => {
  expect(within(1_000, () => 'done')).toBe('done')
  expect(() => within(1_000, () => JSON.parse('{'))).toThrow(SyntaxError)
  expect(within(1_000, () => within(1_000, () => 1) + 1)).toBe(2)
})

test('what was stopped while the machine stood still is begun anew, and ends as it would have', () => {
  let attempts = 0
  const work = () => {
    attempts++
    for (; attempts < 3; ) Math.sqrt(2)
    return 'done'
  }
  expect(within(40, work, () => 0)).toBe('done')
  expect(attempts).toBe(3)
})

test.each([
  ['that had its time of the processor is not begun anew', 8, 1],
  ['for which there never was a processor is given up', 7.9, 3],
])('work %s', (_name, had, expected) => {
  let attempts = 0
  const work = () => {
    attempts++
    for (;;) Math.sqrt(2)
  }
  let readings = 0
  // Read before an attempt and after it.
  expect(() => within(10, work, () => had * Math.ceil(readings++ / 2))).toThrow(TooLong)
  expect(attempts).toBe(expected)
})

test('a machine that stands still spends nothing of the second', () => {
  const ration = createRation(
    undefined,
    () => 0,
    () => 0,
  )
  for (let i = 0; i < 20; i++) expect(ration.spend('slow', 200, () => i)).toBe(i)
})

test('one thing has a second in a minute, the others have theirs', () => {
  let clock = 0
  const ration = createRation(
    undefined,
    () => clock,
    () => clock,
  )
  const takes = (milliseconds: number) => () => {
    clock += milliseconds
    return 'done'
  }
  for (let i = 0; i < 10; i++) expect(ration.spend('slow', 200, takes(100))).toBe('done')
  expect(() => ration.spend('slow', 200, takes(100))).toThrow(SpentForNow)
  expect(ration.spend('other', 200, takes(100))).toBe('done')
  clock += 60_000
  expect(ration.spend('slow', 200, takes(100))).toBe('done')
  const larger = createRation(
    10_000,
    () => clock,
    () => clock,
  )
  for (let i = 0; i < 100; i++) expect(larger.spend('slow', 200, takes(100))).toBe('done')
  expect(() => larger.spend('slow', 200, takes(100))).toThrow(SpentForNow)
})
