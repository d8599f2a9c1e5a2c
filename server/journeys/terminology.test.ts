import type { Parameters, ValueSet } from '@medplum/fhirtypes'
import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  for (const resource of [BODY, WOUNDS, OWN_PATIENT, ALL_BUT_WOUNDS, TO_LOCAL, ...FINDINGS]) {
    await send('put', `${resource.resourceType}/${resource.id}`).send(resource).expect(201)
  }
})
afterAll(() => server.giveBack())

const as = (bearer: string) => (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${bearer}`)
    .type('application/fhir+json')
const send: ReturnType<typeof as> = (method, path) => as(token)(method, path)

const SYSTEM = 'http://example.org/CodeSystem/findings'
const LOCAL = 'http://example.org/CodeSystem/local'
const WOUND_SET = 'http://example.org/ValueSet/wounds'

const BODY = {
  resourceType: 'CodeSystem',
  id: 'findings',
  ...{ url: SYSTEM, version: '2', name: 'Findings', status: 'active', content: 'complete', caseSensitive: true },
  property: [
    { code: 'inactive', type: 'boolean' },
    { code: 'notSelectable', type: 'boolean' },
    { code: 'severity', type: 'code' },
  ],
  concept: [
    {
      code: 'finding',
      display: 'Finding',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'wound',
          display: 'Wound',
          designation: [{ language: 'nb', value: 'Sår' }],
          concept: [
            { code: 'burn', display: 'Burn', property: [{ code: 'severity', valueCode: 'high' }] },
            { code: 'scald', display: 'Scald', property: [{ code: 'inactive', valueBoolean: true }] },
          ],
        },
        { code: 'fever', display: 'Fever', property: [{ code: 'severity', valueCode: 'low' }] },
      ],
    },
  ],
}
const WOUNDS = {
  resourceType: 'ValueSet',
  id: 'wounds',
  ...{ url: WOUND_SET, status: 'active' },
  compose: { include: [{ system: SYSTEM, filter: [{ property: 'concept', op: 'is-a', value: 'wound' }] }] },
}
const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/'
const OWN_PATIENT = {
  resourceType: 'StructureDefinition',
  id: 'own-patient',
  ...{ url: `${STRUCTURE}own`, name: 'OwnPatient', status: 'active', kind: 'resource', abstract: false },
  ...{ type: 'Patient', baseDefinition: `${STRUCTURE}Patient`, derivation: 'constraint' },
  differential: {
    element: [{ id: 'Patient.gender', path: 'Patient.gender', binding: { strength: 'example', valueSet: WOUND_SET } }],
  },
}
const ALL_BUT_WOUNDS = {
  resourceType: 'ValueSet',
  id: 'all-but-wounds',
  ...{ url: 'http://example.org/ValueSet/all-but-wounds', status: 'active' },
  compose: { include: [{ system: SYSTEM }], exclude: [{ valueSet: [WOUND_SET] }] },
}
const TO_LOCAL = {
  resourceType: 'ConceptMap',
  id: 'to-local',
  ...{ url: 'http://example.org/ConceptMap/to-local', status: 'active', sourceUri: WOUND_SET },
  group: [
    {
      ...{ source: SYSTEM, target: LOCAL },
      element: [
        { code: 'burn', target: [{ code: 'B1', equivalence: 'wider' }] },
        {
          code: 'scald',
          target: [
            {
              ...{ code: 'S1', equivalence: 'equivalent' },
              dependsOn: [{ property: 'http://example.org/severity', value: 'high' }],
            },
          ],
        },
        { code: 'fever', target: [{ equivalence: 'unmatched' }] },
      ],
    },
  ],
}
const FINDINGS = ['finding', 'wound', 'burn', 'fever'].map((code) => ({
  resourceType: 'Basic',
  id: `found-${code}`,
  code: { coding: [{ system: SYSTEM, code }] },
}))

const codesOf = ({ expansion }: ValueSet) => (expansion?.contains ?? []).map(({ code }) => code)
const answerOf = ({ parameter }: Parameters, name: string) => {
  const found = parameter?.find((one) => one.name === name)
  return found?.valueBoolean ?? found?.valueString ?? found?.valueCode
}

test.each([
  ['ValueSet/wounds/$expand', ['wound', 'burn', 'scald']],
  [`ValueSet/$expand?url=${WOUND_SET}&activeOnly=true`, ['wound', 'burn']],
  [`ValueSet/$expand?url=${WOUND_SET}&filter=SAR`, ['wound']],
  [`ValueSet/$expand?url=${WOUND_SET}&count=1&offset=1`, ['burn']],
  [`ValueSet/$expand?url=${WOUND_SET}&count=0`, []],
  ['ValueSet/all-but-wounds/$expand', ['finding', 'fever']],
  ['ValueSet/all-but-wounds/$expand?excludeNotForUI=true', ['fever']],
  [`ValueSet/$expand?url=${WOUND_SET}&system-version=${SYSTEM}|2`, ['wound', 'burn', 'scald']],
  [`ValueSet/$expand?url=${WOUND_SET}&exclude-system=${SYSTEM}`, []],
  [`ValueSet/$expand?context=${STRUCTURE}Patient%23Patient.gender`, ['male', 'female', 'other', 'unknown']],
  [`ValueSet/$expand?context=${STRUCTURE}own%23Patient.gender`, ['wound', 'burn', 'scald']],
  [`ValueSet/$expand?context=${STRUCTURE}own%23Patient.name.use&contextDirection=incoming&count=1`, ['usual']],
  ['ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender', ['male', 'female', 'other', 'unknown']],
])('%s expands to %p', async (path, codes) => {
  const { body } = await send('get', path).expect(200)
  expect(codesOf(body)).toEqual(codes)
})

test('an expansion says its total, and speaks the language that is asked for', async () => {
  const { body } = await send('get', 'ValueSet/wounds/$expand?count=1&displayLanguage=nb-NO').expect(200)
  expect(body.expansion).toMatchObject({ total: 3, contains: [{ system: SYSTEM, code: 'wound', display: 'Sår' }] })
})

test('a value set that is sent is expanded without being stored', async () => {
  const valueSet = {
    resourceType: 'ValueSet',
    status: 'draft',
    compose: { include: [{ system: SYSTEM, filter: [{ property: 'severity', op: '=', value: 'high' }] }] },
  }
  const whole = await send('post', 'ValueSet/$expand').send(valueSet).expect(200)
  expect(codesOf(whole.body)).toEqual(['burn'])
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: valueSet }] }
  expect(codesOf((await send('post', 'ValueSet/$expand').send(parameters).expect(200)).body)).toEqual(['burn'])
})

test.each([
  ['ValueSet/$expand', 400, 'required', 'url'],
  ['ValueSet/$expand?url=http://example.org/none', 404, 'not-found', 'url'],
  ['ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender|9', 404, 'not-found', 'url'],
  ['CodeSystem/$lookup?system=http://unitsofmeasure.org&code=furlongs', 404, 'not-found', 'code'],
  [`ValueSet/$expand?url=${WOUND_SET}&count=many`, 400, 'value', 'count'],
  [`ValueSet/$expand?url=${WOUND_SET}&colour=red`, 400, 'not-supported', 'colour'],
  [`ValueSet/$expand?url=${WOUND_SET}&date=2001`, 400, 'not-supported', 'date'],
  [`ValueSet/$expand?url=${WOUND_SET}&force-system-version=${SYSTEM}`, 400, 'value', 'force-system-version'],
  [`ValueSet/$expand?url=${WOUND_SET}&contextDirection=incoming`, 400, 'required', 'context'],
  [`ValueSet/$expand?context=${STRUCTURE}Patient`, 400, 'value', 'context'],
  [`ValueSet/$expand?context=${STRUCTURE}none%23Patient.gender`, 404, 'not-found', 'context'],
  [`ValueSet/$expand?context=${STRUCTURE}Patient%23Patient.birthDate`, 404, 'not-found', 'context'],
  [`ValueSet/$expand?context=${STRUCTURE}Patient%23Patient.gender&url=x`, 400, 'value', 'context'],
  [
    `ValueSet/$expand?context=${STRUCTURE}Patient%23Patient.gender&contextDirection=up`,
    ...[400, 'value', 'contextDirection'],
  ],
  [`CodeSystem/$lookup?system=${SYSTEM}&code=cough`, 404, 'not-found', 'code'],
  ['CodeSystem/$lookup?code=burn', 400, 'required', 'system'],
  [`CodeSystem/$subsumes?system=${SYSTEM}&codeA=burn&codeB=cough`, 404, 'not-found', 'codeB'],
  [`ConceptMap/$translate?url=http://example.org/none&system=${SYSTEM}&code=burn`, 404, 'not-found', 'url'],
  [`ValueSet/$validate-code?url=${WOUND_SET}`, 400, 'required', 'code'],
  ['Basic?code:in=http://example.org/none', 400, 'value', 'code'],
  ['Basic?code:below=burn', 400, 'value', 'code'],
] as const)('%s is refused with %d', async (path, status, code, expression) => {
  const { status: got, body } = await send('get', path)
  expect([got, body.issue[0].code, body.issue[0].expression]).toEqual([status, code, [expression]])
})

test.each([
  [
    'ValueSet/$expand',
    { name: 'valueSet', resource: { resourceType: 'ValueSet', status: 'draft', compose: { include: 5 } } },
  ],
  ['ValueSet/$expand', { name: 'valueSet', resource: { resourceType: 'ValueSet', compose: { include: [{}] } } }],
  ['CodeSystem/$lookup', { name: 'coding', valueCoding: { system: SYSTEM, code: 5 } }],
  ['CodeSystem/$validate-code', { name: 'codeableConcept', valueCodeableConcept: { coding: 'burn' } }],
])('%s refuses what is no FHIR: %j', async (path, parameter) => {
  const { status, body } = await send('post', path).send({ resourceType: 'Parameters', parameter: [parameter] })
  expect(status).toBe(400)
  expect(body.issue[0].expression[0]).toMatch(/^Parameters\.parameter\[0\]/)
})

test('a value set that holds itself is refused, not walked for ever', async () => {
  const valueSet = {
    ...{ resourceType: 'ValueSet', id: 'circle', url: 'http://example.org/ValueSet/circle', status: 'active' },
    compose: { include: [{ valueSet: ['http://example.org/ValueSet/circle'] }] },
  }
  await send('put', 'ValueSet/circle').send(valueSet).expect(201)
  const { status, body } = await send('get', 'ValueSet/circle/$expand')
  expect([status, body.issue[0].code]).toEqual([422, 'too-costly'])
})

test.each([
  ['http://unitsofmeasure.org', 'mm[Hg]'],
  ['urn:ietf:bcp:47', 'nb-NO'],
])('of a system that is a grammar, a code can be looked up and validated: %s', async (system, code) => {
  const asked = `system=${system}&code=${encodeURIComponent(code)}`
  const { body } = await send('get', `CodeSystem/$lookup?${asked}`).expect(200)
  expect(answerOf(body, 'display')).toBe(code)
  const valid = await send('get', `CodeSystem/$validate-code?url=${asked.replace('system=', '')}`).expect(200)
  expect(answerOf(valid.body, 'result')).toBe(true)
})

test('$lookup tells what is known of a code', async () => {
  const { body } = await send('get', `CodeSystem/$lookup?system=${SYSTEM}&code=burn`).expect(200)
  expect([answerOf(body, 'name'), answerOf(body, 'version'), answerOf(body, 'display')]).toEqual([
    'Findings',
    '2',
    'Burn',
  ])
  const properties = body.parameter.filter(({ name }: { name: string }) => name === 'property')
  expect(properties.map(({ part }: { part: object[] }) => part)).toContainEqual([
    { name: 'code', valueCode: 'parent' },
    { name: 'value', valueCode: 'wound' },
    { name: 'description', valueString: 'Wound' },
  ])
})

test.each([
  [`ValueSet/$validate-code?url=${WOUND_SET}&system=${SYSTEM}&code=burn`, true],
  [`ValueSet/$validate-code?url=${WOUND_SET}&code=burn`, true],
  [`ValueSet/$validate-code?url=${WOUND_SET}&system=${SYSTEM}&code=fever`, false],
  [`ValueSet/$validate-code?url=${WOUND_SET}&system=${SYSTEM}&code=burn&display=Frostbite`, false],
  [`ValueSet/$validate-code?url=${WOUND_SET}&system=${SYSTEM}&code=wound&display=s%C3%A5r`, true],
  [`CodeSystem/$validate-code?url=${SYSTEM}&code=finding`, true],
  [`CodeSystem/$validate-code?url=${SYSTEM}&code=finding&abstract=false`, false],
  [`CodeSystem/findings/$validate-code?code=cough`, false],
  ['ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-languages&system=urn:ietf:bcp:47&code=nb-NO', true],
  ['ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-languages&system=urn:ietf:bcp:47&code=n', false],
] as const)('%s: %p', async (path, result) => {
  const { body } = await send('get', path).expect(200)
  expect(answerOf(body, 'result')).toBe(result)
  if (!result) expect(answerOf(body, 'message')).toEqual(expect.any(String))
})

test.each([
  ['wound', 'burn', 'subsumes'],
  ['burn', 'finding', 'subsumed-by'],
  ['burn', 'burn', 'equivalent'],
  ['burn', 'fever', 'not-subsumed'],
])('%s to %s: %s', async (codeA, codeB, outcome) => {
  const { body } = await send('get', `CodeSystem/$subsumes?system=${SYSTEM}&codeA=${codeA}&codeB=${codeB}`).expect(200)
  expect(answerOf(body, 'outcome')).toBe(outcome)
})

test.each([
  [`ConceptMap/to-local/$translate?system=${SYSTEM}&code=burn`, true, ['wider B1']],
  [`ConceptMap/$translate?source=${WOUND_SET}&system=${SYSTEM}&code=burn`, true, ['wider B1']],
  [`ConceptMap/to-local/$translate?system=${LOCAL}&code=B1&reverse=true`, true, ['narrower burn']],
  [`ConceptMap/$translate?system=${LOCAL}&code=B1&reverse=true`, true, ['narrower burn']],
  [`ConceptMap/to-local/$translate?system=${SYSTEM}&code=scald`, false, []],
  [`ConceptMap/to-local/$translate?system=${SYSTEM}&code=burn&targetsystem=http://example.org/none`, false, []],
  [`ConceptMap/to-local/$translate?system=${SYSTEM}&code=fever`, false, ['unmatched undefined']],
  [
    'ConceptMap/$translate?url=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v3&system=http://hl7.org/fhir/administrative-gender&code=male',
    true,
    ['equal M'],
  ],
] as const)('%s: %p', async (path, result, matches) => {
  const { body } = await send('get', path).expect(200)
  expect(answerOf(body, 'result')).toBe(result)
  const told = body.parameter
    .filter(({ name }: { name: string }) => name === 'match')
    .map(({ part }: MatchParameter) => `${part[0].valueCode} ${part[1].valueCoding.code}`)
  expect(told).toEqual(matches)
})

test('a translation that depends on another element holds with its value', async () => {
  const parameter = [
    { name: 'coding', valueCoding: { system: SYSTEM, code: 'scald' } },
    {
      name: 'dependency',
      part: [
        { name: 'element', valueUri: 'http://example.org/severity' },
        { name: 'concept', valueCodeableConcept: { coding: [{ code: 'high' }] } },
      ],
    },
  ]
  const path = 'ConceptMap/to-local/$translate'
  const { body } = await send('post', path).send({ resourceType: 'Parameters', parameter }).expect(200)
  expect(answerOf(body, 'result')).toBe(true)
  const without = await send('get', `${path}?system=${SYSTEM}&code=scald`).expect(200)
  expect(answerOf(without.body, 'message')).toContain('http://example.org/severity')
})

type MatchParameter = { part: [{ valueCode: string }, { valueCoding: { code?: string } }] }

test.each([
  [`code:in=${WOUND_SET}`, ['burn', 'wound']],
  ['code:in=ValueSet/wounds', ['burn', 'wound']],
  [`code:not-in=${WOUND_SET}`, ['fever', 'finding']],
  [`code:below=${SYSTEM}|wound`, ['burn', 'wound']],
  [`code:above=${SYSTEM}|burn`, ['burn', 'finding', 'wound']],
])('Basic?%s finds %p', async (query, codes) => {
  const ids = FINDINGS.map(({ id }) => id).join(',')
  const { body } = await send('get', `Basic?${query}&_id=${ids}`).expect(200)
  const found = (body.entry ?? []).map(({ resource }: { resource: { id: string } }) =>
    resource.id.slice('found-'.length),
  )
  expect(found.sort()).toEqual(codes)
})

test.each([
  [`Patient?_has:Observation:patient:code:below=${SYSTEM}|wound`, ['Patient/terms-yes']],
  [
    `Observation?subject:Patient.gender:in=http://hl7.org/fhir/ValueSet/administrative-gender&code=burn`,
    ['Observation/terms-yes'],
  ],
  [
    `Observation?subject:Patient.gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender&code=fever`,
    ['Observation/terms-no'],
  ],
])('%s: in a chain and against it', async (query, names) => {
  for (const [id, code, gender] of [
    ['terms-yes', 'burn', { gender: 'female' }],
    ['terms-no', 'fever', {}],
  ] as const) {
    await send('put', `Patient/${id}`).send({ resourceType: 'Patient', id, ...gender })
    await send('put', `Observation/${id}`).send({
      ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: `Patient/${id}` } },
      code: { coding: [{ system: SYSTEM, code }] },
    })
  }
  const { body } = await send('get', query).expect(200)
  const found = (body.entry ?? []).map(
    ({ resource }: { resource: { resourceType: string; id: string } }) => `${resource.resourceType}/${resource.id}`,
  )
  expect(found).toEqual(names)
})

test('what the caller may not search is not used to expand, to validate or to find either', async () => {
  const narrow = as(await server.token('system/Basic.rs system/ValueSet.r'))
  // The value set is read by its id, but the code system behind it is none of theirs.
  const expanded = await narrow('get', 'ValueSet/wounds/$expand')
  expect([expanded.status, expanded.body.issue[0].code]).toEqual([404, 'not-found'])
  const found = await narrow('get', `Basic?code:in=${WOUND_SET}`)
  expect([found.status, found.body.issue[0].expression]).toEqual([400, ['code']])
  const none = await as(await server.token('system/Basic.rs'))('get', 'ValueSet/wounds/$expand')
  expect([none.status, none.body.issue[0].code]).toEqual([403, 'forbidden'])
})
