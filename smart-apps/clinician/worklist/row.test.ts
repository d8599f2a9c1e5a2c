import { describe, expect, test } from '@jest/globals'
import type { Patient, Task } from '@medplum/fhirtypes'
import { SNOOZE, TASK_CODE, TRIAGE_COLOUR } from '../../../server/core/decide/plan/vocabulary.ts'
import { byUrgency, kindOf, reasonOf, type StoredTask, toGroups, toRow, withNames } from './row.ts'

const LINE: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'line',
  name: [{ use: 'official', given: ['Line'], family: 'Danser' }],
  birthDate: '1969-11-13',
  managingOrganization: { reference: 'Organization/fjordvik', display: 'Fjordvik kommune' },
}
const PATIENTS = new Map([['Patient/line', LINE]])

function task(rest: Partial<Task> & { zone?: string } = {}): StoredTask {
  const { zone, ...others } = rest
  return {
    resourceType: 'Task',
    id: 'a',
    meta: { versionId: '3' },
    status: 'requested',
    intent: 'order',
    priority: 'routine',
    authoredOn: '2026-11-23T08:00:00Z',
    for: { reference: 'Patient/line', display: 'Line' },
    owner: { reference: 'CareTeam/senter', display: 'Responssenteret' },
    ...(zone ? { businessStatus: { coding: [{ system: TRIAGE_COLOUR, code: zone }] } } : {}),
    ...others,
  }
}
const row = (rest: Parameters<typeof task>[0] = {}) => toRow(task(rest), PATIENTS)

test('a row says who, in full, of which team and unit, and that nobody has it', () => {
  expect(row({ zone: 'red', instantiatesCanonical: 'http://x.no/PlanDefinition/copd|1.0.0' })).toMatchObject({
    ...{ zone: 'red', patientId: 'line', patientName: 'Line Danser', versionId: '3', pathway: 'copd' },
    ...{ team: 'CareTeam/senter', teamName: 'Responssenteret', unit: 'Organization/fjordvik', isOpen: true },
  })
  expect(row()).not.toHaveProperty('takenBy')
})

test('whose Patient we do not see is called what the Task calls them, without an age', () => {
  const unseen = toRow(task(), new Map())
  expect([unseen.patientName, unseen.age]).toEqual(['Line', undefined])
})

test('what somebody has taken keeps the queue that it came from', () => {
  const queue = {
    url: 'http://fylgje.no/fhir/StructureDefinition/queue',
    valueReference: { reference: 'CareTeam/senter' },
  }
  const taken = row({
    status: 'accepted',
    owner: { reference: 'Practitioner/kari', display: 'Kari' },
    extension: [queue],
  })
  expect(taken).toMatchObject({ takenBy: 'Practitioner/kari', takenByName: 'Kari', team: 'CareTeam/senter' })
})

test.each([
  [{ zone: 'green', priority: 'stat' }, 'green'],
  [{ priority: 'stat' }, 'red'],
  [{ priority: 'urgent' }, 'yellow'],
  [{ priority: 'routine' }, 'grey'],
  [{ zone: 'purple', priority: 'asap' }, 'red'],
] as const)('%j is in the zone %s', (rest, zone) => expect(row(rest).zone).toBe(zone))

test('what is put aside says until when; what is on hold for another reason does not', () => {
  const until = { url: SNOOZE, extension: [{ url: 'until', valueInstant: '2026-11-25T08:00:00Z' }] }
  expect(row({ status: 'on-hold', extension: [until] }).snoozedUntil).toEqual(new Date('2026-11-25T08:00:00Z'))
  expect(row({ status: 'requested', extension: [until] }).snoozedUntil).toBeUndefined()
  expect(row({ status: 'on-hold' }).snoozedUntil).toBeUndefined()
})

describe('the order', () => {
  const end = (at: string) => ({ restriction: { period: { end: at } } })
  test('is red before yellow before what is missing before green; then by deadline, passed ones first; then by age', () => {
    const rows = [
      row({ id: 'green', zone: 'green' }),
      row({ id: 'late-yellow', zone: 'yellow', ...end('2026-11-22T08:00:00Z') }),
      row({ id: 'red-later', zone: 'red', ...end('2026-11-23T09:30:00Z') }),
      row({ id: 'red-none', zone: 'red' }),
      row({ id: 'red-soon', zone: 'red', ...end('2026-11-23T09:00:00Z') }),
      row({ id: 'grey', zone: 'grey' }),
      row({ id: 'yellow-old', zone: 'yellow', authoredOn: '2026-11-20T08:00:00Z' }),
      row({ id: 'yellow-new', zone: 'yellow' }),
    ]
    expect(rows.sort(byUrgency).map(({ id }) => id)).toEqual([
      ...['red-soon', 'red-later', 'red-none', 'late-yellow', 'yellow-old', 'yellow-new', 'grey', 'green'],
    ])
  })
  test('folds all of one patient into the most urgent, and what is about nobody stands alone', () => {
    const rows = [
      row({ id: '1' }),
      row({ id: '2', for: { reference: 'Patient/other' } }),
      row({ id: '3' }),
      row({ id: '4', for: { reference: 'Group/7' } }),
      row({ id: '5', for: undefined }),
    ]
    expect(toGroups(rows).map(({ first, more }) => [first.id, more.map(({ id }) => id)])).toEqual([
      ['1', ['3']],
      ['2', []],
      ['4', []],
      ['5', []],
    ])
  })
})

test('why is said in the language of the reader, with the unit on the line of its number', () => {
  const said = (lang: string, content: string) => ({
    url: 'http://hl7.org/fhir/StructureDefinition/translation',
    extension: [
      { url: 'lang', valueCode: lang },
      { url: 'content', valueString: content },
    ],
  })
  const reasonCode = { text: 'SpO2 87 %, rød grense', _text: { extension: [said('en', 'SpO2 87 %, red limit')] } }
  const told = task({ reasonCode })
  expect(reasonOf(told, 'en')).toEqual({ text: 'SpO2 87\u00a0%, red limit', lang: 'en' })
  expect(reasonOf(told, 'nn')).toEqual({ text: 'SpO2 87\u00a0%, rød grense', lang: 'nb' })
  const code = { coding: [{ system: TASK_CODE, code: 'missing-measurement' }] }
  expect(reasonOf(task({ code }), 'nn')).toEqual({ text: 'Finn ut kvifor måling manglar', lang: 'nn' })
  expect(kindOf(task({ code: { text: 'Ring' } }), 'nb')).toBe('Ring')
})

test('a team that a Task names by reference alone is called what other Tasks call it; an unknown one by its reference', () => {
  const rows = [
    row(),
    row({ owner: { reference: 'CareTeam/senter' } }),
    row({ owner: { reference: 'CareTeam/other' } }),
  ]
  expect(withNames(rows).map(({ teamName }) => teamName)).toEqual([
    ...['Responssenteret', 'Responssenteret', 'CareTeam/other'],
  ])
})

test('who is asked and has not taken it is told by name, and a question is known as one', () => {
  const question = row({
    code: { coding: [{ system: TASK_CODE, code: 'handover' }] },
    owner: { reference: 'Practitioner/7' },
  })
  expect(question).toMatchObject({ askedOf: 'Practitioner/7', isQuestion: true })
  expect(question).not.toHaveProperty('team')
  expect(question).not.toHaveProperty('takenBy')
  expect(withNames([question], new Map([['Practitioner/7', 'Amina Morgendugg']]))[0]?.askedOfName).toBe(
    'Amina Morgendugg',
  )
  expect(row()).toMatchObject({ isQuestion: false })
  expect(row()).not.toHaveProperty('askedOf')
})
