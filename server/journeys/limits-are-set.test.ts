import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Bundle,
  ClinicalImpression,
  Goal,
  GoalTarget,
  Observation,
  Parameters,
  Provenance,
  Resource,
} from '@medplum/fhirtypes'
import request from 'supertest'
import { LIMIT } from '../core/decide/plan/vocabulary.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

const SUBJECT = { reference: 'Patient/limits' }
let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  await send('put', 'Patient/limits').send({ resourceType: 'Patient', id: 'limits' }).expect(201)
  await send('put', 'CarePlan/limits').send(carePlan('limits')).expect(201)
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'post' | 'put', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')

const carePlan = (id: string, status = 'active') => ({
  ...{ resourceType: 'CarePlan', id, status, intent: 'plan', subject: SUBJECT },
  instantiatesCanonical: ['http://fylgje.no/fhir/PlanDefinition/copd'],
  period: { start: new Date().toISOString() },
})

const low = (zone: string, value: number): GoalTarget => ({
  extension: [
    {
      url: LIMIT,
      extension: [
        { url: 'zone', valueCode: zone },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
  detailQuantity: { value, comparator: '<', unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})
const goalOf = (target: GoalTarget[], change: Partial<Goal> = {}): Goal => ({
  ...{ resourceType: 'Goal', lifecycleStatus: 'active', description: { text: 'Egne grenser' }, subject: SUBJECT },
  ...{ target, ...change },
})
const setLimits = (goal: object, reason: string | null = 'Stabil på lavere nivå etter innleggelsen', plan = 'limits') =>
  send('post', `CarePlan/${plan}/$set-limits`).send({
    resourceType: 'Parameters',
    parameter: [
      { name: 'goal', resource: goal },
      ...(reason === null ? [] : [{ name: 'reason', valueString: reason }]),
    ],
  })
const partOf = <T extends Resource>(body: Parameters, name: string) =>
  body.parameter?.find((one) => one.name === name)?.resource as T

async function find<T extends Resource>(query: string): Promise<T[]> {
  const { body } = await send('get', query).expect(200)
  return ((body as Bundle<T>).entry ?? []).flatMap(({ resource }) => resource ?? [])
}

async function untilColour(id: string, colour: string): Promise<ClinicalImpression> {
  for (let i = 0; i < 200; i++) {
    const [triage] = await find<ClinicalImpression>(
      `ClinicalImpression?patient=Patient/limits&investigation=Observation/${id}`,
    )
    if (triage?.finding?.[0]?.itemCodeableConcept?.coding?.[0]?.code === colour) return triage
    await sleep(50)
  }
  throw new Error(`It does not become ${colour}.`)
}

test('limits are set with who, when and why; the last measurement is judged anew; the history of limits is there', async () => {
  const { body: measured } = await send('post', 'Observation')
    .send({
      ...{ resourceType: 'Observation', status: 'final', subject: SUBJECT, code: low('red', 0).measure },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value: 89, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
    .expect(201)
  const { id } = measured as Observation
  await untilColour(String(id), 'green')

  const { body } = await setLimits(goalOf([low('yellow', 92), low('red', 90)])).expect(200)
  const goal = partOf<Goal>(body, 'goal')
  expect(partOf<Provenance>(body, 'provenance')).toMatchObject({
    target: [{ reference: `Goal/${goal.id}/_history/1` }, { reference: 'Patient/limits' }],
    reason: [{ text: 'Stabil på lavere nivå etter innleggelsen' }],
    agent: [{ who: { identifier: { value: 'demo-service' } } }],
  })
  expect((await send('get', 'CarePlan/limits')).body.goal).toEqual([{ reference: `Goal/${goal.id}` }])
  const triage = await untilColour(String(id), 'red')
  expect(triage.supportingInfo).toContainEqual({ reference: `Goal/${goal.id}/_history/1` })

  const again = await setLimits({ ...goal, target: [low('yellow', 88), low('red', 86)] }, 'For mange alarmer').expect(
    200,
  )
  expect(partOf<Provenance>(again.body, 'provenance').entity).toMatchObject([
    { role: 'revision', what: { reference: `Goal/${goal.id}/_history/1` } },
  ])
  await untilColour(String(id), 'green')
  const told = await find<Provenance>(`Provenance?target=Goal/${goal.id}`)
  expect(told.flatMap(({ reason }) => reason?.[0]?.text).sort()).toEqual([
    'For mange alarmer',
    'Stabil på lavere nivå etter innleggelsen',
  ])
  expect((await send('get', `Goal/${goal.id}/_history`)).body.total).toBe(2)
})

test('the ranges that apply stand in each measurement, in its first version, by the limits of that moment', async () => {
  const measure = async () => {
    const { body } = await send('post', 'Observation')
      .send({
        ...{ resourceType: 'Observation', status: 'final', subject: SUBJECT, code: low('red', 0).measure },
        effectiveDateTime: new Date().toISOString(),
        valueQuantity: { value: 87, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      })
      .expect(201)
    return body as Observation
  }
  const [goal] = await find<Goal>('Goal?patient=Patient/limits')
  expect(await measure()).toMatchObject({
    meta: { versionId: '1' },
    interpretation: [{ coding: [{ code: 'L' }] }],
    referenceRange: [
      { low: { value: 88 }, text: 'Gul under 88 %' },
      { low: { value: 86 }, text: 'Rød under 86 %' },
    ],
  })
  await setLimits({ ...goal, target: [low('yellow', 90), low('red', 88)] }, 'Forverret').expect(200)
  expect(await measure()).toMatchObject({ interpretation: [{ coding: [{ code: 'LL' }] }] })
  await setLimits({ ...goal, target: [low('yellow', 88), low('red', 86)] }, 'Bedre').expect(200)
})

test('who changes limits by writing the Goal itself is told too', async () => {
  const [goal] = await find<Goal>('Goal?patient=Patient/limits')
  const { body } = await send('put', `Goal/${goal?.id}`)
    .send({ ...goal, target: [low('yellow', 87), low('red', 85)] })
    .expect(200)
  const query = `Provenance?target=Goal/${goal?.id}/_history/${body.meta.versionId}`
  let told: Provenance[] = []
  for (let i = 0; i < 200 && told.length === 0; i++) {
    await sleep(50)
    told = await find<Provenance>(query)
  }
  expect(told).toMatchObject([{ agent: [{ who: { identifier: { value: 'demo-service' } } }] }])
})

test.each<[string, () => request.Test, number, string, string | undefined]>([
  ['without a reason', () => setLimits(goalOf([low('red', 88)]), null), 400, 'required', 'reason'],
  [
    'yellow inside red',
    () => setLimits(goalOf([low('yellow', 80), low('red', 85)])),
    422,
    'business-rule',
    'Goal.target[1].detail',
  ],
  [
    'against another Goal of the plan',
    () => setLimits(goalOf([low('yellow', 80)])),
    422,
    'business-rule',
    'Goal.target[0].detail',
  ],
  [
    'of somebody else',
    () => setLimits(goalOf([low('red', 88)], { subject: { reference: 'Patient/demo-line' } })),
    400,
    'value',
    'Goal.subject',
  ],
  [
    'in a Goal that is not of the plan',
    () => setLimits(goalOf([low('red', 88)], { id: 'other' })),
    422,
    'business-rule',
    'Goal.id',
  ],
  ['that are none', () => setLimits(goalOf([{ measure: { text: 'Gå mer' } }])), 400, 'required', 'Goal.target'],
  ['in a plan that is not there', () => setLimits(goalOf([low('red', 88)]), 'x', 'none'), 404, 'not-found', undefined],
  [
    'by a Goal that contradicts itself',
    () => send('post', 'Goal').send(goalOf([low('yellow', 80), low('red', 85)])),
    422,
    'business-rule',
    'Goal.target[1].detail',
  ],
])('limits %s are refused, and nothing is stored', async (_name, attempt, status, code, expression) => {
  const before = (await send('get', 'Goal?patient=Patient/limits&_summary=count')).body.total
  const answer = await attempt()
  expect([answer.status, answer.body.issue?.[0].code, answer.body.issue?.[0].expression?.[0]]).toEqual([
    status,
    code,
    expression,
  ])
  expect((await send('get', 'Goal?patient=Patient/limits&_summary=count')).body.total).toBe(before)
})

test('limits are set over the version that was seen, and over no other', async () => {
  const { body } = await setLimits(goalOf([low('red', 85), low('yellow', 88)])).expect(200)
  const first = partOf<Goal>(body, 'goal')
  const over = (versionId: string, red: number) =>
    send('post', 'CarePlan/limits/$set-limits').send({
      resourceType: 'Parameters',
      parameter: [
        { name: 'goal', resource: { ...first, target: [low('red', red), low('yellow', 88)] } },
        { name: 'versionId', valueId: versionId },
        { name: 'reason', valueString: 'Prøve' },
      ],
    })
  await over('1', 84).expect(200)
  const stale = await over('1', 83).expect(412)
  expect(stale.body.issue[0]).toMatchObject({ code: 'conflict' })
  const { body: now } = await send('get', `Goal/${first.id}`).expect(200)
  expect((now as Goal).target?.[0]?.detailQuantity?.value).toBe(84)
  // Whoever does not say what they have seen writes over whatever is there.
  const { meta: _meta, ...unseen } = first
  await setLimits({ ...unseen, lifecycleStatus: 'cancelled' }).expect(200)
  const { headers } = await send('get', 'CarePlan/limits').expect(200)
  const seen = Number(/"(\d+)"/.exec(String(headers.etag))?.[1])
  const old = await setLimits(goalOf([low('red', 85)]))
    .set('If-Match', `W/"${seen - 1}"`)
    .expect(412)
  expect(old.body.issue[0]).toMatchObject({ code: 'conflict', diagnostics: expect.stringContaining('CarePlan/limits') })
  const planned = await send('post', 'CarePlan/limits/$plan-change')
    .set('If-Match', `W/"${seen - 1}"`)
    .send({
      resourceType: 'Parameters',
      parameter: [
        { name: 'at', valueInstant: new Date(Date.now() + 86_400_000).toISOString() },
        { name: 'status', valueCode: 'completed' },
        { name: 'reason', valueString: 'Prøve' },
      ],
    })
    .expect(412)
  expect(planned.body.issue[0]).toMatchObject({ code: 'conflict' })
})

test('limits in a plan that has ended are refused', async () => {
  await send('put', 'CarePlan/ended').send(carePlan('ended', 'completed')).expect(201)
  const { status, body } = await setLimits(goalOf([low('red', 88)]), 'x', 'ended')
  expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([422, 'business-rule', ['CarePlan.status']])
})

describe('limits that are proposed', () => {
  const plan = 'CarePlan/proposed'
  const take = (...parameter: object[]) =>
    send('post', `${plan}/$set-limits`).send({
      resourceType: 'Parameters',
      parameter: [...parameter, { name: 'reason', valueString: 'Som foreslått' }],
    })
  const by = (task: string) => ({ name: 'proposal', valueReference: { reference: `Task/${task}` } })
  const proposal = (id: string, goal: Goal, change: object = {}) =>
    send('put', `Task/${id}`).send({
      ...{ resourceType: 'Task', id, status: 'requested', intent: 'proposal', for: SUBJECT },
      ...{ focus: { reference: plan }, contained: [{ ...goal, id: 'proposed-1' }] },
      input: [{ type: { text: 'proposed-limits' }, valueReference: { reference: '#proposed-1' } }],
      ...change,
    })
  const asked = async (days: number) => send('get', `${plan}/$propose-limits?days=${days}`)

  test('come from the own measurements, are taken with their reason, and then fit', async () => {
    await send('put', plan).send(carePlan('proposed')).expect(201)
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString()
    const entry = Array.from({ length: 20 }, (_, i) => ({
      request: { method: 'POST', url: 'Observation' },
      resource: {
        ...{ resourceType: 'Observation', status: 'final', subject: SUBJECT, effectiveDateTime: day(i + 2) },
        code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
        valueQuantity: { value: 94 + (i % 3), unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      },
    }))
    await send('post', '').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(200)
    const { body } = await asked(28)
    const [found] = (body as Parameters).parameter ?? []
    const part = (name: string) => found?.part?.find((one) => one.name === name)
    expect([part('measure')?.valueString, part('median')?.valueDecimal]).toEqual(['SpO2', 95])
    expect(part('reason')?.valueString).toContain('Foreslått grunnverdi 95 %')
    const goal = part('goal')?.resource as Goal
    await proposal('limits-proposal', goal).expect(201)
    const { body: taken } = await take(by('limits-proposal')).expect(200)
    expect(partOf<Goal>(taken, 'goal')).toMatchObject({ lifecycleStatus: 'active' })
    expect(partOf<Provenance>(taken, 'provenance').reason).toEqual([{ text: 'Som foreslått' }])
    expect((await send('get', 'Task/limits-proposal')).body.status).toBe('completed')
    expect(JSON.stringify((await asked(28)).body)).not.toContain('grunnverdi')
  })

  test.each<[string, () => request.Test | Promise<request.Response>, number, string, string]>([
    ['without saying which', () => take(), 400, 'required', 'goal'],
    [
      'by what is no Task',
      () => take({ ...by('x'), valueReference: { reference: 'Goal/x' } }),
      400,
      'value',
      'proposal',
    ],
    ['by a proposal that was answered', () => take(by('limits-proposal')), 422, 'business-rule', 'proposal'],
    ['of no week', () => asked(3), 400, 'value', 'days'],
  ])('%s are refused', async (_name, attempt, status, code, expression) => {
    const answer = await attempt()
    expect([answer.status, answer.body.issue?.[0].code, answer.body.issue?.[0].expression?.[0]]).toEqual([
      status,
      code,
      expression,
    ])
  })

  test('for another CarePlan are refused', async () => {
    await proposal('limits-of-another', goalOf([low('red', 88)]), { focus: { reference: 'CarePlan/limits' } }).expect(
      201,
    )
    const { status, body } = await take(by('limits-of-another'))
    expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([422, 'business-rule', ['proposal']])
  })
})
