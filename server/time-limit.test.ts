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

test('one thing has a second in a minute, the others have theirs', () => {
  let clock = 0
  const ration = createRation(() => clock)
  const takes = (milliseconds: number) => () => {
    clock += milliseconds
    return 'done'
  }
  for (let i = 0; i < 10; i++) expect(ration.spend('slow', 200, takes(100))).toBe('done')
  expect(() => ration.spend('slow', 200, takes(100))).toThrow(SpentForNow)
  expect(ration.spend('other', 200, takes(100))).toBe('done')
  clock += 60_000
  expect(ration.spend('slow', 200, takes(100))).toBe('done')
  const larger = createRation(() => clock, 10_000)
  for (let i = 0; i < 100; i++) expect(larger.spend('slow', 200, takes(100))).toBe('done')
  expect(() => larger.spend('slow', 200, takes(100))).toThrow(SpentForNow)
})
