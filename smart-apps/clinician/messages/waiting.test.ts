import { expect, test } from '@jest/globals'
import type { HealthcareService } from '@medplum/fhirtypes'
import type { StoredMessage } from '../../fhir/thread.ts'
import { waitingThreads } from './waiting.ts'

const message = (id: string, sent: string, sender: string, given: Partial<StoredMessage> = {}): StoredMessage => ({
  ...{ resourceType: 'Communication', id, status: 'completed', subject: { reference: 'Patient/line' }, sent },
  ...{ sender: { reference: sender }, payload: [{ contentString: id }] },
  ...given,
})
const waiting = (...all: StoredMessage[]) => waitingThreads(all, new Map(), () => undefined, [])
const CALL = { medium: [{ coding: [{ code: 'PHONE' }] }] }

test('who has written since the team last did waits, from the first of it on; the longest first', () => {
  const found = waiting(
    message('Takk', '2026-11-20T08:00:00Z', 'Practitioner/kari'),
    message('Måleren er tom', '2026-11-20T09:00:00Z', 'Patient/line', { received: '2026-11-20T10:00:00Z' }),
    message('Hallo?', '2026-11-21T09:00:00Z', 'RelatedPerson/mari'),
    message('Svimmel', '2026-11-19T09:00:00Z', 'Patient/arne', { subject: { reference: 'Patient/arne' } }),
  )
  expect(found.map(({ patient, count, text, isSeen }) => [patient, count, text, isSeen])).toEqual([
    ['arne', 1, 'Svimmel', false],
    ['line', 2, 'Måleren er tom Hallo?', false],
  ])
  expect(found[1]?.since.toISOString()).toBe('2026-11-20T09:00:00.000Z')
})

test('what is asked for beside an answer stands with it, once for each', () => {
  const about = (code: string, system = 'http://fylgje.no/fhir/CodeSystem/patient-app') => ({
    category: [{ coding: [{ system, code }] }],
  })
  const found = waiting(
    message('Time?', '2026-11-20T09:00:00Z', 'Patient/line', about('appointment-wish')),
    message('Snart?', '2026-11-20T10:00:00Z', 'Patient/line', about('appointment-wish')),
    message('Bra app', '2026-11-20T11:00:00Z', 'Patient/line', about('feedback')),
    message('Hei', '2026-11-20T12:00:00Z', 'Patient/line', about('start-app')),
    message('Hallo', '2026-11-20T13:00:00Z', 'Patient/line', about('medication-review', 'http://other')),
  )
  expect(found.map(({ subjects, count }) => [subjects, count])).toEqual([[['appointment-wish', 'feedback'], 5]])
})

test('a message or a call in which somebody was reached answers; one that nobody took does not', () => {
  const asked = message('Svimmel', '2026-11-19T09:00:00Z', 'Patient/line')
  expect(waiting(asked, message('Hvil', '2026-11-19T10:00:00Z', 'Practitioner/kari'))).toEqual([])
  expect(waiting(asked, message('Ringt', '2026-11-19T10:00:00Z', 'Practitioner/kari', CALL))).toEqual([])
  const missed = message('Ringt', '2026-11-19T10:00:00Z', 'Practitioner/kari', { ...CALL, status: 'not-done' })
  expect(waiting(asked, missed)).toHaveLength(1)
})

test('until when an answer is expected goes by the hours of the team that was written to', () => {
  const services: HealthcareService[] = [
    {
      ...{ resourceType: 'HealthcareService', id: '1', providedBy: { reference: 'Organization/o' } },
      availableTime: [{ daysOfWeek: ['thu', 'fri'], availableStartTime: '10:00:00', availableEndTime: '12:00:00' }],
    },
  ]
  const to = (reference: string) => [
    message('Hei', '2026-11-23T09:00:00Z', 'Patient/line', { recipient: [{ reference }] }),
  ]
  const due = (reference: string) =>
    waitingThreads(to(reference), new Map(), () => undefined, services)[0]?.due.toISOString()
  expect([due('Organization/o'), due('CareTeam/unknown')]).toEqual([
    '2026-11-26T11:00:00.000Z',
    '2026-11-24T14:00:00.000Z',
  ])
})
