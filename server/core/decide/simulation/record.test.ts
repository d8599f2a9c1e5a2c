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
