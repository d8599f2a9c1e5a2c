import { describe, expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import { KINDS, type Kind, kindOfCodes } from './kinds.ts'
import { lastInWords, lastTyped, numberIn, toObservations, troublesOf, unlikelyIn } from './reading.ts'

const kind = (name: string): Kind => KINDS.find((one) => one.name === name) as Kind
const AT = new Date('2026-11-23T07:12:00Z')

test.each([
  ['93', 93],
  [' 37,8 ', 37.8],
  ['37.8', 37.8],
  ['', undefined],
  ['9o', undefined],
  ['-4', undefined],
  ['1e3', undefined],
  ['37,8,1', undefined],
])('"%s" is the number %s', (text, value) => expect(numberIn(text)).toBe(value))

test.each([
  ['oximeter', { spo2: '93' }, {}],
  ['oximeter', { spo2: '' }, { spo2: 'missing' }],
  ['oximeter', { spo2: '109', pulse: '72' }, { spo2: 'impossible' }],
  ['oximeter', { spo2: '93', pulse: 'x' }, { pulse: 'notANumber' }],
  ['pressure', { systolic: '142', diastolic: '88' }, {}],
  ['pressure', { systolic: '88', diastolic: '142' }, { diastolic: 'lowerIsHigher' }],
  ['temperature', { temperature: '378' }, { temperature: 'impossible' }],
] as const)('%s with %j: %j', (name, typed, troubles) => expect(troublesOf(kind(name), typed)).toEqual(troubles))

test.each([
  ['oximeter', { spo2: '93' }, {}, []],
  ['oximeter', { spo2: '60' }, {}, ['spo2']],
  ['weight', { weight: '70' }, { weight: '68,4' }, []],
  ['weight', { weight: '86,4' }, { weight: '68,4' }, ['weight']],
] as const)('%s with %j after %j is asked about: %j', (name, typed, last, names) => {
  expect(unlikelyIn(kind(name), typed, last).map((field) => field.name)).toEqual(names)
})

describe('what is typed becomes', () => {
  const reading = { at: AT, patient: '7', about: 'ServiceRequest/3' }
  test('one Observation for each thing, and only what was asked for answers the request', () => {
    const [spo2, pulse, ...others] = toObservations({
      ...reading,
      ...{ kind: kind('oximeter'), typed: { spo2: '93', pulse: '72' }, note: 'Etter trappen' },
    })
    expect(others).toEqual([])
    expect(spo2).toMatchObject({
      meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/home-spo2'] },
      basedOn: [{ reference: 'ServiceRequest/3' }],
      effectiveDateTime: '2026-11-23T07:12:00.000Z',
      valueQuantity: { value: 93, code: '%' },
      note: [{ text: 'Etter trappen' }],
      method: { coding: [{ code: 'read-and-typed' }] },
    })
    expect(pulse).toMatchObject({ valueQuantity: { value: 72, code: '/min' } })
    expect(pulse).not.toHaveProperty('basedOn')
  })
  test('one Observation of two pressures, and the pulse beside it', () => {
    const made = toObservations({
      ...reading,
      ...{ kind: kind('pressure'), typed: { systolic: '142', diastolic: '88', pulse: '70' } },
    })
    expect(made.map(({ component }) => component?.map(({ valueQuantity }) => valueQuantity?.value))).toEqual([
      [142, 88],
      undefined,
    ])
  })
  test('one that says how sure it is, and by what it was measured', () => {
    const device = { resourceType: 'Device' as const, id: 'scale', type: { coding: [{ code: '19892000' }] } }
    const [weight] = toObservations({
      ...reading,
      ...{ kind: kind('weight'), typed: { weight: '68,4' }, devices: [device], quality: 'unsure' },
    })
    expect(weight).toMatchObject({ device: { reference: 'Device/scale' }, valueQuantity: { value: 68.4 } })
    expect(JSON.stringify(weight?.extension)).toContain('unsure')
  })
})

test('what was measured last is shown as it would be typed', () => {
  const [older] = toObservations({ kind: kind('weight'), typed: { weight: '68,4' }, at: AT, patient: '7' })
  expect(lastTyped(kind('weight'), older ? [older] : [], 'nb')).toEqual({ weight: '68,4' })
  expect(lastTyped(kind('pressure'), [], 'nb')).toEqual({})
})

test('what was measured last is told where all that must be read is known, without what came at another time', () => {
  const of = (code: string, value: number): Observation => ({
    ...{ resourceType: 'Observation', status: 'final', code: { coding: [{ code }] } },
    valueQuantity: { value },
  })
  const pulse = of('8867-4', 74)
  expect(lastInWords(kind('pressure'), [pulse], 'nb')).toBe('')
  expect(lastInWords(kind('pulse'), [pulse], 'nb')).toBe('74 /min'.replace(' ', '\u00a0'))
  expect(lastInWords(kind('oximeter'), [of('59408-5', 84), pulse], 'nb')).toBe('84\u00a0%')
})

test.each([
  [['431314004', '59408-5'], 'oximeter'],
  [['85354-9'], 'pressure'],
  [['unknown'], undefined],
])('a request for %j is measured by %s', (codes, name) => expect(kindOfCodes(codes)?.name).toBe(name))
