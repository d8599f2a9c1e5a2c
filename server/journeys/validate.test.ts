import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OperationOutcome } from '@medplum/fhirtypes'
import type { FailingExample } from '../guide/definitions.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

beforeAll(async () => {
  // No example of ours is a Basic or a Location: of every other type profiles are refused, as they are where nothing is set.
  server = await startServer({
    env: { DEMO: 'on', PROFILE_VALIDATION: 'refuse,Basic=warn,Location=off', NATIONAL_NUMBERS: 'refuse' },
  })
  token = await server.token()
})
afterAll(() => server.dispose())

type Answer = { status: number; issues: string[]; outcome: OperationOutcome }

async function send(method: string, path: string, body?: unknown, bearer = token): Promise<Answer> {
  const response = await fetch(`${server.fhir}/${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/fhir+json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const outcome = (text ? JSON.parse(text) : {}) as OperationOutcome
  const issues = (outcome.issue ?? []).map(({ severity, code, expression = [] }) =>
    `${severity} ${code} ${expression}`.trim(),
  )
  return { status: response.status, issues, outcome }
}

const OBSERVATION = { resourceType: 'Observation', status: 'final', code: { text: 'x' } }
const BODY_WEIGHT = 'http://hl7.org/fhir/StructureDefinition/bodyweight'
const ALL_WELL = ['information informational']

describe('the examples of our profiles', () => {
  const folder = join(import.meta.dirname, '../../fhir-profiles/examples')
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { resourceType: string }
  const errorsOf = async (example: { resourceType: string }) => {
    const { outcome } = await send('POST', `${example.resourceType}/$validate`, example)
    const errors = outcome.issue.filter(({ severity }) => severity === 'error')
    return new Set(errors.map(({ code, expression }) => `${code} ${expression}`))
  }

  test('pass', async () => {
    const files = readdirSync(folder)
    expect(files.length).toBeGreaterThan(30)
    for (const file of files) expect([file, await errorsOf(read(file))]).toEqual([file, new Set()])
  })

  test('fail as they say, with the change that they say', async () => {
    const text = readFileSync(join(folder, '../failing-examples.json'), 'utf8')
    const failing = JSON.parse(text) as FailingExample[]
    expect(failing.length).toBeGreaterThan(30)
    for (const { example, change, issues } of failing) {
      const broken = read(`${example}.json`)
      applyJsonPatch(broken, [change])
      expect([example, change, await errorsOf(broken)]).toEqual([example, change, new Set(issues)])
    }
  })
})

describe('on a type', () => {
  test('what is well gets one word of information, what is not every issue with its place, both with 200', async () => {
    expect(await send('POST', 'Observation/$validate', OBSERVATION)).toMatchObject({ status: 200, issues: ALL_WELL })
    const wrong = { ...OBSERVATION, status: 'done', issued: 'today' }
    expect(await send('POST', 'Observation/$validate', wrong)).toMatchObject({
      status: 200,
      issues: ['error code-invalid Observation.status', 'error value Observation.issued'],
    })
  })

  test('another type than the URL says is an issue; no resource, or one that is no JSON, is refused', async () => {
    expect((await send('POST', 'Patient/$validate', OBSERVATION)).issues).toEqual([
      'error invalid Observation.resourceType',
    ])
    expect(await send('GET', 'Patient/$validate')).toMatchObject({ status: 400, issues: ['error required resource'] })
    expect((await send('POST', 'Patient/$validate', '{"resourceType"')).status).toBe(400)
  })

  test('a national number that can be none is refused, on its own and in a reference; one made for tests is a demo’s', async () => {
    const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
    const patient = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: FNR, value }] })
    const issues = ['error value Patient.identifier[0].value']
    expect(await send('POST', 'Patient/$validate', patient('17847100078'))).toMatchObject({ status: 200, issues })
    expect(await send('POST', 'Patient', patient('17847100078'))).toMatchObject({ status: 400, issues })
    const observed = { ...OBSERVATION, subject: { identifier: { system: FNR, value: '17847100078' } } }
    expect((await send('POST', 'Observation', observed)).issues).toEqual([
      'error value Observation.subject.identifier.value',
    ])
    expect((await send('POST', 'Patient/$validate', patient('17847100079'))).issues).toEqual(ALL_WELL)
  })

  test('by a profile that is asked for', async () => {
    const { status, issues } = await send('POST', `Observation/$validate?profile=${BODY_WEIGHT}`, OBSERVATION)
    expect(status).toBe(200)
    expect(issues).toContain('error required Observation.category')
    const unknown = await send('POST', 'Observation/$validate?profile=http://example.org/unknown', OBSERVATION)
    expect(unknown).toMatchObject({ status: 200, issues: ['error not-found Observation'] })
  })

  test('with Parameters', async () => {
    const parameters = (mode: string) => ({
      resourceType: 'Parameters',
      parameter: [
        { name: 'resource', resource: OBSERVATION },
        { name: 'mode', valueCode: mode },
      ],
    })
    expect((await send('POST', 'Observation/$validate', parameters('create'))).issues).toEqual(ALL_WELL)
    expect((await send('POST', 'Observation/$validate', parameters('update'))).issues).toEqual([
      'error invalid Observation.id',
    ])
    expect(await send('POST', 'Observation/$validate', parameters('guess'))).toMatchObject({
      status: 400,
      issues: ['error value mode'],
    })
  })

  test('needs a token that may read; what else it may not do is told', async () => {
    const reader = await server.token('system/Observation.r')
    expect((await send('POST', 'Observation/$validate', OBSERVATION, reader)).issues).toEqual(ALL_WELL)
    const create = await send('POST', 'Observation/$validate?mode=create', OBSERVATION, reader)
    expect(create).toMatchObject({ status: 200, issues: ['error forbidden'] })
    expect((await send('POST', 'Patient/$validate', { resourceType: 'Patient' }, reader)).status).toBe(403)
    expect((await send('POST', 'Observation/$validate', OBSERVATION, 'nobody')).status).toBe(401)
  })
})

describe('on an instance', () => {
  test('what is stored, by GET or POST, and by a profile', async () => {
    for (const method of ['GET', 'POST'])
      expect(await send(method, 'Patient/demo-line/$validate')).toMatchObject({ status: 200, issues: ALL_WELL })
    const asked = await send('GET', `Patient/demo-line/$validate?mode=profile&profile=${BODY_WEIGHT}`)
    expect(asked.issues).toEqual(['error structure Patient'])
    expect(await send('GET', 'Patient/nobody/$validate')).toMatchObject({ status: 404, issues: ['error not-found'] })
  })

  test('an update with its own id, and with another', async () => {
    const update = (id: string) =>
      send('POST', 'Patient/demo-line/$validate?mode=update', { resourceType: 'Patient', id })
    expect((await update('demo-line')).issues).toEqual(ALL_WELL)
    expect((await update('other')).issues).toEqual(['error invalid Patient.id'])
  })

  test('a deletion, by one who may and one who may not, and of nothing in particular', async () => {
    expect((await send('POST', 'Patient/demo-line/$validate?mode=delete')).issues).toEqual(ALL_WELL)
    const reader = await server.token('system/Patient.r')
    const forbidden = await send('POST', 'Patient/demo-line/$validate?mode=delete', undefined, reader)
    expect(forbidden).toMatchObject({ status: 200, issues: ['error forbidden'] })
    expect((await send('POST', 'Patient/$validate?mode=delete')).status).toBe(400)
  })
})

describe('answers', () => {
  const answered = (valueInteger: number, version = '1') => ({
    resourceType: 'QuestionnaireResponse',
    questionnaire: `http://example.org/Questionnaire/walk|${version}`,
    status: 'completed',
    item: [{ linkId: 'metres', answer: [{ valueInteger }] }],
  })
  const atMost = (max: number, version: string) => ({
    resourceType: 'Questionnaire',
    id: `walk-${version}`,
    url: 'http://example.org/Questionnaire/walk',
    version,
    status: 'active',
    item: [
      {
        ...{ linkId: 'metres', type: 'integer', required: true },
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueInteger: max }],
      },
    ],
  })

  test('are held against the version of the Questionnaire that they name, by $validate and when written', async () => {
    expect((await send('POST', 'QuestionnaireResponse/$validate', answered(5))).issues).toEqual([
      'warning not-found QuestionnaireResponse.questionnaire',
    ])
    await send('PUT', 'Questionnaire/walk-1', atMost(10, '1'))
    await send('PUT', 'Questionnaire/walk-2', atMost(20, '2'))
    const beyond = 'error value QuestionnaireResponse.item[0].answer[0].value.ofType(integer)'
    expect((await send('POST', 'QuestionnaireResponse/$validate', answered(15))).issues).toEqual([beyond])
    expect(await send('POST', 'QuestionnaireResponse', answered(15))).toMatchObject({ status: 400, issues: [beyond] })
    expect((await send('POST', 'QuestionnaireResponse', answered(15, '2'))).status).toBe(201)
    const missing = await send('POST', 'QuestionnaireResponse', { ...answered(5), item: undefined })
    expect(missing).toMatchObject({ status: 400, issues: ['error required QuestionnaireResponse'] })
    expect((await send('POST', 'QuestionnaireResponse', answered(5))).status).toBe(201)
  })

  test('their scores are worked out here, and a wrong one is refused', async () => {
    const expression = "%resource.item.where(linkId = 'hours').answer.value.first() * 10"
    const SCORE = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'
    const form = (text: string) => ({
      ...{
        resourceType: 'Questionnaire',
        id: 'sleep',
        url: 'http://example.org/Questionnaire/sleep',
        status: 'active',
      },
      item: [
        { linkId: 'hours', type: 'integer' },
        {
          ...{ linkId: 'score', type: 'integer', required: true },
          extension: [{ url: SCORE, valueExpression: { language: 'text/fhirpath', expression: text } }],
        },
      ],
    })
    expect(await send('PUT', 'Questionnaire/sleep', form('1 +'))).toMatchObject({
      ...{ status: 400, issues: ['error invalid Questionnaire.item[1].extension'] },
    })
    expect((await send('PUT', 'Questionnaire/sleep', form(expression))).status).toBe(201)
    const slept = (...score: object[]) => ({
      ...{ resourceType: 'QuestionnaireResponse', questionnaire: 'http://example.org/Questionnaire/sleep' },
      ...{ status: 'completed', item: [{ linkId: 'hours', answer: [{ valueInteger: 7 }] }, ...score] },
    })
    const score = (valueInteger: number) => ({ linkId: 'score', answer: [{ valueInteger }] })
    const wrong = 'error business-rule QuestionnaireResponse.item[1].answer[0]'
    expect((await send('POST', 'QuestionnaireResponse/$validate', slept(score(60)))).issues).toEqual([wrong])
    expect(await send('POST', 'QuestionnaireResponse', slept(score(60)))).toMatchObject({
      status: 422,
      issues: [wrong],
    })
    for (const sent of [slept(), slept(score(70))]) {
      const { status, outcome: stored } = await send('POST', 'QuestionnaireResponse', sent)
      expect([status, stored]).toMatchObject([201, { item: [{ linkId: 'hours' }, score(70)] }])
    }
  })
})

describe('a profile that is stored', () => {
  const url = 'http://example.org/StructureDefinition/named'
  const profileOf = (type: string, id: string, path: string) => ({
    ...{ resourceType: 'StructureDefinition', id, url: `${url}-${type}`, name: 'Named', status: 'active' },
    ...{ kind: 'resource', abstract: false, type, derivation: 'constraint' },
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    differential: { element: [{ id: `${type}.${path}`, path: `${type}.${path}`, min: 1 }] },
  })
  const claiming = (type: string, fields: object = {}) => ({
    ...{ resourceType: type, meta: { profile: [`${url}-${type}`] } },
    ...fields,
  })

  /** Writes take it in within seconds, on whichever process; $validate at once. */
  async function within(seconds: number, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + seconds * 1_000
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`Not within ${seconds} s.`)
      await sleep(100)
    }
  }

  test('is known at once to $validate, soon to writes, and forgotten when it is deleted', async () => {
    const validate = () => send('POST', 'Patient/$validate', claiming('Patient'))
    const create = () => send('POST', 'Patient', claiming('Patient'))
    expect((await validate()).issues).toEqual(['warning not-found Patient.meta.profile[0]'])
    expect((await create()).status).toBe(201)

    expect((await send('PUT', 'StructureDefinition/named', profileOf('Patient', 'named', 'name'))).status).toBe(201)
    expect((await validate()).issues).toEqual(['error required Patient.name'])
    await within(5, async () => (await create()).status === 400)
    expect((await create()).issues).toEqual(['error required Patient.name'])
    const named = claiming('Patient', { name: [{ text: 'x' }] })
    expect((await send('POST', 'Patient', named)).status).toBe(201)

    expect((await send('PUT', 'StructureDefinition/named', profileOf('Patient', 'named', 'birthDate'))).status).toBe(
      200,
    )
    expect((await send('POST', 'Patient/$validate', named)).issues).toEqual(['error required Patient.birthDate'])

    expect((await send('DELETE', 'StructureDefinition/named')).status).toBe(204)
    expect((await validate()).issues).toEqual(['warning not-found Patient.meta.profile[0]'])
    await within(5, async () => (await create()).status === 201)
  })

  test('refuses, warns or is not looked at, as the type is configured', async () => {
    for (const [type, path] of [
      ['Basic', 'author'],
      ['Location', 'alias'],
    ] as const)
      await send('PUT', `StructureDefinition/named-${type}`, profileOf(type, `named-${type}`, path))
    const basic = claiming('Basic', { code: { text: 'x' } })
    expect((await send('POST', 'Basic/$validate', basic)).issues).toEqual(['warning required Basic.author'])
    expect((await send('POST', 'Basic', basic)).status).toBe(201)
    const location = claiming('Location', { name: 'x' })
    expect((await send('POST', 'Location/$validate', location)).issues).toEqual(ALL_WELL)
    expect((await send('POST', 'Location', location)).status).toBe(201)
    expect((await send('POST', 'Basic', claiming('Basic'))).status).toBe(400)
  })

  test('in a transaction names the entry', async () => {
    const weight = { ...OBSERVATION, meta: { profile: [BODY_WEIGHT] } }
    const { status, issues } = await send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: OBSERVATION, request: { method: 'POST', url: 'Observation' } },
        { resource: weight, request: { method: 'POST', url: 'Observation' } },
      ],
    })
    expect(status).toBe(400)
    expect(issues).toContain('error required Bundle.entry[1].resource.category')
  })
})
