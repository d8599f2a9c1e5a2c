import fc from 'fast-check'
import type { Reach } from '../access/access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { queryStrings } from './test-queries.ts'
import { createTestStore, type TestStore } from './test-store.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'

let database: TestDatabase
let store: TestStore
beforeAll(async () => {
  database = await startTestDatabase()
  store = createTestStore(database.pool, loadDefinitions())
  await store.insert(...PEOPLE, ...MEASUREMENTS, ...REST)
  await store.remove('Observation', 'removed')
})
afterAll(() => database.stop())

const measured = (
  id: string,
  patient: string,
  day: number,
  code: string,
  value: number,
  more: object = {},
): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: LOINC, code, display: code === '59408-5' ? 'Oxygen saturation' : 'Heart rate' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: `2026-03-${String(day).padStart(2, '0')}T08:00:00Z`,
  valueQuantity: { value, system: UCUM, code: code === '59408-5' ? '%' : '/min', unit: 'x' },
  ...more,
})

const PEOPLE: Resource[] = [
  {
    resourceType: 'Patient',
    id: 'line',
    name: [{ family: 'Åsen', given: ['Line', 'Marie'] }],
    gender: 'female',
    birthDate: '1969-11-13',
    generalPractitioner: [{ reference: 'Practitioner/kari' }],
    active: true,
    telecom: [
      { system: 'email', value: 'a@x.example' },
      { system: 'phone', value: '90' },
    ],
  },
  {
    resourceType: 'Patient',
    id: 'ola',
    name: [{ family: 'Øvrebø', given: ['Ola'] }],
    gender: 'male',
    birthDate: '1965-07-15',
    telecom: [{ system: 'phone', value: '40' }],
  },
  {
    resourceType: 'Practitioner',
    id: 'kari',
    name: [{ family: 'Berg' }],
    identifier: [
      { system: 'urn:hpr', value: '1,2|3' },
      { system: 'http://hl7.no/fhir/NamingSystem/HPR', value: '431001110' },
    ],
  },
]
const MEASUREMENTS: Resource[] = [
  measured('spo2-1', 'line', 1, '59408-5', 93),
  measured('spo2-2', 'line', 2, '59408-5', 89),
  measured('spo2-3', 'line', 3, '59408-5', 85, { performer: [{ reference: 'Patient/ola' }] }),
  measured('pulse-1', 'line', 2, '8867-4', 72),
  measured('ola-1', 'ola', 2, '59408-5', 97, { status: 'amended', performer: [{ reference: 'Practitioner/kari' }] }),
  measured('removed', 'line', 4, '59408-5', 80),
  measured('undated', 'line', 1, '59408-5', 90, { effectiveDateTime: undefined }),
]
const answered = (id: string, questionnaire: string): Resource => ({
  resourceType: 'QuestionnaireResponse',
  id,
  status: 'completed',
  questionnaire,
})
const component = (code: string, value: number) => ({
  code: { coding: [{ system: LOINC, code }] },
  valueQuantity: { value, system: UCUM, code: 'mm[Hg]' },
})
const REST: Resource[] = [
  {
    resourceType: 'Observation',
    id: 'pressure',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '85354-9' }] },
    component: [component('8480-6', 160), component('8462-4', 90)],
  },
  {
    resourceType: 'Task',
    id: 't1',
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    for: { reference: 'Patient/line' },
    focus: { reference: 'Observation/spo2-3' },
    authoredOn: '2026-03-03T08:01:00Z',
  },
  {
    resourceType: 'Task',
    id: 't2',
    status: 'completed',
    intent: 'order',
    priority: 'routine',
    for: { reference: 'Patient/ola' },
    owner: { identifier: { system: 'urn:team', value: '7' } },
    authoredOn: '2026-03-02',
  },
  {
    resourceType: 'Observation',
    id: 'weight',
    meta: { profile: ['http://x.example/StructureDefinition/weight'], lastUpdated: '2020-05-05T10:00:00.123Z' },
    status: 'final',
    code: { coding: [{ system: LOINC, code: '29463-7' }], text: 'Vekt, MÅLT' },
    valueQuantity: { value: 5.4, system: UCUM, code: 'kg' },
  },
  {
    resourceType: 'Condition',
    id: 'copd',
    subject: { reference: 'Patient/line' },
    code: { text: 'KOLS, alvorlig grad' },
    note: [{ text: 'Forverringer hver vinter; innlagt to ganger. Sykdommen er stabil i nytt program, m 2' }],
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p class="severe">Chronic <b>obstructive</b> lung disease &amp; bl&#229;veis</p></div>',
    },
  },
  {
    resourceType: 'Condition',
    id: 'heart',
    subject: { reference: 'Patient/ola' },
    code: { text: 'Heart failure', coding: [{ code: 'failing-code' }] },
  },
  { resourceType: 'Questionnaire', id: 'q1', status: 'active', url: 'http://x.example/Questionnaire/cat', name: 'CAT' },
  {
    resourceType: 'RiskAssessment',
    id: 'ra1',
    status: 'final',
    subject: { reference: 'Patient/line' },
    prediction: [{ probabilityDecimal: 0.8 }],
  },
  {
    resourceType: 'Questionnaire',
    id: 'q2',
    status: 'active',
    url: 'http://y.example/Questionnaire/mmrc',
    version: '1',
  },
  {
    resourceType: 'Questionnaire',
    id: 'q3',
    status: 'active',
    url: 'http://y.example/Questionnaire/mmrc',
    version: '2',
  },
  answered('r1', 'http://y.example/Questionnaire/mmrc|1'),
  answered('r2', 'http://y.example/Questionnaire/mmrc|2'),
  answered('r3', 'http://y.example/Questionnaire/mmrc'),
]

const found = async (url: string) => (await store.search(url)).map((name) => name.split('/')[1]).sort()

test.each([
  ['Observation?_id=spo2-1,pulse-1,nobody', ['pulse-1', 'spo2-1']],
  ['Practitioner?_id:missing=false&_lastUpdated:missing=false', ['kari']],
  ['Practitioner?identifier=urn:oid:2.16.578.1.12.4.1.4.4|431001110', ['kari']],
  ['Practitioner?identifier=urn:oid:2.16.578.1.12.4.1.4.1|431001110', []],
  ['Practitioner?_id:missing=true', []],
  ['Practitioner?_lastUpdated:missing=true', []],
  ['Observation?code=8867-4', ['pulse-1']],
  [`Observation?code=${LOINC}|8867-4`, ['pulse-1']],
  ['Observation?code=|8867-4', []],
  ['Observation?code=http://other|8867-4', []],
  [`Observation?code=${LOINC}|&patient=ola`, ['ola-1']],
  ['Observation?code=8867-4,29463-7', ['pulse-1', 'weight']],
  ['Observation?code=59408-5&status=amended', ['ola-1']],
  ['Observation?status:not=final', ['ola-1']],
  ['Observation?status=http://hl7.org/fhir/observation-status|amended', ['ola-1']],
  ['Observation?status=http://other|amended', []],
  ['Observation?code:text=heart', ['pulse-1']],
  ['Observation?code:text=HÉART', ['pulse-1']],
  ['Observation?code:text=målt', []],
  ['Observation?code:text=vekt\\, målt', ['weight']],
  ['Practitioner?identifier=urn:hpr|1\\,2\\|3', ['kari']],
  ['Practitioner?identifier=1\\,2\\|3', ['kari']],
  ['Patient?gender=female', ['line']],
  ['Patient?active=true', ['line']],
])('token: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Observation?subject=Patient/ola', ['ola-1']],
  ['Observation?subject:Patient=ola', ['ola-1']],
  ['Observation?subject=ola', ['ola-1']],
  ['Observation?patient=ola', ['ola-1']],
  ['Observation?patient=Group/ola', []],
  ['Observation?patient=ola,line&code=8867-4,29463-7', ['pulse-1']],
  ['Observation?subject=http://elsewhere/fhir/Patient/ola', []],
  ['Observation?performer=Practitioner/kari', ['ola-1']],
  ['Observation?subject:missing=true', ['pressure', 'weight']],
  ['Observation?performer:missing=false', ['ola-1', 'spo2-3']],
  ['Task?owner:identifier=urn:team|7', ['t2']],
  ['Task?owner:identifier=7', ['t2']],
  ['Task?owner:identifier=urn:other|7', []],
  ['Task?owner:identifier=urn:team|', ['t2']],
  ['Task?owner:identifier=urn:other|,urn:team|7', ['t2']],
  ['Task?owner:identifier=urn:other|', []],
])('reference: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Observation?date=2026-03-02', ['ola-1', 'pulse-1', 'spo2-2']],
  ['Observation?date=ne2026-03-02', ['spo2-1', 'spo2-3']],
  ['Observation?date=gt2026-03-02', ['spo2-3']],
  ['Observation?date=ge2026-03-02&patient=line', ['pulse-1', 'spo2-2', 'spo2-3']],
  ['Observation?date=lt2026-03-02', ['spo2-1']],
  ['Observation?date=le2026-03-02T08:00:00Z&patient=line', ['pulse-1', 'spo2-1', 'spo2-2']],
  ['Observation?date=sa2026-03-02', ['spo2-3']],
  ['Observation?date=eb2026-03-02', ['spo2-1']],
  ['Observation?date=2026-03-01,2026-03-03', ['spo2-1', 'spo2-3']],
  ['Observation?date:missing=true', ['pressure', 'undated', 'weight']],
  ['Patient?birthdate=1969', ['line']],
  ['Observation?_lastUpdated=2020-05-05', ['weight']],
  ['Observation?_lastUpdated=lt2020-05-05T10:00:00.123Z', []],
  ['Observation?_lastUpdated=le2020-05-05T10:00:00.123Z', ['weight']],
  ['Observation?_lastUpdated=ne2020&code=29463-7', []],
  ['Task?modified:missing=true', ['t1', 't2']],
])('date: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Patient?name=asen', ['line']],
  ['Patient?name=ÅSE', ['line']],
  ['Patient?family=ovre', ['ola']],
  ['Patient?given=mar', ['line']],
  ['Patient?given=ari', []],
  ['Patient?given:contains=ari', ['line']],
  ['Patient?family:exact=Åsen', ['line']],
  ['Patient?family:exact=åsen', []],
  ['Patient?address:missing=true', ['line', 'ola']],
  ['Patient?name=100%25', []],
])('string: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Observation?value-quantity=lt90&code=59408-5', ['spo2-2', 'spo2-3']],
  [`Observation?value-quantity=ge89|${UCUM}|%25&patient=line`, ['spo2-1', 'spo2-2', 'undated']],
  [`Observation?value-quantity=5400|${UCUM}|g`, ['weight']],
  [`Observation?value-quantity=5.4|${UCUM}|kg`, ['weight']],
  ['Observation?value-quantity=5.4||kg', ['weight']],
  [`Observation?value-quantity=5.4|${UCUM}|/min`, []],
  ['RiskAssessment?probability=0.8', ['ra1']],
  ['RiskAssessment?probability=gt0.8', []],
  ['Questionnaire?url=http://x.example/Questionnaire/cat', ['q1']],
  ['Questionnaire?url:below=http://x.example/Questionnaire', ['q1']],
  ['Questionnaire?url:below=http://x.example/Quest', []],
  ['Observation?_profile:below=http://x.example/StructureDefinition', ['weight']],
  ['Observation?_profile:below=http://x.example/Structure', []],
  ['Observation?_profile=http://x.example/StructureDefinition/weight', ['weight']],
  ['Questionnaire?url:above=http://x.example/Questionnaire/cat/1', ['q1']],
])('quantity, number, uri: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Observation?code-value-quantity=59408-5$lt90', ['spo2-2', 'spo2-3']],
  [`Observation?code-value-quantity=${LOINC}|8867-4$72||/min,59408-5$85`, ['pulse-1', 'spo2-3']],
  ['Observation?component-code-value-quantity=8480-6$gt150', ['pressure']],
  ['Observation?component-code-value-quantity=8462-4$gt150', []],
  ['Observation?component-code-value-quantity=8462-4$90', ['pressure']],
  ['Observation?combo-code-value-quantity=8480-6$gt150,8867-4$72', ['pressure', 'pulse-1']],
  ['Observation?combo-code-value-quantity=8462-4$160', []],
  ['Observation?component-code-value-quantity:missing=false', ['pressure']],
])('composite: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Observation?patient.name=asen&code=8867-4', ['pulse-1']],
  ['Observation?subject:Patient.general-practitioner.name=berg&code=8867-4', ['pulse-1']],
  ['Task?focus:Observation.code=59408-5', ['t1']],
  ['Patient?_has:Observation:patient:code=8867-4', ['line']],
  ['Patient?_has:Observation:performer:code=59408-5', ['ola']],
  ['Practitioner?_has:Patient:general-practitioner:_has:Task:patient:status=requested', ['kari']],
  ['Practitioner?_has:Patient:general-practitioner:name=ola', []],
  ['QuestionnaireResponse?questionnaire.version=1', ['r1', 'r3']],
  ['QuestionnaireResponse?questionnaire:Questionnaire.version=2', ['r2', 'r3']],
  ['QuestionnaireResponse?questionnaire.version=3', []],
  ['Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r2', ['q3']],
  ['Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r3', ['q2', 'q3']],
])('chain: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Condition?_text=obstructive', ['copd']],
  ['Condition?_text=Obstruct diseases', ['copd']],
  ['Condition?_text="lung disease"', ['copd']],
  ['Condition?_text="disease lung"', []],
  ['Condition?_text=blåveis', ['copd']],
  ['Condition?_text=severe', []],
  ['Condition?_text=KOLS', []],
  ['Condition?_text=heart', []],
  ['Condition?_content=kols', ['copd']],
  ['Condition?_content=forverring', ['copd']],
  ['Condition?_content=sykdom', ['copd']],
  ['Condition?_content=sykdommer', ['copd']],
  ['Condition?_content=programmet', ['copd']],
  ['Condition?_content=mm', []],
  ['Condition?_content=obstructive AND vinteren', ['copd']],
  ['Condition?_content=(kols OR failures) NOT vinter', ['heart']],
  ['Condition?_content=kols,failure', ['copd', 'heart']],
  ['Condition?_content=failing-code', []],
  ['Condition?_content=failure&patient=line', []],
  ['Observation?patient._has:Condition:patient:_content=heart', ['ola-1']],
])('words: %s finds %j', async (url, ids) => expect(await found(url)).toEqual(ids))

test.each([
  ['Patient?_filter=gender eq male', ['ola']],
  ['Patient?_filter=family sw "ås" or given co "ol"', ['line', 'ola']],
  ['Patient?_filter=name eq "asen" and not (gender eq male)', ['line']],
  ['Patient?_filter=not (birthdate gt 1966)', ['ola']],
  ['Observation?_filter=not (date gt 2026-03-01) and patient eq line', ['spo2-1', 'undated']],
  ['Patient?_filter=given ew "ARIE"', ['line']],
  ['Patient?_filter=family ne "åsen"', ['ola']],
  ['Patient?_filter=active pr true', ['line']],
  ['Patient?_filter=active pr false', ['ola']],
  ['Patient?_filter=general-practitioner re Practitioner/kari', ['line']],
  ['Observation?_filter=patient.name co "sen" and code eq http://loinc.org|8867-4', ['pulse-1']],
  ['Observation?_filter=subject:Patient.gender eq male and value-quantity ge 97', ['ola-1']],
  ['Observation?_filter=date po 2026-03-02 and patient eq line', ['spo2-2', 'pulse-1']],
  ['Observation?_filter=(code eq 8867-4 or code eq 29463-7) and status eq final', ['pulse-1', 'weight']],
  ['Practitioner?_filter=identifier eq "urn:hpr|1,2|3"', ['kari']],
  ['Patient?_filter=_id eq ola', ['ola']],
  ['Patient?_filter=_id ne ola', ['line']],
  ['Questionnaire?_filter=url sb http://x.example/Questionnaire', ['q1']],
  ['Observation?_filter=component-code-value-quantity eq "8480-6$160"', ['pressure']],
])('%s finds %j', async (url, ids) => expect((await found(url)).toSorted()).toEqual(ids.toSorted()))

test.each([
  ['Patient?_sort=family', ['ola', 'line']], // Øvrebø before Åsen
  ['Observation?patient=line&_sort=-date', ['spo2-3', 'pulse-1', 'spo2-2', 'spo2-1', 'undated']],
  ['Observation?patient=line&_sort=date', ['spo2-1', 'spo2-2', 'pulse-1', 'spo2-3', 'undated']],
  ['Observation?patient=line&_sort=code,-value-quantity', ['spo2-1', 'undated', 'spo2-2', 'spo2-3', 'pulse-1']],
  ['Patient?_sort=-family', ['line', 'ola']],
  ['Task?_sort=-priority,authored-on', ['t1', 't2']],
  ['Patient?_sort=-_id', ['ola', 'line']],
  ['Patient?_sort=phone', ['ola', 'line']],
  ['Patient?_sort=-phone', ['line', 'ola']],
  ['Patient?_sort=email', ['line', 'ola']],
  ['Patient?_sort=general-practitioner', ['line', 'ola']],
  ['Observation?code=59408-5,29463-7&_sort=-value-quantity&value-quantity=lt90', ['weight', 'spo2-2', 'spo2-3']],
])('%s comes in the order %j, on one page and on pages of one', async (url, ids) => {
  expect((await store.search(url)).map((name) => name.split('/')[1])).toEqual(ids)
  expect((await store.pages(`${url}&_count=1`)).flat()).toEqual(ids)
})

test('a deleted resource is neither found nor counted', async () => {
  expect(await found('Observation?_id=removed')).toEqual([])
  expect(await store.total('Observation?code=59408-5&patient=line')).toBe(4)
})

test('pages neither repeat nor skip what was there throughout, while others write', async () => {
  let written = 0
  const pages = await store.pages('Observation?patient=line&_sort=-date&_count=2', async () => {
    written++
    await store.insert(
      measured(`late-${written}`, 'line', 20 + written, '59408-5', 90),
      measured(`early-${written}`, 'line', 1, '8310-5', 37),
    )
  })
  const seen = pages.flat()
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual(expect.arrayContaining(['spo2-3', 'pulse-1', 'spo2-2', 'spo2-1', 'undated']))
  for (let i = 1; i <= written; i++) await store.remove('Observation', `late-${i}`)
  for (let i = 1; i <= written; i++) await store.remove('Observation', `early-${i}`)
})

describe('access', () => {
  const ola: Reach = { kind: 'compartment', patient: 'ola' }
  const nothing: Reach = { kind: 'none' }
  const onlyOla = () => ola
  /** Observations of Ola alone; everything of any other type. */
  const observationsOfOla = (type: string): Reach => (type === 'Observation' ? ola : { kind: 'all' })

  test.each([
    ['Observation', ['Observation/ola-1', 'Observation/spo2-3']],
    ['Observation?patient=line', ['Observation/spo2-3']],
    ['Observation?patient:not=ola&_sort=-date', ['Observation/spo2-3']],
    ['Observation?_id=spo2-1,ola-1', ['Observation/ola-1']],
    ['Observation?value-quantity=lt90', ['Observation/spo2-3']],
    ['Observation?subject:missing=true', []],
    ['Observation?patient.name=asen', []],
    ['Patient', ['Patient/ola']],
    ['Task?status:not=draft', ['Task/t2']],
    ['Practitioner', []],
  ])('within Ola’s compartment, %s finds only %j', async (url, names) => {
    expect((await store.search(url, onlyOla)).sort()).toEqual(names)
    expect(await store.total(url, onlyOla)).toBe(names.length)
  })

  test('whatever is asked, and whatever it includes, nothing comes from outside', async () => {
    const allowed = new Set(['Observation/ola-1', 'Observation/spo2-3', 'Patient/ola', 'Task/t2'])
    const asked = fc.tuple(queryStrings, fc.constantFrom('', '&_include=*', '&_revinclude:iterate=Task:focus'))
    await fc.assert(
      fc.asyncProperty(asked, async ([text, include]) => {
        const url = `Observation?${text}${include}`
        const found = await foundOrRefused(() => store.search(url, onlyOla, 'lenient'))
        const brought = await foundOrRefused(() => store.included(url, onlyOla, 'lenient'))
        expect([...found, ...brought].filter((name) => !allowed.has(name))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('a chain steps only on what may be seen', async () => {
    expect(await store.search('Patient?_has:Observation:patient:code=8867-4', observationsOfOla)).toEqual([])
    expect(await store.search('Task?focus:Observation.value-quantity=lt90', observationsOfOla)).toEqual(['Task/t1'])
    expect(await store.search('Task?focus:Observation.code=8867-4', observationsOfOla)).toEqual([])
    const noPatients = (type: string): Reach => (type === 'Patient' ? nothing : { kind: 'all' })
    expect(await store.search('Observation?patient.name=asen', noPatients)).toEqual([])
  })

  test('who may see nothing finds and counts nothing', async () => {
    expect(await store.search('Observation', () => nothing)).toEqual([])
    expect(await store.total('Observation', () => nothing)).toBe(0)
  })

  const included = async (url: string, reachOf: (type: string) => Reach) => (await store.included(url, reachOf)).sort()
  const all = (): Reach => ({ kind: 'all' })

  test.each([
    ['Task?_include=Task:focus', ['Observation/spo2-3']],
    [
      'Task?_include=Task:patient&_include:iterate=Patient:general-practitioner',
      ['Patient/line', 'Patient/ola', 'Practitioner/kari'],
    ],
    ['Task?_include=*', ['Observation/spo2-3', 'Patient/line', 'Patient/ola']],
    ['Observation?_id=ola-1&_include=Observation:performer:Practitioner', ['Practitioner/kari']],
    ['Observation?_id=ola-1&_include=Observation:performer:Patient', []],
    ['Patient?_id=ola&_revinclude=Observation:performer', ['Observation/spo2-3']],
    ['Patient?_id=ola&_revinclude=Task:patient', ['Task/t2']],
    ['Patient?_id=ola&_revinclude=*', ['Condition/heart', 'Observation/ola-1', 'Observation/spo2-3', 'Task/t2']],
    ['Practitioner?_revinclude=*', ['Observation/ola-1', 'Patient/line']],
    ['Questionnaire?_id=q1&_revinclude=*', []],
    ['Task?_id=t1&_include:iterate=*', ['Observation/spo2-3', 'Patient/line', 'Patient/ola', 'Practitioner/kari']],
    ['QuestionnaireResponse?_id=r1&_include=QuestionnaireResponse:questionnaire', ['Questionnaire/q2']],
    ['QuestionnaireResponse?_id=r3&_include=*', ['Questionnaire/q2', 'Questionnaire/q3']],
    ['QuestionnaireResponse?_id=r1&_include=QuestionnaireResponse:questionnaire:Questionnaire', ['Questionnaire/q2']],
    ['QuestionnaireResponse?_include=QuestionnaireResponse:subject', []],
    [
      'Questionnaire?_id=q2&_revinclude=QuestionnaireResponse:questionnaire',
      ['QuestionnaireResponse/r1', 'QuestionnaireResponse/r3'],
    ],
    ['Questionnaire?_id=q3&_revinclude=*', ['QuestionnaireResponse/r2', 'QuestionnaireResponse/r3']],
    [
      'Practitioner?_revinclude=Patient:general-practitioner&_revinclude:iterate=Task:patient',
      ['Patient/line', 'Task/t1'],
    ],
  ])('%s includes %j', async (url, names) => expect(await included(url, all)).toEqual(names))

  test('an include brings nothing from outside the reach', async () => {
    const seesOla = (type: string): Reach => (type === 'Task' ? { kind: 'all' } : ola)
    expect(await included('Patient?_revinclude=*', onlyOla)).toEqual([
      'Condition/heart',
      'Observation/ola-1',
      'Observation/spo2-3',
      'Task/t2',
    ])
    expect(await included('Task?_include=*', seesOla)).toEqual(['Observation/spo2-3', 'Patient/ola'])
    expect(await included('Task?_include=Task:patient&_revinclude:iterate=Observation:patient', seesOla)).toEqual([
      'Observation/ola-1',
      'Patient/ola',
    ])
  })
})

async function foundOrRefused(work: () => Promise<string[]>): Promise<string[]> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}

test('PostgreSQL takes whatever is not refused', async () => {
  await fc.assert(
    fc.asyncProperty(queryStrings, async (text) => {
      await foundOrRefused(() => store.search(`Observation?${text}`, undefined, 'lenient'))
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['Condition?_text:exact=x', 'not-supported'],
  [`Condition?_content=${Array(60).fill('x').join(' ')}`, 'value'],
  [`Condition?_content=${'('.repeat(30)}x`, 'value'],
])('%.40s… is refused', async (url, code) => {
  await expect(store.search(url)).rejects.toMatchObject({ status: 400, issues: [{ code }] })
})

test('a cursor from elsewhere is refused', async () => {
  for (const cursor of ['x', 'WyIxIl0', Buffer.from('["1","yesterday"]').toString('base64url')]) {
    await expect(store.search(`Observation?_sort=date&_cursor=${cursor}`)).rejects.toMatchObject({
      status: 400,
      issues: [{ code: 'value', expression: ['_cursor'] }],
    })
  }
})

test('a patient’s newest come from the index by patient and date', async () => {
  const plan = await store.explain('Observation?patient=line&code=59408-5&_sort=-date&_count=20')
  expect(plan).toContain('resource_patient_date')
  expect(plan).not.toContain('Sort')
})

test('a patient’s newest of one LOINC code are found by the index alone, whichever row says its code in which way', async () => {
  const url = `Observation?patient=line&code=${encodeURIComponent('http://loinc.org|59408-5')}&_sort=-date&_count=20`
  const plan = await store.explain(url)
  expect(plan).toMatch(/Index Cond: .*loinc = /)
  expect(plan).toContain('resource_patient_loinc_in_tokens')
  expect(plan).not.toContain('Seq Scan')
})

test('the newest of all patients come from the index by type and date, what changed since a time from that of changes', async () => {
  const newest = await store.explain('Observation?date=ge2026-03-01&_sort=-date')
  expect(newest).toContain('resource_type_date')
  const changed = await store.explain('Observation?_lastUpdated=ge2026-03-01')
  expect(changed).toContain('resource_last_updated')
  for (const plan of [newest, changed]) expect(plan).not.toContain('Sort')
})
