import type { Task } from '@medplum/fhirtypes'
import { FINDING, TASK_OUTPUT } from '../core/decide/plan/vocabulary.ts'
import { newHandover } from '../core/decide/task/handover.ts'
import { taskCode } from '../core/decide/words/coded-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { handoverGuard } from './handover-guard.ts'
import { referralGuard } from './referral-guard.ts'
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
  // Whoever is asked sees the record of whom it is for.
  await expect(answer('Client/municipality', { for: { reference: 'Patient/other' } })).rejects.toMatchObject({
    issues: [{ code: 'business-rule', expression: ['Task.for'] }],
  })
  await expect(answer('Client/municipality', { input })).rejects.toMatchObject({ issues: [{ code: 'business-rule' }] })
})

test('what is another Task becomes no handover, which would have been judged when it was asked', async () => {
  for (const actor of ['Practitioner/member', 'Client/municipality']) {
    const become = answer(actor, { code: question.code }, { ...question, code: { text: 'x' } })
    await expect(become).rejects.toMatchObject({ issues: [{ code: 'business-rule', expression: ['Task.code'] }] })
  }
})

test('other Tasks, and a handover that was answered, are none of its business', async () => {
  const other = { ...question, code: { text: 'x' } }
  await expect(answer('Practitioner/stranger', { status: 'accepted' }, other)).resolves.toBeUndefined()
  const done: Task = { ...question, status: 'rejected' }
  await expect(answer('Practitioner/stranger', { status: 'entered-in-error' }, done)).resolves.toBeUndefined()
})

describe('a referral', () => {
  const output = (says: string): Task['output'] => [
    { type: { coding: [{ system: TASK_OUTPUT, code: 'eligibility' }] }, valueCode: says },
  ]
  const whyOf = (text: string) => ({
    type: { coding: [{ system: TASK_OUTPUT, code: 'eligibility-reason' }] },
    valueString: text,
  })
  const referral = {
    ...{ resourceType: 'Task', id: 'r', status: 'requested', intent: 'order', code: taskCode('referral') },
    ...{
      for: { reference: 'Patient/p' },
      owner: { reference: 'CareTeam/asked' },
      instantiatesCanonical: 'http://x.org/p',
    },
    output: output('accepted'),
  } as Task
  const guard = referralGuard(() => new Date())
  const change = (actor: string, rest: Partial<Task>, before = referral) =>
    guard.admit(house.pool, {
      access: { actor, clientId: 'app', scopes: [] },
      before: before as unknown as Resource,
      after: { ...before, ...rest } as unknown as Resource,
    })
  const refused = (code: string, expression: string) => ({ issues: [{ code, expression: [expression] }] })
  const why = { statusReason: { text: 'Kjenner henne' } }

  test('is answered by people of the unit that is asked and by systems for theirs; taken back by anybody', async () => {
    for (const actor of ['Practitioner/member', 'Client/municipality']) {
      await expect(change(actor, { status: 'received' })).resolves.toBeUndefined()
      await expect(change(actor, { status: 'accepted' })).resolves.toBeUndefined()
    }
    for (const status of ['received', 'accepted', 'completed', 'rejected'] as const) {
      await expect(change('Practitioner/stranger', { status, ...why })).rejects.toMatchObject(
        refused('forbidden', 'Task.status'),
      )
    }
    const owner = { reference: 'Practitioner/stranger' }
    await expect(change('Practitioner/stranger', { owner })).rejects.toMatchObject(refused('forbidden', 'Task.owner'))
    await expect(change('Practitioner/stranger', { status: 'cancelled' })).resolves.toBeUndefined()
  })

  test.each(['rejected', 'undecided', undefined])(
    'that the answers call %s is accepted with a reason',
    async (says) => {
      const { output: _accepted, ...bare } = referral
      const before: Task = says ? { ...bare, output: output(says) } : bare
      for (const status of ['accepted', 'in-progress', 'completed'] as const) {
        await expect(change('Practitioner/member', { status }, before)).rejects.toMatchObject(
          refused('business-rule', 'Task.statusReason'),
        )
        await expect(change('Practitioner/member', { status, ...why }, before)).resolves.toBeUndefined()
      }
    },
  )

  test('to a plan that asks nothing is accepted without a reason, by the unit that is asked alone', async () => {
    const url = 'http://x.org/asks-nothing'
    await house.put({ resourceType: 'PlanDefinition', id: 'asks-nothing', url, version: '1', status: 'active' })
    const { output: _none, ...bare } = referral
    for (const instantiatesCanonical of [url, `${url}|1`]) {
      const before: Task = { ...bare, instantiatesCanonical }
      await expect(change('Practitioner/member', { status: 'accepted' }, before)).resolves.toBeUndefined()
      await expect(change('Practitioner/stranger', { status: 'accepted' }, before)).rejects.toMatchObject(
        refused('forbidden', 'Task.status'),
      )
    }
  })

  test.each<[string, Partial<Task>, string]>([
    ['what the answers speak for', { output: output('rejected') }, 'Task.output'],
    ['nor why', { output: [...(referral.output ?? []), whyOf('Fordi')] }, 'Task.output'],
    ['its patient', { for: { reference: 'Patient/other' } }, 'Task.for'],
    ['its plan', { instantiatesCanonical: 'http://x.org/other' }, 'Task.instantiatesCanonical'],
    ['what it is', { code: taskCode('answer-questionnaire') }, 'Task.code'],
  ])('keeps %s, whoever writes it, also once it is answered', async (_what, rest, expression) => {
    for (const status of ['draft', 'requested', 'accepted'] as const) {
      const turned = change('Client/municipality', rest, { ...referral, status })
      await expect(turned).rejects.toMatchObject(refused('business-rule', expression))
    }
  })

  test('is one from its beginning', async () => {
    const other: Task = { ...referral, code: taskCode('answer-questionnaire') }
    const become = change('Client/municipality', { code: taskCode('referral') }, other)
    await expect(become).rejects.toMatchObject(refused('business-rule', 'Task.code'))
  })

  test.each<[keyof Task, Partial<Task>]>([
    ['identifier', { identifier: [] }],
    ['code', { code: taskCode('carry-out') }],
    ['for', { for: { reference: 'Patient/other' } }],
    ['partOf', { partOf: [] }],
    ['input', { input: [{ type: { text: 'Skjema' }, valueCanonical: 'http://x.org/other' }] }],
  ])('has questions that keep their %s, for what they open depends on it', async (element, rest) => {
    const asked: Task = {
      ...{
        resourceType: 'Task',
        id: 'q',
        status: 'requested',
        intent: 'order',
        code: taskCode('answer-questionnaire'),
      },
      ...{
        for: { reference: 'Patient/p' },
        owner: { reference: 'Practitioner/gp' },
        partOf: [{ reference: 'Task/r' }],
      },
      identifier: [{ system: FINDING, value: 'http://x.org/p|*eligibility:http://x.org/form|Patient/p|Task/r' }],
      input: [{ type: { text: 'Skjema' }, valueCanonical: 'http://x.org/form|1' }],
    }
    await expect(change('Practitioner/gp', { status: 'completed' }, asked)).resolves.toBeUndefined()
    for (const actor of ['Practitioner/gp', 'Client/municipality'])
      await expect(change(actor, rest, asked)).rejects.toMatchObject(refused('business-rule', `Task.${element}`))
  })

  test('that is new has been answered by nobody; a system may tell of one that was, elsewhere', async () => {
    const { output: _proposal, ...bare } = referral
    const write = async (actor: string, status: Task['status']) =>
      guard.admitNew({ actor, clientId: 'app', scopes: [] }, { ...bare, status } as never)
    for (const status of ['received', 'accepted', 'completed', 'rejected'] as const) {
      const refusal = refused('business-rule', 'Task.status')
      await expect(write('Practitioner/member', status)).rejects.toMatchObject(refusal)
      await expect(write('Client/municipality', status)).resolves.toBeUndefined()
    }
    await expect(write('Practitioner/member', 'requested')).resolves.toBeUndefined()
  })

  test.each([
    ['for', 'required', 'Task.for'],
    ['instantiatesCanonical', 'required', 'Task.instantiatesCanonical'],
    ['owner', 'required', 'Task.owner'],
    ['status', 'business-rule', 'Task.output'],
  ] as const)(
    'that is new without its %s is refused, and so is one that brings its proposal',
    async (name, code, expression) => {
      const { [name]: _left, ...rest } = referral
      const write = async () => guard.admitNew({ actor: 'Client/x', clientId: 'x', scopes: [] }, rest as never)
      await expect(write()).rejects.toMatchObject(refused(code, expression))
    },
  )
})
