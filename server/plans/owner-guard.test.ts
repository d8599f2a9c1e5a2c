import type { Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { newHandover } from '../core/decide/task/handover.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { ownerGuard } from './owner-guard.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse
const CATEGORY = { system: 'http://example.org/consent', code: 'sharing' }
const ref = (reference: string) => ({ reference })

beforeAll(async () => {
  house = await startTestHouse()
  const plan = (id: string, between: string) => ({
    ...{ resourceType: 'PlanDefinition', id, url: `http://example.org/${id}`, version: '1.0.0', status: 'active' },
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/handover-basis-required',
        extension: [
          { url: 'consent', valueCoding: CATEGORY },
          { url: 'between', valueCode: between },
        ],
      },
    ],
  })
  const carePlan = (id: string, followed: string) => ({
    ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: ref('Patient/p') },
    ...{ careTeam: [ref('CareTeam/ward')], instantiatesCanonical: [`http://example.org/${followed}`] },
  })
  const team = (id: string, organization: string, ...members: string[]) => ({
    ...{ resourceType: 'CareTeam', id, status: 'active', managingOrganization: [ref(`Organization/${organization}`)] },
    participant: members.map((one) => ({ member: ref(`Practitioner/${one}`) })),
  })
  await house.put(
    plan('outside', 'organizations'),
    plan('between-teams', 'teams'),
    carePlan('outside', 'outside'),
    carePlan('between-teams', 'between-teams'),
    carePlan('plain', 'no-such-plan'),
    { ...carePlan('beside', 'no-such-plan'), careTeam: [ref('CareTeam/town')] },
    { ...carePlan('drafted', 'no-such-plan'), status: 'draft', careTeam: [ref('CareTeam/town')] },
    { ...carePlan('ended', 'no-such-plan'), status: 'completed', careTeam: [ref('CareTeam/town')] },
    { ...carePlan('of-another', 'no-such-plan'), careTeam: [ref('CareTeam/town')], subject: ref('Patient/another') },
    team('ward', 'hospital', 'nurse'),
    team('next-ward', 'hospital'),
    team('town', 'town', 'visitor'),
    {
      ...{ resourceType: 'PractitionerRole', id: 'colleague', practitioner: ref('Practitioner/colleague') },
      organization: ref('Organization/hospital'),
    },
  )
})
afterAll(() => house.stop())

const task = (carePlan: string, owner: string): Task & { id: string } => ({
  ...{ resourceType: 'Task', id: 't', status: 'requested', intent: 'order', for: ref('Patient/p') },
  ...{ basedOn: [ref(`CarePlan/${carePlan}`)], owner: ref(owner) },
})
const give = (
  before: Task,
  change: Partial<Task>,
  access = { actor: 'Practitioner/nurse', clientId: 'app', scopes: [] },
) =>
  ownerGuard(() => house.clock.now).admit(house.pool, {
    access,
    before: before as unknown as Resource,
    after: { ...before, ...change } as unknown as Resource,
  })
const refused = { issues: [{ code: 'business-rule', expression: ['Task.owner'] }] }

test.each([
  ['outside', 'CareTeam/ward', 'CareTeam/town', false],
  ['outside', 'CareTeam/ward', 'CareTeam/unknown', false],
  ['outside', 'CareTeam/ward', 'Organization/town', false],
  ['outside', 'CareTeam/ward', 'Practitioner/visitor', false],
  ['outside', 'CareTeam/ward', 'CareTeam/next-ward', true],
  ['outside', 'CareTeam/ward', 'Practitioner/nurse', true],
  ['outside', 'CareTeam/ward', 'Practitioner/colleague', true],
  ['outside', 'CareTeam/ward', 'PractitionerRole/colleague', true],
  ['outside', 'Practitioner/nurse', 'CareTeam/ward', true],
  ['outside', 'Practitioner/nurse', 'CareTeam/town', false],
  ['outside', 'CareTeam/town', 'Practitioner/visitor', true],
  ['outside', 'CareTeam/ward', 'Patient/p', true],
  ['between-teams', 'CareTeam/ward', 'CareTeam/next-ward', false],
  ['between-teams', 'CareTeam/ward', 'Practitioner/colleague', false],
  ['between-teams', 'CareTeam/ward', 'Practitioner/nurse', true],
  ['plain', 'CareTeam/ward', 'CareTeam/town', true],
])('work for the plan %s of %s is given to %s by hand without a basis: %s', async (carePlan, from, to, isAllowed) => {
  const given = give(task(carePlan, from), { owner: ref(to) })
  if (isAllowed) await expect(given).resolves.toBeUndefined()
  else await expect(given).rejects.toMatchObject(refused)
})

test('what it was work for counts, also where that is left out with the same write', async () => {
  const { basedOn: _, ...bare } = task('outside', 'CareTeam/ward')
  const left = give(task('outside', 'CareTeam/ward'), { basedOn: [], owner: ref('CareTeam/town') })
  await expect(left).rejects.toMatchObject(refused)
  await expect(give(bare as Task, { owner: ref('CareTeam/town') })).resolves.toBeUndefined()
})

test('a team that has the patient by another CarePlan is no stranger; one that has somebody else is, or would have or had the patient', async () => {
  const before = task('outside', 'CareTeam/ward')
  const named = (other: string) => ({
    ...{ basedOn: [ref('CarePlan/outside'), ref(`CarePlan/${other}`)], owner: ref('CareTeam/town') },
  })
  await expect(give(before, named('beside'))).resolves.toBeUndefined()
  for (const other of ['of-another', 'drafted', 'ended'])
    await expect(give(before, named(other))).rejects.toMatchObject(refused)
})

test('what becomes a Task for another patient is given to its owner: of that one’s record they have nothing yet', async () => {
  const before = { ...task('outside', 'CareTeam/town'), for: ref('Patient/another') }
  await expect(give(before, { for: ref('Patient/p') })).rejects.toMatchObject(refused)
  await expect(give(before, { description: 'Ring' })).resolves.toBeUndefined()
  await expect(give(before, { for: ref('Patient/p'), owner: ref('CareTeam/ward') })).resolves.toBeUndefined()
})

test('the patient’s consent is a basis; without it what is closed, and what the engine routes, moves all the same', async () => {
  const before = task('outside', 'CareTeam/ward')
  const owner = ref('CareTeam/town')
  await expect(give(before, { owner })).rejects.toMatchObject(refused)
  await expect(give(before, { owner, status: 'cancelled' })).resolves.toBeUndefined()
  await expect(give(before, { owner }, engineAccess('engine') as never)).resolves.toBeUndefined()
  const consent = (status: string) => ({
    ...{ resourceType: 'Consent', id: 'shares', status, patient: ref('Patient/p'), scope: { text: 'Deling' } },
    ...{ category: [{ coding: [CATEGORY] }], policy: [{ uri: 'http://example.org/law' }] },
  })
  await house.put(consent('active'))
  await expect(give(before, { owner })).resolves.toBeUndefined()
  await house.put(consent('inactive'))
  await expect(give(before, { owner })).rejects.toMatchObject(refused)
})

test('a handover is judged by its own guard', async () => {
  const asked = newHandover({
    ...{ focus: 'CarePlan/outside', from: ref('CareTeam/ward'), to: ref('CareTeam/town'), for: ref('Patient/p') },
    ...{ reason: 'Utskrevet', requester: undefined, now: house.clock.now },
  })
  const held: Task = { ...asked, id: 'h', basedOn: [ref('CarePlan/outside')], owner: ref('CareTeam/ward') }
  await expect(give(held, { owner: ref('CareTeam/town') })).resolves.toBeUndefined()
})
