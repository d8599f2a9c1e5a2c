import { costOf, isCheap } from './cost.ts'

const observations = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ resourceType: 'Observation', id: `o${i}`, valueQuantity: { value: i } }))

test.each([
  ["%limits.where(zone = 'red' and hit).exists()", 1],
  ["a.where(b.where(c = 'x').exists()).exists()", 1],
  ['%current.effective <= now() - 3 days', 1],
  ['%a.where(id in %b.id).exists()', 3],
  ['%a.select(%b.select(%c.select(d))).exists()', 3],
  ['%a.distinct().count()', 2],
  ['a.where(b.intersect(c).exists())', 3],
])('%s has loops %i deep', (expression, degree) => {
  expect(costOf(expression)).toMatchObject({ degree, isBounded: true })
})

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
  expect(isCheap(expression, [{}])).toBe(false)
})

test('what is cheap over little is not over much', () => {
  const pairs = '%a.where(valueQuantity.value > %a.valueQuantity.value.max()).exists()'
  expect(isCheap(pairs, [observations(3)])).toBe(true)
  expect(isCheap(pairs, [observations(300)])).toBe(false)
  expect(isCheap('status', ['x'.repeat(10_000_000)])).toBe(false)
})

test('what does not parse fails at once, so it is cheap', () => {
  expect(isCheap('status.(', [{}])).toBe(true)
})
