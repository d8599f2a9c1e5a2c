import { expect, test } from '@jest/globals'
import type { Saving } from '../sending/entry.ts'
import type { Outbox } from '../sending/outbox.ts'
import { saveAndJudge } from './judge-saved.ts'

const MEASURED: Saving = { id: 'spo2', resource: { resourceType: 'Observation', status: 'final', code: {} } }
const PICTURE: Saving[] = [
  { id: 'media', resource: { resourceType: 'Media', status: 'completed', content: { data: 'AAAA' } } },
  {
    id: 'its message',
    resource: {
      ...{ resourceType: 'Communication', status: 'completed' },
      payload: [{ contentReference: { type: 'Media', identifier: { value: 'media' } } }],
    },
  },
]

/** A phone with room for so many entries at once. */
const phone = (room: number) => {
  const kept: string[] = []
  const add = async (made: readonly Saving[]) => {
    if (made.length > room) throw new DOMException('The phone is full.', 'QuotaExceededError')
    kept.push(...made.map(({ id }) => id))
    return []
  }
  return { outbox: { add } as unknown as Outbox, kept }
}

test('where there is room the measurement is kept with its picture', async () => {
  const { outbox, kept } = phone(3)
  expect(await saveAndJudge(outbox, undefined, [MEASURED, ...PICTURE])).toMatchObject({ isPictureLost: false })
  expect(kept).toEqual(['spo2', 'media', 'its message'])
})

test('on a full phone the measurement is kept without its picture, and that is told', async () => {
  const { outbox, kept } = phone(1)
  expect(await saveAndJudge(outbox, undefined, [MEASURED, ...PICTURE])).toMatchObject({ isPictureLost: true })
  expect(kept).toEqual(['spo2'])
})

test.each([[[MEASURED]], [[MEASURED, ...PICTURE]]])(
  'where there is no room at all that is told: %#',
  async (savings) => {
    const { outbox, kept } = phone(0)
    await expect(saveAndJudge(outbox, undefined, savings)).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect(kept).toEqual([])
  },
)
