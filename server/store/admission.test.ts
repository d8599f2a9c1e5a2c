import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import { taskCode } from '../core/decide/words/coded-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import { kinGuard } from './relations/kin-guard.ts'
import { readStanding } from './relations/read-standing.ts'
import { whoMaySee } from './relations/who-may-see.ts'
import { createScopeFilters } from './scope-filters.ts'
import type { Store } from './store.ts'
import { createDecidingStore } from './test-store.ts'

const BASE = 'http://localhost/fhir'
const V3_ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
const FAMILY = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation'
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const clock = { now: new Date('2026-11-10T08:00:00Z') }
const definitions = loadDefinitions()
const filters = createScopeFilters(
  () => definitions,
  async () => [{ system: 'http://loinc.org', code: '8867-4' }],
)

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  const now = () => clock.now
  store = createDecidingStore({
    ...{ pool: database.pool, definitions, baseUrl: BASE, now, guard: kinGuard(now), filtersOf: filters.filtersOf },
  })
  const child = { resourceType: 'RelatedPerson', patient: { reference: 'Patient/barn' } }
  await put(
    {
      resourceType: 'Patient',
      id: 'barn',
      birthDate: '2016-11-11',
      generalPractitioner: [{ reference: 'Practitioner/gp' }],
    },
    { resourceType: 'Patient', id: 'other', birthDate: '1970-01-01' },
    { ...child, id: 'mor', relationship: [{ coding: [{ system: V3_ROLE, code: 'MTH' }] }] },
    { ...child, id: 'tante', relationship: [{ coding: [{ code: 'AUNT' }] }] },
    {
      ...{ resourceType: 'PractitionerRole', id: 'gp-role', practitioner: { reference: 'Practitioner/gp' } },
      code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code: 'doctor' }] }],
    },
    { ...observation('8867-4', 'barn'), id: 'pulse' },
    { ...observation('8310-5', 'barn'), id: 'warm' },
    {
      ...{ ...observation('8867-4', 'barn'), id: 'sensitive' },
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    },
  )
})
afterAll(() => database.stop())

const put = (...resources: { resourceType: string; id: string; [element: string]: unknown }[]) =>
  store.writeAll(
    engineAccess('test'),
    resources.map((resource) => ({ interaction: 'update', resource, id: resource.id })),
  )
const observation = (code: string, patient: string): Resource => ({
  ...{ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${patient}` } },
  code: { coding: [{ system: 'http://loinc.org', code }] },
})

async function as(actor: string, scope = 'user/*.cruds'): Promise<Access> {
  const access: Access = { actor, clientId: 'app', scopes: parseScopes(scope) }
  await filters.prepare(access)
  const standing = await readStanding(database.pool, access, clock.now)
  return { ...access, ...(standing ? { standing } : {}) }
}
const create = async (access: Access, resource: Resource) => store.write(access, { interaction: 'create', resource })
const seen = async (access: Access, query = '') => {
  const parsed = parseSearch(definitions, 'Observation', new URLSearchParams(query), 'strict')
  return (await store.search(access, parsed)).matches.map(({ id }) => id).sort()
}
const REFUSED = { issues: [{ code: 'forbidden' }] }

describe('a granular scope holds for what is written too', () => {
  const PULSE = 'user/Observation.crus?code=http://loinc.org|8867-4'

  test.each([
    ['its own parameters', PULSE],
    ['a value set that terminology knows', 'user/Observation.crus?code:in=http://example.org/pulse'],
  ])('by %s', async (_by, scope) => {
    const gp = await as('Practitioner/gp', scope)
    expect(await seen(gp)).toEqual(['pulse', 'sensitive'])
    await expect(store.read(gp, 'Observation', 'warm')).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
    const made = await create(gp, observation('8867-4', 'barn'))
    await expect(create(gp, observation('8310-5', 'barn'))).rejects.toMatchObject(REFUSED)
    await expect(create(gp, observation('8867-4', 'other'))).rejects.toMatchObject(REFUSED)
    // What is within must not be moved out, nor what is outside be changed.
    const moved = { ...observation('8310-5', 'barn'), id: made.id }
    await expect(store.write(gp, { interaction: 'update', resource: moved, id: made.id })).rejects.toMatchObject(
      REFUSED,
    )
    const taken = { ...observation('8867-4', 'barn'), id: 'warm' }
    await expect(store.write(gp, { interaction: 'update', resource: taken, id: 'warm' })).rejects.toMatchObject(REFUSED)
    await store.write(engineAccess('test'), { interaction: 'delete', type: 'Observation', id: made.id })
  })

  test.each(['nonsense=1', '_count=5', 'code:in=http://example.org/x&nonsense=1'])(
    'one that says %s is met by nothing',
    async (query) => expect(await seen(await as('Practitioner/gp', `user/Observation.rs?${query}`))).toEqual([]),
  )

  test('of several that are written at once, only the one outside is refused', async () => {
    const gp = await as('Practitioner/gp', PULSE)
    const [inside, outside] = await Promise.allSettled([
      create(gp, observation('8867-4', 'barn')),
      create(gp, observation('8310-5', 'barn')),
    ])
    expect([inside?.status, outside?.status]).toEqual(['fulfilled', 'rejected'])
    if (inside?.status === 'fulfilled') {
      await store.write(engineAccess('test'), { interaction: 'delete', type: 'Observation', id: inside.value.id })
    }
  })
})

describe('the family of a child', () => {
  const at = (text: string) => {
    clock.now = new Date(text)
  }
  afterEach(() => at('2026-11-10T08:00:00Z'))

  test('a parent sees all under 12, from 12 what is not sensitive, from 16 nothing; the day begins in Norway', async () => {
    const mother = () => as('RelatedPerson/mor')
    expect(await seen(await mother())).toEqual(['pulse', 'sensitive', 'warm'])
    at('2028-11-10T22:59:00Z')
    expect(await seen(await mother())).toEqual(['pulse', 'sensitive', 'warm'])
    at('2028-11-10T23:01:00Z')
    expect(await seen(await mother())).toEqual(['pulse', 'warm'])
    at('2032-11-10T23:01:00Z')
    expect(await seen(await mother())).toEqual([])
  })

  test('a parent adds what they measure, for the child alone; another relative nothing', async () => {
    const mother = await as('RelatedPerson/mor')
    const { id } = await create(mother, observation('8867-4', 'barn'))
    await expect(create(mother, observation('8867-4', 'other'))).rejects.toMatchObject(REFUSED)
    const inAnothersName = { ...observation('8867-4', 'barn'), performer: [{ reference: 'Patient/barn' }] }
    await expect(create(mother, inAnothersName)).rejects.toMatchObject({ issues: [{ code: 'business-rule' }] })
    await expect(create(await as('RelatedPerson/tante'), observation('8867-4', 'barn'))).rejects.toMatchObject(REFUSED)
    await store.write(engineAccess('test'), { interaction: 'delete', type: 'Observation', id })
    await expect(
      store.write(mother, { interaction: 'delete', type: 'Observation', id: 'pulse' }),
    ).resolves.toMatchObject({ versionId: 0 })
    expect(await seen(mother)).toContain('pulse')
  })

  const near = (code: string, rest: object = {}) => ({
    ...{ resourceType: 'RelatedPerson', patient: { reference: 'Patient/barn' } },
    relationship: [{ coding: [{ system: FAMILY, code }] }],
    ...rest,
  })
  const child = () => as('Patient/barn', 'patient/*.cruds').then((access) => ({ ...access, patient: 'barn' }))

  test('a mother or father of the Norwegian code system is a parent where staff say so, and not by the child’s word', async () => {
    const { id } = await create(engineAccess('test'), near('far'))
    expect(await seen(await as(`RelatedPerson/${id}`))).toEqual(['pulse', 'sensitive', 'warm'])
    for (const system of [FAMILY, V3_ROLE]) {
      const code = system === FAMILY ? 'mor' : 'MTH'
      const friend = await create(await child(), near(code, { relationship: [{ coding: [{ system, code }] }] }))
      expect(await seen(await as(`RelatedPerson/${friend.id}`))).toEqual([])
    }
    // A code is what its system says that it is.
    const other = await create(engineAccess('test'), near('MTH'))
    expect(await seen(await as(`RelatedPerson/${other.id}`))).toEqual([])
    expect(
      (await whoMaySee({ pool: database.pool, now: () => clock.now }, 'barn'))
        .filter(({ kind }) => kind === 'guardian')
        .map(({ grantee }) => grantee),
    ).toEqual([`RelatedPerson/${id}`, 'RelatedPerson/mor'].sort())
    // What was deleted and comes again is by whoever brings it.
    await store.write(engineAccess('test'), { interaction: 'delete', type: 'RelatedPerson', id })
    await store.write(await child(), { interaction: 'update', id, resource: { ...near('far'), id } }).catch(() => {})
    expect(await seen(await as(`RelatedPerson/${id}`))).toEqual([])
  })

  test('a patient changes whom they named themselves, and of whom staff put down adds a missing number alone', async () => {
    const patient = await child()
    const number = { use: 'official', system: FNR, value: '13116900216' }
    const write = (access: Access, resource: object, id: string) =>
      store.write(access, { interaction: 'update', id, resource: { ...resource, id } as Resource })
    const kept = { issues: [{ code: 'business-rule' }] }
    const own = await create(patient, near('venn', { name: [{ family: 'Venn' }] }))
    await write(patient, near('venn', { active: false, identifier: [number] }), own.id)
    const put = await create(engineAccess('test'), near('søsken', { active: true, name: [{ family: 'Søster' }] }))
    const sister = { active: true, name: [{ family: 'Søster' }] }
    await expect(write(patient, near('søsken', { ...sister, active: false }), put.id)).rejects.toMatchObject(kept)
    await expect(write(patient, near('mor', sister), put.id)).rejects.toMatchObject(kept)
    await write(patient, near('søsken', { ...sister, identifier: [number] }), put.id)
    const another = { ...number, value: '17099412345' }
    // A number that was the patient's own word is theirs to change, and whoever has it to be let in no more.
    await write(patient, near('søsken', { ...sister, identifier: [another] }), put.id)
    const ended = { identifier: [another], active: false }
    await expect(write(patient, near('søsken', { name: [{ family: 'X' }], ...ended }), put.id)).rejects.toMatchObject(
      kept,
    )
    await write(patient, near('søsken', { ...sister, ...ended }), put.id)
    await write(engineAccess('test'), near('søsken', { ...sister, identifier: [number] }), put.id)
    await write(patient, near('søsken', { ...sister, identifier: [number] }), put.id)
    for (const identifier of [[another], [number, another], []]) {
      const refused = write(patient, near('søsken', { ...sister, identifier }), put.id)
      await expect(refused).rejects.toMatchObject({ issues: [{ expression: ['RelatedPerson.identifier'] }] })
    }
    const gone = write(patient, near('søsken', { ...sister, identifier: [number], active: false }), put.id)
    await expect(gone).rejects.toMatchObject({ issues: [{ expression: ['RelatedPerson.active'] }] })
    // By a parent's number somebody would see what nobody has shared.
    const mother = { relationship: [{ coding: [{ system: V3_ROLE, code: 'MTH' }] }] }
    await expect(write(patient, near('', { ...mother, identifier: [number] }), 'mor')).rejects.toMatchObject(kept)
    await write(patient, near('', mother), 'mor')
    const asAdult = await create(engineAccess('test'), {
      ...near('mor'),
      patient: { reference: 'Patient/other' },
    } as Resource)
    const adult = { ...(await as('Patient/other', 'patient/*.cruds')), patient: 'other' }
    await write(adult, { ...near('mor'), patient: { reference: 'Patient/other' }, identifier: [number] }, asAdult.id)
    expect(await seen(await as('RelatedPerson/mor'))).toContain('sensitive')
  })

  test('another relative sees what the Consent grants, while it does', async () => {
    const aunt = () => as('RelatedPerson/tante')
    expect(await seen(await aunt())).toEqual([])
    const consent = (status: string) => ({
      ...{ resourceType: 'Consent', id: 'grant', status, patient: { reference: 'Patient/barn' } },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      provision: {
        type: 'permit',
        actor: [{ reference: { reference: 'RelatedPerson/tante' } }],
        code: [{ coding: [{ system: 'http://loinc.org', code: '8867-4' }] }],
      },
    })
    await put(consent('active'))
    expect(await seen(await aunt())).toEqual(['pulse'])
    await put(consent('inactive'))
    expect(await seen(await aunt())).toEqual([])
  })
})

describe('whoever refers and is asked before the referral is answered', () => {
  const FORM = 'http://example.org/Questionnaire/refers'
  const question = (id: string, rest: object = {}) => ({
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', for: { reference: 'Patient/other' } },
    ...{ owner: { reference: 'Practitioner/referrer' }, partOf: [{ reference: 'Task/referral' }] },
    code: taskCode('answer-questionnaire'),
    identifier: [{ system: FINDING, value: `http://x.org/p|*eligibility:${FORM}|Patient/other|Task/referral` }],
    input: [{ type: { text: 'Skjema' }, valueCanonical: `${FORM}|1` }],
    ...rest,
  })
  const answerTo = (questionnaire: string, id: string): Resource & { id: string } => ({
    ...{ resourceType: 'QuestionnaireResponse', id, status: 'completed', questionnaire },
    subject: { reference: 'Patient/other' },
  })
  const message = (id: string, to: string) => ({
    ...{ resourceType: 'Communication', id, status: 'completed', subject: { reference: 'Patient/other' } },
    recipient: [{ reference: to }],
  })
  const find = async (access: Access, type: string) => {
    const parsed = parseSearch(definitions, type, new URLSearchParams(), 'strict')
    return (await store.search(access, parsed)).matches.map(({ id }) => id).sort()
  }
  beforeAll(() =>
    put(
      {
        ...{ resourceType: 'PractitionerRole', id: 'referrer-role' },
        practitioner: { reference: 'Practitioner/referrer' },
        code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code: 'doctor' }] }],
      },
      { ...observation('8867-4', 'other'), id: 'of-other' },
      { ...question('of-plan'), identifier: [], owner: { reference: 'Patient/other' } },
      question('question'),
      answerTo('http://example.org/Questionnaire/other', 'another-form'),
      message('reminder', 'Practitioner/referrer'),
      message('not-theirs', 'Practitioner/gp'),
    ),
  )

  test('sees who it is about, the question, answers to its form and reminders; nothing of the record', async () => {
    const referrer = await as('Practitioner/referrer')
    const made = await create(referrer, answerTo(`${FORM}|1`, ''))
    expect(await find(referrer, 'Patient')).toEqual(['other'])
    expect(await find(referrer, 'Task')).toEqual(['question'])
    expect(await find(referrer, 'QuestionnaireResponse')).toEqual([made.id])
    expect(await find(referrer, 'Communication')).toEqual(['reminder'])
    expect(await find(referrer, 'Observation')).toEqual([])
    await store.write(referrer, {
      interaction: 'update',
      ...{ resource: question('question', { status: 'in-progress' }), id: 'question' },
    })
  })

  test.each([
    ['an answer to another form', answerTo('http://example.org/Questionnaire/other', '')],
    ['an observation', observation('8867-4', 'other')],
    ['a Task', { ...question('more'), id: undefined } as unknown as Resource],
  ])('does not add %s', async (_what, resource) => {
    await expect(create(await as('Practitioner/referrer'), resource)).rejects.toMatchObject(REFUSED)
  })

  test('does not make another Task their own', async () => {
    const taken = question('of-plan', { identifier: [] })
    await expect(
      store.write(await as('Practitioner/referrer'), { interaction: 'update', resource: taken, id: 'of-plan' }),
    ).rejects.toMatchObject({ issues: [{ code: expect.stringMatching(/^(forbidden|not-found)$/) }] })
  })

  test('sees nothing more when it is answered', async () => {
    await put(question('question', { status: 'completed' }))
    const referrer = await as('Practitioner/referrer')
    expect(await find(referrer, 'Patient')).toEqual([])
    await expect(create(referrer, answerTo(`${FORM}|1`, ''))).rejects.toMatchObject(REFUSED)
  })
})
