import { compileFhirPath } from './evaluate.ts'

const observation = (effectiveDateTime: string) => ({ resourceType: 'Observation', status: 'final', effectiveDateTime })

test('now() and today() say what the caller says', () => {
  const recent = compileFhirPath('effective >= now() - 24 hours')
  const now = new Date('2026-03-05T12:00:00Z')
  expect(recent(observation('2026-03-04T13:00:00+01:00'), {}, now)).toEqual([true])
  expect(recent(observation('2026-03-04T12:59:59+01:00'), {}, now)).toEqual([false])
  expect(compileFhirPath('today()')({}, {}, now)).toEqual(['2026-03-05'])
  expect(recent(observation('2026-03-04T13:00:00+01:00'), {})).toEqual([false])
})

test('an expression is compiled once', () => {
  expect(compileFhirPath('status')).toBe(compileFhirPath('status'))
  expect(compileFhirPath('status', 'Observation')).not.toBe(compileFhirPath('status'))
})

test('a part of a resource is evaluated with the types that it has in the whole', () => {
  const later = compileFhirPath('start <= end', 'Period')
  expect(later({ start: '2024-01-02', end: '2024-01-01T10:00:00Z' }, {})).toEqual([false])
  expect(compileFhirPath('answer is boolean', 'Questionnaire.item.enableWhen')({ answerBoolean: true }, {})).toEqual([
    true,
  ])
})

test('date and quantity arithmetic is that of the calendar and of UCUM', () => {
  expect(compileFhirPath("1 'kg' = 1000 'g'")({}, {})).toEqual([true])
  expect(compileFhirPath('@2026-01-31 + 1 month = @2026-02-28')({}, {})).toEqual([true])
})

test.each([
  ['status.(', 'line: 1'],
  ['%unknown', 'unknown'],
  ['subject.resolve()', 'resolve() is not available'],
  ["code.memberOf('http://example.org/vs')", 'memberOf() is not available'],
])('%s throws an Error that says %s', (expression, words) => {
  const resource = { ...observation('2024-01-01'), subject: { reference: 'Patient/a' }, code: { text: 'x' } }
  const work = () => compileFhirPath(expression)(resource, {})
  expect(work).toThrow(Error)
  expect(work).toThrow(words)
})

test('a frozen resource is not touched', () => {
  const resource = Object.freeze({ ...observation('2024-01-01'), code: Object.freeze({ text: 'x' }) })
  expect(compileFhirPath('code.text')(resource, {})).toEqual(['x'])
})
