import type { CarePlan, CommunicationRequest, Extension, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { ELIGIBILITY_QUESTIONS, ROUTING, SERVICE_LEVEL, SUMMARY_WINDOW } from '../core/decide/plan/vocabulary.ts'
import { newHandover } from '../core/decide/task/handover.ts'
import { repetitionOf } from '../core/decide/task/repetition.ts'
import { snoozeOf, snoozeTask } from '../core/decide/task/snooze.ts'
import { marksOf, urgencyIn } from '../core/decide/task/task-marks.ts'
import { taskCode } from '../core/decide/words/coded-words.ts'
import { sql } from '../db/sql.ts'
import { copdPlan, startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const START = new Date('2026-11-10T08:00:00Z')
const TESTER = engineAccess('test')
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
beforeEach(() => {
  house.clock.now = START
})
afterAll(() => house.stop())

/** Lets time pass in steps, as workers do. */
async function passMinutes(minutes: number, steps = 1): Promise<void> {
  for (let i = 0; i < steps; i++) {
    house.clock.now = new Date(house.clock.now.getTime() + (minutes / steps) * 60_000)
    await reactToAll(house)
  }
}

/** The one about a yellow SpO2; days without a measurement make others. */
async function onlyTask(patient: string): Promise<Task> {
  const tasks = (await house.tasksOf(patient)).filter((task) => task.identifier?.[0]?.value?.includes('|spo2-yellow|'))
  expect(tasks).toHaveLength(1)
  return tasks[0] as Task
}

const noticesOf = async (patient: string) =>
  (
    await house.pool.query<{ content: string }>(
      sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'CommunicationRequest' ORDER BY rk`,
    )
  ).rows.map(({ content }) => JSON.parse(content) as CommunicationRequest)

/** The COPD plan under another url, with extensions on the plan and on the action of yellow SpO2. */
async function putPlan(id: string, { onPlan = [], onYellow = [] }: { onPlan?: Extension[]; onYellow?: Extension[] }) {
  const copd = copdPlan()
  const action = copd.action?.map((group) => ({
    ...group,
    action: group.action?.map((one) => (one.id === 'spo2-yellow' ? { ...one, extension: onYellow } : one)),
  }))
  await house.put({ ...copd, id, url: `http://example.org/${id}`, extension: onPlan, action })
}

async function enrolIn(plan: string, patient: string): Promise<void> {
  await house.enrol(patient)
  const carePlan = JSON.parse((await house.store.read(TESTER, 'CarePlan', `${patient}-copd`)).text ?? '{}') as CarePlan
  await house.put({ ...carePlan, instantiatesCanonical: [`http://example.org/${plan}`] })
}

const minutes = (value: number) => ({ value, unit: 'min', code: 'min' })
const reference = (to: string) => ({ valueReference: { reference: to } })

test('the marks of a Task pass one after the other, each once: urgency rises, and after the deadline the chain goes on', async () => {
  const step = (at: string, act: string, to?: string): Extension => ({
    url: 'escalation',
    extension: [
      { url: 'at', valueCode: at },
      { url: 'act', valueCode: act },
      ...(to ? [{ url: 'to', ...reference(to) }] : []),
    ],
  })
  const level = [
    { url: 'goal', valueDuration: minutes(30) },
    { url: 'deadline', valueDuration: minutes(60) },
    step('deadline', 'notify', 'Practitioner/leader'),
    step('passed-deadline', 'queue', 'HealthcareService/legevakt'),
  ]
  await putPlan('marks', { onYellow: [{ url: SERVICE_LEVEL, extension: level }] })
  await enrolIn('marks', 'late')
  await house.measure('late', 89)
  await reactToAll(house)
  expect(marksOf(await onlyTask('late')).map(({ kind }) => kind)).toEqual(['goal', 'deadline', 'passed-deadline'])
  const seen = []
  for (const wait of [0, 30, 30, 30, 600]) {
    await passMinutes(wait)
    const task = await onlyTask('late')
    seen.push([task.meta?.versionId, task.priority, urgencyIn(task), task.owner?.reference])
  }
  expect(seen).toEqual([
    ['1', 'urgent', 40, 'CareTeam/response'],
    ['2', 'asap', 65, 'CareTeam/response'],
    ['3', 'asap', 70, 'CareTeam/response'],
    ['4', 'asap', 75, 'HealthcareService/legevakt'],
    ['4', 'asap', 75, 'HealthcareService/legevakt'],
  ])
  expect(await noticesOf('late')).toMatchObject([
    {
      status: 'active',
      recipient: [{ reference: 'Practitioner/leader' }],
      about: [{ reference: expect.stringMatching(/^Task/) }],
    },
  ])
})

test('marks that were slept through pass together, once; a Task that is done has none', async () => {
  await Promise.all(['slept', 'done'].map((patient) => house.enrol(patient)))
  await Promise.all(['slept', 'done'].map((patient) => house.measure(patient, 89)))
  await reactToAll(house)
  const done = await onlyTask('done')
  await house.put({ ...done, status: 'completed' })
  await passMinutes(3 * 24 * 60)
  expect(marksOf(await onlyTask('slept')).every(({ passed }) => passed)).toBe(true)
  expect((await onlyTask('done')).meta?.versionId).toBe('2')
})

test('put aside, the same finding is counted and disturbs nobody; it comes back by itself, late that much later', async () => {
  await house.enrol('aside')
  await house.measure('aside', 89)
  await reactToAll(house)
  const task = await onlyTask('aside')
  const deadline =
    marksOf(task)
      .find(({ kind }) => kind === 'deadline')
      ?.at.getTime() ?? 0
  const until = new Date(START.getTime() + 48 * 3_600_000)
  await house.put(snoozeTask(task, { reason: 'Kjent', until, by: { display: 'Kari' }, now: START }))
  for (const value of [89, 88]) {
    await passMinutes(60)
    await house.measure('aside', value)
    await reactToAll(house)
  }
  const asleep = await onlyTask('aside')
  expect([asleep.status, asleep.priority, snoozeOf(asleep)?.suppressedCount]).toEqual(['on-hold', 'urgent', 2])
  expect(repetitionOf(asleep)).toMatchObject({ count: 3, suppressedCount: 2, latest: 'SpO2 88 %' })
  await passMinutes(46 * 60)
  const back = await onlyTask('aside')
  expect(back).toMatchObject({ status: 'requested', note: [{ text: expect.stringContaining('2 nye funn') }] })
  expect(
    marksOf(back)
      .find(({ kind }) => kind === 'deadline')
      ?.at.getTime(),
  ).toBe(deadline + 48 * 3_600_000)
  // Its marks run again.
  await passMinutes(24 * 60)
  expect((await onlyTask('aside')).priority).toBe('asap')
})

test('a snooze that is prolonged does not end at its first end; a red finding of the same cause breaks it', async () => {
  await house.enrol('broken')
  await house.measure('broken', 89)
  await reactToAll(house)
  const hours = (count: number) => new Date(START.getTime() + count * 3_600_000)
  const asked = { reason: 'Kjent', by: { display: 'Kari' }, now: START }
  const first = snoozeTask(await onlyTask('broken'), { ...asked, until: hours(2) })
  await house.put(first)
  await reactToAll(house)
  await house.put(snoozeTask(await onlyTask('broken'), { ...asked, until: hours(10) }))
  await passMinutes(3 * 60)
  expect((await onlyTask('broken')).status).toBe('on-hold')
  await house.measure('broken', 84)
  await reactToAll(house)
  const [yellow, red] = await house.tasksOf('broken')
  expect(yellow).toMatchObject({ status: 'requested', note: [{ text: expect.stringContaining('rødt funn brøt') }] })
  expect(red).toMatchObject({ status: 'requested', priority: 'stat' })
})

test('a Task goes to somebody on shift with the skill and the least to do', async () => {
  const skill = { coding: [{ system: 'http://example.org/skill', code: 'copd' }] }
  const role = (id: string, specialty: object[]) => ({
    resourceType: 'PractitionerRole',
    id,
    active: true,
    practitioner: { reference: `Practitioner/${id}` },
    specialty,
    code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/team-role', code: 'response-nurse' }] }],
    healthcareService: [{ reference: 'HealthcareService/unit' }],
  })
  const schedule = { resourceType: 'Schedule', id: 'of-off', actor: [{ reference: 'PractitionerRole/off' }] }
  const shift = {
    ...{ resourceType: 'Slot', id: 'of-off-1', status: 'busy', schedule: { reference: 'Schedule/of-off' } },
    ...{ start: '2026-11-10T14:00:00Z', end: '2026-11-10T22:00:00Z' },
  }
  await house.put(
    { resourceType: 'HealthcareService', id: 'unit', active: true },
    ...[role('off', [skill]), role('busy', [skill]), role('free', [skill]), role('unskilled', [])],
    ...[schedule, shift],
    { resourceType: 'Task', id: 'old', status: 'accepted', intent: 'order', owner: { reference: 'Practitioner/busy' } },
  )
  const routing = [
    { url: 'queue', ...reference('HealthcareService/unit') },
    { url: 'assign', valueCode: 'person' },
    { url: 'skill', valueCodeableConcept: skill },
  ]
  await putPlan('routed', { onYellow: [{ url: ROUTING, extension: routing }] })
  const patients = ['r1', 'r2', 'r3']
  for (const patient of patients) await enrolIn('routed', patient)
  await reactToAll(house)
  for (const patient of patients.slice(0, 2)) await house.measure(patient, 89)
  await reactToAll(house)
  const owners = [await onlyTask('r1'), await onlyTask('r2')].map(({ owner }) => owner?.reference)
  // The one with nothing has the first; then both have one, and the id decides.
  expect(owners.sort()).toEqual(['Practitioner/busy', 'Practitioner/free'])
  // In the evening the third is at work, and has nothing to do yet.
  house.clock.now = new Date('2026-11-10T15:00:00Z')
  await house.measure('r3', 89)
  await reactToAll(house)
  expect((await onlyTask('r3')).owner?.reference).toBe('Practitioner/off')
})

test('several findings within the window of the plan become one Task, which says all of them; red stays alone', async () => {
  await putPlan('gathered', { onPlan: [{ url: SUMMARY_WINDOW, valueDuration: { value: 4, unit: 'h', code: 'h' } }] })
  await enrolIn('gathered', 'several')
  await house.measure('several', 89)
  await reactToAll(house)
  await passMinutes(60)
  const pulse = { code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Puls' } }
  const perMinute = (value: number) => ({ value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' })
  await house.measure('several', 0, { ...pulse, valueQuantity: perMinute(120) })
  await reactToAll(house)
  const summary = await onlyTask('several')
  expect(summary).toMatchObject({
    code: { coding: [{ code: 'summary' }] },
    businessStatus: { coding: [{ code: 'yellow' }] },
    reasonCode: { text: expect.stringMatching(/SpO2 89 %.*; Puls 120/) },
  })
  expect(summary.identifier).toHaveLength(2)
  expect(repetitionOf(summary)?.count).toBe(2)
  await house.measure('several', 88.5)
  await reactToAll(house)
  expect((await onlyTask('several')).reasonCode?.text).toMatch(/SpO2 88,5 %.*; Puls 120/)
  await house.measure('several', 84)
  await reactToAll(house)
  expect((await house.tasksOf('several')).map(({ priority }) => priority)).toEqual(['urgent', 'stat'])
})

test('whoever is put in two plans that contradict each other has a Task for a doctor, until one of them ends', async () => {
  const advice = (direction: string) => ({
    url: 'http://fylgje.no/fhir/StructureDefinition/advice',
    extension: [
      { url: 'topic', valueCodeableConcept: { text: 'drikke' } },
      { url: 'direction', valueCode: direction },
    ],
  })
  await putPlan('drink-more', { onYellow: [advice('more')] })
  await putPlan('drink-less', { onYellow: [advice('less')] })
  await enrolIn('drink-more', 'torn')
  await reactToAll(house)
  const { text } = await house.store.read(TESTER, 'CarePlan', 'torn-copd')
  const second = {
    ...JSON.parse(text ?? '{}'),
    id: 'torn-second',
    instantiatesCanonical: ['http://example.org/drink-less'],
  }
  await house.put(second)
  await reactToAll(house)
  const conflicts = async () =>
    (await house.tasksOf('torn')).filter(({ code }) => code?.coding?.[0]?.code === 'conflicting-advice')
  expect(await conflicts()).toMatchObject([{ status: 'requested', performerType: [{ coding: [{ code: 'doctor' }] }] }])
  await house.put({ ...second, status: 'revoked' })
  await reactToAll(house)
  expect(await conflicts()).toMatchObject([{ status: 'cancelled' }])
})

describe('a handover', () => {
  const ask = async (focus: string, patient: string) => {
    const task = newHandover({
      ...{ focus, from: { reference: 'CareTeam/response' }, to: { reference: 'CareTeam/municipality' } },
      ...{
        for: { reference: `Patient/${patient}` },
        reason: 'Flyttet hjem',
        requester: undefined,
        now: house.clock.now,
      },
    })
    const id = `handover-${patient}`
    await house.put({ ...task, id })
    await reactToAll(house)
    return async (status: Task['status'], rest: Partial<Task> = {}) => {
      const stored = JSON.parse((await house.store.read(TESTER, 'Task', id)).text ?? '{}') as Task
      await house.put({ ...stored, status, ...rest })
      await reactToAll(house)
    }
  }
  const teamOf = async (patient: string) => {
    const { text } = await house.store.read(TESTER, 'CarePlan', `${patient}-copd`)
    return (JSON.parse(text ?? '{}') as CarePlan).careTeam?.map((team) => team.reference)
  }
  const workOf = async (patient: string) =>
    (await house.tasksOf(patient)).filter(({ id }) => !id?.startsWith('handover'))[0]

  test('of a CarePlan moves the team and what waits for it, once it is accepted and not before', async () => {
    await house.enrol('moving')
    await house.measure('moving', 89)
    await reactToAll(house)
    const answer = await ask('CarePlan/moving-copd', 'moving')
    await answer('received')
    expect([await teamOf('moving'), (await workOf('moving'))?.owner?.reference]).toEqual([
      ['CareTeam/response'],
      'CareTeam/response',
    ])
    await answer('accepted')
    expect([await teamOf('moving'), (await workOf('moving'))?.owner?.reference]).toEqual([
      ['CareTeam/municipality'],
      'CareTeam/municipality',
    ])
    const handover = (await house.tasksOf('moving')).find(({ id }) => id === 'handover-moving')
    expect(handover?.status).toBe('completed')
  })

  test('that is rejected moves nothing; unanswered, whoever asked is told', async () => {
    await Promise.all(['staying', 'waiting'].map((patient) => house.enrol(patient)))
    const reject = await ask('CarePlan/staying-copd', 'staying')
    await reject('rejected', { statusReason: { text: 'Ingen kapasitet' } })
    expect(await teamOf('staying')).toEqual(['CareTeam/response'])
    await ask('CarePlan/waiting-copd', 'waiting')
    await passMinutes(25 * 60)
    expect(await noticesOf('waiting')).toMatchObject([{ recipient: [{ reference: 'CareTeam/response' }] }])
  })
})

test('a question of a referral that nobody answers reminds whoever should, and then tells whoever waits', async () => {
  const part = (url: string, value: object) => ({ url, ...value })
  const referral = {
    ...{ resourceType: 'Task', id: 'referral', status: 'requested', intent: 'order', code: taskCode('referral') },
    ...{ for: { reference: 'Patient/referred' }, instantiatesCanonical: 'http://example.org/referred' },
    ...{ requester: { reference: 'Practitioner/gp' }, owner: { reference: 'CareTeam/response' } },
  }
  await house.put(
    {
      ...{ resourceType: 'PlanDefinition', id: 'referred', url: 'http://example.org/referred', version: '1.0.0' },
      ...{ status: 'active', title: 'Hjertesvikt hjemme' },
      extension: [
        {
          url: ELIGIBILITY_QUESTIONS,
          extension: [
            part('questionnaire', { valueCanonical: 'http://example.org/Questionnaire/criteria' }),
            part('within', { valueDuration: { value: 4, unit: 'h', code: 'h' } }),
          ],
        },
      ],
    },
    referral,
  )
  // Heard of twice in one round.
  await house.put({ ...referral, note: [{ text: 'Haster ikke' }] })
  await reactToAll(house)
  const told = async () => (await noticesOf('referred')).map(({ recipient }) => recipient?.[0]?.reference)
  await passMinutes(119)
  expect(await told()).toEqual([])
  await passMinutes(2)
  expect(await told()).toEqual(['Practitioner/gp'])
  await passMinutes(120)
  expect(await told()).toEqual(['Practitioner/gp', 'CareTeam/response'])
  // One Task for it, and no other about its absence.
  const open = (await house.tasksOf('referred')).filter(({ status }) => status === 'requested')
  expect(open.map(({ code }) => code?.coding?.[0]?.code)).toEqual(['referral', 'answer-questionnaire'])
})
