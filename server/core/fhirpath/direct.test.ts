import fc from 'fast-check'
import { compileDirect } from './direct.ts'
import { compileWithLibrary } from './evaluate.ts'

const NOW = new Date('2026-11-13T08:00:00.000Z')
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', ...more })
const limits = [
  { zone: 'red', hit: true, value: 88, relative: false, codes: ['http://loinc.org|59408-5'] },
  { zone: 'yellow', hit: false, value: 92, relative: true, source: 'plan', baseline: 93.5 },
]

const direct = (expression: string, variables: Record<string, unknown>) => compileDirect(expression)?.(variables, NOW)
const byLibrary = (expression: string, variables: Record<string, unknown>) =>
  compileWithLibrary(expression)({ resourceType: 'Patient' }, variables, NOW)

test.each([
  ["%limits.where(zone = 'red' and hit).exists()", [true]],
  ["%limits.where(zone = 'plausible' and hit.not()).exists()", [false]],
  ["%limits.exists(zone in ('yellow' | 'grey') and value >= 92)", [true]],
  ['%limits.where(relative or (%baseline.exists() and %baseline >= 92)).count() > 1', [true]],
  ['%limits.where(hit = true).value = 88', [true]],
  ['%limits.all(value > 80) and %none.empty()', [true]],
  ['%limits.first().missing = 1', []],
  ['%current.effective <= now() - 3 days', [true]],
  ['%current.effective >= %careplan.period.start', [true]],
  ["%current.status in ('final' | 'amended') implies %limits.where(hit = true).empty()", [false]],
  [
    "(%current | %none).exists(value.code = '%' and (value.value < 92 or (value.value < 97 and %careplan.goal.exists())))",
    [true],
  ],
  ["(%none | %current).exists(value.code = 'Cel' or value.value >= 97)", [false]],
  ['%current.value.exists() and %careplan.goal.count() = 2', [true]],
  ['%unmeasured.value.exists() or (%none | %none).exists()', [false]],
  ["%careplan.goal.where(reference = 'Goal/two').exists()", [true]],
])('%s is answered here, as the library does', (expression, result) => {
  const variables = {
    ...{ limits, baseline: 93, none: [], unmeasured: observation({}) },
    current: observation({
      effectiveDateTime: '2026-11-10T09:00:00+01:00',
      valueQuantity: { value: 95, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    }),
    careplan: {
      ...{ resourceType: 'CarePlan', period: { start: '2026-11-01T00:00:00Z' } },
      goal: [{ reference: 'Goal/one' }, { reference: 'Goal/two' }],
    },
  }
  expect(direct(expression, variables)).toEqual(result)
  expect(byLibrary(expression, variables)).toEqual(result)
})

test.each([
  ["status = 'final'"],
  ['%limits'],
  ["%limits.where(zone.matches('r')).exists()"],
  ['%a.where(hit).exists()'],
  ['%a.where(%b.where(value > 1).exists()).exists()'],
  ['%current.effective <= now() - 3 months'],
  ["%a = 'it\\'s'"],
  ["%current.name.where(use = 'official').exists().toString() = 'true' | 'x'"],
  [`%a.exists()${' or %a.exists()'.repeat(60)}`],
])('of %s nothing is said here', (expression) => {
  expect(compileDirect(expression)).toBeUndefined()
})

test.each([
  ['a day is no instant', '%current.effective <= now()', { current: observation({ effectiveDateTime: '2026-11-10' }) }],
  ['a typed element', '%current.value > 3', { current: observation({ valueInteger: 4 }) }],
  ['a value of another type', '%current.value.exists()', { current: observation({ valueString: 'mye' }) }],
  ['what stands beside a value', '%current.value.exists()', { current: observation({ _valueQuantity: { id: '1' } }) }],
  ['a union of two', '(%a | %b).count() = 1', { a: [{ c: 1 }], b: [{ c: 1 }] }],
  ['a union of a list', '(%a | %b).count() = 1', { a: [], b: ['x', 'x'] }],
  ['nothing among Goals', '%plan.goal.count() = 1', { plan: { resourceType: 'CarePlan', goal: [null] } }],
  ['a text that may be a date', "%a = 'x'", { a: '2026-11-10' }],
  ['numbers that are nearly equal', '%a = 0.3', { a: 0.1 + 0.2 }],
  ['a null', '%a.where(b = 1).exists()', { a: [null] }],
  ['what stands beside a primitive', "%a.b = 'x'", { a: { b: 'x', _b: { id: '1' } } }],
  ['a variable that is not there', '%nobody.exists()', {}],
  ['several values', "%a = 'x'", { a: ['x', 'x'] }],
  ['what is no boolean', '%a and true', { a: 'x' }],
])('%s: the library is asked', (_name, expression, variables) => {
  expect(compileDirect(expression)).toBeDefined()
  expect(direct(expression, variables)).toBeUndefined()
})

const value = fc.oneof(
  ...[fc.boolean(), fc.integer({ min: -3, max: 3 }), fc.constantFrom('red', 'x', '1', '2026-11-10', '')],
  fc.constantFrom(0.1, 0.5, 2.25),
)
const mostly = <T>(usual: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: usual as fc.Arbitrary<unknown> }, value)
const item = fc.record(
  { zone: mostly(fc.constantFrom('red', 'x')), hit: mostly(fc.boolean()), n: mostly(fc.integer({ min: -3, max: 3 })) },
  { requiredKeys: ['hit'] },
)
const variables = fc.record({
  none: fc.constant([]),
  a: fc.array(item, { maxLength: 3 }),
  b: fc.oneof(value, item, fc.constant([])),
  o: fc
    .constantFrom('2026-11-10T08:00:00Z', '2026-11-10T08:00:00.000Z', '2026-11-13', '2026-11-13T08:00:00+01:00', '2026')
    .map((effectiveDateTime) => observation({ effectiveDateTime })),
  c: fc
    .constantFrom('2026-11-10T08:00:00Z', '2026-11-10T08:00:00.001Z', '2026-11-10')
    .map((start) => ({ resourceType: 'CarePlan', period: { start } })),
})
const literal = fc.constantFrom("'red'", "'x'", '1', '2', '0.5', '2.25', 'true', 'false')
const inItem = fc.constantFrom('zone', 'hit', 'n', '%b', '%b.n', '$this.n')
const outside = fc.constantFrom('%b', '%b.zone', '%a.n', '%a.first().n', '%a.count()')
const comparison = (left: fc.Arbitrary<string>) =>
  fc.oneof(
    ...[fc.tuple(left, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), fc.oneof(literal, left))].map((parts) =>
      parts.map((texts) => texts.join(' ')),
    ),
    ...[left.map((text) => `${text} in ('red' | 'x')`), left.map((text) => `${text}.exists()`), left],
    left.map((text) => `${text}.not()`),
  )
const logical = (part: fc.Arbitrary<string>) =>
  fc.oneof(
    part,
    fc
      .tuple(part, fc.constantFrom('and', 'or', 'xor', 'implies'), part)
      .map(([one, is, other]) => `(${one} ${is} ${other})`),
  )
const list = fc
  .tuple(
    fc.constantFrom('%a', '%b', '(%a | %b)', '(%b | %a.first())', '(%none | %a)'),
    logical(logical(comparison(inItem))),
    fc.constantFrom(
      'where(_).exists()',
      'exists(_)',
      'all(_)',
      'where(_).empty()',
      'where(_).count() > 1',
      'where(_).n = 2',
    ),
  )
  .map(([from, criterion, called]) => `${from}.${called.replace('_', criterion)}`)
const time = fc.constantFrom(
  ...['%o.effective <= now() - 3 days', '%o.effective > %c.period.start', '%o.effective >= now() + 0 seconds'],
)
const expression = logical(fc.oneof(list, list, comparison(outside), time))

test('whatever is answered here the library answers alike', async () => {
  let answered = 0
  fc.assert(
    fc.property(expression, variables, (text, given) => {
      const here = direct(text, given)
      if (here === undefined) return
      answered++
      expect(here).toEqual(byLibrary(text, given))
    }),
    { numRuns: 1_500 },
  )
  expect(answered).toBeGreaterThan(150)
})
