import { expect, test } from '@jest/globals'
import type { FoundRecord } from '../audit/find-records.ts'
import type { Agent, AuditRecord } from '../audit/record.ts'
import { logEntries } from './entries.ts'
import { readAccessLog } from './read-access-log.ts'

const KARI: Agent = {
  ...{ who: 'Practitioner/kari', client: 'ehr', roles: ['plan-author', 'nurse'], pointOfCare: 'Organization/ward' },
}
const OLA: Agent = { who: 'Practitioner/ola', client: 'ehr', roles: ['doctor'] }
const ENGINE: Agent = { who: 'Device/plan-engine', client: 'fylgje' }

type Given = [time: string, record: Partial<AuditRecord>]

/** Records of one day, as they are found: newest first. */
async function* found(given: Given[]): AsyncGenerator<FoundRecord> {
  for (const [time, record] of given.toSorted(([one], [other]) => other.localeCompare(one))) {
    const recordedAt = `2026-11-22T${time}:00.000Z`
    yield {
      id: time,
      recordedAt,
      record: { code: 'read', agent: KARI, patients: ['line'], what: ['Observation/1'], ...record },
    }
  }
}
const entriesOf = async (given: Given[]) =>
  (await Array.fromAsync(logEntries(found(given), 'line'))).map(({ agent, act, start, end, types, count }) => [
    ...[agent.who, act, `${start.slice(11, 16)}-${end.slice(11, 16)}`, types.join(), count],
  ])

test('what somebody does in one sitting is one entry; a long pause makes another', async () => {
  expect(
    await entriesOf([
      ['10:00', {}],
      ['10:20', { what: ['Task/1'] }],
      ['10:45', {}],
      ['11:30', {}],
    ]),
  ).toEqual([
    ['Practitioner/kari', 'seen', '11:30-11:30', 'Observation', 1],
    ['Practitioner/kari', 'seen', '10:00-10:45', 'Observation,Task', 3],
  ])
})

test('people, and what they do, are told apart; systems are one entry a day', async () => {
  expect(
    await entriesOf([
      ['08:00', { code: 'create', agent: ENGINE, what: ['Task/1'] }],
      ['10:00', {}],
      ['10:01', { agent: OLA }],
      ['10:02', { code: 'update', what: ['Goal/1/_history/2'] }],
      ['10:03', { code: 'break-glass', what: ['Patient/line'] }],
      ['16:00', { code: 'create', agent: ENGINE, what: ['Task/2'] }],
    ]),
  ).toEqual([
    ['Device/plan-engine', 'changed', '08:00-16:00', 'Task', 2],
    ['Practitioner/kari', 'opened', '10:03-10:03', 'Patient', 1],
    ['Practitioner/kari', 'changed', '10:02-10:02', 'Goal', 1],
    ['Practitioner/ola', 'seen', '10:01-10:01', 'Observation', 1],
    ['Practitioner/kari', 'seen', '10:00-10:00', 'Observation', 1],
  ])
})

test.each([
  ['of somebody else', { patients: ['ola'] }],
  ['that was refused', { outcome: '4' as const }],
  ['of a token', { code: 'token-issued' as const }],
])('nothing %s', async (_rule, record) => expect(await entriesOf([['10:00', record]])).toEqual([]))

test.each([
  [
    'nb' as const,
    'Kari Nordlys (sykepleier, lager behandlingsplaner, Responssenteret) så på målinger og prøvesvar, 2026-11-22 kl. 11:00. Helsehjelp.',
    'Er i teamet ditt.',
  ],
  [
    'nn' as const,
    'Kari Nordlys (sjukepleiar, lagar behandlingsplanar, Responssenteret) såg på målingar og prøvesvar, 2026-11-22 kl. 11:00. Helsehjelp.',
    'Er i teamet ditt.',
  ],
  [
    'en' as const,
    'Kari Nordlys (nurse, writes care plans, Responssenteret) looked at measurements and test values, 2026-11-22 11:00. Health care.',
    'Is on your care team.',
  ],
])('says it in %s', async (language, text, because) => {
  const names: Record<string, object> = {
    'Practitioner/kari': { name: [{ given: ['Kari'], family: 'Nordlys' }] },
    'Organization/ward': { name: 'Responssenteret' },
  }
  const log = await readAccessLog(
    {
      records: () =>
        found([
          [
            '10:00',
            {
              care: [
                { patient: 'line', kind: 'care-team', source: 'CareTeam/1' },
                { patient: 'ola', kind: 'gp', source: 'Patient/ola' },
              ],
            },
          ],
        ]),
      read: async (reference) => names[reference],
    },
    { patient: 'line', language, countMax: 10 },
  )
  expect(log.entries).toMatchObject([
    { text, because: [because], reference: 'Practitioner/kari', organization: 'Responssenteret' },
  ])
})

test.each([
  [{ who: 'Client/1325113fdacc', client: '1325113fdacc', clientName: 'Nattkopi' }, 'Datasystem Nattkopi'],
  [{ who: 'Client/nattkopi', client: 'nattkopi' }, 'Datasystem nattkopi'],
  [ENGINE, 'Fylgje, automatisk'],
])('a system is called what it was registered as: %j', async (agent, who) => {
  const log = await readAccessLog(
    { records: () => found([['10:00', { agent }]]), read: async () => undefined },
    { patient: 'line', language: 'nb', countMax: 10 },
  )
  expect(log.entries).toMatchObject([{ who, reference: undefined }])
})

test('who opened the record outside of their team is told so, and why that was allowed', async () => {
  const care = [{ patient: 'line', kind: 'break-glass', source: 'Task/1' }]
  const log = await readAccessLog(
    { records: () => found([['10:00', { agent: OLA, care }]]), read: async () => undefined },
    { patient: 'line', language: 'nb', countMax: 10 },
  )
  // Whose name is not known any more is told by their reference.
  expect(log.entries).toMatchObject([
    { who: 'Practitioner/ola', purpose: 'Nødrett', because: [expect.stringMatching(/^Åpnet journalen uten/)] },
  ])
})

test('somebody who is gone, or is called something else now, is told by the name that they had then', async () => {
  const agent = { ...OLA, name: 'Ola Fjell' }
  const read = async () => ({ name: [{ given: ['Ola'], family: 'Dal' }] })
  const log = await readAccessLog(
    { records: () => found([['10:00', { agent }]]), read },
    { patient: 'line', language: 'nb', countMax: 10 },
  )
  expect(log.entries).toMatchObject([{ who: 'Ola Fjell', reference: 'Practitioner/ola' }])
})

test('what is not told on one page is told from where it ended', async () => {
  const given: Given[] = [
    ['10:00', {}],
    ['12:00', {}],
    ['14:00', {}],
  ]
  const rooms = { records: () => found(given), read: async () => undefined }
  const log = await readAccessLog(rooms, { patient: 'line', language: 'nb', countMax: 2 })
  expect(log.entries).toHaveLength(2)
  expect(log.next).toBe('2026-11-22T12:00:00.000Z')
})
