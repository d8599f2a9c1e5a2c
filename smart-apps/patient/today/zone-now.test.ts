import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import { type Entry, type PhoneVerdict, toEntries } from '../sending/entry.ts'
import { zoneNow } from './zone-now.ts'

const NOW = new Date('2026-03-04T12:00:00Z')
const RECORD = { observations: [], answers: [], triages: [] }

function measured(id: string, at: string, zone: PhoneVerdict['zone'], state: Entry['state'] = 'waiting'): Entry[] {
  const resource: Observation = {
    ...{ resourceType: 'Observation', status: 'final', effectiveDateTime: at },
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  }
  const verdict = { zone, reason: { nb: 'lav', nn: 'låg', en: 'low' }, at }
  return toEntries([{ id, resource, verdict }], new Date(at)).map((entry) => ({ ...entry, state }))
}

test('what the server refused stays red on the phone, and it is known that the team has not got it', () => {
  const entries = measured('a', '2026-03-04T11:00:00Z', 'red', 'refused')
  expect(zoneNow({ record: RECORD, entries, now: NOW }, 'nb')).toMatchObject({
    own: { zone: 'red', verdict: { reason: 'lav' } },
    knownBy: 'nobodyElse',
  })
})

test('a later one of the same kind takes the place of a refused one', () => {
  const entries = [
    ...measured('a', '2026-03-04T10:00:00Z', 'red', 'refused'),
    ...measured('b', '2026-03-04T11:00:00Z', 'green'),
  ]
  expect(zoneNow({ record: RECORD, entries, now: NOW }, 'nb')).toMatchObject({
    ...{ own: { zone: 'green' }, knownBy: 'phone' },
  })
})
