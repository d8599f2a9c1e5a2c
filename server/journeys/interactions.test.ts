import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`.replace(/\/$/, ''))
    .set('Authorization', `Bearer ${token}`)
    .type('application/fhir+json')

const patient = (rest: object = {}) => ({
  resourceType: 'Patient',
  name: [{ family: 'Danser', given: ['Line'] }],
  ...rest,
})
const observation = (subject: string, rest: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  subject: { reference: subject },
  effectiveDateTime: '2026-11-20T08:00:00+01:00',
  valueQuantity: { value: 95, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  ...rest,
})

test('what is created can be read, with its version, time and place', async () => {
  const created = await send('post', 'Patient').send(patient())
  expect(created.status).toBe(201)
  const { id, meta } = created.body
  expect(created.headers.location).toBe(`${server.baseUrl}/fhir/Patient/${id}/_history/1`)
  expect(created.headers.etag).toBe('W/"1"')
  expect(meta.versionId).toBe('1')
  const read = await send('get', `Patient/${id}`)
  expect(read.status).toBe(200)
  expect(read.text).toBe(created.text)
  expect(read.headers['content-type']).toBe('application/fhir+json; charset=utf-8')
  expect(new Date(read.headers['last-modified'] ?? '').getTime()).toBe(
    Math.floor(Date.parse(meta.lastUpdated) / 1000) * 1000,
  )
})

test('decimals keep the digits that were sent', async () => {
  const text = JSON.stringify(observation('Patient/x')).replace('"value":95', '"value":95.00')
  const created = await send('post', 'Observation')
    .serialize((sent) => sent)
    .send(text)
  expect(created.text).toContain('"value":95.00')
  expect((await send('get', `Observation/${created.body.id}`)).text).toContain('"value":95.00')
})

test('an id of the client: created by PUT, updated by PUT, found by it, and its versions kept', async () => {
  expect((await send('put', 'Patient/kari').send(patient({ id: 'kari' }))).status).toBe(201)
  const second = await send('put', 'Patient/kari').send(patient({ id: 'kari', gender: 'female' }))
  expect([second.status, second.headers.etag]).toEqual([200, 'W/"2"'])
  expect((await send('get', 'Patient/kari/_history/1')).body.gender).toBeUndefined()
  expect((await send('get', 'Patient/kari/_history/2')).body.gender).toBe('female')
  const history = await send('get', 'Patient/kari/_history')
  // The verb that was used: the client chose the id, so it came by PUT from the first.
  expect(history.body.entry.map((entry: { request: { method: string } }) => entry.request.method)).toEqual([
    'PUT',
    'PUT',
  ])
  expect(history.body.total).toBe(2)
})

test('an id in the URL that is not the one in the resource is refused', async () => {
  const response = await send('put', 'Patient/one').send(patient({ id: 'other' }))
  expect([response.status, response.body.issue[0].expression]).toEqual([400, ['Patient.id']])
})

test('If-Match: the version must be the one that is there', async () => {
  await send('put', 'Patient/match').send(patient({ id: 'match' }))
  const stale = await send('put', 'Patient/match')
    .set('If-Match', 'W/"7"')
    .send(patient({ id: 'match', active: true }))
  expect([stale.status, stale.body.issue[0].code]).toEqual([412, 'conflict'])
  const right = await send('put', 'Patient/match')
    .set('If-Match', 'W/"1"')
    .send(patient({ id: 'match', active: true }))
  expect([right.status, right.headers.etag]).toEqual([200, 'W/"2"'])
  expect(
    (
      await send('put', 'Patient/match')
        .set('If-Match', 'yesterday')
        .send(patient({ id: 'match' }))
    ).status,
  ).toBe(400)
})

test('of twenty who change one version at the same time, one wins', async () => {
  await send('put', 'Patient/race').send(patient({ id: 'race' }))
  const statuses = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      send('put', 'Patient/race')
        .set('If-Match', 'W/"1"')
        .send(patient({ id: 'race', multipleBirthInteger: n }))
        .then(({ status }) => status),
    ),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 412)).toHaveLength(19)
})

test('what is deleted is gone, and says so; its history remains; a PUT brings it back', async () => {
  await send('put', 'Patient/gone').send(patient({ id: 'gone' }))
  expect((await send('delete', 'Patient/gone')).status).toBe(204)
  expect((await send('delete', 'Patient/gone')).status).toBe(204)
  const read = await send('get', 'Patient/gone')
  expect([read.status, read.body.issue[0].code]).toEqual([410, 'deleted'])
  expect((await send('get', 'Patient/gone/_history/1')).status).toBe(200)
  expect((await send('get', 'Patient/gone/_history/2')).status).toBe(410)
  const back = await send('put', 'Patient/gone').send(patient({ id: 'gone' }))
  expect([back.status, back.headers.etag]).toEqual([201, 'W/"3"'])
  expect((await send('get', 'Patient?_id=gone')).body.entry).toHaveLength(1)
})

test('who has the version already is told so, without a body', async () => {
  await send('put', 'Patient/known').send(patient({ id: 'known' }))
  const unchanged = await send('get', 'Patient/known').set('If-None-Match', 'W/"1"')
  expect([unchanged.status, unchanged.text]).toEqual([304, ''])
  expect((await send('get', 'Patient/known').set('If-None-Match', 'W/"9"')).status).toBe(200)
})

test('Prefer says what comes back after a write', async () => {
  const minimal = await send('post', 'Patient').set('Prefer', 'return=minimal').send(patient())
  expect([minimal.status, minimal.text]).toEqual([201, ''])
  expect(minimal.headers.location).toContain('/fhir/Patient/')
  expect(
    (await send('post', 'Patient').set('Prefer', 'return=OperationOutcome').send(patient())).body.resourceType,
  ).toBe('OperationOutcome')
})

test('Prefer return=OperationOutcome tells what was worth a warning, in a Bundle for each entry', async () => {
  const body = patient({ meta: { profile: ['http://example.org/nobody-knows'] } })
  const warned = {
    issue: [{ severity: 'warning', expression: ['Patient.meta.profile[0]'] }, { code: 'informational' }],
  }
  const prefer = { Prefer: 'return=OperationOutcome' }
  expect((await send('post', 'Patient').set(prefer).send(body)).body).toMatchObject(warned)
  for (const type of ['batch', 'transaction']) {
    const entry = [{ resource: body, request: { method: 'POST', url: 'Patient' } }]
    const answer = (await send('post', '').set(prefer).send({ resourceType: 'Bundle', type, entry })).body
    expect(answer.entry[0].response).toMatchObject({ status: '201 Created', outcome: warned })
  }
})

test('a conditional create stores one, however many ask at once', async () => {
  const create = () =>
    send('post', 'Patient')
      .set('If-None-Exist', 'identifier=urn:test|once')
      .send(patient({ identifier: [{ system: 'urn:test', value: 'once' }] }))
  const answers = await Promise.all(Array.from({ length: 12 }, create))
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(11).fill(200), 201])
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
})

test('the same measurements of one patient, newest first, page after page while more arrive', async () => {
  await send('put', 'Patient/paged').send(patient({ id: 'paged' }))
  const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 3_600_000).toISOString()
  const bundle = (from: number, to: number) => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: Array.from({ length: to - from }, (_, i) => ({
      request: { method: 'POST', url: 'Observation' },
      resource: observation('Patient/paged', { effectiveDateTime: at(from + i) }),
    })),
  })
  await send('post', '').send(bundle(0, 50)).expect(200)
  const times: string[] = []
  let path: string | undefined = 'Observation?patient=Patient/paged&code=http://loinc.org|59408-5&_sort=-date&_count=7'
  while (path) {
    const page: request.Response = await send('get', path).expect(200)
    times.push(
      ...page.body.entry.map((entry: { resource: { effectiveDateTime: string } }) => entry.resource.effectiveDateTime),
    )
    if (times.length === 7) await send('post', '').send(bundle(50, 60)).expect(200)
    const next = page.body.link.find(({ relation }: { relation: string }) => relation === 'next')?.url
    path = next?.replace(`${server.baseUrl}/fhir/`, '')
  }
  expect(times).toEqual(Array.from({ length: 50 }, (_, n) => at(49 - n)))
})

test('search by token, reference, date, with _include; what is not understood is said', async () => {
  await send('put', 'Patient/found').send(patient({ id: 'found' }))
  await send('put', 'Observation/f1').send(observation('Patient/found', { id: 'f1' }))
  const page = await send(
    'get',
    'Observation?subject=Patient/found&date=ge2026-11-20&_include=Observation:subject&nonsense=1',
  )
  expect(page.body.entry.map((e: { search: { mode: string } }) => e.search.mode)).toEqual([
    'match',
    'include',
    'outcome',
  ])
  expect(page.body.link[0].url).not.toContain('nonsense')
  const strict = await send('get', 'Observation?nonsense=1').set('Prefer', 'handling=strict')
  expect(strict.status).toBe(400)
  const posted = await request(server.baseUrl)
    .post('/fhir/Observation/_search')
    .set('Authorization', `Bearer ${token}`)
    .type('form')
    .send({ subject: 'Patient/found' })
  expect(posted.body.entry).toHaveLength(1)
})

describe('Bundles', () => {
  const bundle = (type: string, entry: object[]) => send('post', '').send({ resourceType: 'Bundle', type, entry })

  test('a transaction makes a patient and what refers to the patient, linked', async () => {
    const fullUrl = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a'
    const answer = await bundle('transaction', [
      { request: { method: 'POST', url: 'Observation' }, resource: observation(fullUrl) },
      { fullUrl, request: { method: 'POST', url: 'Patient' }, resource: patient() },
    ])
    expect(answer.status).toBe(200)
    const [made, madePatient] = answer.body.entry.map(
      (entry: { response: { location: string } }) => entry.response.location.match(/fhir\/(\w+\/[^/]+)/)?.[1],
    )
    expect((await send('get', made)).body.subject.reference).toBe(madePatient)
    // All of a patient shares one bucket: the two last characters of the ids.
    expect(made.slice(-2)).toBe(madePatient.slice(-2))
  })

  test('a batch does what it can, and says what it could not', async () => {
    const answer = await bundle('batch', [
      { request: { method: 'POST', url: 'Patient' }, resource: patient() },
      { request: { method: 'POST', url: 'Patient' }, resource: patient({ gender: 'unclear' }) },
      { request: { method: 'GET', url: 'Patient/not-there' } },
      { request: { method: 'GET', url: 'Patient?_count=1' } },
    ])
    expect(answer.body.entry.map((e: { response: { status: string } }) => e.response.status.slice(0, 3))).toEqual([
      '201',
      '400',
      '404',
      '200',
    ])
    expect(answer.body.entry[1].response.outcome.issue[0].expression).toEqual(['Patient.gender'])
    expect(answer.body.entry[3].resource.type).toBe('searchset')
  })

  test('deletes come before creates, whatever the order in the Bundle, and a read sees what was written', async () => {
    await send('put', 'Patient/order').send(patient({ id: 'order' }))
    const answer = await bundle('transaction', [
      { request: { method: 'GET', url: 'Patient/order2' } },
      { request: { method: 'PUT', url: 'Patient/order2' }, resource: patient({ id: 'order2' }) },
      { request: { method: 'DELETE', url: 'Patient/order' } },
    ])
    expect(answer.body.entry.map((e: { response: { status: string } }) => e.response.status.slice(0, 3))).toEqual([
      '200',
      '201',
      '204',
    ])
    expect((await send('get', 'Patient/order')).status).toBe(410)
  })

  test('a transaction whose If-Match fails leaves nothing behind', async () => {
    const answer = await bundle('transaction', [
      { request: { method: 'PUT', url: 'Patient/half' }, resource: patient({ id: 'half' }) },
      {
        request: { method: 'PUT', url: 'Patient/other-half', ifMatch: 'W/"3"' },
        resource: patient({ id: 'other-half' }),
      },
    ])
    expect([answer.status, answer.body.issue[0].expression]).toEqual([412, ['Bundle.entry[1]']])
    expect((await send('get', 'Patient/half')).status).toBe(404)
  })
})

describe('who is asking', () => {
  test('without a token there is nothing but metadata', async () => {
    const response = await request(server.baseUrl).get('/fhir/Patient/kari')
    expect([response.status, response.body.issue[0].code]).toEqual([401, 'login'])
    expect(response.headers['www-authenticate']).toMatch(/^Bearer /)
    expect((await request(server.baseUrl).get('/fhir/metadata')).status).toBe(200)
    expect(
      (await request(server.baseUrl).get('/fhir/Patient/kari').set('Authorization', 'Bearer nonsense')).status,
    ).toBe(401)
  })

  test('a scope that is too small is refused on every interaction, also inside a Bundle', async () => {
    const small = await server.token('system/Patient.r')
    const as = (method: 'get' | 'post' | 'put' | 'delete', path: string) =>
      request(server.baseUrl)
        [method](`/fhir/${path}`.replace(/\/$/, ''))
        .set('Authorization', `Bearer ${small}`)
        .type('application/fhir+json')
    await send('put', 'Patient/scoped').send(patient({ id: 'scoped' }))
    expect((await as('get', 'Patient/scoped')).status).toBe(200)
    const refused = [
      await as('get', 'Patient'),
      await as('get', 'Observation'),
      await as('post', 'Patient').send(patient()),
      await as('put', 'Patient/scoped').send(patient({ id: 'scoped' })),
      await as('delete', 'Patient/scoped'),
    ]
    for (const { status, body } of refused) expect([status, body.issue[0].code]).toEqual([403, 'forbidden'])
    const entry = [{ request: { method: 'PUT', url: 'Patient/scoped' }, resource: patient({ id: 'scoped' }) }]
    expect((await as('post', '').send({ resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(403)
    const batch = await as('post', '').send({ resourceType: 'Bundle', type: 'batch', entry })
    expect(batch.body.entry[0].response.status).toBe('403')
  })
})

test('metadata refuses a mode that R4 lacks', async () => {
  const { status, body } = await request(server.baseUrl).get('/fhir/metadata?mode=bogus')
  expect([status, body.issue?.[0]?.code, body.issue?.[0]?.expression]).toEqual([400, 'value', ['mode']])
})

test('metadata says what works, for every type of R4', async () => {
  const { body } = await request(server.baseUrl).get('/fhir/metadata')
  expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', kind: 'instance' })
  const types = body.rest[0].resource.map(({ type }: { type: string }) => type)
  expect(types.length).toBeGreaterThan(140)
  const claimed = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Observation')
  expect(claimed.interaction.map(({ code }: { code: string }) => code)).toEqual(
    expect.arrayContaining([
      ...['read', 'vread', 'update', 'patch', 'delete', 'create', 'search-type', 'history-instance', 'history-type'],
    ]),
  )
  expect(claimed).toMatchObject({
    ...{
      conditionalCreate: true,
      conditionalUpdate: true,
      conditionalDelete: 'single',
      conditionalRead: 'full-support',
    },
    updateCreate: true,
  })
  const [{ interaction, compartment, searchParam }] = body.rest
  expect(interaction.map(({ code }: { code: string }) => code).sort()).toEqual([
    ...['batch', 'history-system', 'search-system', 'transaction'],
  ])
  expect(compartment).toContain('http://hl7.org/fhir/CompartmentDefinition/patient')
  expect(searchParam.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['_id', '_tag', '_type']),
  )
  expect([...body.format, ...body.patchFormat]).toEqual(
    expect.arrayContaining(['application/fhir+xml', 'application/json-patch+json']),
  )
  expect(claimed.searchParam.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['code', 'date', 'patient', 'value-quantity', '_has', '_filter']),
  )
  expect(claimed.searchRevInclude).toEqual(expect.arrayContaining(['*', 'Observation:derived-from']))
})

describe('an AuditEvent of another system', () => {
  const event = (rest: object = {}) => ({
    ...{ resourceType: 'AuditEvent', recorded: '2012-10-25T22:04:27+11:00', action: 'E', outcome: '0' },
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110100' },
    agent: [{ who: { reference: 'Practitioner/elsewhere' }, requestor: true }],
    source: { observer: { display: 'A pump' } },
    entity: [{ what: { reference: 'Patient/demo-line' } }],
    ...rest,
  })
  const found = async (query: string) => {
    const { body } = await send('get', `AuditEvent?${query}`).expect(200)
    return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
  }

  test('is kept in the audit and found there, by what it says and when it was, with a record of who sent it', async () => {
    const created = await send('post', 'AuditEvent').send(event()).expect(201)
    const { id } = created.body
    expect(created.headers.location).toBe(`${server.baseUrl}/fhir/AuditEvent/${id}/_history/1`)
    const { body } = await send('get', `AuditEvent/${id}`).expect(200)
    expect(body).toEqual({ ...event(), id, meta: { versionId: '1', lastUpdated: body.meta.lastUpdated } })
    const type = 'type=http://dicom.nema.org/resources/ontology/DCM|110100'
    expect(await found(`agent=Practitioner/elsewhere&${type}&date=2012-10`)).toEqual([id])
    expect(await found(`patient=demo-line&date=lt2013`)).toEqual([id])
    expect(await found(`agent=Practitioner/elsewhere&date=gt2013`)).toEqual([])
    const [sent] = (await send('get', `AuditEvent?entity=AuditEvent/${id}&subtype=create`).expect(200)).body.entry
    expect(sent.resource.agent[0].who.display).toBe('Demo service')
  })

  test('has the id that it comes with, once, and stays as it is', async () => {
    await send('put', 'AuditEvent/pump-1')
      .send(event({ id: 'pump-1' }))
      .expect(201)
    expect((await send('get', 'AuditEvent/pump-1').expect(200)).body.id).toBe('pump-1')
    const again = await send('put', 'AuditEvent/pump-1').send(event({ id: 'pump-1', action: 'D' }))
    expect([again.status, again.headers.allow]).toEqual([405, 'GET, HEAD'])
    expect((await send('delete', 'AuditEvent/pump-1')).status).toBe(405)
    expect((await send('put', 'AuditEvent/202611-a-0-0').send(event({ id: '202611-a-0-0' }))).status).toBe(400)
    expect((await send('put', 'AuditEvent/other').send(event({ id: 'pump-2' }))).status).toBe(400)
    expect((await send('post', 'AuditEvent').send(event({ agent: [] }))).status).toBe(400)
    const entry = { request: { method: 'POST', url: 'AuditEvent' }, resource: event() }
    const bundle = (type: string) => send('post', '').send({ resourceType: 'Bundle', type, entry: [entry] })
    expect((await bundle('transaction')).body.issue[0].code).toBe('not-supported')
    expect((await bundle('batch')).body.entry[0].response.status).toMatch(/^201/)
  })

  test('is not kept twice where If-None-Exist finds it; criteria that find several, or say nothing, are refused', async () => {
    const own = event({ agent: [{ who: { reference: 'Practitioner/once' }, requestor: true }] })
    const once = (criteria: string) => send('post', 'AuditEvent').set('If-None-Exist', criteria).send(own)
    const first = await once('agent=Practitioner/once&date=2012-10').expect(201)
    const again = await once('agent=Practitioner/once&date=2012-10').expect(200)
    expect(again.body).toEqual(first.body)
    expect(again.headers.location).toBe(first.headers.location)
    expect(await found('agent=Practitioner/once')).toEqual([first.body.id])
    await once('agent=Practitioner/once&date=gt2013').expect(201)
    const refused = async (criteria: string) => {
      const { status, body } = await once(criteria)
      return [status, body.issue[0].code]
    }
    expect(await refused('agent=Practitioner/once')).toEqual([412, 'multiple-matches'])
    expect(await refused('_count=1')).toEqual([400, 'required'])
    expect(await refused('colour=red')).toEqual([400, 'not-supported'])
  })

  test('is kept once, however many send it at the very same moment', async () => {
    const own = event({ agent: [{ who: { reference: 'Practitioner/at-once' }, requestor: true }] })
    const sent = await Promise.all(
      Array.from({ length: 8 }, () =>
        send('post', 'AuditEvent').set('If-None-Exist', 'agent=Practitioner/at-once').send(own),
      ),
    )
    expect(sent.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201])
    expect(new Set(sent.map(({ body }) => body.id)).size).toBe(1)
    expect(await found('agent=Practitioner/at-once')).toEqual([sent[0]?.body.id])
    // What is refused lets the next one through at once.
    const narrow = await server.token('system/AuditEvent.cs?type=http://dicom.nema.org/resources/ontology/DCM|110114')
    const refused = send('post', 'AuditEvent').set('Authorization', `Bearer ${narrow}`)
    expect((await refused.set('If-None-Exist', 'agent=Practitioner/refused').send(own)).status).toBe(403)
    const other = { ...own, agent: [{ who: { reference: 'Practitioner/refused' }, requestor: true }] }
    await send('post', 'AuditEvent').set('If-None-Exist', 'agent=Practitioner/refused').send(other).expect(201)
  })

  test('of whom the sender may not tell is refused', async () => {
    const narrow = await server.token('system/AuditEvent.c?type=http://dicom.nema.org/resources/ontology/DCM|110114')
    const { status, body } = await send('post', 'AuditEvent').set('Authorization', `Bearer ${narrow}`).send(event())
    expect([status, body.issue[0].code]).toEqual([403, 'forbidden'])
  })
})
