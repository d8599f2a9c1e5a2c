import type { MeasureReport, PlanDefinition, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { APPLICABILITY_BEHAVIOR, FINDING, TRIAGE_COLOUR } from '../core/decide/plan/vocabulary.ts'
import { SILENCE_OWNER } from '../core/decide/silence/silence-owner.ts'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { settleHere } from '../expressions/expressions.ts'
import { ALARM_BUDGET } from '../lifecycle/extensions.ts'
import { openLog } from '../log.ts'
import { measureAlarmRate } from './alarm-rate.ts'
import { createAlarmWatch } from './alarm-watch.ts'
import { keepTrials } from './alternative-trial.ts'
import { skipEvents } from './cursor.ts'
import type { KeeperRooms } from './keeper.ts'
import { dropPlanClock, ringPlanClock, setPlanClock } from './plan-clock.ts'
import { claimJob, finishJob } from './simulation/jobs.ts'
import { reportOf, simulate } from './simulation/simulate.ts'
import { NOBODY_MOVES, spo2Limit, startTestHouse, type TestHouse } from './test-house.ts'
import { liveUntilDone } from './test-lives.ts'
import { reactToAll } from './test-steps.ts'
import { createForecasting } from './weekly-forecast.ts'

let house: TestHouse
let rooms: KeeperRooms
const URL = 'http://example.org/fhir/PlanDefinition/loud'

const plan: PlanDefinition = {
  resourceType: 'PlanDefinition',
  id: 'loud',
  url: URL,
  version: '1.0.0',
  status: 'active',
  title: 'Høylytt',
  extension: [
    {
      url: ALARM_BUDGET,
      extension: [
        { url: 'tasksPer100PatientDays', valueDecimal: 4 },
        { url: 'actedOnPercent', valueDecimal: 40 },
      ],
    },
  ],
  action: [{ id: 'low', title: 'Lav verdi' }],
}

beforeAll(async () => {
  house = await startTestHouse()
  rooms = {
    ...{ pool: house.pool, store: house.store, now: () => house.clock.now, onCommit: () => {} },
    ...{ readBook: house.readBook },
    ...{ settle: settleHere, rateOf: measureAlarmRate, log: openLog('silent'), ...NOBODY_MOVES },
  }
  await house.put(
    plan,
    ...['a', 'b'].map((id) => ({
      ...{ resourceType: 'CarePlan', id: `loud-${id}`, status: 'active', intent: 'plan' },
      subject: { reference: `Patient/${id}` },
      instantiatesCanonical: [`${URL}|1.0.0`],
      period: { start: '2026-09-01T00:00:00Z' },
    })),
  )
})
afterAll(() => house.stop())

const day = (days: number) => new Date(Date.parse('2026-11-10T08:00:00Z') + days * 86_400_000)

/** Tasks that the rule made, so many days after the tenth of November. */
const rang = (days: number, status: Task['status'], count: number) =>
  house.put(
    ...Array.from({ length: count }, (_, i) => ({
      ...{ resourceType: 'Task', id: `t-${days}-${status}-${i}`, intent: 'order', status },
      identifier: [{ system: FINDING, value: `${URL}|low|Patient/a|${days} ${status} ${i}` }],
      instantiatesCanonical: `${URL}|1.0.0`,
      for: { reference: 'Patient/a' },
      authoredOn: day(days).toISOString(),
    })),
  )

/** The duty as it is done at this moment, by a keeper that has just started. */
async function keep(at: Date, { pool }: Pick<KeeperRooms, 'pool'> = rooms): Promise<void> {
  house.clock.now = at
  const watch = createAlarmWatch()
  while (await watch({ ...rooms, pool })) {
    // Until no clock is left that rings.
  }
}

const budgetTasks = () => tasksOf('alarm-budget-exceeded')

async function tasksOf(code: string): Promise<Task[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'Task' AND strpos(content, ${code}) > 0 ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}

test('a plan beyond its budget has one Task, day after day, until it is within it again', async () => {
  await rang(-1, 'completed', 2)
  await keep(day(0))
  // Two Tasks in sixty days of patients are 3.3 per hundred.
  expect(await budgetTasks()).toEqual([])

  await rang(0, 'cancelled', 4)
  await keep(new Date(day(0).getTime() + 3_600_000))
  expect(await budgetTasks()).toEqual([])
  await keep(day(1))
  const [task, ...others] = await budgetTasks()
  expect(others).toEqual([])
  expect(task).toMatchObject({
    status: 'requested',
    focus: { reference: 'PlanDefinition/loud' },
    reasonCode: {
      text: '10 oppgaver per 100 pasientdager, lovet er høyst 4; 33.3 % av dem førte til noe, lovet er minst 40 % (siste 30 dager)',
    },
    input: [{ type: { text: 'Lav verdi' }, valueString: '6 oppgaver, 33 % førte til noe' }],
  })

  await rang(1, 'completed', 3)
  await Promise.all([keep(day(2)), keep(day(2))])
  const [joined, ...more] = await budgetTasks()
  expect(more).toEqual([])
  expect([joined?.id, joined?.input?.[0]?.valueString]).toEqual([task?.id, '9 oppgaver, 56 % førte til noe'])

  // A month later nothing has rung for a long time.
  await keep(day(40))
  expect((await budgetTasks()).map(({ status, statusReason }) => [status, statusReason?.text])).toEqual([
    ['cancelled', 'Varslene er innenfor budsjettet igjen.'],
  ])
})

const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
const rule = (colour: string) => ({
  id: colour,
  title: colour,
  code: [{ coding: [{ system: TRIAGE_COLOUR, code: colour }] }],
  condition: [
    {
      kind: 'applicability',
      expression: { language: 'text/fhirpath', expression: `%limits.where(zone = '${colour}' and hit).exists()` },
    },
  ],
})
const trigger = [{ type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [SPO2] }] }] }]
const TEAM = { reference: 'CareTeam/yellow' }
const tooYellow = {
  ...{
    ...plan,
    // A Task takes a day: of most mornings one person does what comes, of one in twenty two.
    extension: [
      ...(plan.extension ?? []),
      { url: 'http://fylgje.no/fhir/StructureDefinition/minutes-per-task', valuePositiveInt: 480 },
    ],
    id: 'yellow',
    url: `${URL}-yellow`,
    title: 'Gult',
    goal: [{ description: { text: 'O' }, target: [spo2Limit('red', 88), spo2Limit('yellow', 92)] }],
  },
  action: [
    {
      ...{ id: 'spo2', trigger, action: [rule('red'), rule('yellow')] },
      extension: [{ url: APPLICABILITY_BEHAVIOR, valueCode: 'any' }],
    },
  ],
}

/** Two nurses; both are on shift on a day, or one of them. */
const roster = [
  {
    resourceType: 'CareTeam',
    id: 'yellow',
    participant: [{ member: { reference: 'Practitioner/1' } }, { member: { reference: 'Practitioner/2' } }],
  },
  ...['1', '2'].flatMap((id) => [
    { resourceType: 'PractitionerRole', id, practitioner: { reference: `Practitioner/${id}` } },
    { resourceType: 'Schedule', id, actor: [{ reference: `Practitioner/${id}` }] },
  ]),
]
/** Mornings by Norwegian clocks. @param days `11-16` */
const mornings = (nurse: string, ...days: string[]) =>
  days.map((date) => ({
    ...{ resourceType: 'Slot', id: `${nurse}-${date}`, schedule: { reference: `Schedule/${nurse}` }, status: 'busy' },
    ...{ start: `2026-${date}T07:00:00+01:00`, end: `2026-${date}T15:00:00+01:00` },
  }))

/** Eleven days of two people: one whose value is yellow each day, which nobody does anything about, and one who is red once. */
async function liveThrough(): Promise<void> {
  await skipEvents(house.pool)
  house.clock.now = day(-12)
  await house.put(
    tooYellow,
    ...['c', 'd'].flatMap((id) => [
      { resourceType: 'Patient', id },
      {
        ...{ resourceType: 'CarePlan', id: `yellow-${id}`, status: 'active', intent: 'plan' },
        ...{ subject: { reference: `Patient/${id}` }, instantiatesCanonical: [`${URL}-yellow|1.0.0`] },
        period: { start: day(-20).toISOString() },
        careTeam: [TEAM],
      },
    ]),
    ...roster,
  )
  for (let at = -11; at < 0; at++) {
    house.clock.now = day(at)
    await house.measure('c', 91)
    await house.measure('d', at === -5 ? 84 : 96)
    await reactToAll(house)
    for (const [patient, status] of [
      ['c', 'cancelled'],
      ['d', 'completed'],
    ] as const) {
      const open = (await house.tasksOf(patient)).filter((task) => task.status === 'requested')
      await house.put(
        ...open.map((task) => ({ ...task, status, executionPeriod: { end: house.clock.now.toISOString() } })),
      )
    }
  }
}

/** What a simulator does. @returns whether there was something to do */
async function playJob(): Promise<boolean> {
  const job = await claimJob(house.pool)
  if (!job) return false
  const { parameters } = reportOf(
    await simulate({ pool: house.pool, settle: settleHere, readBook: house.readBook }, job.asked),
  )
  await finishJob(house.pool, job.id, { done: parameters })
  return true
}

/** Simulators, and the keeper between them, until the trial is over. @returns how many simulations it took */
async function tryAll(at: Date, { pool }: Pick<KeeperRooms, 'pool'> = rooms): Promise<number> {
  let count = 0
  for (let second = 0; second < 600; second += 6) {
    house.clock.now = new Date(at.getTime() + second * 1_000)
    await Promise.all([keepTrials({ ...rooms, pool }), keepTrials({ ...rooms, pool })])
    if (await playJob()) count += 1
    const { rows } = await house.pool.query(
      sql`SELECT 1 FROM timer WHERE kind = 'alternative' AND about = 'PlanDefinition/yellow'`,
    )
    if (rows.length === 0) return count
  }
  throw new Error('the trial does not end')
}

test('a plan that was deleted has no clock, though its patients are followed still', async () => {
  const gone = { ...plan, id: 'gone', url: `${URL}-gone` }
  await house.put(gone)
  const first = createAlarmWatch()
  expect(await first(rooms)).toBe(true)
  await keep(house.clock.now)
  await house.store.write(engineAccess('test'), { interaction: 'delete', type: 'PlanDefinition', id: 'gone' })
  expect((await house.readBook(house.pool)).find(gone.url)).toBeDefined()
  // That it is gone is seen the next time that its clock rings, which then is not set again.
  await keep(new Date(house.clock.now.getTime() + 86_400_000))
  const again = createAlarmWatch()
  expect(await again(rooms)).toBe(false)
  const { rows } = await house.pool.query(sql`SELECT 1 FROM timer WHERE about = 'PlanDefinition/gone'`)
  expect(rows).toEqual([])
})

test('for a plan beyond its budget something quieter is tried on what has happened, and a draft of it is there with its figures', async () => {
  await liveThrough()
  await keep(day(0))
  // Not the other plan of this file: its clock does not ring at this moment.
  const about = async () => (await budgetTasks()).find(({ focus }) => focus?.reference === 'PlanDefinition/yellow')
  expect((await about())?.input?.map(({ valueString }) => valueString)).toEqual([
    '11 oppgaver, 0 % førte til noe',
    '1 oppgaver, 100 % førte til noe',
  ])
  // The plan as it is, and then the first alternative, which keeps the budget.
  expect(await tryAll(day(0))).toBe(2)
  const task = await about()
  const told = Object.fromEntries(
    (task?.input ?? []).map(({ type, ...rest }) => [type.coding?.[0]?.code, Object.values(rest)[0]]),
  )
  expect(told).toMatchObject({
    'trial-change': 'gul grense for SpO2 fra 92 til 91 %',
    ...{ 'trial-tasks-before': 30, 'trial-tasks-after': 2.5, 'trial-reds-missed': 0, 'trial-acted-on-missed': 0 },
    'trial-acted-on-before': { value: 8.33, unit: '%' },
    'trial-acted-on-after': { value: 100, unit: '%' },
  })
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'PlanDefinition' AND id = ${told['trial-draft'].reference.split('/')[1]}`,
  )
  const draft = JSON.parse(rows[0]?.content ?? '{}') as PlanDefinition
  expect(draft).toMatchObject({ status: 'draft', url: `${URL}-yellow`, version: '1.1.0' })
  expect(draft.goal?.[0]?.target?.map(({ detailQuantity }) => detailQuantity?.value)).toEqual([88, 91])
  expect(draft.relatedArtifact).toMatchObject([
    { type: 'predecessor', resource: `${URL}-yellow|1.0.0` },
    { type: 'justification', display: 'gul grense for SpO2 fra 92 til 91 %' },
  ])

  // The next day tells the alarms of that day, and keeps what was tried.
  await keep(new Date(day(1).getTime() + 3_600_000))
  expect((await about())?.input?.slice(-12)).toEqual(task?.input?.slice(-12))
  // A Task that somebody has closed is followed by another; the same draft serves. Whenever the process is killed, each is there once.
  await house.put({ ...(await about()), status: 'rejected', statusReason: { text: 'Nei' } })
  const later = new Date(day(2).getTime() + 3_600_000)
  const killed = [
    await liveUntilDone(house.pool, (pool) => keep(later, { pool })),
    await liveUntilDone(house.pool, (pool) => tryAll(later, { pool })),
  ]
  expect(Math.min(...killed)).toBeGreaterThan(10)
  const drafts = (await budgetTasks()).flatMap(({ input = [] }) =>
    input.flatMap(({ valueReference }) =>
      valueReference?.reference?.startsWith('PlanDefinition/') ? [valueReference.reference] : [],
    ),
  )
  expect(drafts).toHaveLength(2)
  expect(new Set(drafts).size).toBe(1)
  // Not if somebody has changed its rules since: the figures would be of another plan.
  const { action = [] } = draft
  await house.put({ ...draft, action: action.map((one) => ({ ...one, title: `${one.title}, endret` })) })
  const latest = async () => (await budgetTasks()).findLast(({ focus }) => focus?.reference === 'PlanDefinition/yellow')
  await house.put({ ...(await latest()), status: 'rejected', statusReason: { text: 'Nei' } })
  await keep(new Date(day(3).getTime() + 3_600_000))
  await tryAll(new Date(day(3).getTime() + 3_600_000))
  const { input = [] } = (await latest()) ?? {}
  expect(input.map(({ valueReference }) => valueReference?.reference)).not.toContain(drafts[0])
  expect(input.map(({ type }) => type.coding?.[0]?.code)).toContain('trial-draft')
})

/** The clocks of the forecasts until none has work, from this moment on. */
async function forecast(at: Date, { pool }: Pick<KeeperRooms, 'pool'> = rooms, play = playJob): Promise<void> {
  for (let second = 0; second < 600; second += 6) {
    house.clock.now = new Date(at.getTime() + second * 1_000)
    const [one, other] = [createForecasting(), createForecasting()]
    while ((await Promise.all([one, other].map((keeper) => keeper({ ...rooms, pool })))).some(Boolean)) {
      // Until no clock is left that rings.
    }
    await play()
    const { rows } = await house.pool.query(
      sql`SELECT 1 FROM timer WHERE kind = 'forecast' AND due_at <= ${new Date(at.getTime() + 600_000).toISOString()}::timestamptz`,
    )
    if (rows.length === 0) return
  }
  throw new Error('the forecast does not end')
}

async function forecastsStored(): Promise<MeasureReport[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'MeasureReport' ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as MeasureReport)
}

test('on Monday the week is forecast, once; a week later what came stands beside it', async () => {
  await forecast(day(3))
  expect(await forecastsStored()).toEqual([])
  const monday = new Date('2026-11-15T23:10:00Z')
  const days = (month: number, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${month}-${String(from + i).padStart(2, '0')}`)
  await house.put(...mornings('1', ...days(11, 16, 29)), ...mornings('2', ...days(11, 17, 26), '11-28', '11-29'))
  await forecast(monday)
  await forecast(new Date(monday.getTime() + 3_600_000))
  const [report, ...more] = await forecastsStored()
  expect(more).toEqual([])
  expect(report).toMatchObject({
    status: 'pending',
    period: { start: '2026-11-15T23:00:00.000Z', end: '2026-11-22T23:00:00.000Z' },
    evaluatedResource: [{ reference: 'PlanDefinition/yellow' }, TEAM],
  })
  // Eight Tasks came on the mornings of twenty weekdays, of people who were followed for 25.6 of the 28 days.
  const morning = report?.group?.find(({ code }) => code?.text === 'weekday 07:00–15:00')
  expect(morning?.measureScore?.value).toBe(0.44)
  expect(morning?.population).toMatchObject([{ count: 2 }])

  // Two are needed on each morning; on two of these two weeks there is one.
  const [short, ...otherTasks] = await tasksOf('shift-understaffed')
  expect(otherTasks).toEqual([])
  expect(short).toMatchObject({
    ...{ status: 'requested', owner: TEAM, focus: { reference: `MeasureReport/${report?.id}` } },
    reasonCode: { text: '2 vakter har færre på jobb enn prognosen tilsier' },
    input: ['16', '27'].map((date) => ({
      type: { coding: [{ code: 'short-shift' }], text: '1 på vakt, 2 trengs' },
      valuePeriod: { start: `2026-11-${date}T07:00:00+01:00`, end: `2026-11-${date}T15:00:00+01:00` },
    })),
  })

  house.clock.now = new Date('2026-11-18T08:00:00Z')
  const third = [...days(11, 30, 30), ...days(12, 1, 6)]
  await house.put(...mornings('1', ...third), ...mornings('2', '11-27', ...third))
  await house.put({ ...short, owner: { reference: 'Practitioner/1' } })
  await house.measure('c', 91)
  await reactToAll(house)
  await forecast(new Date('2026-11-22T23:10:00Z'))
  const [told, next, ...others] = await forecastsStored()
  expect(others).toEqual([])
  expect(next).toMatchObject({ status: 'pending', period: { start: '2026-11-22T23:00:00.000Z' } })
  expect(told).toMatchObject({ id: report?.id, status: 'complete' })
  const came = told?.group?.find(({ code }) => code?.text === 'weekday 07:00–15:00')?.stratifier ?? []
  const max = came.find(({ code }) => code?.[0]?.coding?.[0]?.code === 'came-max')
  expect(max?.stratum?.[0]?.measureScore?.value).toBe(1)
  expect((await tasksOf('shift-understaffed')).map(({ status, statusReason }) => [status, statusReason?.text])).toEqual(
    [['cancelled', 'Vaktene har nok folk.']],
  )
})

test('whenever the process is killed, a week is forecast once, what came is told once, and a team that is short has one Task', async () => {
  const monday = new Date('2026-11-29T23:10:00Z')
  const killed = await liveUntilDone(house.pool, (pool) => forecast(monday, { pool }))
  expect(killed).toBeGreaterThan(10)
  const reports = await forecastsStored()
  expect(reports.map(({ status, period }) => [status, period?.start])).toEqual([
    ['complete', '2026-11-15T23:00:00.000Z'],
    ['complete', '2026-11-22T23:00:00.000Z'],
    ['pending', '2026-11-29T23:00:00.000Z'],
  ])
  const outcomes = reports[1]?.group?.[0]?.stratifier?.map(({ code }) => code?.[0]?.coding?.[0]?.code)
  expect(outcomes).toHaveLength(new Set(outcomes).size)
  // Nobody is rostered for the week after.
  const open = (await tasksOf('shift-understaffed')).filter(({ status }) => status === 'requested')
  expect(open.map(({ owner }) => owner)).toEqual([TEAM])
})

test('a week that cannot be forecast is one Task for whom the plan names, until a later one can be', async () => {
  const fail = async () => {
    const job = await claimJob(house.pool)
    const issue = [{ severity: 'error' as const, code: 'exception' as const, diagnostics: 'Too many patients.' }]
    if (job) await finishJob(house.pool, job.id, { failed: { resourceType: 'OperationOutcome', issue } })
    return job !== undefined
  }
  // Not the other plan of this file, which fails as well.
  const told = async () =>
    (await tasksOf('week-not-forecast')).filter(({ focus }) => focus?.reference === 'PlanDefinition/yellow')
  const answers = [
    { url: 'silence', valueCode: 'not-evaluated' },
    { url: 'owner', valueReference: { reference: 'CareTeam/answers' } },
    { url: 'after', valueDuration: { value: 1, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' } },
  ]
  await house.put({
    ...tooYellow,
    extension: [...(tooYellow.extension ?? []), { url: SILENCE_OWNER, extension: answers }],
  })
  expect(await told()).toEqual([])
  // Neither what came in the week before nor what is to come.
  await forecast(new Date('2026-12-06T23:10:00Z'), rooms, fail)
  const [task, ...more] = await told()
  expect(more).toEqual([])
  expect(task).toMatchObject({
    ...{ status: 'requested', focus: { reference: 'PlanDefinition/yellow' }, owner: { reference: 'CareTeam/answers' } },
    reasonCode: { text: 'Simuleringen mislyktes: Too many patients.' },
  })
  expect((await forecastsStored()).at(-1)?.status).toBe('error')
  await forecast(new Date('2026-12-13T23:10:00Z'), rooms, fail)
  expect((await told()).map(({ status }) => status)).toEqual(['requested'])
  await forecast(new Date('2026-12-20T23:10:00Z'))
  expect((await told()).map(({ status, statusReason }) => [status, statusReason?.text])).toEqual([
    ['cancelled', 'En senere uke er regnet ut.'],
  ])
})

test('a clock that cannot be handled rings again in an hour, and holds up no other', async () => {
  house.clock.now = day(30)
  const [bad, good] = ['PlanDefinition/bad', 'PlanDefinition/good']
  for (const about of [bad, good]) {
    await inTransaction(house.pool, (tx) =>
      setPlanClock(tx, { kind: 'alternative', about, name: 'trial', dueAt: day(about === bad ? 29 : 30) }),
    )
  }
  const rang: string[] = []
  const ring = () =>
    ringPlanClock(rooms, 'alternative', async (tx, timer) => {
      rang.push(timer.about)
      if (timer.about === bad) throw new Error('out of order')
      await dropPlanClock(tx, timer)
    })
  expect([await ring(), await ring(), await ring()]).toEqual([true, true, false])
  expect(rang).toEqual([bad, good])
  const { rows } = await house.pool.query<{ about: string; due_at: Date }>(
    sql`SELECT about, due_at FROM timer WHERE kind = 'alternative'`,
  )
  expect(rows).toEqual([{ about: bad, due_at: new Date(day(30).getTime() + 3_600_000) }])
})
