import type {
  Basic,
  Bundle,
  CarePlan,
  OperationOutcome,
  Parameters,
  RequestGroup,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import request from 'supertest'
import { eventually } from './harness/eventually.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

const EXAMPLE = 'http://example.org'
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }
const SPO2 = { coding: [{ system: 'http://loinc.org', code: '59408-5' }] }
const SUBJECT = { name: 'subject', valueString: 'Patient/enrol-1' }
const daily = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }
const TWO_DAYS = { value: 2, system: 'http://unitsofmeasure.org', code: 'd' }

const activity = (id: string, more: object) => ({
  ...{
    resourceType: 'ActivityDefinition',
    id: `enrol-${id}`,
    url: `${EXAMPLE}/ActivityDefinition/${id}`,
    version: '1',
  },
  ...{ status: 'active', ...more },
})
const FORM = {
  ...{ resourceType: 'Questionnaire', id: 'enrol-form', url: `${EXAMPLE}/Questionnaire/form`, version: '1' },
  ...{ status: 'active', item: [{ linkId: 'a', type: 'boolean', text: 'A' }] },
}
const DEFINITIONS = [
  activity('weigh', { kind: 'ServiceRequest', code: WEIGHT, timingTiming: daily }),
  activity('spo2', { kind: 'ServiceRequest', code: SPO2 }),
  activity('call', { kind: 'Task', description: 'Ring pasienten', code: { text: 'Ring' } }),
  FORM,
]
const canonical = (id: string) => ({ definitionCanonical: `${EXAMPLE}/ActivityDefinition/${id}` })
const PLAN = {
  ...{ resourceType: 'PlanDefinition', id: 'enrol-plan', url: `${EXAMPLE}/PlanDefinition/heart`, version: '1' },
  ...{ status: 'active', title: 'Hjertesvikt' },
  goal: [{ id: 'stable', description: { text: 'Stabil vekt' } }],
  action: [
    { id: 'weigh', requiredBehavior: 'must', goalId: ['stable'], timingTiming: daily, ...canonical('weigh') },
    { id: 'form', definitionCanonical: FORM.url },
    {
      ...{ id: 'call', requiredBehavior: 'must-unless-documented', ...canonical('call') },
      relatedAction: [{ actionId: 'form', relationship: 'after-end', offsetDuration: TWO_DAYS }],
    },
    {
      ...{ id: 'saturation', title: 'Metning', selectionBehavior: 'exactly-one' },
      action: [
        { id: 'at-home', ...canonical('spo2') },
        { id: 'at-gp', textEquivalent: 'Mål metning hos fastlegen' },
      ],
    },
    {
      ...{ id: 'pause', trigger: [{ type: 'named-event', name: 'admitted' }] },
      type: { coding: [{ code: 'update' }] },
      extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/activity-effect', valueCode: 'pause' }],
      relatedAction: [{ actionId: 'weigh', relationship: 'concurrent' }],
    },
  ],
}

const send = (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
const post = (path: string, ...parameter: object[]) =>
  send('post', path).send({ resourceType: 'Parameters', parameter })
const read = async <T>(reference: string | undefined) => (await send('get', String(reference)).expect(200)).body as T
const search = async <T>(query: string) =>
  (((await send('get', query).expect(200)).body as Bundle).entry ?? []).map(({ resource }) => resource as T)
const issuesOf = (body: unknown) =>
  (body as OperationOutcome).issue.map(({ code, expression }) => [code, expression?.[0]])

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  for (const resource of [...DEFINITIONS, PLAN]) {
    const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`).send(resource)
    expect([status, body.issue]).toEqual([201, undefined])
  }
  for (const id of ['enrol-1', 'enrol-2', 'enrol-3', 'enrol-4', 'enrol-by-hand']) {
    await send('put', `Patient/${id}`).send({ resourceType: 'Patient', id }).expect(201)
  }
  await send('put', 'CareTeam/enrol-team').send({ resourceType: 'CareTeam', id: 'enrol-team', status: 'active' })
})
afterAll(() => server.giveBack())

const AT_HOME = { name: 'select', valueString: 'at-home' }
const TEAM = { name: 'careTeam', valueReference: { reference: 'CareTeam/enrol-team' } }
const KEY = { name: 'key', valueString: 'henvisning-1' }
const subject = (id: string) => ({ name: 'subject', valueString: `Patient/${id}` })

describe('a patient is enrolled in a plan', () => {
  let carePlan: CarePlan

  test('where the plan leaves a choice, it must be made', async () => {
    const { body } = await post('PlanDefinition/enrol-plan/$enrol', SUBJECT).expect(422)
    expect(issuesOf(body)).toEqual([['business-rule', "RequestGroup.action.where(id = 'saturation').action"]])
    expect(JSON.stringify(body)).toContain('at-home, at-gp')
    expect(await search('CarePlan?subject=Patient/enrol-1')).toEqual([])
  })

  test('at once: CarePlan, Goal, RequestGroup and orders', async () => {
    const { body } = await post('PlanDefinition/enrol-plan/$enrol', SUBJECT, AT_HOME, TEAM, KEY).expect(201)
    carePlan = body as CarePlan
    expect(carePlan).toMatchObject({
      ...{ status: 'active', intent: 'plan', instantiatesCanonical: [`${PLAN.url}|1`] },
      ...{ subject: { reference: 'Patient/enrol-1' }, careTeam: [{ reference: 'CareTeam/enrol-team' }] },
      period: { start: expect.any(String) },
    })
    expect(carePlan.contained).toBeUndefined()
    expect(await read(carePlan.goal?.[0]?.reference)).toMatchObject({ lifecycleStatus: 'active' })
    const group = await read<RequestGroup>(carePlan.activity?.[0]?.reference?.reference)
    expect(group).toMatchObject({ status: 'active', intent: 'order' })
    expect(group.action?.map(({ id }) => id)).toEqual(['weigh', 'form', 'call', 'saturation'])
    expect(group.action?.[3]?.action?.map(({ id }) => id)).toEqual(['at-home'])
    const requests = await search<ServiceRequest>(`ServiceRequest?based-on=CarePlan/${carePlan.id}`)
    expect(requests.map(({ status, intent, code }) => [status, intent, code?.coding?.[0]?.code]).sort()).toEqual([
      ['active', 'order', '29463-7'],
      ['active', 'order', '59408-5'],
    ])
    // What the plan says that it is for.
    expect(requests.flatMap(({ extension = [] }) => extension)).toEqual([
      { url: expect.stringContaining('pertainsToGoal'), valueReference: carePlan.goal?.[0] },
    ])
    const [form, call] = (await search<Task>(`Task?based-on=CarePlan/${carePlan.id}`)).sort((one, other) =>
      String(other.status).localeCompare(String(one.status)),
    )
    expect(form).toMatchObject({ status: 'requested', intent: 'order', owner: { reference: 'Patient/enrol-1' } })
    // What comes two days after the form waits until it is answered.
    expect(call).toMatchObject({ status: 'draft', intent: 'order', owner: { reference: 'CareTeam/enrol-team' } })
  })

  test('what waits begins when what it waits for is done, two days on', async () => {
    const tasks = await search<Task>(`Task?based-on=CarePlan/${carePlan.id}`)
    const form = tasks.find(({ status }) => status === 'requested')
    await send('put', `Task/${form?.id}`)
      .send({ ...form, status: 'completed' })
      .expect(200)
    const call = await eventually(
      async () => (await search<Task>(`Task?based-on=CarePlan/${carePlan.id}&status=requested`))[0],
      (found) => found !== undefined,
    )
    const start = Date.parse(call?.restriction?.period?.start ?? '')
    expect(Math.abs(start - Date.now() - 2 * 86_400_000)).toBeLessThan(3_600_000)
  })

  test('the same key again is the same enrolment; without it, or for another patient, it is refused', async () => {
    const { body } = await post('PlanDefinition/enrol-plan/$enrol', SUBJECT, AT_HOME, TEAM, KEY).expect(200)
    expect((body as CarePlan).id).toBe(carePlan.id)
    const { body: twice } = await post('PlanDefinition/enrol-plan/$enrol', SUBJECT, AT_HOME).expect(409)
    expect(issuesOf(twice)).toEqual([['conflict', 'subject']])
    const { body: other } = await post('PlanDefinition/enrol-plan/$enrol', subject('enrol-2'), AT_HOME, KEY).expect(409)
    expect(issuesOf(other)).toEqual([['conflict', 'key']])
    expect(await search(`CarePlan?subject=Patient/enrol-1`)).toHaveLength(1)
  })

  test('an event of the plan acts on its activities; one that it does not know is refused', async () => {
    const { body } = await post(`CarePlan/${carePlan.id}/$event`, { name: 'name', valueString: 'dismissed' }).expect(
      422,
    )
    expect(issuesOf(body)).toEqual([['business-rule', 'name']])
    expect(JSON.stringify(body)).toContain('admitted')
    const event = [{ name: 'name', valueString: 'admitted' }, KEY]
    const first = await post(`CarePlan/${carePlan.id}/$event`, ...event).expect(201)
    const second = await post(`CarePlan/${carePlan.id}/$event`, ...event).expect(200)
    expect(second.body.id).toBe(first.body.id)
    const weighing = await eventually(
      async () => (await search<ServiceRequest>(`ServiceRequest?based-on=CarePlan/${carePlan.id}&code=29463-7`))[0],
      (found) => found?.status === 'on-hold',
    )
    expect(weighing?.meta?.versionId).toBe('2')
  })

  test('the event of a plan reaches those who are in it', async () => {
    const event = { name: 'name', valueString: 'admitted' }
    const path = 'PlanDefinition/enrol-plan/$event'
    const { body } = await post(path, { name: 'subject', valueReference: { reference: 'Patient/enrol-1' } }, event)
    expect(body).toMatchObject({ resourceType: 'Basic', subject: { reference: 'Patient/enrol-1' } })
    const { body: refused } = await post(
      path,
      { name: 'subject', valueReference: { reference: 'Patient/enrol-4' } },
      event,
    )
    expect(issuesOf(refused)).toEqual([['business-rule', 'subject']])
  })
})

test('what is to be done by hand comes with the enrolment, once, or not at all', async () => {
  const given = {
    ...{ resourceType: 'Task', status: 'requested', intent: 'order', description: 'Del ut badevekt' },
    owner: { reference: 'CareTeam/enrol-team' },
  }
  const enrolled = (task: object, ...more: object[]) =>
    post('PlanDefinition/enrol-plan/$enrol', subject('enrol-by-hand'), { name: 'task', resource: task }, ...more)
  const made = () => search<Task>('Task?patient=enrol-by-hand&owner=CareTeam/enrol-team&status=requested')
  // The plan leaves a choice that nobody has made.
  await enrolled(given).expect(422)
  const { body: foreign } = await enrolled({ ...given, for: { reference: 'Patient/enrol-2' } }, AT_HOME).expect(400)
  expect(issuesOf(foreign)).toEqual([['value', 'task.for']])
  const { body: other } = await enrolled({ resourceType: 'ServiceRequest' }, AT_HOME).expect(400)
  expect(issuesOf(other)).toEqual([['value', 'task']])
  const { body: invalid } = await enrolled({ ...given, status: 'perhaps' }, AT_HOME)
  expect(issuesOf(invalid)).toEqual([['code-invalid', 'Task.status']])
  expect([await made(), await search('CarePlan?subject=Patient/enrol-by-hand')]).toEqual([[], []])
  const key = { name: 'key', valueString: 'henvisning-5' }
  const { body } = await enrolled(given, AT_HOME, key).expect(201)
  await enrolled(given, AT_HOME, key).expect(200)
  expect(await made()).toEqual([
    expect.objectContaining({
      ...{ description: 'Del ut badevekt', for: { reference: 'Patient/enrol-by-hand' } },
      focus: { reference: `CarePlan/${body.id}` },
    }),
  ])
})

describe('a proposal is edited and stored', () => {
  const propose = async (id: string) =>
    (await post('PlanDefinition/enrol-plan/$apply', subject(id)).expect(200)).body as CarePlan
  const enrol = (id: string, proposal: object, ...more: object[]) =>
    post('PlanDefinition/enrol-plan/$enrol', subject(id), { name: 'proposal', resource: proposal }, ...more)
  const groupIn = (proposal: CarePlan) =>
    proposal.contained?.find(({ resourceType }) => resourceType === 'RequestGroup') as RequestGroup
  /** Without some actions, and the requests that only they lead to. */
  const without = (proposal: CarePlan, ...ids: string[]): CarePlan => {
    const copy = structuredClone(proposal)
    const group = groupIn(copy)
    const keep = (actions: RequestGroup['action']): RequestGroup['action'] =>
      actions
        ?.filter(({ id }) => !ids.includes(String(id)))
        .map((action) => (action.action ? { ...action, action: keep(action.action) } : action))
    group.action = keep(group.action)
    const text = JSON.stringify(copy)
    copy.contained = copy.contained?.filter(
      ({ id, resourceType }) => resourceType === 'RequestGroup' || text.includes(`"reference":"#${id}"`),
    )
    return copy
  }

  test.each<[string, (proposal: CarePlan) => CarePlan, string]>([
    ['what must be is missing', (p) => without(p, 'weigh', 'at-gp'), 'proposal.RequestGroup.action'],
    ['what must be told is not', (p) => without(p, 'call', 'at-gp'), 'proposal.RequestGroup.action'],
    ['two of alternatives', (p) => p, 'proposal.RequestGroup.action[3].action'],
    [
      'an action of another plan',
      (p) => {
        const copy = without(p, 'at-gp')
        groupIn(copy).action?.push({ id: 'dance', title: 'Dance' })
        return copy
      },
      'proposal.RequestGroup.action[4]',
    ],
    [
      'a request that nothing leads to',
      (p) => {
        const copy = without(p, 'at-gp')
        copy.contained?.push({ resourceType: 'Task', id: 'lost', status: 'draft', intent: 'option' })
        return copy
      },
      "proposal.contained.where(id = 'lost')",
    ],
  ])('not if %s', async (_case, change, expression) => {
    const { body } = await enrol('enrol-2', change(await propose('enrol-2'))).expect(422)
    expect(issuesOf(body)).toContainEqual([expect.any(String), expression])
    expect(await search('CarePlan?subject=Patient/enrol-2')).toEqual([])
  })

  test.each<[string, (proposal: CarePlan) => object]>([
    ['another version', (p) => ({ ...p, instantiatesCanonical: [`${PLAN.url}|0`] })],
    ['another patient', (p) => ({ ...p, subject: { reference: 'Patient/enrol-1' } })],
  ])('not for %s', async (_case, change) => {
    const { body } = await enrol('enrol-2', change(without(await propose('enrol-2'), 'at-gp'))).expect(409)
    expect(issuesOf(body)[0]?.[0]).toBe('conflict')
  })

  test('what is edited is what is stored; why something is left out stands in the CarePlan', async () => {
    const proposal = without(await propose('enrol-2'), 'call', 'at-home')
    const weighing = proposal.contained?.find(({ resourceType }) => resourceType === 'ServiceRequest') as ServiceRequest
    weighing.patientInstruction = 'Før frokost'
    const why = {
      name: 'omission',
      part: [
        { name: 'actionId', valueString: 'call' },
        { name: 'reason', valueString: 'Pasienten ringer selv' },
      ],
    }
    const { body } = await enrol('enrol-2', proposal, why, TEAM).expect(201)
    expect((body as CarePlan).note?.[0]?.text).toMatch(/Pasienten ringer selv/)
    const [stored, ...more] = await search<ServiceRequest>('ServiceRequest?subject=Patient/enrol-2')
    expect([stored?.patientInstruction, more.length]).toEqual(['Før frokost', 0])
    // At the doctor's is only words: somebody's to do.
    const byHand = (await search<Task>('Task?patient=Patient/enrol-2')).find(
      ({ code }) => code?.coding?.[0]?.code === 'carry-out',
    )
    expect(byHand).toMatchObject({
      description: 'Mål metning hos fastlegen',
      owner: { reference: 'CareTeam/enrol-team' },
    })
  })

  test('the newer form is taken too', async () => {
    const { body } = await post('PlanDefinition/enrol-plan/$r5.apply', subject('enrol-3')).expect(200)
    const bundle = body as Bundle
    const group = bundle.entry?.[0]?.resource as RequestGroup
    const saturation = group.action?.find(({ id }) => id === 'saturation')
    if (saturation) saturation.action = saturation.action?.slice(0, 1)
    const stored = await enrol('enrol-3', bundle).expect(201)
    expect(stored.body).toMatchObject({ status: 'active', goal: [expect.anything()] })
    expect(await search('ServiceRequest?subject=Patient/enrol-3')).toHaveLength(2)
  })

  test('two plans that want the weight ask once', async () => {
    const other = {
      ...PLAN,
      id: 'enrol-other',
      url: `${EXAMPLE}/PlanDefinition/diet`,
      action: [PLAN.action[0]],
      goal: [],
    }
    await send('put', 'PlanDefinition/enrol-other')
      .send({ ...other, goal: undefined })
      .expect(201)
    const { body } = await post('PlanDefinition/enrol-other/$enrol', subject('enrol-3')).expect(201)
    const weighing = await search<ServiceRequest>('ServiceRequest?subject=Patient/enrol-3&code=29463-7')
    expect(weighing).toHaveLength(1)
    expect(weighing[0]?.basedOn).toHaveLength(2)
    expect((body as CarePlan).activity?.[1]?.reference?.reference).toBe(`ServiceRequest/${weighing[0]?.id}`)
  })

  test('by what right, and why, is kept with who said so; what contradicts another plan is told in the answer', async () => {
    const advice = (id: string, direction: string) => ({
      ...{ id, title: id },
      extension: [
        {
          url: 'http://fylgje.no/fhir/StructureDefinition/advice',
          extension: [
            { url: 'topic', valueCodeableConcept: { text: 'drikke' } },
            { url: 'direction', valueCode: direction },
          ],
        },
      ],
    })
    const planOf = (id: string, direction: string) => ({
      ...{ resourceType: 'PlanDefinition', id, url: `${EXAMPLE}/PlanDefinition/${id}`, version: '1', status: 'active' },
      ...{ title: id, action: [advice('drink', direction)] },
    })
    for (const plan of [planOf('kidney', 'more'), planOf('heart-water', 'less')]) {
      await send('put', `PlanDefinition/${plan.id}`).send(plan).expect(201)
    }
    const LAW = 'https://lovdata.no/lov/1999-07-02-63'
    const basis = [
      { name: 'policy', valueUri: LAW },
      { name: 'reason', valueString: 'Bedt om av fastlegen' },
    ]
    const first = await post('PlanDefinition/kidney/$enrol', subject('enrol-4'), ...basis)
    expect([first.status, first.body.issue]).toEqual([201, undefined])
    expect(first.body.contained).toBeUndefined()
    expect(await search(`Provenance?target=CarePlan/${first.body.id}`)).toMatchObject([
      { policy: [LAW], reason: [{ text: 'Bedt om av fastlegen' }], agent: [{ who: { display: 'demo-service' } }] },
    ])
    const { body } = await post('PlanDefinition/heart-water/$enrol', subject('enrol-4'))
      .set('Accept-Language', 'nn')
      .expect(201)
    const said = '«heart-water» (drink) og «kidney» (drink) gjev motsette råd om drikke.'
    expect(body.contained).toMatchObject([
      { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'conflict', diagnostics: said }] },
    ])
    // It is told and not stored; nobody said by what right, and nothing is made up.
    expect((await read<CarePlan>(`CarePlan/${body.id}`)).contained).toBeUndefined()
    expect(await search(`Provenance?target=CarePlan/${body.id}`)).toEqual([])
  })

  test.each<[string, object, string, string]>([
    ['a legal basis that is no uri', { name: 'policy', valueUri: 'the law' }, 'value', 'policy'],
    ['a period that is none', { name: 'period', valuePeriod: { start: 'soon' } }, 'value', 'period'],
    ['a team that is none', { name: 'careTeam', valueReference: { reference: 'Patient/1' } }, 'value', 'careTeam'],
    ['half an omission', { name: 'omission', part: [{ name: 'actionId', valueString: 'a' }] }, 'value', 'omission'],
    ['a proposal that is none', { name: 'proposal', resource: { resourceType: 'Patient' } }, 'value', 'proposal'],
    ['an action that the plan has not', { name: 'select', valueString: 'dance' }, 'value', 'select'],
    ['what nobody knows', { name: 'dance', valueString: 'yes' }, 'not-supported', 'dance'],
  ])('refused: %s', async (_case, parameter, code, expression) => {
    const { body } = await post('PlanDefinition/enrol-plan/$enrol', subject('enrol-4'), AT_HOME, parameter)
    expect(issuesOf(body as Parameters)).toContainEqual([code, expression])
  })

  test('actions that wait for each other', async () => {
    const waits = (id: string, actionId: string) => ({
      ...{ id, title: id, relatedAction: [{ actionId, relationship: 'after-end' }] },
    })
    const plan = { ...PLAN, id: 'enrol-circle', url: `${PLAN.url}-circle`, action: [waits('a', 'b'), waits('b', 'a')] }
    const { body } = await send('put', 'PlanDefinition/enrol-circle').send(plan).expect(422)
    expect(issuesOf(body)).toEqual([['business-rule', 'PlanDefinition.action[0].relatedAction']])
  })

  test('one patient at a time', async () => {
    const two = [subject('enrol-3'), subject('enrol-4')]
    const { body } = await post('PlanDefinition/enrol-plan/$enrol', ...two, AT_HOME).expect(400)
    expect(issuesOf(body)).toEqual([['not-supported', 'subject']])
    const { body: proposals } = await post('PlanDefinition/enrol-plan/$apply', ...two).expect(200)
    expect((proposals as Parameters).parameter).toMatchObject([
      { name: 'return', resource: { resourceType: 'CarePlan', subject: { reference: 'Patient/enrol-3' } } },
      { name: 'return', resource: { resourceType: 'CarePlan', subject: { reference: 'Patient/enrol-4' } } },
    ])
  })

  test('of a Group the members', async () => {
    const member = ['enrol-1', 'enrol-2'].map((id) => ({ entity: { reference: `Patient/${id}` } }))
    const group = { resourceType: 'Group', id: 'enrol-group', type: 'person', actual: true }
    await send('put', 'Group/enrol-group').send({ ...group, member: [...member, { ...member[0], inactive: true }] })
    const of = { name: 'subject', valueString: 'Group/enrol-group' }
    const { body } = await post('PlanDefinition/enrol-plan/$apply', of).expect(200)
    expect((body as Parameters).parameter).toHaveLength(2)
    await send('put', 'Group/enrol-empty').send({ ...group, id: 'enrol-empty' })
    const { body: none } = await post('PlanDefinition/enrol-plan/$apply', { ...of, valueString: 'Group/enrol-empty' })
    expect(issuesOf(none)).toEqual([['value', 'subject']])
  })

  test('a plan hears that somebody is given what it waits for, of those who are in it, and once of who looks again', async () => {
    const data = [{ type: 'Observation', codeFilter: [{ path: 'code', code: SPO2.coding }] }]
    const action = [{ id: 'seen', title: 'Noen har lest', trigger: [{ type: 'data-accessed', data }] }]
    const plan = { ...PLAN, id: 'enrol-read', url: `${PLAN.url}-read`, goal: undefined, action }
    await send('put', 'PlanDefinition/enrol-read').send(plan).expect(201)
    const measured = { resourceType: 'Observation', status: 'final', valueQuantity: { value: 95, unit: '%' } }
    const readers = ['enrol-read-1', 'enrol-read-2']
    for (const id of readers) {
      await send('put', `Patient/${id}`).send({ resourceType: 'Patient', id }).expect(201)
      const observation = { ...measured, id: `${id}-spo2`, code: SPO2, subject: { reference: `Patient/${id}` } }
      await send('put', `Observation/${id}-spo2`).send(observation).expect(201)
    }
    await post('PlanDefinition/enrol-read/$enrol', subject('enrol-read-1'), TEAM).expect(201)
    for (const id of readers) await read(`Observation/${id}-spo2`)
    expect(await search(`Observation?subject=Patient/enrol-read-1`)).toHaveLength(1)
    const [task] = await eventually(
      () => search<Task>('Task?patient=enrol-read-1'),
      (found) => found.length > 0,
    )
    expect(task).toMatchObject({ description: 'Noen har lest', focus: { reference: 'Observation/enrol-read-1-spo2' } })
    const replayed = await read<Parameters>(`Task/${task?.id}/$replay`)
    expect(replayed.parameter).toContainEqual({ name: 'equal', valueBoolean: true })
    const told = await search<Basic>(`Basic?subject=${readers.map((id) => `Patient/${id}`).join()}`)
    expect(told.map(({ extension }) => extension?.map(({ valueReference }) => valueReference?.reference))).toEqual([
      ['Observation/enrol-read-1-spo2/_history/1'],
    ])
  })

  test('an active plan that filters by what R4 cannot search by is refused; a draft is not', async () => {
    const trigger = [{ type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ searchParam: 'colour' }] }] }]
    const plan = { ...PLAN, id: 'enrol-colour', url: `${PLAN.url}-colour`, action: [{ title: 'Colour', trigger }] }
    const { body } = await send('put', 'PlanDefinition/enrol-colour').send(plan).expect(400)
    const filter = 'PlanDefinition.action[0].trigger[0].data[0].codeFilter[0].searchParam'
    expect(issuesOf(body)).toEqual([['not-supported', filter]])
    await send('put', 'PlanDefinition/enrol-colour')
      .send({ ...plan, status: 'draft' })
      .expect(201)
  })

  test('a plan that is retired or a draft, and a subject who is no patient', async () => {
    await send('put', 'PlanDefinition/enrol-draft').send({
      ...PLAN,
      id: 'enrol-draft',
      url: `${PLAN.url}-draft`,
      status: 'draft',
    })
    const { body } = await post('PlanDefinition/enrol-draft/$enrol', subject('enrol-4'), AT_HOME).expect(422)
    expect(issuesOf(body)).toEqual([['business-rule', 'PlanDefinition.status']])
    const team = { name: 'subject', valueString: 'CareTeam/enrol-team' }
    const { body: none } = await post('PlanDefinition/enrol-plan/$enrol', team, AT_HOME).expect(400)
    expect(issuesOf(none)).toEqual([['value', 'subject']])
  })
})

describe('a plan that demands a legal basis', () => {
  const CATEGORY = { system: `${EXAMPLE}/consents`, code: 'home-monitoring', display: 'hjemmeoppfølging' }
  const HEALTH_ACT = 'https://lovdata.no/lov/1999-07-02-63'
  const CARE_ACT = 'https://lovdata.no/lov/2011-06-24-30'
  const BASIS = 'http://fylgje.no/fhir/StructureDefinition/legal-basis'
  const demand = (...extension: object[]) => ({ url: `${BASIS}-required`, extension })
  const DEMANDING = {
    ...{ resourceType: 'PlanDefinition', id: 'enrol-demanding', url: `${EXAMPLE}/PlanDefinition/demanding` },
    ...{ version: '1', status: 'active', title: 'Med samtykke', action: [{ id: 'weigh', ...canonical('weigh') }] },
    extension: [
      demand({ url: 'policy', valueUri: HEALTH_ACT }, { url: 'policy', valueUri: CARE_ACT }),
      demand({ url: 'title', valueString: 'Samtykke' }, { url: 'consent', valueCoding: CATEGORY }),
    ],
  }
  const consent = (id: string, status: string) => ({
    ...{ resourceType: 'Consent', id, status, patient: { reference: 'Patient/enrol-5' } },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
    ...{ category: [{ coding: [CATEGORY] }], policy: [{ uri: CARE_ACT }] },
  })
  const enrol = (...more: object[]) => post('PlanDefinition/enrol-demanding/$enrol', subject('enrol-5'), ...more)
  const LAW = { name: 'policy', valueUri: CARE_ACT }
  const missing = () => search<Task>('Task?patient=Patient/enrol-5&code=legal-basis-missing&status=requested')
  let carePlan: CarePlan

  beforeAll(async () => {
    await send('put', 'Patient/enrol-5').send({ resourceType: 'Patient', id: 'enrol-5' }).expect(201)
    await send('put', 'PlanDefinition/enrol-demanding').send(DEMANDING).expect(201)
    await send('put', 'Consent/enrol-withdrawn').send(consent('enrol-withdrawn', 'inactive')).expect(201)
  })

  test('enrols nobody without it: all that is missing is told at once, in the language of who asks', async () => {
    const { body } = await enrol().set('Accept-Language', 'nn').expect(422)
    expect(issuesOf(body)).toEqual([
      ['business-rule', 'policy'],
      ['business-rule', 'consent'],
    ])
    const [law, yes] = (body as OperationOutcome).issue.map(({ diagnostics }) => diagnostics)
    expect(law).toBe(`Planen krev eit rettsleg grunnlag som ingen har oppgjeve: ${HEALTH_ACT}, eller ${CARE_ACT}.`)
    expect(yes).toContain('Samtykke (samtykket til pasienten: hjemmeoppfølging)')
    const { body: withdrawn } = await enrol(LAW, {
      ...{ name: 'consent', valueReference: { reference: 'Consent/enrol-withdrawn' } },
    }).expect(422)
    expect(issuesOf(withdrawn)).toEqual([['business-rule', 'consent']])
    expect(await search('CarePlan?subject=Patient/enrol-5')).toEqual([])
  })

  test('nor does a CarePlan that is written by hand, or becomes active without it', async () => {
    const byHand = {
      ...{ resourceType: 'CarePlan', id: 'enrol-by-hand', status: 'active', intent: 'plan' },
      ...{ subject: { reference: 'Patient/enrol-5' }, instantiatesCanonical: [DEMANDING.url] },
    }
    const { body } = await send('put', 'CarePlan/enrol-by-hand').send(byHand).expect(422)
    expect(issuesOf(body)).toEqual(Array(2).fill(['business-rule', 'CarePlan.extension']))
    await send('put', 'CarePlan/enrol-by-hand')
      .send({ ...byHand, status: 'draft' })
      .expect(201)
    await send('put', 'CarePlan/enrol-by-hand').send(byHand).expect(422)
  })

  test('keeps in the CarePlan what it rests on; a Consent of the patient’s is found by itself', async () => {
    await send('put', 'Consent/enrol-given').send(consent('enrol-given', 'active')).expect(201)
    const { body } = await enrol(LAW, TEAM).expect(201)
    carePlan = body as CarePlan
    expect(carePlan.extension).toEqual([
      { url: BASIS, extension: [{ url: 'policy', valueUri: CARE_ACT }] },
      { url: BASIS, extension: [{ url: 'consent', valueReference: { reference: 'Consent/enrol-given' } }] },
    ])
    const [provenance] = await search(`Provenance?target=CarePlan/${carePlan.id}`)
    expect(provenance).toMatchObject({
      ...{ policy: [CARE_ACT], entity: [{ role: 'source', what: { reference: 'Consent/enrol-given' } }] },
    })
    // What it rests on is not taken out of it while it runs.
    const { body: refused } = await send('put', `CarePlan/${carePlan.id}`)
      .send({ ...carePlan, extension: undefined })
      .expect(422)
    expect(issuesOf(refused)[0]).toEqual(['business-rule', 'CarePlan.extension'])
    expect(await missing()).toEqual([])
  })

  test('a Consent that is withdrawn is a Task for the team; given again, it is taken back', async () => {
    await send('put', 'Consent/enrol-given').send(consent('enrol-given', 'inactive')).expect(200)
    const [task] = await eventually(missing, ({ length }) => length === 1)
    expect(task).toMatchObject({
      ...{ owner: { reference: 'CareTeam/enrol-team' }, focus: { reference: `CarePlan/${carePlan.id}` } },
      description: expect.stringContaining('mangler rettslig grunnlag: Samtykke'),
    })
    await send('put', 'Consent/enrol-given').send(consent('enrol-given', 'active')).expect(200)
    await eventually(missing, ({ length }) => length === 0)
  })

  test('so it is while the enrolment is paused, which opens the record too; it is not resumed without it', async () => {
    const { body } = await send('get', `CarePlan/${carePlan.id}`).expect(200)
    const set = (status: CarePlan['status']) => send('put', `CarePlan/${carePlan.id}`).send({ ...body, status })
    await set('on-hold').expect(200)
    await send('put', 'Consent/enrol-given').send(consent('enrol-given', 'inactive')).expect(200)
    await eventually(missing, ({ length }) => length === 1)
    const { body: refused } = await set('active').expect(422)
    expect(issuesOf(refused)).toEqual([['business-rule', 'CarePlan.extension']])
    await send('put', 'Consent/enrol-given').send(consent('enrol-given', 'active')).expect(200)
    await eventually(missing, ({ length }) => length === 0)
    await set('active').expect(200)
  })
})

test('a patient goes through the stages of a plan: each brings its own, a clinician moves them on, and where they were is told', async () => {
  const stage = (...parts: object[]) => [{ url: 'http://fylgje.no/fhir/StructureDefinition/stage', extension: parts }]
  const staged = {
    ...{ resourceType: 'PlanDefinition', id: 'enrol-staged', url: `${EXAMPLE}/PlanDefinition/staged`, version: '1' },
    ...{ status: 'active', title: 'Etter innleggelse' },
    action: [
      {
        ...{ id: 'close', title: 'Tett', extension: stage({ url: 'next', valueId: 'steady' }) },
        action: [{ id: 'weigh', ...canonical('weigh') }],
      },
      {
        ...{ id: 'steady', title: 'Stabil', extension: stage({ url: 'kind', valueCode: 'primary' }) },
        action: [{ id: 'call', title: 'Avtal ny time' }],
      },
    ],
  }
  await send('put', 'Patient/enrol-6').send({ resourceType: 'Patient', id: 'enrol-6' }).expect(201)
  await send('put', 'PlanDefinition/enrol-staged').send(staged).expect(201)
  const { body } = await post('PlanDefinition/enrol-staged/$enrol', subject('enrol-6'), TEAM).expect(201)
  const id = (body as CarePlan).id
  const weighing = () => search<ServiceRequest>('ServiceRequest?subject=Patient/enrol-6')
  const shown = async () => {
    const { body: stages } = await send('get', `CarePlan/${id}/$stages`).set('Accept-Language', 'en').expect(200)
    return ((stages as Parameters).parameter ?? []).map(({ part }) =>
      ['id', 'state', 'reason'].flatMap((name) => {
        const one = part?.find((other) => other.name === name)
        return one?.valueId ?? one?.valueCode ?? one?.valueString ?? []
      }),
    )
  }
  const [first] = await eventually(weighing, ({ length }) => length === 1)
  expect(first).toMatchObject({ status: 'active', basedOn: [{ reference: `CarePlan/${id}` }] })
  expect(await shown()).toEqual([
    ['close', 'current'],
    ['steady', 'next'],
  ])

  const move = (to: string) =>
    post(`CarePlan/${id}/$move-stage`, { name: 'to', valueId: to }, { name: 'reason', valueString: 'Stabil vekt' })
  const { body: unknown } = await move('elsewhere').expect(422)
  expect(issuesOf(unknown)).toEqual([['business-rule', 'to']])
  await move('steady').expect(200)
  const { body: again } = await move('steady').expect(409)
  expect(issuesOf(again)).toEqual([['conflict', 'to']])
  await eventually(weighing, ([one]) => one?.status === 'revoked')
  const tasks = () => search<Task>('Task?patient=Patient/enrol-6')
  const [call] = await eventually(tasks, ({ length }) => length === 1)
  expect(call).toMatchObject({ description: 'Avtal ny time', owner: { reference: 'CareTeam/enrol-team' } })
  expect(await shown()).toEqual([
    ['close', 'past'],
    ['steady', 'current', 'Stabil vekt'],
    ['close', 'next'],
  ])
  const { body: none } = await post(
    'CarePlan/enrol-by-hand/$move-stage',
    ...[
      { name: 'to', valueId: 'steady' },
      { name: 'reason', valueString: 'x' },
    ],
  ).expect(422)
  expect(issuesOf(none)).toEqual([['business-rule', 'CarePlan.status']])
})
