import { expect, test } from '@jest/globals'
import type { Resource } from '../../fhir/resource.ts'
import { PatientRecord } from './record.ts'

const measured = (id: string, hour: number) =>
  ({
    resourceType: 'Observation',
    id,
    effectiveDateTime: `2026-11-10T${String(hour).padStart(2, '0')}:00:00Z`,
  }) as unknown as Resource

test('what is looked back at comes in the order in which it came, also after something was removed', () => {
  const record = new PatientRecord()
  for (const [id, hour] of [['a', 1] as const, ['b', 2] as const, ['c', 3] as const]) record.put(measured(id, hour))
  record.remove('Observation', 'a')
  record.put(measured('d', 4))
  const found = record.recent([{ type: 'Observation' }], new Date('2026-11-10T12:00:00Z'))
  expect(found.map(({ id }) => id)).toEqual(['b', 'c', 'd'])
})

test('a corrected version keeps the place of the first', () => {
  const record = new PatientRecord()
  record.put(measured('a', 1))
  record.put(measured('b', 2))
  expect(record.put(measured('a', 3))).toMatchObject({ effectiveDateTime: '2026-11-10T01:00:00Z' })
  const found = record.recent([{ type: 'Observation' }], new Date('2026-11-10T12:00:00Z'))
  expect(found.map(({ id }) => id)).toEqual(['a', 'b'])
})

test('a code that is asked for without a system is one of any system', () => {
  const record = new PatientRecord()
  const coded = (id: string, coding: object) => ({ ...measured(id, 1), code: { coding: [coding] } })
  record.put(coded('loinc', { system: 'http://loinc.org', code: '8867-4' }))
  record.put(coded('bare', { code: '8867-4' }))
  record.put(coded('other', { system: 'http://loinc.org', code: '59408-5' }))
  const asked = (coding: object) =>
    record
      .recent(
        [{ type: 'Observation', codeFilter: [{ path: 'code', code: [coding] }] }],
        new Date('2026-11-10T12:00:00Z'),
      )
      .map(({ id }) => id)
  expect(asked({ code: '8867-4' })).toEqual(['loinc', 'bare'])
  expect(asked({ system: 'http://loinc.org', code: '8867-4' })).toEqual(['loinc'])
})
