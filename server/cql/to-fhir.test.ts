import cql from 'cql-execution'
import { toFhir } from './to-fhir.ts'

const code = new cql.Code('c', 'http://s', '1', 'C')
const at = cql.DateTime.parse('2026-03-05T12:00:00.000+00:00')

test.each([
  ['null is nothing', null, []],
  ['a list is its items, without null', [1, null, 2], [1, 2]],
  ['a boolean', false, [false]],
  ['a date', cql.Date.parse('2026-03-05'), ['2026-03-05']],
  ['a Code is a Coding', code, [{ system: 'http://s', version: '1', code: 'c', display: 'C' }]],
  [
    'a Concept is a CodeableConcept',
    new cql.Concept([code], 'Text'),
    [{ coding: [{ system: 'http://s', version: '1', code: 'c', display: 'C' }], text: 'Text' }],
  ],
  [
    'a Quantity is one of UCUM',
    new cql.Quantity(5, 'mg'),
    [{ value: 5, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' }],
  ],
  ['an interval of times is a Period', new cql.Interval(at, null, true, true), [{ start: at?.toString() }]],
  [
    'an interval of numbers is a Range',
    new cql.Interval(1, 2, true, true),
    [{ low: { value: 1 }, high: { value: 2 } }],
  ],
  ['a tuple is an object of what it has', { coding: [code], text: null }, [{ coding: toFhir(code) }]],
])('%s', (_name, value, expected) => {
  expect(toFhir(value)).toEqual(expected)
})
