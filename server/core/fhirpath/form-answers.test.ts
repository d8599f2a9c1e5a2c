import fc from 'fast-check'
import { compileDirect } from './direct.ts'
import { compileWithLibrary } from './evaluate.ts'

const NOW = new Date('2026-11-13T08:00:00.000Z')
const form = (item: unknown) => ({ resourceType: 'QuestionnaireResponse', status: 'completed', item })
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer })

const direct = (expression: string, variables: Record<string, unknown>) => compileDirect(expression)?.(variables, NOW)
const byLibrary = (expression: string, variables: Record<string, unknown>) =>
  compileWithLibrary(expression)({ resourceType: 'Patient' }, variables, NOW)

const current = form([
  answered('pain', { valueBoolean: true }),
  {
    linkId: 'group',
    item: [
      answered('count', { valueInteger: 7 }),
      answered('weight', { valueDecimal: 71.5 }),
      answered('knows', { valueCoding: { system: 'http://example.org/answers', code: 'tell' } }),
      answered('note', { valueString: 'mye' }),
      { linkId: 'left-out' },
    ],
  },
])
const variables = { current, diary: [form([answered('pain', { valueBoolean: false })]), current], none: [] }

test.each([
  ["%current.repeat(item).where(linkId in ('pain' | 'fever')).answer.value.where($this = true).exists()", [true]],
  ["%current.repeat(item).where(linkId in ('fever' | 'left-out')).answer.value.where($this = true).exists()", [false]],
  ["%current.repeat(item).where(linkId = 'count').answer.value.exists($this >= 7)", [true]],
  ["%current.repeat(item).where(linkId = 'count').answer.value > 7", [false]],
  ["%current.repeat(item).where(linkId = 'weight').answer.value <= 71.5", [true]],
  ["%current.repeat(item).where(linkId = 'fever').answer.value > 7", []],
  ["%current.repeat(item).where(linkId = 'knows').answer.value.exists(code != 'tell')", [false]],
  ["%current.repeat(item).where(linkId = 'knows').answer.value.code.exists($this in ('tell' | 'ask'))", [true]],
  ["%current.repeat(item).where(linkId = 'note').answer.value = 'mye'", [true]],
  ["%current.repeat(item).where(linkId = 'group').answer.exists()", [false]],
  ['%current.repeat(item).count() = 7 and %current.repeat(item).answer.count() = 5', [true]],
  ["%current.repeat(item).last().linkId = 'left-out' or %none.repeat(item).exists()", [true]],
  ["%none.repeat(item).where(linkId = 'pain').answer.value.exists()", [false]],
  [
    "%diary.where(status in ('completed' | 'amended')).last().repeat(item).where(linkId = 'pain').answer.value.where($this = true).exists()",
    [true],
  ],
  ["%diary.first().repeat(item).where(linkId = 'pain').answer.value.where($this = false).exists()", [true]],
  [
    "(%current.repeat(item).where(linkId='pain') | %none.repeat(item).where(linkId='pain')).answer.value.where($this = true).exists()",
    [true],
  ],
  ["(%none.repeat(item).answer | %current.repeat(item).where(linkId = 'count').answer).value > 6", [true]],
])('%s is answered here as the library does', (expression, result) => {
  expect(direct(expression, variables)).toEqual(result)
  expect(byLibrary(expression, variables)).toEqual(result)
})

test.each([
  ['anything but items repeated', '%current.repeat(answer).exists()'],
  ['repeated in a criterion', "%current.where(repeat(item).where(linkId = 'a').exists()).exists()"],
  ['another element of an item', "%current.repeat(item).where(text = 'a').exists()"],
  ['answers in a criterion of items', '%current.repeat(item).where(answer.exists()).exists()'],
  ['a whole item', '%current.repeat(item).where($this = 1).exists()'],
  ['items of items', '%current.repeat(item).item.exists()'],
  ['another element of a value', "%current.repeat(item).answer.value.exists(display = 'a')"],
  ['items joined with answers', '(%current.repeat(item) | %current.repeat(item).answer).exists()'],
  ['answers joined with what is no part of a form', '(%current.repeat(item).answer | %none).value.exists()'],
  ['an element of an answer', '%current.repeat(item).answer.item.exists()'],
])('of %s nothing is said here', (_name, expression) => {
  expect(compileDirect(expression)).toBeUndefined()
})

test.each([
  ['another resource', { ...current, resourceType: 'Questionnaire' }],
  ['a text', 'x'],
  ['two forms with the same question', [current, current]],
  [
    'a group that was answered twice',
    form([answered('a', { valueBoolean: true }), answered('a', { valueBoolean: true })]),
  ],
  ['an item without a link', form([{ answer: [{ valueBoolean: true }] }])],
  ['what is no list of items', form({ linkId: 'a' })],
  ['nothing among the items', form([null])],
  ['a link that may be a date or a number', form([answered('1.1', { valueBoolean: true })])],
])('of %s the library is asked', (_name, given) => {
  const expression = "%current.repeat(item).where(linkId = 'a').answer.value.where($this = true).exists()"
  expect(compileDirect(expression)).toBeDefined()
  expect(direct(expression, { current: given })).toBeUndefined()
})

test.each([
  ['a date', { valueDate: '2026-11-10' }],
  ['a quantity', { valueQuantity: { value: 1 } }],
  ['what stands beside a value', { valueBoolean: true, _valueBoolean: { id: '1' } }],
  ['an extension in place of a value', { _valueBoolean: { extension: [] } }],
  ['two values', { valueBoolean: true, valueInteger: 1 }],
  ['a value of another kind than its name', { valueBoolean: 'true' }],
  ['nothing', { valueCoding: null }],
])('of an answer that is %s the library is asked', (_name, answer) => {
  const expression = "%current.repeat(item).where(linkId = 'a').answer.value.exists()"
  expect(direct(expression, { current: form([answered('a', answer)]) })).toBeUndefined()
})

const value = fc.oneof(
  fc.boolean().map((valueBoolean) => ({ valueBoolean })),
  fc.integer({ min: -2, max: 2 }).map((valueInteger) => ({ valueInteger })),
  fc.constantFrom(0.5, 1, 2.25).map((valueDecimal) => ({ valueDecimal })),
  fc.constantFrom('yes', 'no', '1', '2026', '').map((valueString) => ({ valueString })),
  fc.constantFrom('yes', 'no', '1').map((code) => ({ valueCoding: { system: 'http://example.org/s', code } })),
  fc.constantFrom<object>({}, { valueDate: '2026-11-10' }, { valueQuantity: { value: 1, unit: 'kg' } }),
)
const items = (depth: number): fc.Arbitrary<object[]> =>
  fc
    .uniqueArray(
      fc.constantFrom('a', 'b', 'c', 'd').map((link) => `${link}${depth}`),
      { maxLength: 3 },
    )
    .chain((links) =>
      fc.tuple(
        ...links.map((linkId) =>
          fc.record(
            {
              linkId: fc.constant(linkId),
              answer: fc.array(value, { minLength: 1, maxLength: 2 }),
              ...(depth < 2 ? { item: items(depth + 1).filter((inner) => inner.length > 0) } : {}),
            },
            { requiredKeys: ['linkId'] },
          ),
        ),
      ),
    )
const links = fc.constantFrom("linkId = 'a0'", "linkId in ('a0' | 'b1' | 'c1')", "linkId != 'a0'", 'linkId.exists()')
const asked = fc.constantFrom(
  ...[
    'where($this = true).exists()',
    'exists($this >= 1)',
    "exists(code = 'yes')",
    "code.exists($this in ('yes' | 'x'))",
  ],
  ...["where($this = 'yes').count() = 1", 'empty()', "exists(code != 'yes')", 'first() = true', 'last() >= 1'],
)
const expression = fc
  .tuple(fc.constantFrom('%current', '%diary.last()', "%diary.where(status = 'completed').first()"), links, asked)
  .map(([of, link, criterion]) => `${of}.repeat(item).where(${link}).answer.value.${criterion}`)

/** Of two forms, of which one or both may have nothing of it: joined as items, as answers, or as values. */
const side = fc
  .tuple(fc.constantFrom('%current', '%diary.last()', '%none'), links)
  .map(([of, link]) => `${of}.repeat(item).where(${link})`)
const joined = fc
  .tuple(side, side, fc.constantFrom('', '.answer', '.answer.value'), asked)
  .map(([one, other, at, criterion]) => `(${one}${at} | ${other}${at})${'.answer.value'.slice(at.length)}.${criterion}`)

test('whatever of random forms is answered here the library answers alike', () => {
  let count = 0
  let joinedCount = 0
  fc.assert(
    fc.property(fc.oneof(expression, joined), fc.array(items(0), { minLength: 1, maxLength: 2 }), (text, given) => {
      const diary = given.map(form)
      const known = { current: diary[0], diary, none: [] }
      const here = direct(text, known)
      if (here === undefined) return
      if (text.startsWith('(')) joinedCount++
      else count++
      expect(here).toEqual(byLibrary(text, known))
    }),
    { numRuns: 900 },
  )
  expect(count).toBeGreaterThan(100)
  expect(joinedCount).toBeGreaterThan(50)
})
