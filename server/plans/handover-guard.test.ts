import type { Task } from '@medplum/fhirtypes'
import { newHandover } from '../core/decide/task/handover.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { handoverGuard } from './handover-guard.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  const role = (id: string, rest: object) => ({
    ...{ resourceType: 'PractitionerRole', id: `role-${id}`, practitioner: { reference: `Practitioner/${id}` } },
    ...rest,
  })
  await house.put(
    {
      ...{ resourceType: 'CareTeam', id: 'asked', status: 'active' },
      participant: [
        { member: { reference: 'Practitioner/member' } },
        { member: { reference: 'PractitionerRole/role-by-role' } },
        { member: { reference: 'Practitioner/left' }, period: { end: '2020-01-01' } },
      ],
    },
    {
      ...{ resourceType: 'HealthcareService', id: 'of-asked', active: true },
      extension: [
        { url: 'http://fylgje.no/fhir/StructureDefinition/care-team', valueReference: { reference: 'CareTeam/asked' } },
      ],
    },
    role('by-role', {}),
    role('by-service', { healthcareService: [{ reference: 'HealthcareService/of-asked' }] }),
    role('former', { active: false, healthcareService: [{ reference: 'HealthcareService/of-asked' }] }),
    role('elsewhere', { organization: { reference: 'Organization/other' } }),
  )
})
afterAll(() => house.stop())

const question = {
  ...newHandover({
    ...{ focus: 'CarePlan/c', from: { reference: 'CareTeam/asking' }, to: { reference: 'CareTeam/asked' } },
    ...{ for: { reference: 'Patient/p' }, reason: 'Flyttet', requester: undefined, now: new Date() },
  }),
  id: 'q',
}

const answer = (actor: string, change: Partial<Task>, before: Task = question) =>
  handoverGuard(() => new Date()).admit(house.pool, {
    access: { actor, clientId: 'app', scopes: [] },
    before: before as unknown as Resource,
    after: { ...before, ...change } as unknown as Resource,
  })

test.each(['Practitioner/member', 'Practitioner/by-role', 'Practitioner/by-service'])(
  '%s is of the team that is asked, and answers',
  async (actor) => {
    await expect(answer(actor, { status: 'received' })).resolves.toBeUndefined()
    await expect(answer(actor, { status: 'accepted' })).resolves.toBeUndefined()
  },
)

test.each(['stranger', 'elsewhere', 'former', 'left'])(
  'Practitioner/%s is not, and neither receives, accepts nor rejects',
  async (name) => {
    for (const status of ['received', 'accepted', 'in-progress', 'completed', 'rejected'] as const) {
      await expect(answer(`Practitioner/${name}`, { status })).rejects.toMatchObject({
        issues: [
          {
            code: 'forbidden',
            expression: ['Task.status'],
            diagnostics: `Practitioner/${name} is not of CareTeam/asked, who is asked: only they answer this handover.`,
          },
        ],
      })
    }
  },
)

test('a patient answers none; a system answers for its people; who asked may take the question back', async () => {
  await expect(answer('Patient/p', { status: 'accepted' })).rejects.toMatchObject({ issues: [{ code: 'forbidden' }] })
  await expect(answer('Client/municipality', { status: 'accepted' })).resolves.toBeUndefined()
  await expect(answer('Practitioner/stranger', { status: 'cancelled' })).resolves.toBeUndefined()
  await expect(answer('Practitioner/stranger', { note: [{ text: 'Haster' }] })).resolves.toBeUndefined()
})

test('the question is not turned to oneself before it is answered', async () => {
  const owner = { reference: 'Practitioner/stranger' }
  await expect(answer('Practitioner/stranger', { owner })).rejects.toMatchObject({
    issues: [{ code: 'business-rule', expression: ['Task.owner'] }],
  })
  const input = question.input?.map((one) => ({ ...one, valueReference: owner }))
  await expect(answer('Practitioner/stranger', { input })).rejects.toMatchObject({
    issues: [{ code: 'business-rule' }],
  })
  await expect(answer('Practitioner/member', { focus: { reference: 'CarePlan/other' } })).rejects.toMatchObject({
    issues: [{ code: 'business-rule', expression: ['Task.focus'] }],
  })
})

test('other Tasks, and a handover that was answered, are none of its business', async () => {
  const other = { ...question, code: { text: 'x' } }
  await expect(answer('Practitioner/stranger', { status: 'accepted' }, other)).resolves.toBeUndefined()
  const done: Task = { ...question, status: 'rejected' }
  await expect(answer('Practitioner/stranger', { status: 'entered-in-error' }, done)).resolves.toBeUndefined()
})
