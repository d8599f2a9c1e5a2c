import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, ClinicalImpression, Observation, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes'
import { Pool } from 'pg'
import request from 'supertest'
import { copdDefinition } from '../demo/copd-pathway.ts'
import { createDecisionPruning } from '../plans/decision-retention.ts'
import type { KeeperRooms } from '../plans/keeper.ts'
import { eventually } from './harness/eventually.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string
let red: Observation
let green: Observation
let task: Task

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
  green = await measure(95)
  red = await measure(84)
  task = await untilThereIs(async () => {
    const { body } = await get('Task?patient=Patient/demo-line&status=requested')
    return ((body as Bundle<Task>).entry ?? []).map(({ resource }) => resource)[0]
  })
})
afterAll(() => server.dispose())

const as = (bearer: string, path: string) =>
  request(server.baseUrl).get(`/fhir/${path}`).set('Authorization', `Bearer ${bearer}`)
const get = (path: string) => as(token, path)

async function measure(value: number, change: Partial<Observation> = {}): Promise<Observation> {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
    subject: { reference: 'Patient/demo-line' },
    effectiveDateTime: new Date().toISOString(),
    valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    ...change,
  }
  const { body } = await request(server.baseUrl)
    .post('/fhir/Observation')
    .set('Authorization', `Bearer ${token}`)
    .send(observation)
    .expect(201)
  return body
}

async function untilThereIs<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 200; i++) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(50)
  }
  throw new Error('It does not come.')
}

const parts = (
  { part, parameter }: { part?: ParametersParameter[]; parameter?: ParametersParameter[] },
  name: string,
) => (part ?? parameter ?? []).filter((one) => one.name === name)
const textOf = (parameters: Parameters) => parts(parameters, 'text')[0]?.valueString ?? ''
const explained = (about: string) =>
  untilThereIs(async () => {
    const { body } = await get(`${about}/$explain`).expect(200)
    return parts(body, 'decision').length > 0 ? (body as Parameters) : undefined
  })

describe('why there is a Task', () => {
  test('the rule and its version, each condition with what it saw, the limits, and every input by version', async () => {
    const { body } = await get(`Task/${task.id}/$explain`).expect(200)
    const [decision] = parts(body, 'decision')
    if (!decision) throw new Error('no decision')
    const { url, version } = copdDefinition()
    expect(parts(decision, 'plan')[0]?.valueCanonical).toBe(`${url}|${version}`)
    expect(parts(decision, 'reproduced')[0]?.valueBoolean).toBe(true)
    expect(parts(decision, 'act').map((act) => parts(act, 'code')[0]?.valueCode)).toEqual(['made'])
    const rule = parts(decision, 'rule').find((one) => parts(one, 'id')[0]?.valueString === 'spo2-red')
    // The rule is a proposal of the author's: whoever acts on it sees that.
    expect(rule && parts(rule, 'source').map(({ valueRelatedArtifact }) => valueRelatedArtifact?.label)).toEqual(['P'])
    const { body: inEnglish } = await get(`Task/${task.id}/$explain?language=en`).expect(200)
    const [english] = parts(inEnglish, 'decision').flatMap((one) =>
      parts(one, 'rule').flatMap((it) => parts(it, 'source')),
    )
    expect(english?.valueRelatedArtifact).toEqual({
      ...{ type: 'documentation', label: 'P' },
      display: 'Own proposal: must be approved by a named clinician before use',
    })
    const [condition] = rule ? parts(rule, 'condition') : []
    expect(condition && parts(condition, 'outcome')[0]?.valueCode).toBe('true')
    const limits = condition ? parts(condition, 'seen').flatMap((seen) => parts(seen, 'limit')) : []
    expect(
      limits.map((limit) => [parts(limit, 'zone')[0]?.valueCode, parts(limit, 'value')[0]?.valueQuantity?.value]),
    ).toContainEqual(['red', 88])
    const inputs = parts(decision, 'input').map(({ valueReference }) => valueReference?.reference)
    expect(inputs).toEqual(
      expect.arrayContaining([`Observation/${red.id}/_history/1`, 'PlanDefinition/copd/_history/1']),
    )
  })

  test.each([
    [
      'nb',
      'SpO2 84 % er under rød grense 88 % (pasientens egen)',
      'Med en grense på eller under 84 % ville regelen ikke ha slått til.',
    ],
    [
      'nn',
      'SpO2 84 % er under raud grense 88 % (pasienten si eiga)',
      'Med ei grense på eller under 84 % ville regelen ikkje ha slått til.',
    ],
    [
      'en',
      'SpO2 84 % is below the red limit 88 % (the patient’s own)',
      'With a limit at or below 84 % the rule would not have applied.',
    ],
  ])('in %s it says «%s»', async (language, limit, whatIf) => {
    const asked = await get(`Task/${task.id}/$explain?language=${language}`).expect(200)
    const accepted = await get(`Task/${task.id}/$explain`).set('Accept-Language', `fr, ${language};q=0.9`).expect(200)
    expect(textOf(asked.body)).toContain(limit)
    expect(textOf(asked.body)).toContain(whatIf)
    expect(textOf(asked.body).includes('«')).toBe(language !== 'en')
    expect(textOf(accepted.body)).toBe(textOf(asked.body))
  })

  test('the measurement has been triaged, and its triage explains itself', async () => {
    const { body } = await get(`ClinicalImpression?patient=Patient/demo-line&investigation=Observation/${red.id}`)
    const [triage] = ((body as Bundle<ClinicalImpression>).entry ?? []).map(({ resource }) => resource)
    expect(triage).toMatchObject({ status: 'completed', summary: 'SpO2 84 %, rød grense 88 %' })
    expect(textOf((await get(`ClinicalImpression/${triage?.id}/$explain`).expect(200)).body)).toContain('SpO2 84 %')
  })
})

describe('why there was none', () => {
  test.each([
    [
      'nb',
      'Det ble ingen oppgave: ingen av reglene som ble vurdert, slo til.',
      'SpO2 95 % er ikke under rød grense 88 % (pasientens egen)',
      'Med en grense over 95 % ville regelen ha slått til.',
    ],
    [
      'nn',
      'Det vart inga oppgåve: ingen av reglane som vart vurderte, slo til.',
      'SpO2 95 % er ikkje under raud grense 88 % (pasienten si eiga)',
      'Med ei grense over 95 % ville regelen ha slått til.',
    ],
    [
      'en',
      'No task was made: none of the rules that were evaluated applied.',
      'SpO2 95 % is not below the red limit 88 % (the patient’s own)',
      'With a limit above 95 % the rule would have applied.',
    ],
  ])(
    'of a measurement, in %s: which limits it lay beside, and which would have raised it',
    async (language, ...said) => {
      await explained(`Observation/${green.id}`)
      const { body } = await get(`Observation/${green.id}/$explain?language=${language}`).expect(200)
      const [none, limit, whatIf] = said
      expect(textOf(body)).toContain(none)
      expect(textOf(body)).toContain(limit)
      const [decision] = parts(body, 'decision')
      const yellow = (decision ? parts(decision, 'whatIf') : []).find(
        (one) => parts(one, 'rule')[0]?.valueString === 'spo2-yellow',
      )
      expect(yellow && parts(yellow, 'text')[0]?.valueString).toBe(whatIf)
    },
  )

  test.each([
    ['nb', 'Ingen plan fulgte pasienten da dette kom.'],
    ['nn', 'Ingen plan følgde pasienten då dette kom.'],
    ['en', 'No plan followed the patient when this came.'],
  ])('of a day before the plan, in %s: «%s»', async (language, said) => {
    const { body } = await get(`Patient/demo-line/$explain?at=2001-01-01&language=${language}`).expect(200)
    expect(textOf(body)).toBe(said)
  })

  test('by a limit that is tried: what it would have led to', async () => {
    const tried = await get(
      `Observation/${green.id}/$explain?limit=${encodeURIComponent('http://loinc.org|59408-5$red$lt96')}`,
    )
    expect(tried.status).toBe(200)
    expect(textOf(tried.body)).toContain(
      'Med de andre grensene ville dette ha slått til: COPD-R1 Svært lav oksygenmetning.',
    )
    const milder = await get(
      `Task/${task.id}/$explain?limit=${encodeURIComponent('http://loinc.org|59408-5$red$lt80')}`,
    )
    expect(textOf(milder.body)).toContain('Med de andre grensene ville dette ha slått til: COPD-Y1 Lav oksygenmetning.')
  })

  test.each([
    ['of somebody whom no plan follows', { subject: { reference: 'Patient/nobody' } }, 'not-followed'],
    [
      'that no rule looks at',
      { code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] } },
      'not-listened-to',
    ],
    ['that is preliminary', { status: 'preliminary' as const }, 'not-assessable'],
    ['of nobody', { subject: undefined }, 'no-patient'],
  ])('of a measurement %s', async (_name, change, reason) => {
    const { id } = await measure(84, change)
    const said = await untilThereIs(async () => {
      const { body } = await get(`Observation/${id}/$explain`).expect(200)
      const code = parts(body, 'reason')[0]?.valueCode
      return code === 'waiting' ? undefined : code
    })
    expect(said).toBe(reason)
  })

  test('of a patient, on a day: today’s decisions are told, and of another day why there are none', async () => {
    const today = await get('Patient/demo-line/$explain?plan=http://fylgje.no/fhir/PlanDefinition/copd').expect(200)
    expect(textOf(today.body)).toContain('SpO2 84 %')
    const before = await get('Patient/demo-line/$explain?at=2001-01-01').expect(200)
    expect(parts(before.body, 'reason')[0]?.valueCode).toBe('not-followed')
    const other = await get('Patient/demo-line/$explain?plan=http://example.org/other').expect(200)
    expect(parts(other.body, 'reason')[0]?.valueCode).toBe('nothing-came')
  })

  test('of a Task that a person wrote', async () => {
    const { body } = await request(server.baseUrl)
      .post('/fhir/Task')
      .set('Authorization', `Bearer ${token}`)
      .send({ resourceType: 'Task', status: 'requested', intent: 'order', for: { reference: 'Patient/demo-line' } })
      .expect(201)
    expect(parts((await get(`Task/${body.id}/$explain`)).body, 'reason')[0]?.valueCode).toBe('not-by-rule')
    const replayed = await get(`Task/${body.id}/$replay`)
    expect([replayed.status, replayed.body.issue]).toMatchObject([
      422,
      [{ code: 'business-rule', expression: ['Task'], diagnostics: expect.stringContaining('no recorded decision') }],
    ])
  })
})

describe('$replay', () => {
  test.each(['Task', 'Observation', 'Patient'])('of a %s: every decision comes out equal', async (type) => {
    const id = { Task: task.id, Observation: red.id, Patient: 'demo-line' }[type]
    const { body } = await get(`${type}/${id}/$replay`).expect(200)
    expect(parts(body, 'equal')[0]?.valueBoolean).toBe(true)
    const decisions = parts(body, 'decision')
    expect(decisions.length).toBeGreaterThan(0)
    for (const decision of decisions) {
      expect(parts(decision, 'replayed')[0]?.valueString).toBe(parts(decision, 'recorded')[0]?.valueString)
      expect(parts(decision, 'sameCore')[0]?.valueBoolean).toBe(true)
    }
  })
})

describe('is refused', () => {
  test.each([
    ['what is not there', 'Task/none/$explain', 404, 'not-found', undefined],
    ['a limit that is none', 'Observation/ID/$explain?limit=red', 400, 'value', 'limit'],
    ['a time that is none', 'Patient/demo-line/$explain?at=2026-02-30', 400, 'value', 'at'],
    ['a month', 'Patient/demo-line/$replay?at=2026-02', 400, 'value', 'at'],
    ['a language that is not spoken here', 'Task/ID/$explain?language=xx', 400, 'value', 'language'],
    ['more than one language', 'Task/ID/$explain?language=nn,en', 400, 'value', 'language'],
    ['a language of what is told in none', 'Task/ID/$replay?language=nn', 400, 'not-supported', 'language'],
    ['a parameter that it does not have', 'Task/ID/$explain?at=2026-01-01', 400, 'not-supported', 'at'],
  ])('%s', async (_name, path, status, code, expression) => {
    const answer = await get(
      path.replace('Task/ID', `Task/${task.id}`).replace('Observation/ID', `Observation/${red.id}`),
    )
    expect([answer.status, answer.body.issue[0].code, answer.body.issue[0].expression?.[0]]).toEqual([
      status,
      code,
      expression,
    ])
  })

  test('to who may read the Task and not what it rests on', async () => {
    const narrow = await server.token('system/Task.rs')
    for (const operation of ['$explain', '$replay']) {
      const { status, body } = await as(narrow, `Task/${task.id}/${operation}`)
      expect([status, body.issue[0].code]).toEqual([403, 'forbidden'])
      expect(JSON.stringify(body)).not.toContain('84')
    }
  })
})

describe('when the time of the records is over', () => {
  /** As the keeper does it, many days from now. */
  async function prune(): Promise<void> {
    const [, , , port, host] = (await readFile(join(server.dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')
    const password = (await readFile(join(server.dataDir, 'postgres-password'), 'utf8')).trim()
    const pool = new Pool({ host, port: Number(port), user: 'fylgje', password, database: 'fylgje' })
    try {
      const rooms = { pool, now: () => new Date(Date.now() + 40 * 86_400_000) } as unknown as KeeperRooms
      const duty = createDecisionPruning(30)
      while (await duty(rooms));
    } finally {
      await pool.end()
    }
  }

  test('an open Task is explained as before; what is gone is told to be gone, by both operations', async () => {
    await prune()
    expect(textOf((await get(`Task/${task.id}/$explain`).expect(200)).body)).toContain('SpO2 84 %')
    // A day of which some is left.
    const day = await get('Patient/demo-line/$explain').expect(200)
    expect(parts(day.body, 'reason')[0]?.valueCode).toBe('pruned')
    await request(server.baseUrl)
      .put(`/fhir/Task/${task.id}`)
      .set('Authorization', `Bearer ${token}`)
      .send({ ...(await get(`Task/${task.id}`)).body, status: 'completed' })
      .expect(200)
    // The server's own keeper may hold some records for a moment; a sweep passes over what is held until the next one.
    await eventually(
      async () => {
        await prune()
        return (await get(`Observation/${green.id}/$explain`)).status
      },
      (status) => status === 410,
    )
    for (const about of [`Task/${task.id}`, `Observation/${green.id}`, `Observation/${red.id}`, 'Patient/demo-line']) {
      for (const operation of ['$explain', '$replay']) {
        const { status, body } = await get(`${about}/${operation}`)
        expect([about, operation, status, body.issue?.[0].code]).toEqual([about, operation, 410, 'deleted'])
      }
    }
    const nynorsk = await get(`Task/${task.id}/$explain?language=nn`)
    expect(nynorsk.body.issue[0].diagnostics).toContain('ikkje er teke vare på lenger')
    // What was never decided is no more gone than before.
    const before = await get('Patient/demo-line/$explain?at=2001-01-01').expect(200)
    expect(parts(before.body, 'reason')[0]?.valueCode).toBe('not-followed')
  })
})

test('one measurement of two plans: it counts for the one that takes it as it is, and the other says why not', async () => {
  const put = (resource: { resourceType: string; id: string }) =>
    request(server.baseUrl)
      .put(`/fhir/${resource.resourceType}/${resource.id}`)
      .set('Authorization', `Bearer ${token}`)
      .send(resource)
      .expect(201)
  const subject = { reference: 'Patient/quality' }
  const plan = (id: string, quality: object = {}) => ({
    ...{ resourceType: 'PlanDefinition', id, url: `http://example.org/${id}`, version: '1', status: 'active' },
    action: [
      {
        ...{ id: 'low', title: 'Lav metning', condition: [{ kind: 'applicability', expression: LOW }] },
        trigger: [{ type: 'data-added', data: [{ type: 'Observation', codeFilter: [SPO2], ...quality }] }],
      },
    ],
  })
  const LOW = { language: 'text/fhirpath', expression: '%current.value.value < 90' }
  const SPO2 = { path: 'code', code: [{ system: 'http://loinc.org', code: '59408-5' }] }
  await put({ resourceType: 'Patient', id: 'quality' })
  await put(plan('takes-all'))
  await put(
    plan('takes-staffs', {
      extension: [
        {
          url: 'http://fylgje.no/fhir/StructureDefinition/quality-required',
          extension: [{ url: 'performer', valueCode: 'staff' }],
        },
      ],
    }),
  )
  for (const id of ['takes-all', 'takes-staffs'])
    await put({
      ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject },
      instantiatesCanonical: [`http://example.org/${id}|1`],
    } as never)
  const { id } = await measure(85, { subject, performer: [subject] })
  const made = await untilThereIs(async () => {
    const { body } = await get('Task?patient=quality')
    return (body as Bundle<Task>).entry?.map(({ resource }) => resource?.instantiatesCanonical)
  })
  expect(made).toHaveLength(1)
  for (const [language, words] of [
    ['nb', 'målingen teller ikke for denne planen: ikke målt av helsepersonell'],
    ['nn', 'målinga tel ikkje for denne planen: ikkje målt av helsepersonell'],
    ['en', 'the measurement does not count for this plan: not measured by staff'],
  ]) {
    const { body } = await get(`Observation/${id}/$explain?language=${language}`).expect(200)
    expect(JSON.stringify(body)).toContain(words)
  }
  // It is green for nobody by a plan for which it does not count.
  const { body: triages } = await get('ClinicalImpression?patient=quality')
  expect((triages as Bundle).total ?? (triages as Bundle).entry?.length).toBe(1)
  const { body: replayed } = await get(`Observation/${id}/$replay`).expect(200)
  expect(JSON.stringify(replayed)).not.toContain('"valueBoolean":false')
})
