import { expect, test } from '@jest/globals'
import type { Device } from '@medplum/fhirtypes'
import type { Received } from '../device/receive.ts'
import { isAsSent, momentKept, toFetched } from './from-device.ts'
import { findKind, type Kind } from './kinds.ts'
import { toObservations } from './reading.ts'

const OXIMETER = findKind('oximeter') as Kind
const ARRIVED = new Date('2026-03-04T06:12:30Z')
const received = (changes: Partial<Received['reading']> = {}): Received => ({
  reading: { values: { spo2: 84, pulse: 102 }, disturbances: [], ...changes },
  ...{ count: 1, arrivedAt: ARRIVED, device: { id: 'x', name: 'PO-1' }, madeAs: 'Acme PO-1' },
})

test('what came just now stands in the fields as it would be typed, at now', () => {
  const fetched = toFetched(OXIMETER, received(), 'nb')
  expect(fetched).toMatchObject({ typed: { spo2: '84', pulse: '102' }, when: { isNow: true }, isLongAgo: false })
  expect(momentKept(fetched, fetched.when)).toEqual(ARRIVED)
  expect(momentKept(fetched, { isNow: true })).toBeUndefined()
})

test('what is some hours old stands at its time; what is years old at now, and is asked about', () => {
  const at = (date: string) => received({ stampedAt: { date, minuteOfDay: 200, second: 5 } })
  expect(toFetched(OXIMETER, at('2026-03-04'), 'nb').when).toEqual({ isNow: false, date: '2026-03-04', time: '03:20' })
  const never = toFetched(OXIMETER, at('2011-01-01'), 'nb')
  expect(never).toMatchObject({ when: { isNow: true }, isLongAgo: true, measured: { how: 'ask' } })
  expect(momentKept(never, never.when)).toBeUndefined()
})

test('a number that somebody changed was typed by them', () => {
  const fetched = toFetched(OXIMETER, received(), 'nb')
  expect(isAsSent(fetched, fetched.typed, OXIMETER)).toBe(true)
  expect(isAsSent(fetched, { ...fetched.typed, spo2: '94' }, OXIMETER)).toBe(false)
  expect(isAsSent(fetched, { ...fetched.typed, pulse: '' }, OXIMETER)).toBe(false)
})

test.each([
  ['of another name', 'Pulsoksymeter', { display: 'Acme PO-1' }],
  ['of the same name', 'PO-1', { reference: 'Device/7' }],
])('what a device sent says so, and by which: the one in the record %s', (_, name, device) => {
  const known: Device = {
    ...{ resourceType: 'Device', id: '7', deviceName: [{ name, type: 'user-friendly-name' }] },
    type: { coding: [{ code: '448703006' }] },
  }
  const [spo2] = toObservations({
    ...{ kind: OXIMETER, typed: { spo2: '84' }, at: ARRIVED, patient: '7', devices: [known] },
    ...{ sentBy: { name: 'Acme PO-1' }, quality: 'disturbed' },
  })
  expect(spo2).toMatchObject({ method: { coding: [{ code: 'device' }] }, device })
  expect(JSON.stringify(spo2?.extension)).toContain('"disturbed"')
})
