import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Observation, ObservationComponent } from '@medplum/fhirtypes'
import pg from 'pg'
import request from 'supertest'
import { demoSession } from './harness/demo-session.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  for (const resource of RECORD) await send('put', `${resource.resourceType}/${resource.id}`).send(resource).expect(201)
})
afterAll(() => server.giveBack())

const as = (bearer: string) => (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${bearer}`)
    .type('application/fhir+json')
const send: ReturnType<typeof as> = (method, path) => as(token)(method, path)

const asUser = async (user: 'patient' | 'nurse') => as(await demoSession(server, user))
const asPatient = () => asUser('patient')

const PULSE = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }
const WEIGHT = {
  coding: [
    { system: 'http://loinc.org', code: '29463-7' },
    { system: 'http://example.org/local', code: 'weight' },
  ],
}
const measured = (id: string, code: object, day: string, value: number, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code,
  subject: { reference: 'Patient/whole' },
  effectiveDateTime: `${day}T08:00:00Z`,
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
})
const RECORD = [
  { resourceType: 'Organization', id: 'whole-org', name: 'Hospital' },
  { resourceType: 'Practitioner', id: 'whole-nurse', name: [{ family: 'Nord' }] },
  {
    resourceType: 'PractitionerRole',
    id: 'whole-role',
    practitioner: { reference: 'Practitioner/whole-nurse' },
    organization: { reference: 'Organization/whole-org' },
  },
  { resourceType: 'Patient', id: 'whole', name: [{ family: 'Whole' }] },
  { resourceType: 'Patient', id: 'whole-other', name: [{ family: 'Other' }] },
  { resourceType: 'Device', id: 'whole-scale', patient: { reference: 'Patient/whole' } },
  { resourceType: 'Device', id: 'whole-moved', patient: { reference: 'Patient/whole-other' } },
  {
    resourceType: 'Encounter',
    id: 'whole-visit',
    status: 'finished',
    class: { code: 'VR' },
    subject: { reference: 'Patient/whole' },
    period: { start: '2026-03-03', end: '2026-03-03' },
  },
  measured('whole-1', PULSE, '2026-03-01', 60, { performer: [{ reference: 'PractitionerRole/whole-role' }] }),
  measured('whole-2', WEIGHT, '2026-03-02', 80, { device: { reference: 'Device/whole-scale' } }),
  measured('whole-3', PULSE, '2026-03-03', 70, { encounter: { reference: 'Encounter/whole-visit' } }),
  measured('whole-4', { text: 'mood' }, '2026-03-04', 5, { device: { reference: 'Device/whole-moved' } }),
  measured('whole-5', PULSE, '2026-03-05', 80),
  measured('whole-6', { coding: [{ system: 'http://example.org/local', code: 'weight' }] }, '2026-03-06', 81),
  { ...measured('whole-not', PULSE, '2026-03-05', 99), subject: { reference: 'Patient/whole-other' } },
  {
    resourceType: 'AllergyIntolerance',
    id: 'whole-allergy',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    patient: { reference: 'Patient/whole' },
  },
  {
    resourceType: 'Composition',
    id: 'whole-letter',
    status: 'final',
    type: { text: 'Letter' },
    subject: { reference: 'Patient/whole' },
    date: '2026-03-06',
    author: [{ reference: 'Practitioner/whole-nurse' }],
    title: 'Letter',
    section: [{ title: 'Pulse', entry: [{ reference: 'Observation/whole-5' }] }],
  },
]

const namesIn = ({ entry = [] }: Bundle, mode?: 'match' | 'include') =>
  entry
    .filter(({ search }) => mode === undefined || search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
const nextOf = ({ link = [] }: Bundle) => link.find(({ relation }) => relation === 'next')?.url

async function pages(path: string, between: () => Promise<unknown> = async () => {}, ask = send): Promise<Bundle[]> {
  const all: Bundle[] = []
  for (let next: string | undefined = path; next; ) {
    const { body } = await ask('get', next.replace(`${server.fhir}/`, '')).expect(200)
    all.push(body)
    next = nextOf(body)
    await between()
  }
  return all
}

const OWN = [
  'AllergyIntolerance/whole-allergy',
  'Composition/whole-letter',
  'Encounter/whole-visit',
  ...[1, 2, 3, 4, 5, 6].map((number) => `Observation/whole-${number}`),
  'Patient/whole',
]

describe('Patient/$everything', () => {
  test('the whole compartment, the patient first, with who and what it refers to, and nobody else’s', async () => {
    const { body } = await send('get', 'Patient/whole/$everything').expect(200)
    expect(namesIn(body, 'match')[0]).toBe('Patient/whole')
    expect(namesIn(body, 'match').sort()).toEqual(OWN)
    expect(body.total).toBe(OWN.length)
    expect(namesIn(body, 'include').sort()).toEqual([
      'Device/whole-scale',
      'Organization/whole-org',
      'Practitioner/whole-nurse',
      'PractitionerRole/whole-role',
    ])
  })

  test('pages hold each resource once, also while more is written', async () => {
    let writes = 0
    const all = await pages('Patient/whole/$everything?_count=2', () =>
      send('put', `Observation/whole-1`).send(
        measured('whole-1', PULSE, '2026-03-01', 60, { note: [{ text: `write ${writes++}` }] }),
      ),
    )
    const found = all.flatMap((page) => namesIn(page, 'match'))
    expect(found.sort()).toEqual(OWN)
    expect(all.every((page) => namesIn(page, 'match').length <= 2)).toBe(true)
  })

  test('links lead on with what was asked, elements too', async () => {
    const { body } = await send('get', 'Patient/whole/$everything?_count=1&_type=Observation&_elements=status').expect(
      200,
    )
    expect(nextOf(body)).toMatch(/\?_count=1&_type=Observation&_elements=status&_cursor=\d+$/)
  })

  test('_type, start and end, and _since narrow it', async () => {
    const ofType = await send('get', 'Patient/whole/$everything?_type=Encounter,AllergyIntolerance').expect(200)
    expect(namesIn(ofType.body).sort()).toEqual(['AllergyIntolerance/whole-allergy', 'Encounter/whole-visit'])
    const within = await send('get', 'Patient/whole/$everything?start=2026-03-02&end=2026-03-04').expect(200)
    expect(namesIn(within.body, 'match').sort()).toEqual([
      'AllergyIntolerance/whole-allergy',
      'Encounter/whole-visit',
      ...[2, 3, 4].map((number) => `Observation/whole-${number}`),
      'Patient/whole',
    ])
    const { body: last } = await send('get', 'Composition/whole-letter')
    const since = await send(
      'get',
      `Patient/whole/$everything?_type=Composition,Patient&_since=${last.meta.lastUpdated}`,
    )
    expect(namesIn(since.body, 'match')).toEqual(['Composition/whole-letter'])
  })

  test('a service that may search Observations alone gets no more than those; the total does not tell either', async () => {
    const narrow = as(await server.token('system/Patient.r system/Observation.s'))
    const { body } = await narrow('get', 'Patient/whole/$everything').expect(200)
    expect(namesIn(body).sort()).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((number) => `Observation/whole-${number}`),
      'Patient/whole',
    ])
    expect(body.total).toBe(7)
    const none = await as(await server.token('system/Observation.s'))('get', 'Patient/whole/$everything')
    expect([none.status, none.body.issue[0].code]).toEqual([403, 'forbidden'])
    const all = await narrow('get', 'Patient/$everything')
    expect([all.status, all.body.issue[0].code]).toEqual([403, 'forbidden'])
  })

  test('a patient gets the own record, and of another not even that there is one', async () => {
    const patient = await asPatient()
    const own = await patient('get', 'Patient/$everything?_count=5').expect(200)
    expect(namesIn(own.body)[0]).toBe('Patient/demo-line')
    const other = await patient('get', 'Patient/whole/$everything')
    const absent = await patient('get', 'Patient/not-there/$everything')
    expect([other.status, absent.status]).toEqual([404, 404])
    expect(other.body.issue[0].code).toBe('not-found')
  })

  test('without an id it is that of every patient, one after the other, page after page', async () => {
    const every = namesIn((await send('get', 'Patient?_count=1000&_elements=id').expect(200)).body)
    const all = await pages('Patient/$everything?_type=Patient,Composition,Encounter&_count=15')
    const found = all.flatMap((page) => namesIn(page, 'match'))
    const patients = found.filter((name) => name.startsWith('Patient/'))
    expect(patients.length).toBeGreaterThan(15)
    expect([...patients].sort()).toEqual(every.sort())
    const whole = found.indexOf('Patient/whole')
    expect(found.slice(whole + 1, whole + 3).sort()).toEqual(['Composition/whole-letter', 'Encounter/whole-visit'])
    expect(all.every((page) => namesIn(page, 'match').length <= 15)).toBe(true)
    const { lastUpdated } = (await send('get', 'Observation/whole-2').expect(200)).body.meta
    const since = await pages(`Patient/$everything?_type=Observation&_since=${lastUpdated}`)
    expect(since.flatMap((page) => namesIn(page, 'match'))).toEqual(
      expect.arrayContaining([2, 3, 4, 5, 6].map((number) => `Observation/whole-${number}`)),
    )
  })

  test('a nurse gets those of the patients who are hers to see, and no others', async () => {
    const nurse = await asUser('nurse')
    const own = namesIn((await nurse('get', 'Patient?_count=1000&_elements=id').expect(200)).body)
    const all = await pages('Patient/$everything?_type=Patient,AllergyIntolerance', undefined, nurse)
    const found = all.flatMap((page) => namesIn(page, 'match'))
    expect(found.sort()).toEqual(own.sort())
    expect(found).toContain('Patient/demo-line')
    expect(found).not.toContain('Patient/whole')
  })
})

test('Encounter/$everything: what was recorded in it, and its patient', async () => {
  const { body } = await send('get', 'Encounter/whole-visit/$everything').expect(200)
  expect(namesIn(body, 'match')).toEqual(['Encounter/whole-visit', 'Observation/whole-3'])
  expect(namesIn(body, 'include')).toEqual(['Patient/whole'])
})

describe('Observation/$lastn', () => {
  test.each([
    ['', ['whole-6', 'whole-5', 'whole-4']],
    ['&max=2', ['whole-6', 'whole-2', 'whole-5', 'whole-3', 'whole-4']],
    ['&max=9', ['whole-6', 'whole-2', 'whole-5', 'whole-3', 'whole-1', 'whole-4']],
    ['&max=2&code=8867-4', ['whole-5', 'whole-3']],
    ['&date=lt2026-03-05', ['whole-4', 'whole-3', 'whole-2']],
  ])('?patient=whole%s: the newest of each code, codes that stand for the same together', async (query, ids) => {
    const { body } = await send('get', `Observation/$lastn?patient=whole${query}`).expect(200)
    expect(namesIn(body)).toEqual(ids.map((id) => `Observation/${id}`))
  })

  test('a patient finds none of another’s', async () => {
    const { body } = await (await asPatient())('get', 'Observation/$lastn?patient=whole').expect(200)
    expect(namesIn(body)).toEqual([])
  })
})

describe('Observation/$news2', () => {
  const amount = (value: number, code: string) => ({ value, code, system: 'http://unitsofmeasure.org' })
  const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })
  const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] })
  const AT = '2026-03-10T08:00:00.000Z'
  const PARTS: { [part: string]: object } = {
    rate: { code: loinc('9279-1'), valueQuantity: amount(22, '/min') },
    spo2: { code: loinc('59408-5'), valueQuantity: amount(90, '%') },
    flow: { code: loinc('3151-8'), valueQuantity: amount(1, 'L/min') },
    pressure: { code: loinc('85354-9'), component: [{ code: loinc('8480-6'), valueQuantity: amount(105, 'mm[Hg]') }] },
    pulse: { code: loinc('8867-4'), valueQuantity: amount(95, '/min') },
    consciousness: { code: snomed('1104441000000107'), valueCodeableConcept: snomed('248234008') },
    temperature: { code: loinc('8310-5'), valueQuantity: amount(37.1, 'Cel') },
  }
  const put = (resource: { resourceType: string; id: string; [element: string]: unknown }) =>
    send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  const part = (id: string, name: string, fields: object = {}) => ({
    ...{ resourceType: 'Observation', id: `${id}-${name}`, status: 'final', subject: { reference: `Patient/${id}` } },
    ...{ effectiveDateTime: AT, performer: [{ reference: 'Practitioner/whole-nurse' }] },
    ...{ ...PARTS[name], ...fields },
  })
  const person = async (id: string, fields: object = {}, ...left: string[]) => {
    await put({ resourceType: 'Patient', id, ...fields })
    for (const name of Object.keys(PARTS)) if (!left.includes(name)) await put(part(id, name)).expect(201)
  }
  const given = (id: string, values: object = {}) => ({
    resourceType: 'Parameters',
    parameter: Object.entries({
      ...{ subject: `Patient/${id}`, performer: 'Practitioner/whole-nurse', at: '2026-03-10T08:10:00Z', ...values },
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({
        name,
        ...(name === 'scale' ? { valueInteger: value } : { [name === 'at' ? 'valueInstant' : 'valueString']: value }),
      })),
  })
  const ask = (id: string, values?: object) => send('post', 'Observation/$news2').send(given(id, values))

  test('asked again it is the same; what is measured later is counted then; what is withdrawn takes its score with it', async () => {
    await person('news2', {}, 'consciousness')
    const { body: without } = await ask('news2').expect(201)
    expect(without.valueQuantity).toBeUndefined()
    expect((await ask('news2').expect(200)).body).toEqual(without)

    await put(part('news2', 'consciousness')).expect(201)
    const { body: whole } = await ask('news2').expect(200)
    expect(whole).toMatchObject({
      id: without.id,
      meta: { versionId: '2' },
      status: 'amended',
      valueQuantity: { value: 9 },
    })

    await put(part('news2', 'pulse', { status: 'entered-in-error' })).expect(200)
    const again = part('news2', 'pulse', {
      effectiveDateTime: '2026-03-10T08:05:00.000Z',
      valueQuantity: amount(70, '/min'),
    })
    await put({ ...again, id: 'news2-pulse-again' }).expect(201)
    expect((await ask('news2').expect(201)).body).toMatchObject({ valueQuantity: { value: 8 } })
    const { body: taken } = await send('get', `Observation/${whole.id}`).expect(200)
    expect(taken.status).toBe('entered-in-error')
  })

  /** The score as it is once it is so; it follows without anybody asking. */
  const until = async (id: string, status: string): Promise<Observation> => {
    for (;;) {
      const { body } = await send('get', `Observation/${id}`).expect(200)
      if (body.status === status) return body
      await sleep(50)
    }
  }

  test('nobody asks again: a corrected part amends the score, and when all are withdrawn or deleted it is withdrawn', async () => {
    await person('news2-follows')
    const { body: score } = await ask('news2-follows').expect(201)
    await put(part('news2-follows', 'rate', { valueQuantity: amount(12, '/min') })).expect(200)
    const amended = await until(score.id, 'amended')
    expect(amended.valueQuantity?.value).toBe(score.valueQuantity.value - 2)
    expect(amended.performer).toEqual(score.performer)
    // Asked again it is the same, down to the version.
    expect((await ask('news2-follows').expect(200)).body).toEqual(amended)

    for (const name of Object.keys(PARTS)) await send('delete', `Observation/news2-follows-${name}`).expect(204)
    const withdrawn = await until(score.id, 'entered-in-error')
    expect(withdrawn.note?.at(-1)?.text).toContain('Trukket tilbake')
    const { body } = await ask('news2-follows').expect(422)
    expect(body.issue[0]).toMatchObject({ code: 'business-rule', expression: ['at'] })
  })

  test('a part that was filed with the wrong person takes the score along when it is moved to whose it is', async () => {
    await person('news2-moves')
    await put({ resourceType: 'Patient', id: 'news2-moved-to' }).expect(201)
    const { body: score } = await ask('news2-moves').expect(201)
    const moved = part('news2-moves', 'pulse', { subject: { reference: 'Patient/news2-moved-to' } })
    await put(moved).expect(200)
    expect((await until(score.id, 'entered-in-error')).valueQuantity).toEqual(score.valueQuantity)
  })

  test('refused where a Goal is kept from the caller: it may be the one that says which scale holds', async () => {
    await person('news2-hidden')
    const category = (code: string) => [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-category', code }] },
    ]
    const aim = {
      ...{ resourceType: 'Goal', id: 'news2-hidden-aim', lifecycleStatus: 'active', category: category('dietary') },
      ...{ subject: { reference: 'Patient/news2-hidden' }, description: { text: 'SpO2 88–92 %' } },
      target: [{ measure: loinc('59408-5'), detailRange: { low: amount(88, '%'), high: amount(92, '%') } }],
    }
    await put(aim).expect(201)
    const filtered = `system/Goal.rs?category=${aim.category[0]?.coding[0]?.system}|safety`
    const rest = 'system/Observation.cruds system/Patient.rs system/Condition.rs system/Practitioner.rs'
    const narrow = as(await server.token(`${rest} ${filtered}`))
    const { body } = await narrow('post', 'Observation/$news2').send(given('news2-hidden')).expect(403)
    expect(body.issue[0]).toMatchObject({ code: 'forbidden', expression: ['subject'] })
    expect(body.issue[0].diagnostics).toContain('Goals')
    await put({ ...aim, category: category('safety') }).expect(200)
    await narrow('post', 'Observation/$news2').send(given('news2-hidden')).expect(201)
  })

  test('the scale is the record’s: a Goal in force that aims at 88–92 %', async () => {
    await person('news2-hypercapnic')
    const aim = {
      ...{ resourceType: 'Goal', id: 'news2-aim', lifecycleStatus: 'active', description: { text: 'SpO2 88–92 %' } },
      subject: { reference: 'Patient/news2-hypercapnic' },
      target: [{ measure: loinc('59408-5'), detailRange: { low: amount(88, '%'), high: amount(92, '%') } }],
    }
    await put(aim).expect(201)
    const { body } = await ask('news2-hypercapnic').expect(201)
    expect(body.valueQuantity.value).toBe(6)
    expect(body.component[1].code.coding[0].code).toBe('1104321000000108')
    const refused = await ask('news2-hypercapnic', { scale: 1 }).expect(422)
    expect(refused.body.issue[0]).toMatchObject({ code: 'business-rule', expression: ['scale'] })
  })

  test('a part that is withdrawn while the score is worked out waits for it, and then takes it along', async () => {
    await person('news2-holds', {}, 'consciousness')
    const { body: earlier } = await ask('news2-holds').expect(201)
    await put(part('news2-holds', 'consciousness')).expect(201)
    const database = new pg.Client(server.databaseUrl())
    await database.connect()
    const isWaiting = async (count: number) => {
      const sql = `SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`
      while (((await database.query(sql)).rowCount ?? 0) < count) await sleep(20)
    }
    try {
      await database.query('BEGIN')
      await database.query(`SELECT FROM resource WHERE type = 'Observation' AND id = $1 FOR UPDATE`, [earlier.id])
      const asked = ask('news2-holds').then(({ body }) => body)
      await isWaiting(1)
      const withdrawn = put(part('news2-holds', 'pulse', { status: 'entered-in-error' })).then(({ status }) => status)
      await isWaiting(2)
      await database.query('COMMIT')
      expect(await asked).toMatchObject({ id: earlier.id, status: 'amended', valueQuantity: { value: 9 } })
      expect(await withdrawn).toBe(200)
      await until(earlier.id, 'entered-in-error')
    } finally {
      await database.end()
    }
  })

  test('two who ask at once get one score', async () => {
    await person('news2-twice')
    const both = await Promise.all([ask('news2-twice'), ask('news2-twice')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201])
    expect(both[0].body.id).toBe(both[1].body.id)
  })

  test('who has waited for another’s score counts what was measured meanwhile', async () => {
    await person('news2-waits', {}, 'consciousness')
    const { body: earlier } = await ask('news2-waits').expect(201)
    await put(part('news2-waits', 'consciousness')).expect(201)
    const database = new pg.Client(server.databaseUrl())
    await database.connect()
    const waits = async (kinds: string[]) => {
      const sql = 'SELECT FROM pg_locks WHERE NOT granted AND locktype = ANY($1)'
      while ((await database.query(sql, [kinds])).rowCount === 0) await sleep(20)
    }
    try {
      // The first gives the earlier score its next version, which is held here; the second waits for the first.
      await database.query('BEGIN')
      await database.query(`SELECT FROM resource WHERE type = 'Observation' AND id = $1 FOR UPDATE`, [earlier.id])
      const first = ask('news2-waits').then(({ status }) => status)
      await waits(['transactionid', 'tuple'])
      const second = ask('news2-waits').then(({ body }) => body)
      await waits(['advisory'])
      const later = { effectiveDateTime: '2026-03-10T08:05:00.000Z', valueQuantity: amount(12, '/min') }
      await put({ ...part('news2-waits', 'rate', later), id: 'news2-waits-later' }).expect(201)
      await database.query('COMMIT')
      expect(await first).toBe(200)
      expect(await second).toMatchObject({ meta: { versionId: '1' }, valueQuantity: { value: 7 } })
    } finally {
      await database.end()
    }
  })

  test.each([
    ['nothing measured then', { at: '2026-03-10T10:00:00Z' }, 422, 'business-rule', 'at'],
    ['a moment ahead', { at: '2999-01-01T00:00:00Z' }, 400, 'value', 'at'],
    ['a third scale', { scale: 3 }, 400, 'value', 'scale'],
    ['a scale that nobody has decided', { scale: 2 }, 422, 'business-rule', 'scale'],
    ['a patient who is not there', { subject: 'Patient/none' }, 404, 'not-found', undefined],
    ['a group', { subject: 'Group/1' }, 400, 'value', 'subject'],
    ['a patient without an id', { subject: 'Patient/' }, 400, 'value', 'subject'],
    ['a version of a patient', { subject: 'Patient/whole/_history/1' }, 400, 'value', 'subject'],
    ['two patients', { subject: 'Patient/whole,Patient/none' }, 400, 'value', 'subject'],
    ['a system that names nobody', { performer: undefined }, 400, 'required', 'performer'],
  ])('%s is refused', async (_what, values, status, code, expression) => {
    const { body } = await ask('whole', values).expect(status)
    expect(body.issue[0]).toMatchObject({ code, ...(expression ? { expression: [expression] } : {}) })
  })

  test('refused for who is under 16', async () => {
    await person('news2-young', { birthDate: '2010-03-11' })
    const { body } = await ask('news2-young').expect(422)
    expect(body.issue[0]).toMatchObject({ code: 'business-rule', expression: ['Patient.birthDate'] })
  })

  test('16 from midnight in Norway on', async () => {
    await put({ resourceType: 'Patient', id: 'news2-birthday', birthDate: '2010-03-11' })
    await put(part('news2-birthday', 'rate', { effectiveDateTime: '2026-03-10T22:50:00Z' })).expect(201)
    await ask('news2-birthday', { at: '2026-03-10T22:59:00Z' }).expect(422)
    await ask('news2-birthday', { at: '2026-03-10T23:01:00Z' }).expect(201)
  })

  test('refused rather than worked out from some of what was measured', async () => {
    await put({ resourceType: 'Patient', id: 'news2-many' })
    const entry = Array.from({ length: 1001 }, () => ({
      request: { method: 'POST', url: 'Observation' },
      resource: { ...part('news2-many', 'pulse'), id: undefined },
    }))
    await send('post', '').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(200)
    const { body } = await ask('news2-many').expect(422)
    expect(body.issue[0]).toMatchObject({ code: 'too-costly', expression: ['subject'] })
  })

  test('refused for who is pregnant, to a patient, and to who does not see the Goals', async () => {
    await person('news2-pregnant')
    const clinicalStatus = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    }
    const subject = { reference: 'Patient/news2-pregnant' }
    const pregnant = {
      resourceType: 'Condition',
      id: 'news2-pregnant',
      clinicalStatus,
      code: snomed('77386006'),
      subject,
    }
    await put(pregnant).expect(201)
    expect((await ask('news2-pregnant').expect(422)).body.issue[0].expression).toEqual(['Condition.code'])
    const asked = given('demo-line')
    expect((await (await asPatient())('post', 'Observation/$news2').send(asked).expect(403)).body.issue[0].code).toBe(
      'forbidden',
    )
    const narrow = as(await server.token('system/Observation.cruds system/Patient.rs system/Condition.rs'))
    const { body } = await narrow('post', 'Observation/$news2').send(given('news2-pregnant')).expect(403)
    expect(body.issue[0].diagnostics).toContain('does not search Goal')
  })
})

describe('Observation/$stats', () => {
  const STATS = 'Observation/$stats?subject=Patient/whole&system=http://loinc.org&code=8867-4'
  const componentsOf = ({ parameter = [] }: { parameter?: { resource: Observation }[] }) =>
    parameter.map(({ resource }) =>
      Object.fromEntries(
        (resource.component ?? []).map(({ code, valueQuantity }) => [code.coding?.[0]?.code, valueQuantity?.value]),
      ),
    )

  test('of a code, in a period', async () => {
    const whole = await send('get', `${STATS}&statistic=average,maximum&statistic=count`).expect(200)
    expect(componentsOf(whole.body)).toEqual([{ average: 70, maximum: 80, count: 3 }])
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'subject', valueUri: 'Patient/whole' },
        { name: 'coding', valueCoding: { system: 'http://loinc.org', code: '8867-4' } },
        { name: 'period', valuePeriod: { start: '2026-03-02', end: '2026-03-05' } },
        { name: 'statistic', valueCode: 'minimum' },
      ],
    }
    const within = await send('post', 'Observation/$stats').send(parameters).expect(200)
    expect(componentsOf(within.body)).toEqual([{ minimum: 70 }])
    const line = (await send('get', `${STATS}&statistic=regression`).expect(200)).body.parameter[0].resource
    expect(line.component.map(({ code }: ObservationComponent) => code.text)).toEqual([
      'gradient per day',
      expect.stringMatching(/^intercept at 2026-03-/),
    ])
  })

  test('of components too, with what they were worked out from', async () => {
    const pressure = (id: string, value: number | undefined) => ({
      ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: 'Patient/stats' } },
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
      component: [
        {
          code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
          ...(value === undefined ? {} : { valueQuantity: { value, unit: 'mmHg' } }),
        },
      ],
    })
    await send('put', 'Patient/stats').send({ resourceType: 'Patient', id: 'stats' }).expect(201)
    await send('put', 'Observation/stats-1').send(pressure('stats-1', 120)).expect(201)
    await send('put', 'Observation/stats-2').send(pressure('stats-2', undefined)).expect(201)
    const asked = 'subject=Patient/stats&code=8480-6&statistic=average,total-count,skew&include=true&limit=1'
    const { body } = await send('get', `Observation/$stats?${asked}`).expect(200)
    const [found, source, ...more] = body.parameter
    expect(componentsOf({ parameter: [found] })).toEqual([{ average: 120, 'total-count': 2, skew: undefined }])
    expect(found.resource.component[2].dataAbsentReason.coding[0].code).toBe('not-a-number')
    expect([source.name, source.resource.code.coding[0].code, more]).toEqual(['source', '85354-9', []])
  })

  test('a patient learns nothing of another’s', async () => {
    const { body } = await (await asPatient())('get', `${STATS}&statistic=count`).expect(200)
    expect(componentsOf(body)).toEqual([])
  })

  test.each([
    ['Observation/$stats?code=8867-4&statistic=count', 'required', 'subject'],
    [STATS, 'required', 'statistic'],
    [`${STATS}&statistic=mood`, 'not-supported', 'statistic'],
    [`${STATS}&statistic=count&duration=-1`, 'value', 'duration'],
  ])('%s is refused', async (path, code, expression) => {
    const { status, body } = await send('get', path)
    expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([400, code, [expression]])
  })
})

describe('$meta', () => {
  const tag = { system: 'http://example.org/tags', code: 'study' }
  const meta = (valueMeta: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] })
  const returned = ({ parameter }: { parameter: [{ valueMeta: Observation['meta'] }] }) => parameter[0].valueMeta

  test('added once, found by it, and taken away', async () => {
    const before = (await send('get', 'Observation/whole-2')).body.meta.versionId
    const added = await send('post', 'Observation/whole-2/$meta-add')
      .send(meta({ tag: [tag] }))
      .expect(200)
    expect(returned(added.body)?.tag).toEqual([tag])
    const again = await send('post', 'Observation/whole-2/$meta-add')
      .send(meta({ tag: [tag] }))
      .expect(200)
    expect(Number(returned(again.body)?.versionId)).toBe(Number(before) + 1)
    expect(namesIn((await send('get', 'Observation?_tag=study')).body)).toEqual(['Observation/whole-2'])
    expect(returned((await send('get', 'Observation/whole-2/$meta')).body)?.tag).toEqual([tag])
    expect(returned((await send('get', 'Composition/$meta')).body)).toEqual({})
    const gone = await send('post', 'Observation/whole-2/$meta-delete')
      .send(meta({ tag: [tag] }))
      .expect(200)
    expect(returned(gone.body)?.tag).toBeUndefined()
  })

  test('of a type: what is in use, among what the caller may search', async () => {
    await send('post', 'Encounter/whole-visit/$meta-add')
      .send(meta({ tag: [tag] }))
      .expect(200)
    expect(returned((await send('get', 'Encounter/$meta').expect(200)).body)).toEqual({ tag: [tag] })
    expect(returned((await (await asPatient())('get', 'Encounter/$meta').expect(200)).body)).toEqual({})
  })

  test.each([
    ['post', 'Observation/none/$meta-add', 404, 'not-found'],
    ['get', 'Observation/none/$meta', 404, 'not-found'],
    ['get', 'Observation/whole-2/$meta-add', 405, 'not-supported'],
  ] as const)('%s %s is refused with %d', async (method, path, status, code) => {
    const { status: got, body } = await (method === 'post'
      ? send('post', path).send(meta({ tag: [tag] }))
      : send('get', path))
    expect([got, body.issue[0].code]).toEqual([status, code])
  })

  test('a body without meta is refused, and so is a profile that the resource does not fit', async () => {
    const empty = await send('post', 'Observation/whole-2/$meta-add').send({ resourceType: 'Parameters' })
    expect([empty.status, empty.body.issue[0].expression]).toEqual([400, ['meta']])
    const profile = ['http://hl7.org/fhir/StructureDefinition/bodyweight']
    const unfit = await send('post', 'Observation/whole-4/$meta-add').send(meta({ profile }))
    expect(unfit.status).toBe(400)
    expect((await send('get', 'Observation/whole-4')).body.meta.profile).toBeUndefined()
  })

  test('decimals keep the digits that they were sent with, also in a document that is kept', async () => {
    const json =
      '{"resourceType":"Observation","id":"whole-digits","status":"final","code":{"text":"x"},"valueQuantity":{"value":95.00}}'
    await send('put', 'Observation/whole-digits')
      .serialize((sent) => sent)
      .send(json)
      .expect(201)
    await send('post', 'Observation/whole-digits/$meta-add')
      .send(meta({ tag: [tag] }))
      .expect(200)
    expect((await send('get', 'Observation/whole-digits')).text).toContain('"value":95.00')
    const composition = {
      ...{ resourceType: 'Composition', id: 'whole-digits', status: 'final', type: { text: 'x' }, date: '2026-03-01' },
      ...{ title: 'x', author: [{ display: 'x' }], section: [{ entry: [{ reference: 'Observation/whole-digits' }] }] },
    }
    await send('put', 'Composition/whole-digits').send(composition).expect(201)
    const kept = await send('get', 'Composition/whole-digits/$document?persist=true').expect(200)
    expect((await send('get', `Bundle/${kept.body.id}`)).text).toContain('"value":95.00')
  })

  test('who may only read changes nothing', async () => {
    const reader = as(await server.token('system/*.rs'))
    const { status, body } = await reader('post', 'Observation/whole-2/$meta-add').send(meta({ tag: [tag] }))
    expect([status, body.issue[0].code]).toEqual([403, 'forbidden'])
  })
})

describe('Composition/$document', () => {
  test('the Composition first, then what it refers to; kept only when asked', async () => {
    const { body } = await send('get', 'Composition/whole-letter/$document').expect(200)
    expect(body).toMatchObject({ type: 'document', identifier: { system: 'urn:ietf:rfc:3986' } })
    expect(namesIn(body)).toEqual([
      'Composition/whole-letter',
      'Patient/whole',
      'Practitioner/whole-nurse',
      'Observation/whole-5',
    ])
    expect(body.id).toBeUndefined()
    const kept = await send('get', 'Composition/$document?id=whole-letter&persist=true').expect(200)
    expect((await send('get', `Bundle/${kept.body.id}`).expect(200)).body.type).toBe('document')
  })

  test('one that would lack something is refused, and what is missing is named', async () => {
    const letter = { ...RECORD.at(-1), id: 'whole-hole', encounter: { reference: 'Encounter/none' } }
    await send('put', 'Composition/whole-hole').send(letter).expect(201)
    const { status, body } = await send('get', 'Composition/whole-hole/$document')
    expect([status, body.issue[0].code]).toEqual([422, 'processing'])
    expect(body.issue[0].diagnostics).toContain('Encounter/none')
    expect((await send('get', 'Composition/none/$document')).status).toBe(404)
  })
})

describe('$graphql', () => {
  const LIST =
    '{ ObservationList(_reference: patient, code: "8867-4", _sort: "date") { id subject { resource { name { family } } } } }'
  const ask = (bearer: string, path: string, body: object) =>
    as(bearer)('post', path).type('application/json').send(body)

  test('reads at an instance what is selected, by POST of JSON, of GraphQL, of Parameters, and by GET', async () => {
    const expected = { data: { ObservationList: [{ id: 'whole-1' }, { id: 'whole-3' }, { id: 'whole-5' }] } }
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'query', valueString: LIST }] }
    const answers = await Promise.all([
      ask(token, 'Patient/whole/$graphql', { query: LIST }),
      send('post', 'Patient/whole/$graphql').type('application/graphql').send(LIST),
      send('post', 'Patient/whole/$graphql').send(parameters),
      send('get', `Patient/whole/$graphql?query=${encodeURIComponent(LIST)}`).set('Accept', 'application/fhir+xml'),
    ])
    for (const { status, type, body } of answers) {
      expect([status, type]).toEqual([200, 'application/json'])
      expect(body).toMatchObject(expected)
    }
    expect(answers[0]?.body.data.ObservationList[0].subject).toEqual({ resource: { name: [{ family: 'Whole' }] } })
  })

  test('searches of the system, with pages', async () => {
    const page = (cursor: string) =>
      `{ ObservationConnection(patient: "whole", _count: 4, _sort: "_id" ${cursor}) { count next edges { resource { id } } } }`
    const first = (await ask(token, '$graphql', { query: page('') })).body.data.ObservationConnection
    expect([first.count, first.edges.length]).toEqual([6, 4])
    const { body } = await ask(token, '$graphql', { query: page(`_cursor: "${first.next}"`) })
    expect(body.data.ObservationConnection).toMatchObject({ next: null, edges: [{}, {}] })
  })

  test('shows nobody more than REST does', async () => {
    const { body } = await (await asPatient())('post', '$graphql').type('application/json').send({
      query: '{ PatientList { id } Patient(id: whole) { id } ObservationConnection(patient: "whole") { count } }',
    })
    expect(body.data).toEqual({
      PatientList: [{ id: 'demo-line' }],
      Patient: null,
      ObservationConnection: { count: 0 },
    })
    expect(body.errors).toMatchObject([{ extensions: { resource: { issue: [{ code: 'not-found' }] } } }])
    const narrow = await ask(await server.token('system/Patient.rs'), 'Patient/whole/$graphql', { query: LIST })
    expect(narrow.body.errors[0].extensions.resource.issue[0].code).toBe('forbidden')
    expect(
      (await ask(await server.token('system/Device.rs'), 'Patient/whole/$graphql', { query: '{ id }' })).status,
    ).toBe(403)
  })

  test('what is no query is refused with GraphQL’s errors and an OperationOutcome in each', async () => {
    const { status, body } = await ask(token, '$graphql', { query: '{ Patient(id: whole) { colour } }' })
    expect([status, body.data]).toEqual([400, undefined])
    expect(body.errors).toMatchObject([
      { locations: [{ line: 1 }], extensions: { resource: { issue: [{ code: 'invalid', expression: ['query'] }] } } },
    ])
    const empty = await ask(token, '$graphql', {})
    expect([empty.status, empty.body.issue[0].expression]).toEqual([400, ['query']])
    expect((await ask(token, 'Patient/none/$graphql', { query: '{ id }' })).status).toBe(404)
  })

  test('it answers with no resource, so it cannot be part of a Bundle', async () => {
    const request = { method: 'GET', url: `Patient/whole/$graphql?query=${encodeURIComponent('{ id }')}` }
    const { body } = await send('post', '').send({ resourceType: 'Bundle', type: 'batch', entry: [{ request }] })
    expect(body.entry[0].response).toMatchObject({ status: '400', outcome: { issue: [{ code: 'not-supported' }] } })
  })
})

test.each([
  ['Patient/$everything?_cursor=1~2~3', 400, 'value', ['_cursor']],
  ['Patient/$everything?_cursor=x~', 400, 'value', ['_cursor']],
  ['Patient/none/$everything', 404, 'not-found', undefined],
  ['Patient/whole/$everything?_type=Pasient', 400, 'value', ['_type']],
  ['Patient/whole/$everything?start=yesterday', 400, 'value', ['start']],
  ['Patient/whole/$everything?end=2026-02-30', 400, 'value', ['end']],
  ['Patient/whole/$everything?_since=2026-13-01T00:00:00Z', 400, 'value', ['_since']],
  ['Patient/whole/$everything?_since=2026-01-01', 400, 'value', ['_since']],
  ['Patient/whole/$everything?_cursor=abc', 400, 'value', ['_cursor']],
  ['Patient/whole/$everything?colour=red', 400, 'not-supported', ['colour']],
  ['Observation/$lastn?code=8867-4', 400, 'required', ['patient']],
  ['Observation/$lastn?patient=whole&max=few', 400, 'value', ['max']],
  ['Observation/$lastn?patient=whole&max=0', 400, 'value', ['max']],
  ['Observation/$lastn?patient=whole&colour=red', 400, 'not-supported', ['colour']],
  ['Observation/$lastn?patient=whole&_include=Observation:device', 400, 'not-supported', ['_include']],
  ['Composition/$document', 400, 'required', ['id']],
] as const)('%s is refused with %d', async (path, status, code, expression) => {
  const { status: got, body } = await send('get', path)
  expect([got, body.issue[0].code, body.issue[0].expression]).toEqual([status, code, expression])
})
