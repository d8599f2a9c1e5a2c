import type { CarePlan, Consent } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { LEGAL_BASIS } from '../lifecycle/legal-basis/basis.ts'
import { LEGAL_BASIS_REQUIRED } from '../lifecycle/legal-basis/demands.ts'
import { enrolmentGuard } from './enrolment-guard.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

let house: TestHouse
const PLAN = 'http://example.org/demanding'
const LAW = 'https://lovdata.no/lov/2011-06-24-30'

beforeAll(async () => {
  house = await startTestHouse()
  await house.put({
    ...{ resourceType: 'PlanDefinition', id: 'demanding', url: PLAN, version: '1.0.0', status: 'active' },
    extension: [{ url: LEGAL_BASIS_REQUIRED, extension: [{ url: 'policy', valueUri: LAW }] }],
  })
})
afterAll(() => house.stop())

const carePlan = (status: CarePlan['status'], change: Partial<CarePlan> = {}): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: 'c', status, intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ instantiatesCanonical: [PLAN], ...change },
})
const resting = { extension: [{ url: LEGAL_BASIS, extension: [{ url: 'policy', valueUri: LAW }] }] }
const somebody: Access = { actor: 'Practitioner/nurse', clientId: 'app', scopes: [] }
const guard = () => enrolmentGuard(() => house.clock.now)

const write = async (after: CarePlan, access: Access = somebody) =>
  guard().admitBeside?.(house.pool, access, after as unknown as Resource)
const change = (before: CarePlan, after: CarePlan) =>
  guard().admit(house.pool, {
    access: somebody,
    before: before as unknown as Resource,
    after: after as unknown as Resource,
  })
const refused = { issues: [{ code: 'business-rule', expression: ['CarePlan.extension'] }] }

test.each([
  ['active', false],
  // Its teams see the record while it rests.
  ['on-hold', false],
  ['draft', true],
  ['completed', true],
  ['revoked', true],
] as const)('a CarePlan that is written new as %s passes without a basis: %s', async (status, passes) => {
  const written = write(carePlan(status))
  if (passes) await expect(written).resolves.toBeUndefined()
  else await expect(written).rejects.toMatchObject(refused)
  await expect(write(carePlan(status, resting))).resolves.toBeUndefined()
  await expect(write(carePlan(status), engineAccess('test'))).resolves.toBeUndefined()
})

test.each([
  ['draft', 'active', false],
  ['draft', 'on-hold', false],
  ['completed', 'on-hold', false],
  ['on-hold', 'active', false],
  ['active', 'on-hold', true],
  ['active', 'active', true],
  ['on-hold', 'on-hold', true],
  ['active', 'completed', true],
  ['on-hold', 'revoked', true],
] as const)('one that has lost its basis goes from %s to %s: %s', async (from, to, passes) => {
  const changed = change(carePlan(from), carePlan(to))
  if (passes) await expect(changed).resolves.toBeUndefined()
  else await expect(changed).rejects.toMatchObject(refused)
  await expect(change(carePlan(from, resting), carePlan(to, resting))).resolves.toBeUndefined()
})

test.each(['active', 'on-hold'] as const)(
  'while it is %s, its basis is not taken out of it, nor is it made another’s',
  async (status) => {
    await expect(change(carePlan(status, resting), carePlan(status))).rejects.toMatchObject(refused)
    const other = carePlan(status, { subject: { reference: 'Patient/other' } })
    await expect(change(carePlan(status), other)).rejects.toMatchObject(refused)
    const plain = carePlan(status, { instantiatesCanonical: ['http://example.org/plain'] })
    await expect(change(plain, carePlan(status))).rejects.toMatchObject(refused)
  },
)

test('what is missing is a Task while the enrolment rests too: a pause takes it not back, nor is one that is made meanwhile unheard', async () => {
  const tasks = async () => {
    await reactToAll(house)
    return (await house.tasksOf('p')).map(({ code, status }) => [code?.coding?.[0]?.code, status])
  }
  await house.put(carePlan('active'))
  expect(await tasks()).toEqual([['legal-basis-missing', 'requested']])
  await house.put(carePlan('on-hold'))
  expect(await tasks()).toEqual([['legal-basis-missing', 'requested']])
  await house.put(carePlan('on-hold', resting))
  expect(await tasks()).toEqual([['legal-basis-missing', 'cancelled']])
  await house.put(carePlan('completed', resting))
  expect(await tasks()).toEqual([['legal-basis-missing', 'cancelled']])
})

test('a Consent that is withdrawn while the only enrolment rests is heard', async () => {
  const category = { system: 'http://example.org/c', code: 'followed' }
  const consent = (status: Consent['status']) => ({
    ...{ resourceType: 'Consent', id: 'q', status, patient: { reference: 'Patient/q' }, scope: { text: 'treatment' } },
    category: [{ coding: [category] }],
  })
  await house.put(
    {
      ...{ resourceType: 'PlanDefinition', id: 'asking', url: `${PLAN}/asking`, version: '1.0.0', status: 'active' },
      extension: [{ url: LEGAL_BASIS_REQUIRED, extension: [{ url: 'consent', valueCoding: category }] }],
    },
    consent('active'),
    carePlan('on-hold', {
      ...{ id: 'q', subject: { reference: 'Patient/q' }, instantiatesCanonical: [`${PLAN}/asking`] },
      extension: [{ url: LEGAL_BASIS, extension: [{ url: 'consent', valueReference: { reference: 'Consent/q' } }] }],
    }),
  )
  await reactToAll(house)
  expect(await house.tasksOf('q')).toEqual([])
  await house.put(consent('inactive'))
  await reactToAll(house)
  expect(await house.tasksOf('q')).toMatchObject([{ status: 'requested', focus: { reference: 'CarePlan/q' } }])
})
