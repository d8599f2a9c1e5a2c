import { readFileSync } from 'node:fs'
import type {
  CodeableConcept,
  Observation,
  Questionnaire,
  StructureDefinition,
  Task,
  ValueSet,
} from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { QUESTIONNAIRE_REQUEST } from '../core/fhir/questionnaire-request.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { createDefinitionBook } from '../definitions/definition-book.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { judgeFnr } from '../national-numbers/person-number.ts'
import { loadPathways, loadProfiles, resourcesOf } from '../plans/load-pathways.ts'
import { createValidator } from '../validation/validator.ts'
import { copdDefinition } from './copd-pathway.ts'
import { recordBefore } from './record-before.ts'
import { demoPatients } from './roster.ts'
import { demoResources } from './seed.ts'

const NOW = new Date('2026-11-22T10:30:00Z')
const { url, version } = copdDefinition()
const PLAN = `${url}|${version}`
const resources: Resource[] = demoResources(demoPatients(), PLAN, NOW)
const DIARY = JSON.parse(
  readFileSync(new URL('../../plandefinitions/copd/questionnaire.json', import.meta.url), 'utf8'),
) as Questionnaire
const isDiary = (canonical: string) => canonical.split('|')[0] === DIARY.url
const ofType = (type: string) => resources.filter(({ resourceType }) => resourceType === type)

/** The profile of ours that is meant for each type. An order to answer a form is no order to measure. */
const PROFILES: Readonly<Record<string, string>> = {
  ...{
    Patient: 'patient',
    RelatedPerson: 'related-person',
    Practitioner: 'practitioner',
    Organization: 'organization',
  },
  ...{ PractitionerRole: 'practitioner-role', CareTeam: 'following-team', Device: 'measuring-device' },
  ...{ CarePlan: 'treatment-plan', Goal: 'limit-goal', ServiceRequest: 'measuring-order', Task: 'triage-task' },
  ...{ Consent: 'sharing-consent', Communication: 'patient-message', DocumentReference: 'shared-document' },
  QuestionnaireResponse: 'patient-answers',
}
const MEASURED: Readonly<Record<string, string>> = {
  ...{ '9279-1': 'home-respiratory-rate', '85354-9': 'home-blood-pressure', '15074-8': 'home-glucose' },
  ...{
    '1104051000000101': 'news2',
    '59408-5': 'home-spo2',
    '8867-4': 'home-pulse',
    '29463-7': 'home-weight',
    '8310-5': 'home-temperature',
  },
}
const SELF_MANAGEMENT = 'self-management-plan'
function profileFor({ resourceType, code, ...resource }: Resource): string | undefined {
  if (JSON.stringify(resource.category)?.includes(SELF_MANAGEMENT)) return SELF_MANAGEMENT
  const [coding] = (code as CodeableConcept | undefined)?.coding ?? []
  if (resourceType === 'Observation') return MEASURED[coding?.code ?? '']
  return JSON.stringify(resource).includes(QUESTIONNAIRE_REQUEST) ? undefined : PROFILES[resourceType]
}

/** The codes of a value set that lists them; of one that takes in a whole code system nothing is said here. */
function listedIn({ compose }: ValueSet): Set<string> | undefined {
  const included = compose?.include ?? []
  const listed = included.flatMap(({ system, concept = [] }) => concept.map(({ code }) => `${system}|${code}`))
  return included.every(({ concept }) => concept) ? new Set(listed) : undefined
}

test('every generated resource conforms to R4 and to the profile that is meant for it, and the diaries to their Questionnaire, without a warning', () => {
  const definitions = loadDefinitions()
  const book = createDefinitionBook(definitions)
  const ours = <T>(type: string) => loadProfiles().filter(({ resourceType }) => resourceType === type) as unknown as T[]
  book.change(
    ours<StructureDefinition>('StructureDefinition').map((resource) => ({ id: String(resource.id), resource })),
    [],
  )
  book.takeCodes(new Map(ours<ValueSet>('ValueSet').map((valueSet) => [String(valueSet.url), listedIn(valueSet)])))
  const { validate } = createValidator(definitions, {
    source: { ...book, generation: 1, questionnaire: (canonical) => (isDiary(canonical) ? DIARY : undefined) },
  })
  const held = new Set<string>()
  const wrong = resources.flatMap((resource) => {
    const name = profileFor(resource)
    if (name) held.add(name)
    const meta = name ? { meta: { profile: [`${FYLGJE}/StructureDefinition/${name}`] } } : {}
    return validate({ ...resource, ...meta }).map(
      (issue) => `${resource.resourceType}/${resource.id}: ${issue.diagnostics}`,
    )
  })
  expect(wrong).toEqual([])
  expect(held).toEqual(new Set([SELF_MANAGEMENT, ...Object.values(PROFILES), ...Object.values(MEASURED)]))
})

test('there are at least 40 patients with 90 days of measurements', () => {
  expect(ofType('Patient').length).toBeGreaterThanOrEqual(40)
  expect(ofType('Observation').length).toBeGreaterThan(10_000)
  expect(ofType('QuestionnaireResponse').length).toBeGreaterThan(1_000)
})

test('no two resources have one id, and no two people one fødselsnummer', () => {
  const ids = resources.map(({ resourceType, id }) => `${resourceType}/${id}`)
  expect(new Set(ids).size).toBe(ids.length)
  const numbers = demoPatients().map(({ fnr }) => fnr)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.every((number) => judgeFnr(String(number)).problem === undefined)).toBe(true)
})

test('every reference leads to a resource that is there', () => {
  // A request names its form by its canonical.
  const forms = loadPathways().flatMap(({ resourceType, url, version }) =>
    resourceType === 'Questionnaire' ? [`${url}|${version}`] : [],
  )
  const ids = new Set([...resources.map(({ resourceType, id }) => `${resourceType}/${id}`), ...forms])
  const references = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].map(
    ([, to]) => to?.split('/_history/')[0] ?? '',
  )
  expect(references.filter((to) => !ids.has(to))).toEqual([])
})

test('an Observation says when by a Norwegian clock, what by LOINC, how much in UCUM, and from which device', () => {
  for (const observation of ofType('Observation').filter(({ device }) => device)) {
    expect(observation.effectiveDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00$/)
    expect(observation).toMatchObject({
      category: [{ coding: [{ code: 'vital-signs' }] }],
      valueQuantity: { system: 'http://unitsofmeasure.org', value: expect.any(Number) },
      device: { reference: expect.stringMatching(/^Device\/demo-/) },
    })
  }
  const summerTime = ofType('Observation').filter(({ effectiveDateTime }) =>
    String(effectiveDateTime).endsWith('+02:00'),
  )
  expect(summerTime.length).toBeGreaterThan(0)
  for (const { effectiveDateTime } of summerTime) expect(String(effectiveDateTime) < '2026-10-25T03').toBe(true)
})

test('beside the measurements there is a record: blood tests with their report, letters that can be read, medicines, calls and answered messages', () => {
  const reports = ofType('DiagnosticReport')
  expect(reports.length).toBeGreaterThanOrEqual(2 * (demoPatients().length - 1))
  expect(new Set(reports.map(({ conclusion }) => conclusion)).size).toBe(2)
  const tests = ofType('Observation').filter(({ device, method }) => !device && !method)
  expect(tests).toHaveLength(reports.flatMap(({ result }) => result as unknown[]).length)
  for (const { category, code } of tests)
    expect([category, code]).toMatchObject([
      [{ coding: [{ code: 'laboratory' }] }],
      { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7280' }], text: expect.any(String) },
    ])
  for (const { content } of ofType('DocumentReference')) {
    const [{ attachment }] = content as [{ attachment: { data: string } }]
    expect(Buffer.from(attachment.data, 'base64').toString('utf8')).toMatch(/hjemmeoppfølging/)
  }
  const said = ofType('Communication')
  const ended = new Set(ofType('Task').map(({ id }) => `Task/${id}`))
  const calls = said.filter(({ medium }) => JSON.stringify(medium)?.includes('PHONE'))
  // One when they began, and one about each Task that was ended.
  expect(calls).toHaveLength(ended.size + demoPatients().length - 1)
  const [asked, answers] = [
    said.filter(({ id }) => id?.endsWith('-asked')),
    said.filter(({ id }) => id?.endsWith('-answered')),
  ]
  expect(asked.length).toBeGreaterThan(5)
  expect(answers).toHaveLength(asked.length)
  // What is unread would be somebody's work of the first day.
  expect([...asked, ...answers].every(({ received }) => received)).toBe(true)
  for (const resource of [...tests, ...reports, ...calls, ...asked, ...ofType('DocumentReference')])
    expect(JSON.stringify(resource)).not.toContain('Patient/demo-line"')
})

test('on one visit at home a nurse measured what the others have not, with NEWS2 of it: all seven parts and their sum', () => {
  const score = ofType('Observation').find(({ id }) => id?.endsWith('-visit-news2')) as Observation | undefined
  expect(score).toMatchObject({ valueQuantity: { value: expect.any(Number) } })
  expect(score?.component?.map(({ valueQuantity }) => typeof valueQuantity?.value)).toEqual(Array(7).fill('number'))
  expect(score?.derivedFrom).toHaveLength(7)
})

test('whatever day the demo is begun, clinics and laboratories are open when they wrote, and nothing has the id of something else', () => {
  for (const days of [0, 1, 2, 3, 4, 5, 6]) {
    const now = new Date(NOW.getTime() + days * 86_400_000)
    const records = demoPatients()
      .slice(1, 16)
      .flatMap((patient) => recordBefore(patient, [], now))
    const ids = records.map(({ resourceType, id }) => `${resourceType}/${id}`)
    expect(new Set(ids).size).toBe(ids.length)
    for (const one of records) {
      const at = 'date' in one ? one.date : 'effectiveDateTime' in one ? one.effectiveDateTime : undefined
      if (at) expect([0, 6]).not.toContain(new Date(at).getUTCDay())
    }
  }
})

test('Line Danser bears the published test number and has limits of her own: yellow below 90 %, red below 88 %', () => {
  expect(resources.find(({ id }) => id === 'demo-line')).toMatchObject({
    identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }],
    gender: 'female',
    birthDate: '1969-11-13',
  })
  const goal = resources.find(({ resourceType, id }) => resourceType === 'Goal' && id === 'demo-line-spo2')
  expect(JSON.stringify(goal?.target)).toContain('"valueCode":"yellow"')
  expect(goal?.target).toMatchObject([
    { detailQuantity: { value: 90, comparator: '<' } },
    { detailQuantity: { value: 88, comparator: '<' } },
    {},
  ])
})

test('who set the limits is a doctor, who says why; who measures is asked to; and what was dealt with says how it ended', () => {
  const limitsSet = ofType('Provenance')
  expect(limitsSet).toHaveLength(demoPatients().length)
  for (const one of limitsSet)
    expect(one).toMatchObject({
      agent: [{ who: { reference: 'Practitioner/demo-doctor' } }],
      reason: [{ text: expect.any(String) }],
    })
  const asked = new Set(ofType('ServiceRequest').map(({ subject }) => (subject as { reference: string }).reference))
  expect(asked.size).toBe(demoPatients().filter(({ story }) => story !== 'silent').length)
  const done = ofType('Task') as unknown as Task[]
  for (const zone of ['red', 'yellow'])
    expect(done.filter(({ businessStatus }) => businessStatus?.coding?.[0]?.code === zone).length).toBeGreaterThan(5)
  for (const { status, authoredOn = '', executionPeriod, statusReason, ...task } of done) {
    expect([status, statusReason?.coding?.[0]?.code]).toEqual(['completed', expect.any(String)])
    expect(task.for?.reference).not.toBe('Patient/demo-line')
    const { start = '', end = '' } = executionPeriod ?? {}
    expect(Date.parse(authoredOn)).toBeLessThanOrEqual(Date.parse(start))
    expect(Date.parse(start)).toBeLessThan(Date.parse(end))
    expect(Date.parse(end)).toBeLessThan(NOW.getTime())
  }
})

test('each role that the Tasks of COPD are for, or are asked of when they wait, is somebody’s in the team', () => {
  const activities = resourcesOf('copd').filter(({ resourceType }) => resourceType === 'ActivityDefinition')
  const rolesIn = (all: object[]) =>
    new Set([...JSON.stringify(all).matchAll(/CodeSystem\/team-role","code":"([^"]+)"/g)].map(([, code]) => code))
  const asked = rolesIn(activities)
  expect(asked).toEqual(new Set(['response-nurse', 'doctor']))
  const members = JSON.stringify(ofType('CareTeam').find(({ id }) => id === 'demo-responssenter'))
  const held = ofType('PractitionerRole').filter(({ practitioner }) => {
    const { reference } = practitioner as { reference: string }
    return members.includes(`"${reference}"`)
  })
  expect(rolesIn(held)).toEqual(asked)
})
