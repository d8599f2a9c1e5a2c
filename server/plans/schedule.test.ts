import type { CarePlan, CommunicationRequest, ServiceRequest } from '@medplum/fhirtypes'
import { OCCURRENCE_POLICY } from '../core/decide/schedule/policy.ts'
import { sql } from '../db/sql.ts'
import { skipEvents } from './cursor.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

async function passTo(moment: string): Promise<void> {
  house.clock.now = new Date(moment)
  await Promise.all([reactToAll(house), reactToAll(house), reactToAll(house)])
}

const minutes = (value: number) => ({ value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' })

/** Every day at eight, Norwegian time, with half an hour of grace. */
const askForWeight = (patient: string, change: Partial<ServiceRequest> = {}) =>
  house.put({
    resourceType: 'ServiceRequest',
    id: `${patient}-weight`,
    status: 'active',
    intent: 'order',
    code: WEIGHT,
    subject: { reference: `Patient/${patient}` },
    basedOn: [{ reference: `CarePlan/${patient}-copd` }],
    occurrenceTiming: {
      repeat: {
        boundsPeriod: { start: '2026-11-01' },
        frequency: 1,
        period: 1,
        periodUnit: 'd',
        timeOfDay: ['08:00:00'],
      },
    },
    extension: [{ url: OCCURRENCE_POLICY, extension: [{ url: 'grace', valueDuration: minutes(30) }] }],
    ...change,
  } satisfies ServiceRequest)

/** The Tasks about weight alone: the COPD plan has others. */
const tasksOf = async (patient: string) =>
  (await house.tasksOf(patient)).filter(({ focus }) => focus?.reference === `ServiceRequest/${patient}-weight`)

const measure = (patient: string, at: string, change = {}) =>
  house.measure(patient, 80, { code: WEIGHT, effectiveDateTime: at, ...change })

async function begin(patient: string, change?: Partial<ServiceRequest>): Promise<void> {
  house.clock.now = new Date('2026-11-10T12:00:00Z')
  await house.enrol(patient)
  await askForWeight(patient, change)
  await reactToAll(house)
}

test('what did not come is missing when due and grace are over, to the second, and once', async () => {
  await begin('misses')
  await passTo('2026-11-11T07:29:59Z')
  expect(await tasksOf('misses')).toEqual([])
  await passTo('2026-11-11T07:30:00Z')
  await passTo('2026-11-11T07:40:00Z')
  expect(await tasksOf('misses')).toMatchObject([
    {
      status: 'requested',
      code: { coding: [{ code: 'missing-measurement' }] },
      businessStatus: { coding: [{ code: 'grey' }] },
      basedOn: [{ reference: 'ServiceRequest/misses-weight' }, { reference: 'CarePlan/misses-copd' }],
      owner: { reference: 'CareTeam/response' },
      reasonCode: { text: 'Vekt: ventet 2026-11-11 kl. 08:00, kom ikke' },
      input: [{ valueDateTime: '2026-11-11T07:00:00.000Z' }],
    },
  ])
})

test('a silence that lasts joins its open Task, also the days that nobody looked', async () => {
  await begin('lasts')
  await passTo('2026-11-11T09:00:00Z')
  await passTo('2026-11-14T09:00:00Z')
  expect(await tasksOf('lasts')).toMatchObject([
    { reasonCode: { text: 'Vekt: uteblitt 4 ganger, sist 2026-11-14 kl. 08:00' }, input: [{}, {}, {}, {}] },
  ])
})

test('a result within the window fulfils it; one that comes late takes the Task back', async () => {
  await begin('comes')
  house.clock.now = new Date('2026-11-11T06:10:00Z')
  await measure('comes', '2026-11-11T06:05:00Z')
  await passTo('2026-11-11T12:00:00Z')
  expect(await tasksOf('comes')).toEqual([])
  await passTo('2026-11-12T08:00:00Z')
  expect(await tasksOf('comes')).toMatchObject([{ status: 'requested' }])
  await measure('comes', '2026-11-12T07:55:00Z')
  await reactToAll(house)
  expect(await tasksOf('comes')).toMatchObject([{ status: 'cancelled', statusReason: { text: 'Målingen er kommet.' } }])
})

test('one that was entered in error fulfils nothing', async () => {
  await begin('errs')
  house.clock.now = new Date('2026-11-11T06:10:00Z')
  await measure('errs', '2026-11-11T06:05:00Z', { status: 'entered-in-error' })
  await passTo('2026-11-11T12:00:00Z')
  expect(await tasksOf('errs')).toHaveLength(1)
})

test('one measurement serves two requests of two plans', async () => {
  await begin('shares')
  await house.put({
    ...{ resourceType: 'ServiceRequest', id: 'shares-other', status: 'active', intent: 'order', code: WEIGHT },
    subject: { reference: 'Patient/shares' },
    occurrenceDateTime: '2026-11-11T07:00:00Z',
  })
  await measure('shares', '2026-11-11T06:30:00Z')
  await passTo('2026-11-11T12:00:00Z')
  expect((await house.tasksOf('shares')).filter(({ focus }) => focus?.reference?.startsWith('ServiceRequest'))).toEqual(
    [],
  )
})

test('a paused plan misses nothing, and what lies in the pause is not missed afterwards', async () => {
  await begin('pauses')
  await house.enrol('pauses', 'on-hold')
  await passTo('2026-11-13T12:00:00Z')
  expect(await tasksOf('pauses')).toEqual([])
  await house.enrol('pauses')
  await passTo('2026-11-14T07:29:59Z')
  expect(await tasksOf('pauses')).toEqual([])
  await passTo('2026-11-14T07:30:00Z')
  expect(await tasksOf('pauses')).toMatchObject([{ input: [{ valueDateTime: '2026-11-14T07:00:00.000Z' }] }])
})

test('a new time moves the clock; a change of something else does not', async () => {
  await begin('moves')
  await passTo('2026-11-11T07:10:00Z')
  await askForWeight('moves', { note: [{ text: 'Uten klær' }] })
  await passTo('2026-11-11T07:31:00Z')
  expect(await tasksOf('moves')).toHaveLength(1)
  await askForWeight('moves', {
    occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['20:00:00'] } },
  })
  await passTo('2026-11-12T19:29:59Z')
  expect((await tasksOf('moves'))[0]?.input).toHaveLength(2)
  await passTo('2026-11-12T19:30:00Z')
  expect((await tasksOf('moves'))[0]?.input?.map(({ valueDateTime }) => valueDateTime)).toEqual([
    '2026-11-11T07:00:00.000Z',
    '2026-11-11T19:00:00.000Z',
    '2026-11-12T19:00:00.000Z',
  ])
  await askForWeight('moves', { status: 'completed' })
  await reactToAll(house)
  const { rows } = await house.pool.query(sql`SELECT name FROM timer WHERE about = 'ServiceRequest/moves-weight'`)
  expect(rows).toEqual([])
})

test('what was asked while no worker was there is followed from when it was asked', async () => {
  house.clock.now = new Date('2026-11-10T12:00:00Z')
  await house.enrol('asleep')
  await askForWeight('asleep')
  await passTo('2026-11-11T09:00:00Z')
  expect(await tasksOf('asleep')).toHaveLength(1)
})

test('what fell due before a later change is not forgotten when one round reads of both', async () => {
  await begin('behind')
  const other: ServiceRequest = {
    ...{ resourceType: 'ServiceRequest', id: 'behind-once', status: 'active', intent: 'order', code: WEIGHT },
    ...{ subject: { reference: 'Patient/behind' }, occurrenceDateTime: '2026-11-10T13:00:00Z' },
  }
  await house.put(other)
  house.clock.now = new Date('2026-11-10T15:00:00Z')
  await house.enrol('behind')
  await house.put({ ...other, note: [{ text: 'Uten klær' }] })
  await passTo('2026-11-10T16:00:00Z')
  const missed = (await house.tasksOf('behind')).filter(
    ({ focus }) => focus?.reference === `ServiceRequest/${other.id}`,
  )
  expect(missed).toMatchObject([{ status: 'requested', input: [{ valueDateTime: '2026-11-10T13:00:00.000Z' }] }])
})

test('a request that comes in the same round as an earlier change is followed from its own time on', async () => {
  await begin('early')
  await house.enrol('early')
  house.clock.now = new Date('2026-11-10T15:00:00Z')
  await house.put({
    ...{ resourceType: 'ServiceRequest', id: 'early-once', status: 'active', intent: 'order', code: WEIGHT },
    ...{ subject: { reference: 'Patient/early' }, occurrenceDateTime: '2026-11-10T13:00:00Z' },
  })
  await passTo('2026-11-10T16:00:00Z')
  expect(
    (await house.tasksOf('early')).filter(({ focus }) => focus?.reference === 'ServiceRequest/early-once'),
  ).toEqual([])
})

test('a pause that no worker saw is a pause', async () => {
  await begin('unseen')
  await passTo('2026-11-11T06:00:00Z')
  await house.enrol('unseen', 'on-hold')
  house.clock.now = new Date('2026-11-13T12:00:00Z')
  await house.enrol('unseen')
  await passTo('2026-11-14T07:30:00Z')
  expect(await tasksOf('unseen')).toMatchObject([{ input: [{ valueDateTime: '2026-11-14T07:00:00.000Z' }] }])
})

const remindersOf = async (patient: string) => {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'CommunicationRequest' ORDER BY rk`,
  )
  const requests = rows.map(({ content }) => JSON.parse(content) as CommunicationRequest)
  return requests.filter(({ category }) => category?.[0]?.coding?.[0]?.code === 'reminder')
}

test('a reminder goes out before it is due, and another in the grace, unless it is done', async () => {
  const policy = [
    { url: 'reminder', valueDuration: minutes(60) },
    { url: 'nudge', valueDuration: minutes(10) },
    { url: 'grace', valueDuration: minutes(30) },
  ]
  await begin('reminded', { extension: [{ url: OCCURRENCE_POLICY, extension: policy }] })
  await passTo('2026-11-11T06:00:00Z')
  expect(await remindersOf('reminded')).toMatchObject([
    {
      status: 'active',
      recipient: [{ reference: 'Patient/reminded' }],
      payload: [{ contentString: 'Husk: Vekt, 2026-11-11 kl. 08:00.' }],
      occurrenceDateTime: '2026-11-11T07:00:00.000Z',
    },
  ])
  await passTo('2026-11-11T07:10:00Z')
  expect((await remindersOf('reminded'))[1]?.payload).toMatchObject([
    { contentString: 'Vekt skulle vært gjort 2026-11-11 kl. 08:00. Det er fortsatt tid.' },
  ])
  house.clock.now = new Date('2026-11-12T05:50:00Z')
  await measure('reminded', '2026-11-12T05:45:00Z')
  await passTo('2026-11-12T12:00:00Z')
  await passTo('2026-11-13T12:00:00Z')
  // The day after was slept through: nobody is reminded of what is over, but it is missed.
  expect(await remindersOf('reminded')).toHaveLength(2)
  expect((await tasksOf('reminded')).at(-1)?.input?.at(-1)).toMatchObject({ valueDateTime: '2026-11-13T07:00:00.000Z' })
})

test('a schedule that cannot be understood is a Task for the team, once', async () => {
  await begin('puzzles', { occurrenceTiming: { code: { text: 'av og til' } } })
  await askForWeight('puzzles', { occurrenceTiming: { code: { text: 'nå og da' } } })
  await reactToAll(house)
  expect(await tasksOf('puzzles')).toMatchObject([
    { code: { coding: [{ code: 'rule-unevaluable' }] }, reasonCode: { text: expect.stringMatching('av og til') } },
  ])
})

test("a CarePlan's own activity and a Questionnaire's Task are followed too", async () => {
  house.clock.now = new Date('2026-11-10T12:00:00Z')
  const questionnaire = 'http://fylgje.no/fhir/Questionnaire/cat'
  const subject = { reference: 'Patient/answers' }
  const detail = {
    status: 'in-progress' as const,
    description: 'CAT',
    instantiatesCanonical: [questionnaire],
    scheduledTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'wk' as const, dayOfWeek: ['mon' as const] } },
  }
  await house.put(
    {
      ...{ resourceType: 'CarePlan', id: 'answers', status: 'active', intent: 'plan', subject, activity: [{ detail }] },
      period: { start: '2026-11-01' },
      careTeam: [{ reference: 'CareTeam/response' }],
    } satisfies CarePlan,
    {
      ...{ resourceType: 'Task', id: 'answers-once', status: 'requested', intent: 'order', for: subject },
      ...{ focus: { reference: `${questionnaire}|1.0` }, authoredOn: '2026-11-10T12:00:00Z' },
      restriction: { period: { end: '2026-11-12T12:00:00Z' } },
    },
  )
  await passTo('2026-11-16T22:59:59Z')
  const missing = async () =>
    (await house.tasksOf('answers'))
      .filter(({ id }) => id !== 'answers-once')
      .map(({ focus, status }) => `${focus?.reference} ${status}`)
  expect(await missing()).toEqual(['Task/answers-once requested'])
  await passTo('2026-11-16T23:00:00Z')
  expect(await missing()).toEqual(['Task/answers-once requested', 'CarePlan/answers requested'])
  await house.put({
    ...{ resourceType: 'QuestionnaireResponse', id: 'answers-1', status: 'completed', subject },
    ...{ questionnaire: `${questionnaire}|1.0`, authored: '2026-11-17T08:00:00Z' },
  })
  await reactToAll(house)
  expect(await missing()).toEqual(['Task/answers-once cancelled', 'CarePlan/answers cancelled'])
  // Whoever asked for it has the answer, late as it is.
  const asked = (await house.tasksOf('answers')).find(({ id }) => id === 'answers-once')
  expect(asked).toMatchObject({
    status: 'completed',
    output: [{ valueReference: { reference: 'QuestionnaireResponse/answers-1/_history/1' } }],
  })
})

test('a rule that listens to the event takes it up itself', async () => {
  house.clock.now = new Date('2026-11-10T12:00:00Z')
  await house.put({
    resourceType: 'PlanDefinition',
    id: 'weight-plan',
    url: 'http://example.org/weight-plan',
    version: '1',
    status: 'active',
    action: [
      {
        id: 'call',
        title: 'Ring pasienten',
        trigger: [{ type: 'named-event', name: 'occurrence-missing' }],
        priority: 'urgent',
      },
      { id: 'extra', title: 'Ekstra måling', trigger: [{ type: 'named-event', name: 'occurrence-extra' }] },
    ],
  })
  await house.put({
    ...{
      resourceType: 'CarePlan',
      id: 'ruled',
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient/ruled' },
    },
    ...{ instantiatesCanonical: ['http://example.org/weight-plan|1'], careTeam: [{ reference: 'CareTeam/response' }] },
  })
  await askForWeight('ruled', { basedOn: [{ reference: 'CarePlan/ruled' }] })
  await passTo('2026-11-11T07:30:00Z')
  expect(await house.tasksOf('ruled')).toMatchObject([{ description: 'Ring pasienten', priority: 'urgent' }])
  house.clock.now = new Date('2026-11-12T07:30:00Z')
  await measure('ruled', '2026-11-12T06:55:00Z')
  await reactToAll(house)
  expect(await house.tasksOf('ruled')).toHaveLength(1)
  await measure('ruled', '2026-11-12T07:20:00Z')
  await reactToAll(house)
  expect((await house.tasksOf('ruled'))[1]).toMatchObject({ description: 'Ekstra måling' })
})
