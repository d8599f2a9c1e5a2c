import type {
  ActivityDefinition,
  CarePlan,
  CommunicationRequest,
  CommunicationRequestPayload,
  PlanDefinition,
  PlanDefinitionAction,
  RequestGroup,
} from '@medplum/fhirtypes'
import { LANGUAGES } from '../decide/words/language.ts'
import { toldConcept } from '../decide/words/told.ts'
import { translated } from '../decide/words/translated.ts'
import type { Resource } from '../fhir/resource.ts'
import { type ApplyFacts, applyPlan } from './apply.ts'
import { applyActivity } from './apply-activity.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const SUBJECT: Resource = { resourceType: 'Patient', id: 'p', birthDate: '1969-11-13' }
const NURSE: Resource = { resourceType: 'Practitioner', id: 'n' }
const fhirpath = (expression: string) => ({ language: 'text/fhirpath' as const, expression })
const WORKED_OUT = 'http://hl7.org/fhir/StructureDefinition/cqf-expression'
const workedOut = (expression: string) => ({
  extension: [{ url: WORKED_OUT, valueExpression: fhirpath(expression) }],
})
const ALTERNATIVE = 'http://hl7.org/fhir/StructureDefinition/cqf-alternativeExpression'

const planOf = (url: string, ...action: PlanDefinitionAction[]): Resource & PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url, status: 'active', action },
})
const CALL: Resource = {
  ...{
    resourceType: 'ActivityDefinition',
    url: 'http://e.org/ActivityDefinition/call',
    status: 'active',
    kind: 'Task',
  },
}

function apply(plan: PlanDefinition, more: Partial<ApplyFacts> & { definitions?: Resource[] } = {}): CarePlan {
  const find = (canonical: string) => [CALL, ...(more.definitions ?? [])].find(({ url }) => url === canonical)
  return applyPlan({ plan, subject: SUBJECT, context: {}, variables: {}, data: [], find, now: NOW, ...more })
}
const contained = (carePlan: CarePlan, type: string) =>
  ((carePlan.contained ?? []) as Resource[]).filter(({ resourceType }) => resourceType === type)
const groupOf = (carePlan: CarePlan): RequestGroup => {
  const at = carePlan.activity?.[0]?.reference?.reference?.slice(1)
  return contained(carePlan, 'RequestGroup').find(({ id }) => id === at) as Resource & RequestGroup
}
const messagesOf = (carePlan: CarePlan) =>
  contained(carePlan, 'OperationOutcome').flatMap(
    ({ issue }) => issue as { diagnostics: string; expression: string[] }[],
  )

describe('an action may be about somebody else than its plan', () => {
  const about = (code: string): PlanDefinitionAction => ({
    ...{ id: 'a', definitionCanonical: 'http://e.org/ActivityDefinition/call' },
    subjectCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/resource-types', code }] },
    condition: [{ kind: 'applicability', expression: fhirpath("id = 'n' and %subject.id = 'n'") }],
  })

  test('of the subjects that were given, the one of its type', () => {
    const [task] = contained(apply(planOf('http://e.org/p', about('Practitioner')), { others: [NURSE] }), 'Task')
    expect(task?.for).toEqual({ reference: 'Practitioner/n' })
  })

  test('who was not given is told, and the actions beside go on', () => {
    const carePlan = apply(planOf('http://e.org/p', about('Location'), { id: 'b', title: 'B' }))
    expect(groupOf(carePlan).action?.map(({ id }) => id)).toEqual(['b'])
    expect(messagesOf(carePlan)).toMatchObject([
      { expression: ['PlanDefinition.action[0].subject'], diagnostics: expect.stringContaining('Location') },
    ])
  })
})

describe('a message of the plan', () => {
  const text = { nb: 'Velkommen', nn: 'Velkomen', en: 'Welcome' }
  const welcome: Resource = {
    ...{ resourceType: 'ActivityDefinition', url: 'http://e.org/ActivityDefinition/welcome', status: 'active' },
    ...{ kind: 'CommunicationRequest', code: toldConcept(text) },
  }
  const plan = planOf('http://e.org/p', { id: 'welcome', definitionCanonical: welcome.url as string })
  const speaks = (code: string): Resource => ({ ...SUBJECT, communication: [{ language: { coding: [{ code }] } }] })

  test.each([
    ['of nynorsk', speaks('nn'), 'Velkomen'],
    ['of English', speaks('en-GB'), 'Welcome'],
    ['of whom nobody knows the language', SUBJECT, 'Velkommen'],
    ['of a language that nothing is told in here', speaks('pl'), 'Velkommen'],
  ])('to a patient %s is proposed in their language, with the others beside it', (_which, subject, expected) => {
    const [message] = contained(apply(plan, { subject, definitions: [welcome] }), 'CommunicationRequest')
    const [payload] = (message as Resource & CommunicationRequest).payload as [CommunicationRequestPayload]
    expect(payload.contentString).toBe(expected)
    expect(LANGUAGES.map((language) => translated(payload, 'contentString', language))).toEqual(Object.values(text))
    const activity = welcome as unknown as ActivityDefinition
    const alone = applyActivity({ activity, subject, context: {}, variables: {}, now: NOW })
    expect(alone.payload).toEqual([payload])
  })

  test('to the team is in the team’s language', () => {
    const definitions = [{ ...welcome, participant: [{ type: 'practitioner' }] }]
    const context = { practitioner: 'Practitioner/n' }
    const toNurse = apply(plan, { subject: speaks('en'), definitions, context })
    const [message] = contained(toNurse, 'CommunicationRequest') as (Resource & CommunicationRequest)[]
    expect(message).toMatchObject({
      recipient: [{ reference: 'Practitioner/n' }],
      payload: [{ contentString: 'Velkommen' }],
    })
  })
})

describe('an alternative expression answers when the first', () => {
  const primary = (language: 'text/cql' | 'text/fhirpath' | 'application/x-fhir-query', expression: string) => ({
    ...{ language, expression },
    extension: [{ url: ALTERNATIVE, valueExpression: fhirpath('birthDate < @1970-01-01') }],
  })
  test.each([
    ['is in a language that is not spoken here', primary('application/x-fhir-query', 'Patient?x=y')],
    ['fails', primary('text/fhirpath', '%nothing')],
    ['gives nothing', primary('text/fhirpath', '{}')],
  ])('%s', (_case, expression) => {
    const plan = planOf('http://e.org/p', { id: 'a', title: 'A', condition: [{ kind: 'applicability', expression }] })
    const carePlan = apply(plan)
    expect(groupOf(carePlan).action).toHaveLength(1)
    expect(messagesOf(carePlan)).toEqual([])
  })

  test('says something else is not asked', () => {
    const condition = [{ kind: 'applicability' as const, expression: primary('text/fhirpath', 'false') }]
    expect(groupOf(apply(planOf('http://e.org/p', { id: 'a', title: 'A', condition }))).action).toBeUndefined()
  })

  test('fails as well is told', () => {
    const expression = {
      ...fhirpath('%nothing'),
      extension: [{ url: ALTERNATIVE, valueExpression: fhirpath('%nobody') }],
    }
    const plan = planOf('http://e.org/p', { id: 'a', title: 'A', condition: [{ kind: 'applicability', expression }] })
    expect(messagesOf(apply(plan)).length).toBeGreaterThan(0)
  })
})

describe('values that are worked out stand in the place of their expression', () => {
  test('in an action, in a list, in a Goal and in an activity', () => {
    const action = {
      ...{ id: 'a', title: 'Written', _title: workedOut("'Born ' + birthDate.toString()") },
      ...{ timingTiming: { event: [], _event: [workedOut('now()')] }, description: 'As it is' },
      definitionCanonical: 'http://e.org/ActivityDefinition/weigh',
    } as PlanDefinitionAction
    const weigh: Resource = {
      ...{ resourceType: 'ActivityDefinition', url: 'http://e.org/ActivityDefinition/weigh', status: 'active' },
      ...{ kind: 'ServiceRequest', code: { text: 'Weigh' }, _priority: workedOut("'urgent'") },
      quantity: workedOut("2 'kg'"),
    }
    const plan = { ...planOf('http://e.org/p', action), goal: [{ description: workedOut('%context.url') }] }
    const carePlan = apply(plan as unknown as PlanDefinition, { definitions: [weigh] })
    expect(messagesOf(carePlan)).toEqual([])
    const [made] = groupOf(carePlan).action ?? []
    expect(made).toMatchObject({ title: 'Born 1969-11-13', description: 'As it is' })
    expect(made?.timingTiming?.event?.[0]).toMatch(/^2026-11-22T/)
    expect(made).not.toHaveProperty('_title')
    expect(contained(carePlan, 'ServiceRequest')).toMatchObject([{ priority: 'urgent' }])
    expect(contained(carePlan, 'Goal')).toMatchObject([{ description: 'http://e.org/p' }])
  })

  test('what cannot be worked out stays as it was written, and is told with its place', () => {
    const action = { id: 'a', title: 'Written', _title: workedOut('%nothing') } as PlanDefinitionAction
    const carePlan = apply(planOf('http://e.org/p', action))
    expect(groupOf(carePlan).action).toMatchObject([{ title: 'Written' }])
    expect(messagesOf(carePlan)).toMatchObject([{ expression: ['PlanDefinition.action[0].title'] }])
  })

  test('in an activity that is applied by itself', () => {
    const activity = { ...CALL, _description: workedOut("'Call ' + id") } as never
    const made = applyActivity({ activity, context: {}, variables: {}, subject: SUBJECT, now: NOW })
    expect(made).toMatchObject({ resourceType: 'Task', description: 'Call p' })
  })
})

describe('what an action makes is for the goals that it names', () => {
  const called: PlanDefinitionAction = { id: 'a', definitionCanonical: 'http://e.org/ActivityDefinition/call' }
  const PERTAINS_TO = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal'
  const withGoals = (url: string, ...goalId: string[]) => ({
    ...planOf(url, { ...called, goalId }),
    goal: ['one', 'two'].map((id) => ({ id, description: { text: `${url} ${id}` } })),
  })
  const goalsOfTasks = (carePlan: CarePlan) =>
    contained(carePlan, 'Task').map(({ extension }) => {
      const named = (extension ?? []) as { url: string; valueReference: { reference: string } }[]
      expect(named.every(({ url }) => url === PERTAINS_TO)).toBe(true)
      const goals = contained(carePlan, 'Goal').filter(({ id }) =>
        named.some(({ valueReference }) => valueReference.reference === `#${id}`),
      )
      return goals.map(({ description }) => (description as { text: string }).text)
    })

  test('those of its own plan', () => {
    expect(goalsOfTasks(apply(withGoals('http://e.org/p', 'two')))).toEqual([['http://e.org/p two']])
    const outer = planOf('http://e.org/outer', { id: 'in', title: 'In', definitionCanonical: 'http://e.org/p' })
    const nested = { definitions: [withGoals('http://e.org/p', 'one', 'two')] }
    const both = ['http://e.org/p one', 'http://e.org/p two']
    expect(goalsOfTasks(apply(outer, nested))).toEqual([both])
    expect(goalsOfTasks(apply(outer, { ...nested, mergeNested: true }))).toEqual([both])
  })

  test('of one that the plan does not have it is warned, and the action is done', () => {
    const carePlan = apply(withGoals('http://e.org/p', 'three'))
    const expression = ['PlanDefinition.action[0].goalId[0]']
    expect(messagesOf(carePlan)).toMatchObject([{ severity: 'warning', expression }])
    expect(contained(carePlan, 'Task')).toHaveLength(1)
  })
})

describe('plans within a plan', () => {
  const inner = {
    ...planOf('http://e.org/inner', { id: 'deep', title: 'Deep' }, { id: 'deeper', title: 'Deeper' }),
    goal: [{ description: { text: 'Inner' } }],
  }
  const outer = {
    ...planOf('http://e.org/outer', { id: 'sub', title: 'Sub', definitionCanonical: 'http://e.org/inner' }),
    goal: [{ description: { text: 'Outer' } }],
  }

  test('are RequestGroups of their own, with their Goals among those of the CarePlan', () => {
    const carePlan = apply(outer, { definitions: [inner] })
    expect(contained(carePlan, 'RequestGroup')).toHaveLength(2)
    expect(groupOf(carePlan).action).toMatchObject([
      { id: 'sub', resource: { reference: expect.stringMatching(/^#group/) } },
    ])
    expect(carePlan.goal).toHaveLength(2)
  })

  test('are actions of one RequestGroup where that is asked for', () => {
    const carePlan = apply(outer, { definitions: [inner], mergeNested: true })
    expect(contained(carePlan, 'RequestGroup')).toHaveLength(1)
    expect(groupOf(carePlan).action).toMatchObject([{ id: 'sub', action: [{ id: 'sub.deep' }, { id: 'sub.deeper' }] }])
  })

  test('merged twice, each action has an id of its own, and leads to its own neighbour', () => {
    const after = [{ actionId: 'deep', relationship: 'after-end' as const }]
    const chain = planOf('http://e.org/inner', { id: 'deep', title: 'Deep' }, { id: 'next', relatedAction: after })
    const definitionCanonical = 'http://e.org/inner'
    const twice = planOf('http://e.org/outer', { id: 'one', definitionCanonical }, { id: 'two', definitionCanonical })
    const action = groupOf(apply(twice, { definitions: [chain], mergeNested: true })).action ?? []
    expect(action.flatMap(({ action: inner = [] }) => inner.map(({ id }) => id))).toEqual([
      ...['one.deep', 'one.next', 'two.deep', 'two.next'],
    ])
    expect(action[1]?.action?.[1]?.relatedAction).toMatchObject([{ actionId: 'two.deep' }])
  })

  test('of which nothing applies are nothing when they are merged', () => {
    const never = [{ kind: 'applicability' as const, expression: fhirpath('false') }]
    const empty = planOf('http://e.org/inner', { id: 'deep', title: 'Deep', condition: never })
    expect(groupOf(apply(outer, { definitions: [empty], mergeNested: true })).action).toBeUndefined()
  })

  test.each([true, false])('that contain each other are refused (merged: %s)', (mergeNested) => {
    const back = planOf('http://e.org/inner', { id: 'back', definitionCanonical: 'http://e.org/outer' })
    expect(() => apply(outer, { definitions: [back, outer], mergeNested })).toThrow(/contains itself/)
  })
})

test('the time and the priority of the action come before the activity’s; where it says none, the activity’s stand', () => {
  const daily = { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } }
  const weekly = { repeat: { frequency: 1, period: 1, periodUnit: 'wk' as const } }
  const weigh: Resource = {
    ...{ resourceType: 'ActivityDefinition', url: 'http://e.org/weigh', status: 'active', kind: 'ServiceRequest' },
    ...{ code: { text: 'Weight' }, priority: 'routine', timingTiming: daily },
  }
  const definitionCanonical = 'http://e.org/weigh'
  const carePlan = apply(
    planOf(
      'http://e.org/p',
      { id: 'own', definitionCanonical, timingTiming: weekly, priority: 'urgent' },
      { id: 'once', definitionCanonical, timingDateTime: '2026-12-01' },
      { id: 'long', definitionCanonical, timingDuration: { value: 2, unit: 'h' } },
    ),
    { definitions: [weigh] },
  )
  const [own, once, long] = contained(carePlan, 'ServiceRequest')
  expect(own).toMatchObject({ occurrenceTiming: weekly, priority: 'urgent' })
  expect(once).toMatchObject({ occurrenceDateTime: '2026-12-01', priority: 'routine' })
  expect(once).not.toHaveProperty('occurrenceTiming')
  expect(long).toMatchObject({ occurrenceTiming: daily, priority: 'routine' })
})

test('a StructureMap is not run, which is told', () => {
  const map = 'http://e.org/StructureMap/m'
  const said = `Action 'a': the StructureMap ${map} is not run here; set by dynamicValue what it was to set`
  const told = (element: string) => [
    { code: 'not-supported', expression: [`PlanDefinition.action[0].${element}`], diagnostics: said },
  ]
  const carePlan = apply(planOf('http://e.org/p', { id: 'a', title: 'A', transform: map }))
  expect(messagesOf(carePlan)).toMatchObject(told('transform'))
  // Of the activity that the action names, too: made without it, it would be another request.
  const mapped: Resource = {
    ...{ resourceType: 'ActivityDefinition', id: 'm', url: 'http://e.org/ActivityDefinition/m', status: 'active' },
    ...{ kind: 'ServiceRequest', code: { text: 'Vei deg' }, transform: map },
  }
  const named = planOf('http://e.org/p', { id: 'a', title: 'A', definitionCanonical: String(mapped.url) })
  expect(messagesOf(apply(named, { definitions: [mapped] }))).toMatchObject(told('definition'))
})

test('a Questionnaire is a Task that says which one', () => {
  const form: Resource = { resourceType: 'Questionnaire', id: 'f', url: 'http://e.org/Questionnaire/f', version: '3' }
  const plan = planOf('http://e.org/p', { id: 'a', definitionCanonical: form.url as string })
  expect(contained(apply(plan, { definitions: [form] }), 'Task')).toMatchObject([
    { focus: { reference: 'Questionnaire/f' }, input: [{ valueCanonical: 'http://e.org/Questionnaire/f|3' }] },
  ])
})
