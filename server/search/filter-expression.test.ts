import fc from 'fast-check'
import { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { type Expression, OPERATORS, parseExpression } from './filter-expression.ts'
import { parseFilterExpression } from './parse-filter-expression.ts'

const definitions = loadDefinitions()

const comparison = (path: string, operator: 'eq' | 'co', value: string): Expression => ({
  kind: 'comparison',
  path: path.split('.'),
  operator,
  value,
})

test.each<[string, Expression]>([
  ['gender eq male', comparison('gender', 'eq', 'male')],
  ['name co "van \\"der\\" \\\\"', comparison('name', 'co', 'van "der" \\')],
  ['patient.name eq "and"', comparison('patient.name', 'eq', 'and')],
  ['subject:Patient.name eq x', comparison('subject:Patient.name', 'eq', 'x')],
  ['  ( a eq 1 )  ', comparison('a', 'eq', '1')],
  ['not(a eq 1)', { kind: 'not', part: comparison('a', 'eq', '1') }],
  ['not eq 1', comparison('not', 'eq', '1')],
  [
    'a eq 1 or b eq 2 and c eq 3',
    {
      kind: 'and',
      parts: [
        { kind: 'or', parts: [comparison('a', 'eq', '1'), comparison('b', 'eq', '2')] },
        comparison('c', 'eq', '3'),
      ],
    },
  ],
  [
    'a eq 1 or (b eq 2 and c eq 3)',
    {
      kind: 'or',
      parts: [
        comparison('a', 'eq', '1'),
        { kind: 'and', parts: [comparison('b', 'eq', '2'), comparison('c', 'eq', '3')] },
      ],
    },
  ],
])('%s is read', (text, expression) => expect(parseExpression(text)).toEqual(expression))

test.each([
  ['', 'the name of a search parameter at the end'],
  ['gender', 'an operator at the end'],
  ['gender is male', 'an operator (eq, ne'],
  ['gender eq', 'a value at the end'],
  ['gender eq )', 'a value at character'],
  ['gender eq male )', '"and", "or" or the end'],
  ['(gender eq male', '")" at the end'],
  ['gender eq male family eq x', '"and", "or" or the end'],
  ['gender eq male and', 'the name of a search parameter at the end'],
  ['"gender" eq male', 'the name of a search parameter at character 0'],
  ['name co "pet', 'a quote is not closed'],
  ['related[type eq x].target pr false', 'the name of a search parameter'],
  [`${'('.repeat(50)}a eq 1${')'.repeat(50)}`, 'more than 20 brackets'],
  [Array(102).fill('a eq 1').join(' or '), 'more than 100 comparisons'],
])('%s is refused, and it says what was expected', (text, diagnostics) => {
  expect(() => parseExpression(text)).toThrow(diagnostics)
  expect(issueOf(() => parseExpression(text))).toMatchObject({ code: 'value', expression: ['_filter'] })
})

test.each([
  ['colour eq red', 'value'],
  ['gender.name eq red', 'value'],
  ['general-practitioner.colour eq red', 'value'],
  ['gender co "ma"', 'not-supported'],
  ['family gt "A"', 'not-supported'],
  ['birthdate sw 19', 'not-supported'],
  ['active pr yes', 'value'],
])('%s means nothing for a Patient', (text, code) => {
  expect(issueOf(() => parseFilterExpression(definitions, 'Patient', text))).toMatchObject({ code })
})

function issueOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  return undefined
}

const comparisons: fc.Arbitrary<Expression> = fc.record({
  kind: fc.constant('comparison' as const),
  path: fc.array(fc.constantFrom('name', 'not', 'value-quantity', 'subject:Patient', '_id'), {
    minLength: 1,
    maxLength: 3,
  }),
  operator: fc.constantFrom(...OPERATORS),
  value: fc.string({ unit: 'binary', maxLength: 12 }),
})
const { expressions } = fc.letrec<{ expressions: Expression }>((tie) => ({
  expressions: fc.oneof(
    { depthSize: 'small' },
    comparisons,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('expressions'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), part: tie('expressions') }),
  ),
}))

/** With brackets around every part, so that what is read has the very shape of what was written. */
function write(expression: Expression): string {
  switch (expression.kind) {
    case 'comparison':
      return `${expression.path.join('.')} ${expression.operator} "${expression.value.replace(/[\\"]/g, '\\$&')}"`
    case 'not':
      return `not (${write(expression.part)})`
    default:
      return expression.parts.map((part) => `(${write(part)})`).join(` ${expression.kind} `)
  }
}

/** `(a and b) and c` is `a and b and c`: brackets that change nothing are not kept. */
function flat(expression: Expression): Expression {
  if (expression.kind === 'comparison') return expression
  if (expression.kind === 'not') return { kind: 'not', part: flat(expression.part) }
  const [first, ...rest] = expression.parts.map(flat)
  const { kind } = expression
  return { kind, parts: first?.kind === kind ? [...first.parts, ...rest] : first ? [first, ...rest] : rest }
}

test('what is written is read again', () => {
  fc.assert(
    fc.property(expressions, (expression) => {
      expect(parseExpression(write(expression))).toEqual(flat(expression))
    }),
    { numRuns: 500 },
  )
})

test('whatever is sent is read or refused', () => {
  const pieces = fc.constantFrom(
    '(',
    ')',
    'not',
    'and',
    'or',
    'eq',
    'co',
    'name',
    'gender',
    '"x"',
    '"',
    '\\',
    ' ',
    'pr',
    'true',
  )
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 20 }).map((words) => words.join(' ')),
  )
  fc.assert(
    fc.property(noise, (text) => void issueOf(() => parseFilterExpression(definitions, 'Patient', text))),
    {
      numRuns: 1000,
    },
  )
})
