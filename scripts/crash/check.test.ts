import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bundle, Observation, Task } from '@medplum/fhirtypes'
import { FINDING, TASK_INPUT, TRIAGE_COLOUR } from '../../server/core/decide/plan/vocabulary.ts'
import { checkAll } from './check.ts'
import { Ledger } from './ledger.ts'

/** A server that forgets, on purpose: what it answers is laid out by each test. The instrument is under test here, not the server. */
const says = new Map<string, object>()
let server: Server
let fhirBase: URL

beforeAll(async () => {
  server = createServer((req, res) => {
    const [path = '', query] = (req.url ?? '').replace('/fhir/', '').split('?')
    const message = new URLSearchParams(query).get('identifier')?.split('|')[1]
    const found = message ? says.get(message) : says.get(path)
    const nothing = query === undefined ? undefined : bundleOf([])
    const body = JSON.stringify(found ?? nothing ?? { resourceType: 'OperationOutcome' })
    res.writeHead((found ?? nothing) ? 200 : 404, { 'content-length': Buffer.byteLength(body) })
    res.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  fhirBase = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => says.clear())

const bundleOf = (resources: (Observation | Task)[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
})
const sent = (value: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'SpO2' },
  valueQuantity: { value },
})
const stored = (id: string, version: number, value: number): Observation => ({
  ...sent(value),
  id,
  meta: { versionId: String(version) },
})
const redTask = (id: string, finding: string, ...observations: string[]): Task => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  identifier: [{ system: FINDING, value: finding }],
  businessStatus: { coding: [{ system: TRIAGE_COLOUR, code: 'red' }] },
  input: observations.map((observation) => ({
    type: { coding: [{ system: TASK_INPUT, code: 'evidence' }] },
    valueReference: { reference: `Observation/${observation}/_history/1` },
  })),
})

const violationsOf = async (ledger: Ledger) => {
  const door = { fhirBase, authorization: 'Bearer x' }
  const { violations } = await checkAll({ door, ledger, since: new Date(0), concurrency: 2, patienceMillis: 0 })
  return violations
}

/** One write of which version 1 and 2 were acknowledged, and whatever else a test wants. */
function twoVersions(): { ledger: Ledger; written: ReturnType<Ledger['open']> } {
  const ledger = new Ledger()
  const written = ledger.open('m', false)
  ledger.acknowledge(written, 'Observation/a', 1, sent(95))
  ledger.acknowledge(written, 'Observation/a', 2, sent(96))
  says.set('Observation/a/_history/1', stored('a', 1, 95))
  says.set('Observation/a', stored('a', 2, 96))
  return { ledger, written }
}

test('a server that kept its promises is found to have done so', async () => {
  expect(await violationsOf(twoVersions().ledger)).toEqual([])
})

test.each([
  ['a resource that is gone', 'lost: Observation/a (m)', () => says.delete('Observation/a')],
  ['an old version that is gone', 'lost: Observation/a/_history/1', () => says.delete('Observation/a/_history/1')],
  ['another content', 'changed: Observation/a ', () => says.set('Observation/a', stored('a', 2, 11))],
  [
    'another old content',
    'changed: Observation/a/_hist',
    () => says.set('Observation/a/_history/1', stored('a', 1, 11)),
  ],
  ['an older version', 'wrong version: Observation/a is at 1', () => says.set('Observation/a', stored('a', 1, 95))],
  [
    'a version nobody wrote',
    'wrong version: Observation/a is at 3',
    () => says.set('Observation/a', stored('a', 3, 96)),
  ],
])('%s is found', async (_, violation, spoil) => {
  const { ledger } = twoVersions()
  spoil()
  expect(await violationsOf(ledger)).toEqual([expect.stringContaining(violation)])
})

test('an attempt of which nobody knows may be there or not, but only as it was sent', async () => {
  const { ledger, written } = twoVersions()
  ledger.leaveUnknown(written, sent(97))
  expect(await violationsOf(ledger)).toEqual([])
  says.set('Observation/a', stored('a', 3, 97))
  expect(await violationsOf(ledger)).toEqual([])
  says.set('Observation/a', stored('a', 3, 11))
  expect(await violationsOf(ledger)).toEqual([expect.stringContaining('wrong version')])
})

test('what was sent once and is stored twice is found', async () => {
  const ledger = new Ledger()
  ledger.leaveUnknown(ledger.open('once', false), sent(95))
  says.set('once', bundleOf([stored('a', 1, 95)]))
  expect(await violationsOf(ledger)).toEqual([])
  says.set('once', bundleOf([stored('a', 1, 95), stored('b', 1, 95)]))
  expect(await violationsOf(ledger)).toEqual([expect.stringContaining('twice: once')])
})

test('half a transaction is found, a whole one and an absent one are right', async () => {
  const both = ['first', 'second']
  const attempt = () => {
    const ledger = new Ledger()
    const entries = both.map((message) => ledger.open(message, false))
    for (const entry of entries) ledger.leaveUnknown(entry, sent(95))
    ledger.together.push(entries)
    return violationsOf(ledger)
  }
  expect(await attempt()).toEqual([])
  says.set('first', bundleOf([stored('a', 1, 95)]))
  expect(await attempt()).toEqual([expect.stringContaining('half a transaction: 1 of 2')])
  says.set('second', bundleOf([stored('b', 1, 95)]))
  expect(await attempt()).toEqual([])
})

describe('of a red measurement that is stored', () => {
  const red = () => {
    const ledger = new Ledger()
    ledger.acknowledge(ledger.open('m', true), 'Observation/a', 1, sent(84))
    says.set('Observation/a', stored('a', 1, 84))
    return violationsOf(ledger)
  }

  test.each([
    ['one Task is right', [redTask('1', 'p|r|s|e', 'a')], []],
    ['no Task is found', [redTask('1', 'p|r|s|e', 'b')], ['no Task for the red Observation/a']],
    [
      'two Tasks are found',
      [redTask('1', 'p|r|s|e', 'a'), redTask('2', 'p|r|t|f', 'a')],
      ['2 Tasks for the red Observation/a'],
    ],
    ['the same evidence twice in one Task is found', [redTask('1', 'p|r|s|e', 'a', 'a')], ['2 Tasks for the red']],
    [
      'two Tasks of one finding are found',
      [redTask('1', 'p|r|s|e', 'a'), redTask('2', 'p|r|s|e', 'b')],
      ['2 Tasks for the finding', '2 open Tasks for'],
    ],
    [
      'two open Tasks of one cause are found',
      [redTask('1', 'p|r|s|e', 'a'), redTask('2', 'p|r|s|f', 'b')],
      ['2 open Tasks for p|r|s'],
    ],
  ])('%s', async (_, tasks, violations) => {
    says.set('Task', bundleOf(tasks))
    expect(await red()).toEqual(violations.map((violation) => expect.stringContaining(violation)))
  })
})

test('an answer that no kill excuses is a violation', async () => {
  const ledger = new Ledger()
  ledger.wrongAnswers.push('POST Observation: 500')
  expect(await violationsOf(ledger)).toEqual(['wrong answer: POST Observation: 500'])
})
