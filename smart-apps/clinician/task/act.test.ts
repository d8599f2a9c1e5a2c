import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import { TRIAGE_COLOUR } from '../../../server/core/decide/plan/vocabulary.ts'
import type { StoredTask } from '../worklist/row.ts'
import { type About, asked, callNoted, closed, closingOf, invalidated, onTopOf } from './act.ts'
import { type Draft, EMPTY_DRAFT, faultOf } from './form-of-act.ts'
import { suggestedAct } from './suggestion.ts'
import { differences } from './task-versions.ts'
import { untilOf } from './until.ts'

const NOW = new Date('2026-11-23T08:00:00Z')
const KARI = { reference: 'Practitioner/kari', display: 'Kari Nordlys' }
const task = (given: Partial<StoredTask> = {}): StoredTask => ({
  ...{
    resourceType: 'Task',
    id: '7',
    meta: { versionId: '3' },
    status: 'accepted',
    intent: 'order',
    priority: 'urgent',
  },
  ...{ owner: KARI, for: { reference: 'Patient/line' }, basedOn: [{ reference: 'CarePlan/1' }] },
  ...given,
})
const ABOUT: About = { act: 'x', now: NOW, patient: 'line', doer: KARI, task: task() }
const CLOSING = {
  ...{
    outcome: 'advised' as const,
    note: 'Hviler.',
    at: NOW.toISOString(),
    doer: KARI,
  },
  isDeterioration: true,
}

test('what is made has a name by which it is found instead of made again', () => {
  const { resource, request } = callNoted(ABOUT, { text: 'Svarte.', isReached: true })
  expect(resource).toMatchObject({
    status: 'completed',
    identifier: [{ value: 'x.call' }],
    about: [{ reference: 'Task/7' }],
  })
  expect(request?.ifNoneExist).toBe('identifier=http://fylgje.no/fhir/NamingSystem/act|x.call')
})

test('a call that nobody answered is no call that was', () => {
  expect(callNoted(ABOUT, { text: 'Ikke svar.', isReached: false }).resource).toMatchObject({
    status: 'not-done',
    statusReason: { text: 'Svarte ikke' },
  })
})

test('what somebody else is asked to do is part of the Task, of its plan, and has an end', () => {
  const until = untilOf('within2h', NOW)
  const told = { nb: 'Mål', nn: 'Mål', en: 'Measure' }
  const { resource } = asked(ABOUT, { code: 'measure-again', owner: { reference: 'Patient/line' }, told, until })
  expect(resource).toMatchObject({
    partOf: [{ reference: 'Task/7' }],
    basedOn: [{ reference: 'CarePlan/1' }],
    restriction: { period: { end: '2026-11-23T10:00:00.000Z' } },
  })
})

test('an end has outcome, note and whether it was real, and keeps what stood there; who ends a free one has done it', () => {
  const free = task({ status: 'requested', owner: { reference: 'CareTeam/1' }, note: [{ text: 'før' }] })
  expect(closed(free, CLOSING)).toMatchObject({
    status: 'completed',
    statusReason: {
      coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/task-outcome', code: 'advised' }],
      text: 'Råd gitt',
    },
    owner: KARI,
    note: [{ text: 'før' }, { text: 'Hviler.', authorReference: { reference: 'Practitioner/kari' } }],
    output: [{ valueBoolean: true }],
  })
  expect(closed(task(), { ...CLOSING, isDeterioration: undefined as never }).output).toBeUndefined()
})

test('each is written over the version that was seen; on top of another it keeps the name of what goes beside it', () => {
  const call = callNoted(ABOUT, { text: 'Svarte.', isReached: true })
  const seen = closingOf([task(), task({ id: '8', meta: { versionId: '1' } })], CLOSING, [call])
  expect(seen.entry.map(({ request }) => request?.ifMatch)).toEqual([undefined, 'W/"3"', 'W/"1"'])
  const theirs = task({ meta: { versionId: '5' }, note: [{ text: 'deres' }] })
  const again = onTopOf(seen, [theirs])
  expect(again).toMatchObject({
    entry: [
      { request: call.request },
      { request: { ifMatch: 'W/"5"' }, resource: { note: [{ text: 'deres' }, { text: 'Hviler.' }] } },
    ],
  })
})

test('a reading that is not believed is kept with the reason', () => {
  const reading = {
    resourceType: 'Observation',
    id: 'o',
    meta: { versionId: '1' },
    status: 'final',
    code: {},
  } as Observation
  expect(invalidated(reading, ABOUT, 'Kalde fingre')).toMatchObject({
    resource: { status: 'entered-in-error', note: [{ text: 'Kalde fingre' }] },
    request: { method: 'PUT', url: 'Observation/o', ifMatch: 'W/"1"' },
  })
})

test('two versions differ in what was changed, and in nothing else', () => {
  expect(differences(closed(task(), CLOSING), task({ priority: 'stat', note: [{ text: 'deres' }] }))).toEqual([
    { field: 'status', mine: 'completed', theirs: 'accepted' },
    { field: 'priority', mine: 'urgent', theirs: 'stat' },
    { field: 'statusReason', mine: 'Råd gitt', theirs: '' },
    { field: 'note', mine: 'Hviler.', theirs: 'deres' },
  ])
  expect(differences(task(), task())).toEqual([])
})

const coded = (code: string) => ({ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/task-code', code }] })

test.each<[Parameters<typeof faultOf>[0], Partial<Draft>, keyof Draft | undefined]>([
  ['call', {}, 'note'],
  ['call', { note: '  ' }, 'note'],
  ['call', { note: 'Svarte.' }, undefined],
  ['call', { note: 'Svarte.', alsoEnd: true }, 'outcome'],
  ['close', { note: 'x' }, 'outcome'],
  ['handover', { note: 'x' }, 'to'],
  ['invalid', { reading: 'o' }, 'note'],
  ['measure', {}, undefined],
])('of %s with %j the first that is missing is %s', (kind, given, fault) =>
  expect(faultOf(kind, { ...EMPTY_DRAFT, ...given }, task())).toBe(fault),
)

test('what a colleague was asked ends with their words, and with no outcome of an alarm', () => {
  const asked = task({ code: coded('carry-out') })
  expect(faultOf('close', EMPTY_DRAFT, asked)).toBe('note')
  expect(faultOf('close', { ...EMPTY_DRAFT, note: 'Ja.' }, asked)).toBeUndefined()
  expect(faultOf('call', { ...EMPTY_DRAFT, note: 'Svarte.', alsoEnd: true }, asked)).toBeUndefined()
  const { outcome: _none, isDeterioration: _unknown, ...closing } = CLOSING
  const ended = closed(asked, closing)
  expect(ended).toMatchObject({ status: 'completed', note: [{ text: 'Hviler.' }] })
  expect(ended.statusReason).toBeUndefined()
  expect(ended.output).toBeUndefined()
})

test('what a rule found ends with an outcome, also where it asks somebody to do something', () => {
  const found = task({ code: coded('carry-out'), businessStatus: { coding: [{ system: TRIAGE_COLOUR, code: 'red' }] } })
  expect(faultOf('close', { ...EMPTY_DRAFT, note: 'Ja.' }, found)).toBe('outcome')
})

test.each([
  [{ description: 'Ring pasienten nå og vurder tilstanden.', code: coded('missing-measurement') }, 'call'],
  [{ code: coded('measure-again') }, 'measure'],
  [{ code: coded('review-limits'), priority: 'routine' }, 'close'],
  [{ code: coded('assess-measurement'), priority: 'urgent' }, 'call'],
] as const)('for %j the plan begins with %s', (given, kind) => expect(suggestedAct(task(given as never))).toBe(kind))

test('today ends in the evening, and is an hour at least', () => {
  const evening = new Date(NOW)
  evening.setHours(21, 30, 0, 0)
  expect(untilOf('today', evening).getTime() - evening.getTime()).toBe(3_600_000)
  expect(untilOf('tomorrow', evening).getHours()).toBe(20)
})
