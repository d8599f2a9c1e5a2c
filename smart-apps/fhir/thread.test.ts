import { expect, test } from '@jest/globals'
import { asRead, type StoredMessage, toThread, unreadOf } from './thread.ts'

const message = (id: string, given: Partial<StoredMessage>): StoredMessage => ({
  ...{ resourceType: 'Communication', id, status: 'completed', payload: [{ contentString: id }] },
  ...given,
})
const OF_PATIENT = { sender: { reference: 'Patient/line' } }

test('a thread is what was written, oldest first; calls and what was not sent are no part of it', () => {
  const thread = toThread(
    [
      message('b', { ...OF_PATIENT, sent: '2026-11-23T09:00:00Z' }),
      message('a', { sent: '2026-11-23T08:00:00Z', sender: { reference: 'Practitioner/kari', display: 'Kari' } }),
      message('call', { sent: '2026-11-23T08:30:00Z', medium: [{ coding: [{ code: 'PHONE' }] }] }),
      message('stopped', { sent: '2026-11-23T08:30:00Z', status: 'stopped' }),
      message('empty', { sent: '2026-11-23T08:30:00Z', payload: [] }),
    ],
    'line',
  )
  expect(thread.map(({ id, from, by }) => [id, from, by])).toEqual([
    ['a', 'team', 'Kari'],
    ['b', 'patient', undefined],
  ])
})

test('unread is what the patient or their family wrote and nobody has seen; read, it says when', () => {
  const thread = toThread(
    [
      message('new', { ...OF_PATIENT, sent: '2026-11-23T09:00:00Z' }),
      message('kin', { sender: { reference: 'RelatedPerson/1' }, sent: '2026-11-23T09:10:00Z' }),
      message('seen', { ...OF_PATIENT, sent: '2026-11-23T08:00:00Z', received: '2026-11-23T08:10:00Z' }),
      message('ours', { sender: { reference: 'Practitioner/kari' }, sent: '2026-11-23T09:00:00Z' }),
    ],
    'line',
  )
  const unread = unreadOf(thread)
  expect(unread.map(({ id }) => id)).toEqual(['new', 'kin'])
  expect(unread[0] && asRead(unread[0], new Date('2026-11-23T10:00:00Z'))).toMatchObject({
    id: 'new',
    received: '2026-11-23T10:00:00.000Z',
  })
})
