import type {
  Bundle,
  CarePlan,
  Goal,
  Parameters,
  ParametersParameter,
  PlanDefinition,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import request from 'supertest'
import { isInStage } from '../lifecycle/stage.ts'
import { eventually } from './harness/eventually.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

const PLAN_URL = 'http://x/PlanDefinition/weight'
const PATIENTS = Array.from({ length: 120 }, (_, i) => `mover-${String(i).padStart(3, '0')}`)
/** Has a limit, a schedule and a Task of their own. */
const [ANNE = '', BO = ''] = PATIENTS

let server: SharedServer
let token: string
beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  for (const version of [1, 2]) {
    await put(activity(version))
    await put(plan(version))
  }
  await store(PATIENTS.flatMap(enrolled))
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
type Stored = { resourceType: string; id?: string }
const put = async (resource: Stored) => {
  const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  expect([status < 300, status < 300 ? undefined : body]).toEqual([true, undefined])
}
const store = (resources: Stored[]) =>
  send('post', '')
    .send({
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: resources.map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      })),
    })
    .expect(200)
const read = async <T>(path: string): Promise<T> => (await send('get', path).expect(200)).body as T
const parameters = (...parameter: object[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 ? { parameter } : {}),
})
const at = (version: number) => `${PLAN_URL}|${version}.0.0`
const activityAt = (version: number) => `http://x/ActivityDefinition/weigh|${version}`

const timing = (period: number) => ({ repeat: { frequency: 1, period, periodUnit: 'd' } })
const activity = (version: number) => ({
  ...{ resourceType: 'ActivityDefinition', id: `weigh-${version}`, url: 'http://x/ActivityDefinition/weigh' },
  ...{ version: String(version), status: 'active', kind: 'ServiceRequest', timingTiming: timing(version) },
})
const limit = (value: number) => ({
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/limit',
      extension: [
        { url: 'zone', valueCode: 'red' },
        { url: 'side', valueCode: 'high' },
      ],
    },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' },
  detailQuantity: { value, comparator: '>', unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
})
const plan = (version: number) => ({
  ...{
    resourceType: 'PlanDefinition',
    id: `weight-${version}`,
    url: PLAN_URL,
    version: `${version}.0.0`,
    status: 'active',
  },
  goal: [{ description: { text: 'Vekt' }, target: [limit(100 + version)] }],
  action: [
    { id: 'weigh', title: 'Vei deg', definitionCanonical: activityAt(version) },
    version === 1 ? { id: 'old', title: 'Gammel regel' } : { id: 'new', title: 'Ny regel' },
  ],
})
function enrolled(patient: string): Stored[] {
  const subject = { reference: `Patient/${patient}` }
  const basedOn = [{ reference: `CarePlan/${patient}` }]
  const own = patient === ANNE
  return [
    { resourceType: 'Patient', id: patient },
    {
      ...{ resourceType: 'CarePlan', id: patient, status: 'active', intent: 'plan', subject },
      ...{ instantiatesCanonical: [at(1)], goal: [{ reference: `Goal/${patient}` }] },
    } as Stored,
    {
      ...{ resourceType: 'Goal', id: patient, lifecycleStatus: 'active', description: { text: 'Egen' }, subject },
      ...(own ? { target: [limit(80)] } : {}),
    } as Stored,
    {
      ...{ resourceType: 'ServiceRequest', id: patient, status: 'active', intent: 'order', subject, basedOn },
      ...{ instantiatesCanonical: [activityAt(1)], occurrenceTiming: timing(own ? 5 : 1) },
    } as Stored,
    ...(own
      ? [
          {
            ...{ resourceType: 'Task', id: patient, status: 'requested', intent: 'order', for: subject, basedOn },
            identifier: [
              { system: 'http://fylgje.no/fhir/NamingSystem/finding', value: `${PLAN_URL}|old|Patient/${patient}|x` },
            ],
            reasonCode: { text: 'Vekt 81 kg' },
          } as Stored,
        ]
      : []),
  ]
}

const migrate = (id: string, ...parameter: object[]) =>
  send('post', `PlanDefinition/${id}/$migrate`).send(parameters(...parameter))
const outputOf = (task: Task) =>
  Object.fromEntries((task.output ?? []).map(({ type, valueInteger }) => [type.text, valueInteger]))
const versionOf = async (patient: string) => (await read<CarePlan>(`CarePlan/${patient}`)).instantiatesCanonical
async function done(location: string): Promise<Task> {
  for (let tries = 0; tries < 900; tries++) {
    const { body } = await request(location).get('').set('Authorization', `Bearer ${token}`).expect(200)
    if (body.status === 'completed') return body
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the move does not come to its end')
}
/** Who waits gets the Task when it is done, or on a slow day where it can be read meanwhile. */
async function finished(asked: request.Test): Promise<Task> {
  const { status, headers } = await asked
  expect([200, 202]).toContain(status)
  return done(String(headers['content-location']))
}
const valuesOf = (part: ParametersParameter[] = []) =>
  Object.fromEntries(part.map((one) => [one.name, one.valueCode ?? one.valueString]))
const differencesOf = (one: ParametersParameter | undefined) =>
  one?.part?.filter(({ name }) => name === 'difference').map(({ part }) => valuesOf(part))

test('a dry run tells what would change, for the plan and person by person, and writes nothing', async () => {
  const { body } = await migrate(
    'weight-2',
    { name: 'dryRun', valueBoolean: true },
    { name: 'count', valueInteger: 2 },
  ).expect(200)
  const { parameter = [] } = body as Parameters
  expect(parameter.find(({ name }) => name === 'total')?.valueInteger).toBe(120)
  expect(differencesOf(parameter.find(({ name }) => name === 'version'))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'rule', about: 'old', change: 'removed' }),
      expect.objectContaining({ kind: 'rule', about: 'new', change: 'added' }),
      { kind: 'limit', about: 'Vekt red high', change: 'changed', before: '>101 kg', after: '>102 kg' },
    ]),
  )
  const shown = parameter.filter(({ name }) => name === 'enrolment')
  expect(shown).toHaveLength(2)
  const [anne, bo] = shown.map(differencesOf)
  expect(anne).toEqual([
    // Her own limit counts before and after, so the plan's does not change for her.
    { kind: 'kept', about: 'Vekt red high', change: 'kept', after: '>80 kg' },
    { kind: 'task', about: `Task/${ANNE}`, change: 'kept', before: 'Vekt 81 kg', after: expect.any(String) },
    expect.objectContaining({ kind: 'schedule', about: `ServiceRequest/${ANNE}` }),
    // An action of words alone is a Task for the team.
    { kind: 'activity', about: 'new', change: 'added', after: 'Task requested' },
  ])
  expect(bo?.[0]).toEqual({
    kind: 'limit',
    about: 'Vekt red high',
    change: 'changed',
    before: '>101 kg',
    after: '>102 kg',
  })
  expect(await versionOf(ANNE)).toEqual([at(1)])
})

test('moved in batches, with progress; what is a person’s own stays; all of it is taken back in one act', async () => {
  const answer = await migrate('weight-2', { name: 'reason', valueString: 'Bedre' }).set('Prefer', 'respond-async')
  expect(answer.status).toBe(202)
  expect(answer.headers['content-location']).toBe(`${server.fhir}/Task/${answer.body.id}`)
  const task = await done(String(answer.headers['content-location']))
  expect(outputOf(task)).toEqual({ waiting: 0, moved: 120, skipped: 0, undone: 0, kept: 0 })
  // Told after each batch, not only at the end.
  const { entry = [] } = await read<Bundle>(`Task/${task.id}/_history`)
  expect(entry.length).toBeGreaterThanOrEqual(4)
  for (const patient of [ANNE, BO, PATIENTS.at(-1) ?? '']) expect(await versionOf(patient)).toEqual([at(2)])
  expect(await read(`ServiceRequest/${ANNE}`)).toMatchObject({
    instantiatesCanonical: [activityAt(2)],
    occurrenceTiming: timing(5),
  })
  expect(await read(`ServiceRequest/${BO}`)).toMatchObject({ occurrenceTiming: timing(2) })
  expect(await read(`Task/${ANNE}`)).toMatchObject({ status: 'requested' })

  // Meanwhile somebody changes an activity, and somebody ends an enrolment's next version by hand.
  await put({ ...(await read<ServiceRequest>(`ServiceRequest/${BO}`)), occurrenceTiming: timing(9) } as Stored)
  await put({ ...(await read<CarePlan>(`CarePlan/${ANNE}`)), title: 'Ny tittel' } as Stored)
  const undone = await finished(send('post', 'PlanDefinition/weight-2/$undo-migration'))
  expect(outputOf(undone)).toEqual({ waiting: 0, moved: 0, skipped: 0, undone: 120, kept: 0 })
  expect(undone.businessStatus?.text).toBe('undone')
  for (const patient of [ANNE, BO, PATIENTS.at(-1) ?? '']) expect(await versionOf(patient)).toEqual([at(1)])
  expect(await read(`CarePlan/${ANNE}`)).toMatchObject({ title: 'Ny tittel' })
  expect(await read(`ServiceRequest/${ANNE}`)).toMatchObject({ instantiatesCanonical: [activityAt(1)] })
  expect(await read(`ServiceRequest/${BO}`)).toMatchObject({ occurrenceTiming: timing(9) })
  const again = await send('post', `PlanDefinition/weight-2/$undo-migration?task=Task/${task.id}`)
  expect([again.status, again.body.issue[0].code]).toEqual([409, 'conflict'])
})

test('one person is moved alone, told beforehand, whatever the share; and taken back', async () => {
  const [first = '', second = ''] = PATIENTS.slice(2)
  const only = { name: 'carePlan', valueReference: { reference: `CarePlan/${first}` } }
  const { parameter = [] } = (await migrate('weight-2', { name: 'dryRun', valueBoolean: true }, only))
    .body as Parameters
  expect(parameter.find(({ name }) => name === 'total')?.valueInteger).toBe(1)
  expect(parameter.filter(({ name }) => name === 'enrolment').map(({ part }) => part?.[0]?.valueReference)).toEqual([
    only.valueReference,
  ])
  const task = await finished(migrate('weight-2', { name: 'reason', valueString: 'For henne' }, only))
  expect(outputOf(task)).toMatchObject({ moved: 1, skipped: 0 })
  expect([await versionOf(first), await versionOf(second)]).toEqual([[at(2)], [at(1)]])
  expect(
    outputOf(await finished(send('post', `PlanDefinition/weight-2/$undo-migration?task=Task/${task.id}`))),
  ).toEqual(expect.objectContaining({ undone: 1 }))
  expect(await versionOf(first)).toEqual([at(1)])
})

test('a share of the patients goes first, the same ones each time; rolled back, all are where they were', async () => {
  const { moved } = outputOf(await finished(migrate('weight-2', { name: 'share', valueInteger: 20 })))
  expect(moved).toBeGreaterThan(8)
  expect(moved).toBeLessThan(45)
  const next = await finished(migrate('weight-2', { name: 'share', valueInteger: 20 }))
  expect(outputOf(next).moved).toBe(0)
  // One begins in the version itself, and cannot go back to another by an undo.
  const [newcomer = ''] = ['mover-new']
  await store(enrolled(newcomer))
  await put({ ...(await read<CarePlan>(`CarePlan/${newcomer}`)), instantiatesCanonical: [at(2)] } as Stored)
  const reason = { name: 'reason', valueString: 'Too loud' }
  const { body } = await send('post', 'PlanDefinition/weight-2/$roll-back').send(parameters(reason)).expect(200)
  expect((body as PlanDefinition).status).toBe('retired')
  let left: Bundle = { resourceType: 'Bundle', type: 'searchset', total: -1 }
  for (let tries = 0; tries < 600 && left.total !== 0; tries++) {
    left = await read<Bundle>(`CarePlan?instantiates-canonical=${encodeURIComponent(at(2))}&_total=accurate&_count=1`)
    if (left.total !== 0) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(left.total).toBe(0)
  expect(await versionOf(newcomer)).toEqual([at(1)])
})

const CARE_URL = 'http://x/PlanDefinition/care'
const CARE_ACTIVITIES = 'http://x/ActivityDefinition/care'
const measure = (id: string, code: string, period: number) => ({
  ...{ resourceType: 'ActivityDefinition', id: `care-${id}`, url: `${CARE_ACTIVITIES}-${id}`, version: '1' },
  ...{ status: 'active', kind: 'ServiceRequest', timingTiming: timing(period) },
  code: { coding: [{ system: 'http://loinc.org', code }] },
})
const form = (version: number) => ({
  ...{ resourceType: 'Questionnaire', id: `care-form-${version}`, url: 'http://x/Questionnaire/care' },
  ...{ version: String(version), status: 'active' },
})
const applies = (expression: string) => ({
  condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }],
})
const care = (version: number, ...action: object[]) => ({
  ...{ resourceType: 'PlanDefinition', id: `care-${version}`, url: CARE_URL, version: `${version}.0.0` },
  ...{ status: 'active', action },
  goal: [{ description: { text: 'Sove godt' } }, ...(version === 1 ? CARE_AIMS : [CARE_LIMIT])],
})
/** Of the first version alone: one stays as the plan made it, the other becomes somebody's own. */
const CARE_AIMS = [{ description: { text: 'Gå tur' } }, { description: { text: 'Stå opp' } }]
const yellow = (value: number) => {
  const { extension, ...rest } = limit(value)
  const [{ url = '' } = {}] = extension
  const parts = [
    { url: 'zone', valueCode: 'yellow' },
    { url: 'side', valueCode: 'high' },
  ]
  return { ...rest, extension: [{ url, extension: parts }] }
}
const CARE_LIMIT = { description: { text: 'Vekt under 90' }, target: [limit(90), yellow(85)] }
const activityOf = (id: string) => ({ id, title: id, definitionCanonical: `${CARE_ACTIVITIES}-${id}|1` })

test('activities follow the version: the new are ordered, the gone end, the others go on by its schedule; undone, all is as it was', async () => {
  for (const one of [measure('weight', '29463-7', 1), measure('pulse', '8867-4', 2), measure('visit', '9843-4', 7)]) {
    await put(one)
  }
  await put(form(1))
  await put(form(2))
  const asked = (version: number) => ({ id: 'form', definitionCanonical: `http://x/Questionnaire/care|${version}` })
  await put(care(1, activityOf('weight'), activityOf('visit'), asked(1), { id: 'call', title: 'Ring pasienten' }))
  await put(
    care(
      2,
      { ...activityOf('weight'), timingTiming: timing(3) },
      asked(2),
      activityOf('pulse'),
      { ...activityOf('never'), definitionCanonical: `${CARE_ACTIVITIES}-visit|1`, ...applies('false') },
      { ...activityOf('broken'), definitionCanonical: `${CARE_ACTIVITIES}-visit|1`, ...applies('1 + true') },
      { id: 'after', title: 'Snakk om svarene', relatedAction: [{ actionId: 'form', relationship: 'after-end' }] },
      { id: 'rule', title: 'Ved måling', trigger: [{ type: 'data-added', data: [{ type: 'Observation' }] }] },
    ),
  )
  const patient = 'mover-care'
  const subject = `Patient/${patient}`
  await put({ resourceType: 'Patient', id: patient })
  const enrolled = await send('post', `PlanDefinition/care-1/$enrol`)
    .send(
      parameters(
        { name: 'subject', valueString: subject },
        { name: 'careTeam', valueReference: { reference: 'CareTeam/care' } },
      ),
    )
    .expect(201)
  const carePlan = enrolled.body.id as string
  type Found = ServiceRequest & Omit<Task, 'resourceType'>
  const ofAction = async (type: string, action: string): Promise<Found[]> => {
    const { entry = [] } = await read<Bundle>(`${type}?patient=${subject}&_count=100`)
    const all = entry.map(({ resource }) => resource as unknown as Found)
    return all.filter(({ identifier }) => identifier?.some(({ value }) => value?.split('|')[1] === action))
  }
  const states = async (type: string, action: string) => (await ofAction(type, action)).map(({ status }) => status)
  const before = await read<CarePlan>(`CarePlan/${carePlan}`)
  const goals = async () => {
    const { goal = [] } = await read<CarePlan>(`CarePlan/${carePlan}`)
    const all = await Promise.all(goal.map(({ reference }) => read<Goal>(String(reference))))
    return all.map((one) => ({ ...one, words: one.description.text }))
  }
  const aims = async () => (await goals()).map(({ words, lifecycleStatus }) => [words, lifecycleStatus])
  const [, walk, own] = await goals()
  const { words: _words, ...rise } = own ?? {}
  await put({ ...rise, target: [limit(95)] } as Stored)

  const { body: tried } = await migrate('care-2', { name: 'dryRun', valueBoolean: true }).expect(200)
  const [mine] = (tried as Parameters).parameter?.filter(({ name }) => name === 'enrolment') ?? []
  const told = (differencesOf(mine) ?? []).map(({ kind, about, change }) => [kind, about, change])
  const [weight] = await ofAction('ServiceRequest', 'weight')
  const [visit] = await ofAction('ServiceRequest', 'visit')
  const [call] = await ofAction('Task', 'call')
  const [asking] = await ofAction('Task', 'form')
  expect(told.sort()).toEqual(
    [
      ['schedule', `ServiceRequest/${weight?.id}`, 'changed'],
      ['schedule', `ServiceRequest/${visit?.id}`, 'removed'],
      ['activity', `Task/${call?.id}`, 'removed'],
      ['activity', `Task/${asking?.id}`, 'changed'],
      ['schedule', 'pulse', 'added'],
      ['activity', 'after', 'added'],
      ['activity', `${CARE_URL}|2.0.0`, 'undecided'],
      ['limit', 'Vekt yellow high', 'added'],
      ['goal', 'Vekt under 90', 'added'],
      ['goal', `Goal/${walk?.id}`, 'removed'],
      ['goal', `Goal/${own?.id}`, 'kept'],
      ['kept', 'Vekt red high', 'kept'],
    ].sort(),
  )
  expect(await ofAction('ServiceRequest', 'pulse')).toEqual([])
  expect(await goals()).toHaveLength(3)

  expect(outputOf(await finished(migrate('care-2')))).toMatchObject({ moved: 1, skipped: 0 })
  expect(await aims()).toEqual([
    ['Sove godt', 'active'],
    ['Gå tur', 'cancelled'],
    ['Stå opp', 'active'],
    ['Vekt under 90', 'active'],
  ])
  const made = (await goals()).at(-1)
  // Red they have of their own: that stays.
  expect(made).toMatchObject({ target: [yellow(85)], subject: { reference: subject } })
  expect((await ofAction('ServiceRequest', 'weight'))[0]).toMatchObject({
    status: 'active',
    occurrenceTiming: timing(3),
  })
  expect(await states('ServiceRequest', 'visit')).toEqual(['revoked'])
  expect(await states('Task', 'call')).toEqual(['cancelled'])
  expect((await ofAction('Task', 'form'))[0]?.input?.[0]?.valueCanonical).toBe('http://x/Questionnaire/care|2')
  const [pulse] = await ofAction('ServiceRequest', 'pulse')
  expect(pulse).toMatchObject({ status: 'active', intent: 'order', basedOn: [{ reference: `CarePlan/${carePlan}` }] })
  expect(await states('Task', 'after')).toEqual(['draft'])
  expect([...(await states('ServiceRequest', 'never')), ...(await states('ServiceRequest', 'broken'))]).toEqual([])
  const [undecided] = await ofAction('Task', '*!')
  expect(undecided).toMatchObject({ status: 'requested', owner: { reference: 'CareTeam/care' } })
  expect(undecided?.reasonCode?.text).toContain("Action 'broken'")
  const moved = await read<CarePlan>(`CarePlan/${carePlan}`)
  const references = (one: CarePlan) => (one.activity ?? []).map(({ reference }) => reference?.reference)
  expect(references(moved)).toEqual(expect.arrayContaining([`ServiceRequest/${pulse?.id}`, ...references(before)]))
  const { parameter = [] } = await read<Parameters>(`${subject}/$schedule`)
  expect(JSON.stringify(parameter)).toContain(`ServiceRequest/${pulse?.id}`)

  expect(outputOf(await finished(send('post', 'PlanDefinition/care-2/$undo-migration')))).toMatchObject({ undone: 1 })
  expect((await ofAction('ServiceRequest', 'weight'))[0]).toMatchObject({ occurrenceTiming: timing(1) })
  expect(await states('ServiceRequest', 'visit')).toEqual(['active'])
  expect(await states('ServiceRequest', 'pulse')).toEqual(['revoked'])
  // What is cancelled is not opened again: another one stands in its place.
  expect((await states('Task', 'call')).sort()).toEqual(['cancelled', 'requested'])
  expect((await ofAction('Task', 'form'))[0]?.input?.[0]?.valueCanonical).toBe('http://x/Questionnaire/care|1')
  expect(await states('Task', 'after')).toEqual(['cancelled'])
  expect(await states('Task', '*!')).toEqual(['cancelled'])
  expect(references(await read<CarePlan>(`CarePlan/${carePlan}`))).toHaveLength(references(before).length)
  expect(await aims()).toEqual([
    ['Sove godt', 'active'],
    ['Gå tur', 'active'],
    ['Stå opp', 'active'],
  ])
  expect(await read(`Goal/${made?.id}`)).toMatchObject({ lifecycleStatus: 'cancelled' })
})

test('a staged start takes those who name no version along, with activities, as far as its share; rolled back, all are as they were', async () => {
  const url = 'http://x/PlanDefinition/staged'
  const staged = (version: number, ...action: object[]) => ({
    ...{ resourceType: 'PlanDefinition', id: `staged-${version}`, url, version: `${version}.0.0`, status: 'active' },
    ...{ action: [activityOf('weight'), ...action] },
  })
  await put(staged(1))
  const all = Array.from({ length: 40 }, (_, i) => `mover-staged-${i}`)
  const isFirst = (patient: string) => isInStage(url, `Patient/${patient}`, 50)
  const [early = '', late = ''] = [all.find(isFirst), all.find((one) => !isFirst(one))]
  for (const id of [early, late]) {
    await put({ resourceType: 'Patient', id })
    const { body } = await send('post', 'PlanDefinition/staged-1/$enrol')
      .send(parameters({ name: 'subject', valueString: `Patient/${id}` }))
      .expect(201)
    await put({ ...body, instantiatesCanonical: [url] })
  }
  const share = (valueInteger: number) => ({
    extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/staged-start', valueInteger }],
  })
  await put({ ...staged(2, activityOf('pulse')), ...share(1) })
  const ordered = async (patient: string) => {
    const { entry = [] } = await read<Bundle>(`ServiceRequest?patient=Patient/${patient}&code=8867-4`)
    const { entry: plans = [] } = await read<Bundle>(`CarePlan?patient=Patient/${patient}`)
    const statuses = entry.map(({ resource }) => (resource as ServiceRequest).status)
    return [...statuses, ...plans.flatMap(({ resource }) => (resource as CarePlan).instantiatesCanonical ?? [])]
  }
  const stage = (valueInteger: number) =>
    send('post', 'PlanDefinition/staged-2/$stage').send(parameters({ name: 'share', valueInteger }))
  const until = (patient: string, expected: string[]) =>
    eventually(
      () => ordered(patient),
      (found) => found.join() === expected.join(),
    )

  await stage(50).expect(200)
  await until(early, ['active', `${url}|2.0.0`])
  expect(await ordered(late)).toEqual([url])
  await stage(100).expect(200)
  await until(late, ['active', `${url}|2.0.0`])
  await send('post', 'PlanDefinition/staged-2/$roll-back')
    .send(parameters({ name: 'reason', valueString: 'For mye' }))
    .expect(200)
  for (const patient of [early, late]) await until(patient, ['revoked', url])
})

test.each([
  ['to a version that is not in force', 'weight-2', [], 422, 'business-rule', ['PlanDefinition.status']],
  ['from another plan', 'weight-1', [{ name: 'from', valueCanonical: 'http://x/other|1' }], 400, 'value', ['from']],
  [
    'from a version that nobody knows',
    'weight-1',
    [{ name: 'from', valueCanonical: at(9) }],
    422,
    'business-rule',
    ['from'],
  ],
  ['for no share', 'weight-1', [{ name: 'share', valueInteger: 0 }], 400, 'value', ['share']],
  [
    'by what is no enrolment',
    'weight-2',
    [{ name: 'carePlan', valueReference: { reference: 'Patient/1' } }],
    400,
    'value',
    ['carePlan'],
  ],
  ['to a plan that is not there', 'nowhere', [], 404, 'not-found', undefined],
] as const)('%s nobody is moved', async (_what, id, given, status, code, expression) => {
  const { body, status: is } = await migrate(id, { name: 'reason', valueString: 'x' }, ...given)
  expect([is, body.issue[0].code, body.issue[0].expression]).toEqual([status, code, expression])
})

test('who may not change every CarePlan moves nobody', async () => {
  const narrow = await server.token('system/PlanDefinition.cruds')
  const answer = await request(server.baseUrl)
    .post('/fhir/PlanDefinition/weight-1/$migrate')
    .set('Authorization', `Bearer ${narrow}`)
  expect([answer.status, answer.body.issue[0].code]).toEqual([403, 'forbidden'])
})
