import { jest } from '@jest/globals'
import type { Basic, CommunicationRequest, Extension, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import { SILENCE_OWNER, type SilenceKind } from '../core/decide/silence/silence-owner.ts'
import { SYNC_STATUS, SYNC_STATUS_CODE } from '../core/decide/silence/sync-status.ts'
import { snoozeTask } from '../core/decide/task/snooze.ts'
import { marksOf, urgencyIn } from '../core/decide/task/task-marks.ts'
import { sql } from '../db/sql.ts'
import { openLog } from '../log.ts'
import type { KeeperRooms } from './keeper.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { copdPlan, startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'
import { createLagWatch } from './unevaluated.ts'

const START = new Date('2026-11-10T08:00:00Z')
const TESTER = engineAccess('test')
const DOCTOR = { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/team-role', code: 'doctor' }] }
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await putPlan('silences', {
    'not-measured': owning('not-measured', { valueCodeableConcept: DOCTOR }, 24 * 60),
    'not-sent': owning('not-sent', { valueReference: { reference: 'CareTeam/phones' } }, 60),
    'not-evaluated': owning('not-evaluated', { valueReference: { reference: 'Organization/operator' } }, 5),
    'not-opened': owning('not-opened', { valueCodeableConcept: DOCTOR }, 30),
    'not-decided': owning('not-decided', { valueReference: { reference: 'Practitioner/leader' } }, 120),
  })
})
beforeEach(() => {
  house.clock.now = START
})
afterAll(() => house.stop())

const minutes = (value: number) => ({ value, unit: 'min', code: 'min' })

const owning = (silence: SilenceKind, owner: object, after: number, calendar?: string): Extension => ({
  url: SILENCE_OWNER,
  extension: [
    { url: 'silence', valueCode: silence },
    { url: 'owner', ...owner },
    { url: 'after', valueDuration: minutes(after) },
    ...(calendar ? [{ url: 'calendar', valueCode: calendar }] : []),
  ],
})

/** The COPD plan under another url, with these owners of silence. */
async function putPlan(id: string, owners: Partial<Record<SilenceKind, Extension>>): Promise<void> {
  const copd = copdPlan()
  await house.put({ ...copd, id, url: `http://example.org/${id}`, extension: Object.values(owners) })
}

async function enrolIn(plan: string, patient: string): Promise<void> {
  await house.enrol(patient)
  const { text } = await house.store.read(TESTER, 'CarePlan', `${patient}-copd`)
  await house.put({ ...JSON.parse(text ?? '{}'), instantiatesCanonical: [`http://example.org/${plan}`] })
}

async function passTo(minute: number, seconds = 0): Promise<void> {
  house.clock.now = new Date(START.getTime() + minute * 60_000 + seconds * 1_000)
  await reactToAll(house)
}

const codeOf = ({ code }: Task) => code?.coding?.[0]?.code
const ofCode = async (patient: string, code: string) =>
  (await house.tasksOf(patient)).filter((task) => codeOf(task) === code)
async function finding(patient: string): Promise<Task> {
  const [task] = (await house.tasksOf(patient)).filter(({ identifier }) =>
    /\|spo2-(red|yellow)\|/.test(identifier?.[0]?.value ?? ''),
  )
  return task as Task
}

async function measure(plan: string, patient: string, percent: number): Promise<Task> {
  await enrolIn(plan, patient)
  await reactToAll(house)
  await house.measure(patient, percent)
  await reactToAll(house)
  return finding(patient)
}
const measureRed = (plan: string, patient: string) => measure(plan, patient, 84)
/** Which no escalation gives to another meanwhile. */
const measureYellow = (plan: string, patient: string) => measure(plan, patient, 89)

test('not opened: to the second the Task rises, and its silence is a Task of who owns it; opened, that is taken back', async () => {
  const task = await measureRed('silences', 'unopened')
  const urgency = urgencyIn(task)
  await passTo(29, 59)
  expect(await ofCode('unopened', 'silence-not-opened')).toEqual([])
  await passTo(30)
  const [silence] = await ofCode('unopened', 'silence-not-opened')
  expect(silence).toMatchObject({
    status: 'requested',
    priority: 'asap',
    performerType: [DOCTOR],
    owner: { reference: 'CareTeam/response' },
    for: { reference: 'Patient/unopened' },
    focus: { reference: `Task/${task.id}` },
    reasonCode: { text: expect.stringContaining('har ventet siden 2026-11-10 kl. 09:00') },
    restriction: { period: { end: '2026-11-10T09:00:00.000Z' } },
  })
  const languages = JSON.stringify(silence?.reasonCode)
  expect(languages).toContain('Ingen har opna oppgåva')
  expect(languages).toContain('Nobody has opened the task')
  const risen = await finding('unopened')
  expect(marksOf(risen).filter(({ kind }) => kind === 'not-opened')).toHaveLength(1)
  expect(urgencyIn(risen)).toBeGreaterThan(urgency)
  await house.put({ ...risen, status: 'received' })
  await reactToAll(house)
  const [ended] = await ofCode('unopened', 'silence-not-opened')
  expect(ended).toMatchObject({ status: 'cancelled', statusReason: { text: 'Oppgaven er åpnet.' } })
})

test('not decided: counted from the opening, whatever was opened late; given back, it waits to be opened again', async () => {
  await measureYellow('silences', 'undecided')
  await passTo(10)
  await house.put({ ...(await finding('undecided')), status: 'accepted', owner: { reference: 'Practitioner/kari' } })
  await passTo(129, 59)
  expect(await ofCode('undecided', 'silence-not-decided')).toEqual([])
  expect(await ofCode('undecided', 'silence-not-opened')).toEqual([])
  await passTo(130)
  const [silence] = await ofCode('undecided', 'silence-not-decided')
  expect(silence).toMatchObject({
    owner: { reference: 'Practitioner/leader' },
    reasonCode: { text: expect.stringContaining('ble åpnet 2026-11-10 kl. 09:10') },
  })
  await house.put({
    ...(await finding('undecided')),
    status: 'requested',
    owner: { reference: 'CareTeam/response' },
  })
  await reactToAll(house)
  expect((await ofCode('undecided', 'silence-not-decided'))[0]?.status).toBe('cancelled')
  await passTo(159, 59)
  expect(await ofCode('undecided', 'silence-not-opened')).toEqual([])
  await passTo(160)
  expect(await ofCode('undecided', 'silence-not-opened')).toHaveLength(1)
  // Decided: nothing is silent any more, and nothing rings.
  await house.put({ ...(await finding('undecided')), status: 'completed' })
  await passTo(6 * 60)
  const states = (await house.tasksOf('undecided')).filter((task) => codeOf(task)?.startsWith('silence-'))
  expect(states.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
})

test('escalated to a role, a Task that somebody had taken is silent again from then on, and its silence is told', async () => {
  await measureRed('silences', 'escalated')
  await passTo(10)
  await house.put({ ...(await finding('escalated')), status: 'accepted', owner: { reference: 'Practitioner/kari' } })
  // Her taking it is heard, and nothing else until the plan asks the doctor too.
  await passTo(44)
  await passTo(45)
  const escalated = await finding('escalated')
  expect(escalated).toMatchObject({ status: 'requested', owner: { reference: 'CareTeam/response' } })
  expect(escalated.performerType?.flatMap(({ coding }) => coding?.[0]?.code)).toContain('doctor')
  await passTo(74, 59)
  expect(await ofCode('escalated', 'silence-not-opened')).toEqual([])
  await passTo(75)
  // The doctor was asked beside those who are silent: that is a Task of the doctor's own.
  expect(await ofCode('escalated', 'silence-not-opened')).toMatchObject([
    { status: 'requested', performerType: [DOCTOR], owner: { reference: 'CareTeam/response' } },
  ])
  await passTo(6 * 60)
  expect(await ofCode('escalated', 'silence-not-decided')).toEqual([])
})

test('a Task that was taken in time, and that an escalation gives back late, was not silent before that', async () => {
  await measureRed('silences', 'late')
  await passTo(10)
  await house.put({ ...(await finding('late')), status: 'accepted', owner: { reference: 'Practitioner/kari' } })
  // The engine has stood still: the clock of the opening is long over, and is dropped with all that it hears now.
  await passTo(129, 59)
  expect((await finding('late')).status).toBe('requested')
  expect(await ofCode('late', 'silence-not-opened')).toEqual([])
  await passTo(159, 59)
  expect(await ofCode('late', 'silence-not-opened')).toHaveLength(1)
})

test('what somebody has begun to look into is not taken back, but told', async () => {
  await measureRed('silences', 'looked-into')
  await passTo(30)
  const [silence] = await ofCode('looked-into', 'silence-not-opened')
  await house.put({ ...silence, status: 'in-progress', owner: { reference: 'Practitioner/kari' } })
  await house.put({ ...(await finding('looked-into')), status: 'completed' })
  await reactToAll(house)
  expect(await ofCode('looked-into', 'silence-not-opened')).toMatchObject([
    { status: 'in-progress', note: [{ text: 'Oppgaven er åpnet.' }] },
  ])
})

test('put aside, a Task is not silent; back, it has its time again', async () => {
  await enrolIn('silences', 'aside')
  await reactToAll(house)
  await house.measure('aside', 89)
  await reactToAll(house)
  const [task] = await house.tasksOf('aside')
  const until = new Date(START.getTime() + 5 * 3_600_000)
  await house.put(snoozeTask(task as Task, { reason: 'Kjent', until, by: { display: 'Kari' }, now: START }))
  await passTo(5 * 60 + 29, 59)
  expect(await ofCode('aside', 'silence-not-opened')).toEqual([])
  await passTo(5 * 60 + 30)
  expect(await ofCode('aside', 'silence-not-opened')).toHaveLength(1)
})

test('who owns the silence and has the Task already gets a notice, not a second Task', async () => {
  const own = { valueReference: { reference: 'CareTeam/response' } }
  // Between two marks of the Task: what a mark of the same moment tells is not told twice.
  await putPlan('own', { 'not-opened': owning('not-opened', own, 35) })
  await measureRed('own', 'mine')
  await passTo(35)
  expect(await ofCode('mine', 'silence-not-opened')).toEqual([])
  expect(marksOf(await finding('mine')).some(({ kind }) => kind === 'not-opened')).toBe(true)
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE patient = 'mine' AND type = 'CommunicationRequest'`,
  )
  const notices = rows.map(({ content }) => JSON.parse(content) as CommunicationRequest)
  // The plan's own escalation tells them too, by notices of its own; each has an identifier of its own.
  const told = notices.map(({ identifier }) => identifier?.[0]?.value ?? '')
  expect(new Set(told).size).toBe(told.length)
  const [ofSilence, ...others] = notices.filter(({ identifier }) => identifier?.[0]?.value?.endsWith('|not-opened'))
  expect(ofSilence).toMatchObject({ recipient: [{ reference: 'CareTeam/response' }] })
  expect(others).toEqual([])
})

test('a silence may be counted in the hours in which the team is there', async () => {
  const week = {
    daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
    availableStartTime: '08:00:00',
    availableEndTime: '09:10:00',
  }
  await house.put({
    ...{ resourceType: 'HealthcareService', id: 'hours', active: true, availableTime: [week] },
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/care-team',
        valueReference: { reference: 'CareTeam/response' },
      },
    ],
  })
  const role = { valueCodeableConcept: DOCTOR }
  await putPlan('hours', {
    'not-opened': owning('not-opened', role, 30, 'opening-hours'),
    'not-decided': owning('not-decided', role, 30, 'opening-hours'),
  })
  // 09:00 in Norway: ten minutes today, twenty tomorrow.
  await measureRed('hours', 'closed')
  await passTo(23 * 60 + 19, 59)
  expect(await ofCode('closed', 'silence-not-opened')).toEqual([])
  await passTo(23 * 60 + 20)
  expect(await ofCode('closed', 'silence-not-opened')).toHaveLength(1)
  // Taken by a plain update, which says nothing of the queue: the team of the CarePlan is there as it was. Five minutes today, the rest tomorrow.
  house.clock.now = START
  await measureYellow('hours', 'taken')
  await passTo(5)
  await house.put({ ...(await finding('taken')), status: 'accepted', owner: { reference: 'Practitioner/kari' } })
  await passTo(23 * 60 + 24, 59)
  expect(await ofCode('taken', 'silence-not-decided')).toEqual([])
  await passTo(23 * 60 + 25)
  expect(await ofCode('taken', 'silence-not-decided')).toHaveLength(1)
})

const status = (patient: string, unsent: number, oldest?: string): Basic => ({
  resourceType: 'Basic',
  id: `${patient}-phone`,
  code: { coding: [SYNC_STATUS_CODE] },
  subject: { reference: `Patient/${patient}` },
  extension: [
    {
      url: SYNC_STATUS,
      extension: [
        { url: 'last-sync', valueDateTime: '2026-11-10T07:00:00Z' },
        { url: 'unsent', valueUnsignedInt: unsent },
        ...(oldest ? [{ url: 'oldest-unsent', valueDateTime: oldest }] : []),
      ],
    },
  ],
})

test('not sent: a phone tells what it holds; after its time that is a Task, which is told more and taken back when all is sent', async () => {
  await enrolIn('silences', 'offline')
  await house.put(status('offline', 2, '2026-11-10T07:30:00Z'))
  await passTo(29, 59)
  expect(await ofCode('offline', 'silence-not-sent')).toEqual([])
  await passTo(30)
  expect(await ofCode('offline', 'silence-not-sent')).toMatchObject([
    {
      status: 'requested',
      owner: { reference: 'CareTeam/phones' },
      focus: { reference: 'Basic/offline-phone' },
      reasonCode: { text: expect.stringContaining('2 resultater er målt, men ikke sendt') },
    },
  ])
  await house.put(status('offline', 5, '2026-11-10T07:30:00Z'))
  await passTo(90)
  const told = await ofCode('offline', 'silence-not-sent')
  expect(told).toMatchObject([{ reasonCode: { text: expect.stringContaining('5 resultater') } }])
  await house.put(status('offline', 0))
  await reactToAll(house)
  expect(await ofCode('offline', 'silence-not-sent')).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Resultatene er sendt.' } },
  ])
  await passTo(24 * 60)
  expect(await ofCode('offline', 'silence-not-sent')).toHaveLength(1)
})

test('not sent: what had waited is sent, and what waits now has not waited for long', async () => {
  await enrolIn('silences', 'moving')
  await house.put(status('moving', 2, '2026-11-10T07:30:00Z'))
  await passTo(20)
  await house.put(status('moving', 1, '2026-11-10T08:10:00Z'))
  await passTo(69, 59)
  expect(await ofCode('moving', 'silence-not-sent')).toEqual([])
  await passTo(70)
  expect(await ofCode('moving', 'silence-not-sent')).toHaveLength(1)
})

test('not sent: a result that was announced and does not come', async () => {
  await enrolIn('silences', 'announced')
  await reactToAll(house)
  const waiting = await house.measure('announced', 93, { status: 'preliminary' })
  const coming = await house.measure('announced', 94, { status: 'registered' })
  await passTo(10)
  const { text } = await house.store.read(TESTER, 'Observation', coming)
  await house.put({ ...JSON.parse(text ?? '{}'), status: 'final' })
  await passTo(60)
  expect(await ofCode('announced', 'silence-not-sent')).toMatchObject([
    { focus: { reference: `Observation/${waiting}` } },
  ])
})

test('without an owner a silence has no clock', async () => {
  await putPlan('unowned', {})
  await measureRed('unowned', 'unowned')
  await house.put(status('unowned', 2, '2026-11-10T07:30:00Z'))
  await passTo(24 * 60)
  const codes = (await house.tasksOf('unowned')).map(codeOf)
  expect(codes.filter((code) => code?.startsWith('silence-'))).toEqual([])
})

test('not evaluated: while the engine stands still the keeper tells, once, and takes it back when all is evaluated', async () => {
  await enrolIn('silences', 'waiting')
  await reactToAll(house)
  const watch = createLagWatch()
  const readBook = keepPlanBook()
  const rooms = { pool: house.pool, store: house.store, now: () => house.clock.now, onCommit: () => {}, readBook }
  const look = () => watch({ ...rooms, log: openLog('silent') } as unknown as KeeperRooms)
  const told = async () => {
    const { rows } = await house.pool.query<{ content: string }>(
      sql`SELECT content FROM resource WHERE type = 'Task' AND patient IS NULL AND strpos(content, 'silence-not-evaluated') > 0`,
    )
    return rows.map(({ content }) => JSON.parse(content) as Task)
  }
  await house.measure('waiting', 84)
  await house.measure('waiting', 85)
  const asked = jest.spyOn(house.pool, 'query')
  const lookedUp = () => asked.mock.calls.filter((call) => JSON.stringify(call).includes('AS results')).length
  const wait = async (minute: number, second = 0) => {
    house.clock.now = new Date(START.getTime() + minute * 60_000 + second * 1_000)
    await look()
  }
  // Some Task of an earlier process may be open: the first look is at all. Then nobody is looked up before it is time to tell.
  await wait(1)
  expect(lookedUp()).toBe(1)
  await wait(4, 59)
  expect(await told()).toEqual([])
  expect(lookedUp()).toBe(1)
  await wait(5)
  expect(lookedUp()).toBe(2)
  asked.mockRestore()
  await wait(5, 1)
  expect(await told()).toMatchObject([
    {
      status: 'requested',
      owner: { reference: 'Organization/operator' },
      focus: { reference: 'PlanDefinition/silences' },
      reasonCode: { text: expect.stringMatching(/^2 resultater fra 1 pasienter/) },
    },
  ])
  await house.measure('waiting', 86)
  await wait(7)
  expect(await told()).toMatchObject([{ reasonCode: { text: expect.stringMatching(/^3 resultater/) } }])
  await reactToAll(house)
  await look()
  expect(await told()).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Alt som er mottatt, er vurdert.' } },
  ])
  // Another keeper, begun later, finds nothing to tell.
  await createLagWatch()({ ...rooms, log: openLog('silent') } as unknown as KeeperRooms)
  expect(await told()).toHaveLength(1)
})

test('the marks of a Task that is about no patient pass too', async () => {
  const at = (minute: number) => new Date(START.getTime() + minute * 60_000).toISOString()
  const mark = (kind: string, minute: number) => ({
    url: 'http://fylgje.no/fhir/StructureDefinition/task-mark',
    extension: [
      { url: 'kind', valueCode: kind },
      { url: 'at', valueDateTime: at(minute) },
    ],
  })
  await house.put({
    ...{ resourceType: 'Task', id: 'of-the-house', status: 'requested', intent: 'order', priority: 'routine' },
    identifier: [{ system: FINDING, value: 'of-the-house' }],
    extension: [mark('goal', 10), mark('deadline', 20)],
  })
  const seen = []
  for (const minute of [0, 9, 10, 20, 60]) {
    await passTo(minute)
    const { text } = await house.store.read(TESTER, 'Task', 'of-the-house')
    const task = JSON.parse(text ?? '{}') as Task
    seen.push([task.priority, marksOf(task).filter(({ passed }) => passed).length])
  }
  expect(seen).toEqual([
    ['routine', 0],
    ['routine', 0],
    ['urgent', 1],
    ['asap', 2],
    ['asap', 2],
  ])
})
