import { costOf, isCheap } from './cost.ts'

const observations = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ resourceType: 'Observation', id: `o${i}`, valueQuantity: { value: i } }))

test.each([
  ["%limits.where(zone = 'red' and hit).exists()", 1, 0, []],
  ["a.where(b.where(c = 'x').exists()).exists()", 1, 0, []],
  ['%current.effective <= now() - 3 days', 1, 0, []],
  ['%limits.where(hit and %baseline >= 92).exists()', 1, 1, ['baseline']],
  ['%a.where(%`b` > 1 and %c.exists()).exists()', 1, 1, ['b', 'c']],
  ['%a.where(id in %b.id).exists()', 2, 1, ['b']],
  ['%a.select(%b.select(%c.select(d))).exists()', 1, 2, ['b', 'c']],
  ['%a.distinct().count()', 2, 0, []],
  ['a.b = c.d', 2, 0, []],
  ['a.b.sum() = c.d', 1, 0, []],
  ['(a.exists() or b.c.exists()) != d.exists()', 1, 0, []],
  ['a.where(b.intersect(c).exists())', 2, 1, undefined],
  ['%a.where($total > 1)', 1, 1, undefined],
])(
  '%s goes over its data to the power of %i, and in loops %i deep over others',
  (expression, degree, depth, outside) => {
    const cost = costOf(expression)
    expect(cost).toMatchObject({ degree, depth, isBounded: true })
    expect(cost.outside && [...cost.outside]).toEqual(outside)
  },
)

test.each([
  ['iif(a.exists(), 1, 0) + iif(b.exists(), 1, 0)', 1],
  ['(%a.count() + 1) / 2', 1],
  ["code in ('a' | 'b' | 'c')", 1],
  ['a.select($this & $this).select($this & $this)', 4],
  ["defineVariable('a', b.combine(b)).defineVariable('c', %a.combine(%a)).select(%c)", 4],
])('%s may make its data %i times as large', (expression, growth) => {
  expect(costOf(expression)).toMatchObject({ growth, isBounded: true })
})

test.each([
  ["status.matches('^(a+)+$')"],
  ["status.`matches`('^(a+)+$')"],
  ["status.replaceMatches('a', 'b')"],
  ['repeat($this)'],
  ['repeat(descendants())'],
  ['%a.aggregate($total & $total)'],
  ['name.somethingNew()'],
  [`a${'[0]'.repeat(100)}`],
  [`${'a + '.repeat(300)}a`],
])('nothing is promised of %s', (expression) => {
  expect(costOf(expression).isBounded).toBe(false)
  expect(isCheap(expression, { focus: {} })).toBe(false)
})

test('what is cheap over little is not over much', () => {
  const pairs = '%a.where(valueQuantity.value > %a.valueQuantity.value.max()).exists()'
  expect(isCheap(pairs, { focus: observations(3) })).toBe(true)
  expect(isCheap(pairs, { focus: observations(300) })).toBe(false)
  expect(isCheap('status', { focus: 'x'.repeat(10_000_000) })).toBe(false)
})

test('a loop costs what it looks at from outside, not all that there is', () => {
  const ask = (limits: number, baseline: unknown, expression = '%limits.where(value > %baseline).exists()') =>
    isCheap(expression, { focus: {}, variables: { limits: observations(limits), baseline } })
  expect(ask(100, 95)).toBe(true)
  expect(ask(100, observations(100))).toBe(false)
  expect(ask(100, 95, '%limits.where(value > %other).exists()')).toBe(false)
  expect(ask(100, 95, "defineVariable('other', %limits).select(%limits.where(value > %other)).exists()")).toBe(false)
})

test('what was counted once is not counted again', () => {
  const sizes = new WeakMap<object, number>()
  const data = observations(10)
  expect(isCheap('%a.id', { focus: {}, variables: { a: data }, sizes })).toBe(true)
  const counted = sizes.get(data)
  expect(counted).toBeGreaterThan(50)
  sizes.set(data, 10_000_000)
  expect(isCheap('%a.id', { focus: {}, variables: { a: data }, sizes })).toBe(false)
})

test('what does not parse fails at once, so it is cheap', () => {
  expect(isCheap('status.(', { focus: {} })).toBe(true)
})
