import { expect, test } from '@jest/globals'
import { nextOfPictures, nextToSend, type Saving, toEntries } from './entry.ts'

const ENTRIES = toEntries(
  ['a', 'b'].map((id) => ({
    id,
    resource: { resourceType: 'Observation' as const, status: 'final' as const, code: {} },
  })),
  new Date(),
)

test.each([
  [0, 'a'],
  [2, 'a'],
  [3, 'b'],
  [100, 'b'],
])('after %i failures of the oldest, %s is sent next', (count, id) => {
  expect(nextToSend(ENTRIES, new Map([['a', count]]))?.id).toBe(id)
})

test('where both fail, both are tried in turn', () => {
  const failures = new Map<string, number>()
  const tried = Array.from({ length: 12 }, () => {
    const { id = '' } = nextToSend(ENTRIES, failures) ?? {}
    failures.set(id, (failures.get(id) ?? 0) + 1)
    return id
  }).join('')
  expect(tried).toBe('aaabbbaaabbb')
})

const PICTURE: Saving[] = [
  {
    id: 'media',
    resource: { ...{ resourceType: 'Media', status: 'completed', subject: {} }, content: { data: 'AAAA' } },
  },
  {
    id: 'its message',
    resource: {
      ...{ resourceType: 'Communication', status: 'completed' },
      payload: [{ contentReference: { type: 'Media', identifier: { value: 'media' } } }],
    },
  },
]

test('whatever was saved after a picture is sent before it, and before its message', () => {
  const message: Saving = { id: 'words', resource: { resourceType: 'Communication', status: 'completed' } }
  const waiting = toEntries([...PICTURE, message], new Date())
  expect([nextToSend(waiting, new Map())?.id, nextOfPictures(waiting, new Map())]).toEqual(['words', undefined])
  const rest = waiting.slice(0, 2)
  expect([nextToSend(rest, new Map()), nextOfPictures(rest, new Map())?.id]).toEqual([undefined, 'media'])
  expect(nextOfPictures(rest.slice(1), new Map())?.id).toBe('its message')
})

test.each([
  [2, undefined],
  [3, 'media'],
])('after %i failures of a measurement the picture that is sent is %s', (count, id) => {
  const waiting = [...ENTRIES.slice(0, 1), ...toEntries(PICTURE, new Date())]
  expect(nextOfPictures(waiting, new Map([['a', count]]))?.id).toBe(id)
})
