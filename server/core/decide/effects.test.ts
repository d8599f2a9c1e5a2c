import type {
  ActivityDefinition,
  CarePlan,
  Extension,
  Goal,
  PlanDefinition,
  PlanDefinitionAction,
  Questionnaire,
  Task,
} from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { decide } from './decide.ts'
import type { Decisions } from './decisions.ts'
import type { Happening } from './happening.ts'
import { compilePlan, type Definition } from './plan/compile-plan.ts'
import { toNamedEvent } from './plan/named-event.ts'
import { ACTIVITY_EFFECT, FINDING, WAITS_FOR } from './plan/vocabulary.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const URL = 'http://example.org/PlanDefinition/plan'
const LOINC = 'http://loinc.org'
const WEIGHT = { coding: [{ system: LOINC, code: '29463-7' }] }
const define = (id: string, more: Partial<ActivityDefinition>): ActivityDefinition => ({
  ...{ resourceType: 'ActivityDefinition', id, url: `http://example.org/ActivityDefinition/${id}`, version: '1' },
  ...{ status: 'active', ...more },
})
const daily = { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } }
const WEIGH = define('weigh', { kind: 'ServiceRequest', code: WEIGHT, timingTiming: daily })
const INFORM = define('inform', { kind: 'CommunicationRequest', code: { text: 'Ring oss hvis du blir verre' } })
const CALL = define('call', {
  ...{ kind: 'Task', code: { text: 'Ring' } },
  participant: [{ type: 'practitioner', role: { text: 'doctor' } }],
})
const OXYMETER = define('oxymeter', {
  ...{ kind: 'DeviceRequest', productReference: { reference: '#d' } },
  contained: [{ resourceType: 'Device', id: 'd', status: 'active' }],
})
const OXYMETERS = define('oxymeters', {
  ...{ kind: 'DeviceRequest', productReference: { reference: '#d' } },
  contained: ['d', 'spare'].map((id) => ({ resourceType: 'Device', id, status: 'active' })),
})
const NAMELESS = define('nameless', { kind: 'ServiceRequest' })
const DIARY: Questionnaire = {
  ...{ resourceType: 'Questionnaire', id: 'diary', url: 'http://example.org/Questionnaire/diary', version: '2' },
  status: 'active',
}
const DEFINITIONS: Definition[] = [WEIGH, INFORM, CALL, OXYMETER, OXYMETERS, NAMELESS, DIARY]
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan' },
  ...{ subject: { reference: 'Patient/p' }, careTeam: [{ reference: 'CareTeam/t' }] },
}

const find = (canonical: string) => DEFINITIONS.find(({ url }) => url === canonical.split('|')[0])
const planOf = (...action: PlanDefinitionAction[]) => {
  const definition: PlanDefinition = { resourceType: 'PlanDefinition', url: URL, status: 'active', action }
  return compilePlan(definition, find)
}
/** An action that is set off by the event `now`. */
const onEvent = (action: PlanDefinitionAction): PlanDefinitionAction => ({
  ...{ id: 'rule', title: 'Regelen', trigger: [{ type: 'named-event', name: 'now' }], ...action },
})
const EVENT: Happening = {
  ...{ kind: 'data', interaction: 'create' },
  current: {
    ...(toNamedEvent({ name: 'now', subject: 'Patient/p', at: NOW.toISOString() }) as unknown as Resource),
    ...{ id: 'e', meta: { versionId: '1' } },
  },
}
const effect = (valueCode: string) => ({ extension: [{ url: ACTIVITY_EFFECT, valueCode }] })
const made = (actionId: string) => [{ system: FINDING, value: `${URL}|${actionId}|Patient/p|CarePlan/c` }]

type Stage = {
  requests?: Resource[]
  openTasks?: Task[]
  carePlan?: CarePlan
  history?: Resource[]
  happening?: Happening
}
function decideOn(action: PlanDefinitionAction | PlanDefinitionAction[], stage: Stage = {}): Decisions {
  let count = 0
  return decide({
    ...{ plan: planOf(...[action].flat()), carePlan: stage.carePlan ?? CARE_PLAN, goals: [], now: NOW },
    ...{ happening: stage.happening ?? EVENT, history: stage.history ?? [], openTasks: stage.openTasks ?? [] },
    ...{ requests: stage.requests ?? [], newId: () => `new-${++count}` },
  })
}
const requestsOf = ({ requests = [] }: Decisions) => requests.map(({ act, resource }) => ({ act, ...resource }))

const weighing = (more: object = {}): Resource => ({
  ...{
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'active',
    intent: 'order',
    code: WEIGHT,
    identifier: made('weigh'),
  },
  ...{ subject: { reference: 'Patient/p' }, instantiatesCanonical: [`${WEIGH.url}|1`] },
  ...{ basedOn: [{ reference: 'CarePlan/c' }], occurrenceTiming: daily, ...more },
})

describe('a rule starts an activity', () => {
  const START = onEvent({ definitionCanonical: WEIGH.url })

  test('as an order that is in force, for the CarePlan, with the name of the finding', () => {
    const decisions = decideOn(START)
    expect(decisions.tasks).toEqual([])
    expect(requestsOf(decisions)).toMatchObject([
      {
        ...{
          act: 'create',
          resourceType: 'ServiceRequest',
          id: 'new-1',
          status: 'active',
          intent: 'order',
          code: WEIGHT,
        },
        ...{ subject: { reference: 'Patient/p' }, basedOn: [{ reference: 'CarePlan/c' }], occurrenceTiming: daily },
        identifier: [{ system: FINDING, value: `${URL}|rule|Patient/p|Basic/e/_history/1` }],
      },
    ])
  })

  test('with the plan’s own priority, time and roles before those of the activity', () => {
    const action = {
      ...{ ...START, priority: 'urgent' as const, timingTiming: { repeat: { ...daily.repeat, period: 3 } } },
      participant: [{ type: 'practitioner' as const, role: { text: 'nurse' } }],
    }
    expect(requestsOf(decideOn(action))).toMatchObject([
      { priority: 'urgent', occurrenceTiming: action.timingTiming, performerType: { text: 'nurse' } },
    ])
  })

  test('with what its activity contains and it refers to', () => {
    expect(requestsOf(decideOn(onEvent({ definitionCanonical: OXYMETER.url })))).toMatchObject([
      { resourceType: 'DeviceRequest', codeReference: { reference: '#d' }, contained: OXYMETER.contained },
    ])
  })

  test('with what a dynamicValue refers to among what is contained, and not with what nothing refers to any more', () => {
    const dynamicValue = [
      { path: 'codeReference.reference', expression: { language: 'text/fhirpath' as const, expression: "'#spare'" } },
    ]
    expect(requestsOf(decideOn(onEvent({ definitionCanonical: OXYMETERS.url, dynamicValue })))).toMatchObject([
      { codeReference: { reference: '#spare' }, contained: [{ id: 'spare' }] },
    ])
  })

  test.each([
    ['an order', START],
    ['a form', onEvent({ definitionCanonical: DIARY.url })],
  ])('for the Goals that the action names, as at an enrolment: %s', (_what, action) => {
    const named = { ...action, goalId: ['weight'] }
    const said = (id: string, text: string) => ({ id, description: { text } })
    const plan = compilePlan(
      {
        ...{ resourceType: 'PlanDefinition', url: URL, status: 'active', action: [named] },
        goal: [said('weight', 'Stabil vekt'), said('breath', 'Bedre pust')],
      },
      find,
    )
    const goal = (id: string, text: string, lifecycleStatus: Goal['lifecycleStatus'] = 'active'): Goal => ({
      ...{ resourceType: 'Goal', id, lifecycleStatus, subject: { reference: 'Patient/p' } },
      description: { text },
    })
    const forGoals = (...goals: Goal[]) => {
      const carePlan = { ...CARE_PLAN, goal: goals.map(({ id }) => ({ reference: `Goal/${id}` })) }
      const others = [goal('of-another-plan', 'Stabil vekt')]
      const { requests = [], tasks } = decide({
        ...{ plan, carePlan, goals: [...goals, ...others], now: NOW, happening: EVENT },
        ...{ history: [], openTasks: [], requests: [], newId: () => 'new' },
      })
      const made = [
        ...requests.map(({ resource }) => resource),
        ...tasks.flatMap((one) => ('task' in one ? one.task : [])),
      ]
      const extensions = made.flatMap(({ extension }) => (extension ?? []) as Extension[])
      return extensions.flatMap(({ url, valueReference }) =>
        url === 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal' ? valueReference?.reference : [],
      )
    }
    expect(forGoals(goal('w', 'Stabil vekt'), goal('b', 'Bedre pust'))).toEqual(['Goal/w'])
    expect(forGoals(goal('w', 'Stabil vekt', 'completed'), goal('b', 'Bedre pust'))).toEqual([])
    expect(forGoals()).toEqual([])
  })

  test('not without the StructureMap by which it was to be transformed: the team is told', () => {
    const decisions = decideOn({ ...START, transform: 'http://example.org/StructureMap/map' })
    expect(decisions.requests).toBeUndefined()
    expect(decisions.tasks).toMatchObject([{ task: { code: { coding: [{ code: 'rule-unevaluable' }] } } }])
    expect(JSON.stringify(decisions.tasks)).toContain('StructureMap')
  })

  test('a Task for the team is for the roles that the plan says', () => {
    const participant = [{ type: 'practitioner' as const, role: { text: 'nurse' } }]
    const [made] = decideOn(onEvent({ participant, definitionCanonical: CALL.url })).tasks
    expect(made?.task.performerType).toEqual([{ text: 'nurse' }])
  })

  test.each(['active', 'on-hold', 'draft'])('once: one that is %s is not started again', (status) => {
    expect(decideOn(START, { requests: [weighing({ status, identifier: made('rule') })] }).requests).toBeUndefined()
  })

  test('again, when the one before has ended', () => {
    const ended = weighing({ status: 'revoked', identifier: made('rule') })
    expect(requestsOf(decideOn(START, { requests: [ended] }))).toMatchObject([{ act: 'create' }])
  })

  test.each<[string, object, object]>([
    ['as it is', {}, daily],
    [
      'oftener, where the other plan asks more seldom',
      { occurrenceTiming: { repeat: { ...daily.repeat, period: 7 } } },
      daily,
    ],
    [
      'as often as the other plan asks',
      { occurrenceTiming: { repeat: { ...daily.repeat, frequency: 3 } } },
      { repeat: { ...daily.repeat, frequency: 3 } },
    ],
  ])('two plans that want the weight ask once: the other plan’s is shared, %s', (_how, more, occurrenceTiming) => {
    const other = weighing({ identifier: [], basedOn: [{ reference: 'CarePlan/other' }], ...more })
    expect(requestsOf(decideOn(START, { requests: [other] }))).toMatchObject([
      {
        ...{ act: 'update', id: 's', occurrenceTiming },
        basedOn: [{ reference: 'CarePlan/other' }, { reference: 'CarePlan/c' }],
      },
    ])
  })

  test('a message to the patient is about what it came of', () => {
    const inform = onEvent({ definitionCanonical: INFORM.url })
    expect(requestsOf(decideOn(inform))).toMatchObject([
      {
        ...{ act: 'create', resourceType: 'CommunicationRequest', status: 'active', about: [{ reference: 'Basic/e' }] },
        payload: [{ contentString: 'Ring oss hvis du blir verre' }],
      },
    ])
  })

  test('a message that nobody has sent for a day does not keep the rule from asking for another', () => {
    const inform = onEvent({ definitionCanonical: INFORM.url })
    const asked = (authoredOn: string): Resource => ({
      ...{ resourceType: 'CommunicationRequest', id: 'm', status: 'active', identifier: made('rule'), authoredOn },
    })
    expect(decideOn(inform, { requests: [asked('2026-11-21T13:00:00Z')] }).requests).toBeUndefined()
    expect(requestsOf(decideOn(inform, { requests: [asked('2026-11-21T12:00:00Z')] }))).toMatchObject([
      { act: 'update', id: 'm', status: 'revoked' },
      { act: 'create', resourceType: 'CommunicationRequest', status: 'active' },
    ])
  })

  test('dynamicValues are set in it: those of the activity, then those of the action', () => {
    const value = (path: string, expression: string) => ({
      ...{ path, expression: { language: 'text/fhirpath' as const, expression } },
    })
    const start = onEvent({
      definitionCanonical: WEIGH.url,
      dynamicValue: [value('priority', "'urgent'"), value('patientInstruction', '%reason')],
    })
    expect(requestsOf(decideOn(start))).toMatchObject([{ priority: 'urgent', patientInstruction: 'Regelen' }])
  })

  test.each<[string, PlanDefinitionAction, RegExp]>([
    ['what the kind cannot be without is missing', { definitionCanonical: NAMELESS.url }, /needs code/],
    [
      'a value cannot be worked out',
      {
        definitionCanonical: WEIGH.url,
        dynamicValue: [{ path: 'priority', expression: { language: 'text/fhirpath', expression: '%nothing' } }],
      },
      /nothing/,
    ],
    ['the effect is unknown', { definitionCanonical: WEIGH.url, ...effect('explode') }, /explode/],
    ['it is not said what is meant', effect('pause'), /relatedAction/],
    ['an event has no name', { type: { coding: [{ code: 'fire-event' }] } }, /fire-event/],
  ])('the team is told when it cannot: %s', (_case, action, why) => {
    const decisions = decideOn(onEvent({ definitionCanonical: undefined, ...action }))
    expect(decisions.requests).toBeUndefined()
    expect(decisions.tasks).toMatchObject([
      { act: 'create', task: { code: { coding: [{ code: 'rule-unevaluable' }] }, owner: { reference: 'CareTeam/t' } } },
    ])
    expect(decisions.tasks[0]?.task.reasonCode?.text).toMatch(why)
  })
})

describe('a rule requests a questionnaire', () => {
  const ASK = onEvent({ definitionCanonical: `${DIARY.url}|2`, timingDuration: { value: 2, code: 'd' } })
  const asked = (more: object = {}): Task => ({
    ...{
      resourceType: 'Task',
      id: 'q',
      status: 'requested',
      intent: 'order',
      basedOn: [{ reference: 'CarePlan/other' }],
    },
    ...{ input: [{ type: { text: 'form' }, valueCanonical: `${DIARY.url}|1` }], ...more },
  })

  test('as a Task of the patient', () => {
    const { tasks, requests } = decideOn(ASK)
    expect(requests).toBeUndefined()
    expect(tasks).toMatchObject([
      {
        act: 'create',
        task: {
          ...{ status: 'requested', intent: 'order', priority: 'routine', owner: { reference: 'Patient/p' } },
          ...{ for: { reference: 'Patient/p' }, focus: { reference: 'Questionnaire/diary' } },
          code: { coding: [{ code: 'answer-questionnaire' }] },
          restriction: { period: { end: '2026-11-24T12:00:00.000Z' } },
        },
      },
    ])
    expect(tasks[0]?.task.input?.[0]).toMatchObject({ valueCanonical: `${DIARY.url}|2` })
    expect(tasks[0]?.task.businessStatus).toBeUndefined()
  })

  test('once for two plans: the one that is open is for both', () => {
    expect(decideOn(ASK, { openTasks: [asked()] }).tasks).toMatchObject([
      { act: 'update', task: { id: 'q', basedOn: [{ reference: 'CarePlan/other' }, { reference: 'CarePlan/c' }] } },
    ])
    const both = asked({ basedOn: [{ reference: 'CarePlan/c' }] })
    expect(decideOn(ASK, { openTasks: [both] }).tasks).toEqual([])
  })
})

describe('a rule steers what is there', () => {
  const by = (valueCode: string, more: PlanDefinitionAction = {}) =>
    onEvent({ ...effect(valueCode), relatedAction: [{ actionId: 'weigh', relationship: 'concurrent' }], ...more })

  test.each([
    ['pause', 'active', 'on-hold'],
    ['resume', 'on-hold', 'active'],
    ['stop', 'active', 'revoked'],
    ['stop', 'on-hold', 'revoked'],
  ])('%s: what was %s is %s', (does, before, after) => {
    const requests = [weighing({ status: before })]
    expect(requestsOf(decideOn(by(does), { requests }))).toMatchObject([{ act: 'update', id: 's', status: after }])
  })

  test.each([
    ['pause', 'on-hold'],
    ['pause', 'draft'],
    ['resume', 'active'],
    ['stop', 'revoked'],
    ['stop', 'completed'],
    ['change', 'active'],
  ])('%s of what is %s changes nothing, and nobody is troubled', (does, status) => {
    const decisions = decideOn(by(does), { requests: [weighing({ status })] })
    expect(decisions).toMatchObject({ tasks: [] })
    expect(decisions.requests).toBeUndefined()
  })

  test('by action.type, as R4 writes it, and by the definition, of whichever action', () => {
    const remove = onEvent({ type: { coding: [{ code: 'remove' }] }, definitionCanonical: WEIGH.url })
    const requests = [
      weighing({ identifier: [] }),
      weighing({ id: 'other', instantiatesCanonical: ['http://e.org/o'] }),
    ]
    expect(requestsOf(decideOn(remove, { requests }))).toMatchObject([{ id: 's', status: 'revoked' }])
  })

  test('change: the dynamicValues say what', () => {
    const twice = {
      path: 'occurrence.ofType(Timing).repeat.frequency',
      expression: { language: 'text/fhirpath' as const, expression: '2' },
    }
    const requests = [weighing()]
    const change = by('change', { dynamicValue: [twice] })
    expect(requestsOf(decideOn(change, { requests }))).toMatchObject([
      { act: 'update', id: 's', occurrenceTiming: { repeat: { frequency: 2, period: 1 } } },
    ])
    expect(requests[0]).toEqual(weighing())
  })

  test('what another plan wants too goes on for that one', () => {
    const requests = [weighing({ basedOn: [{ reference: 'CarePlan/c' }, { reference: 'CarePlan/other' }] })]
    expect(decideOn(by('pause'), { requests }).requests).toBeUndefined()
    expect(requestsOf(decideOn(by('stop'), { requests }))).toMatchObject([
      { status: 'active', basedOn: [{ reference: 'CarePlan/other' }] },
    ])
  })

  test.each([
    ['requested', 'cancelled'],
    ['in-progress', 'in-progress'],
  ])('a Task of another rule is withdrawn: one that is %s is %s afterwards, with the reason', (before, after) => {
    const task = { resourceType: 'Task', id: 't', status: before, intent: 'order', identifier: made('weigh') } as Task
    const [change] = decideOn(by('stop'), { openTasks: [task] }).tasks
    expect(change).toMatchObject({ act: 'update', task: { id: 't', status: after } })
    expect(JSON.stringify(change?.task)).toContain('Regelen')
  })

  test('a Task that was paused after somebody had begun with it goes on where it was', () => {
    const begun = { executionPeriod: { start: NOW.toISOString() } }
    const task = {
      resourceType: 'Task',
      id: 't',
      status: 'on-hold',
      intent: 'order',
      identifier: made('weigh'),
    } as Task
    expect(decideOn(by('resume'), { openTasks: [{ ...task, ...begun }] }).tasks[0]?.task.status).toBe('in-progress')
    expect(decideOn(by('resume'), { openTasks: [task] }).tasks[0]?.task.status).toBe('requested')
  })

  test('one happening that does two things to one request writes it once', () => {
    const pause = by('pause', { id: 'a' })
    const change = by('change', {
      id: 'b',
      dynamicValue: [{ path: 'priority', expression: { language: 'text/fhirpath', expression: "'urgent'" } }],
    })
    expect(requestsOf(decideOn([pause, change], { requests: [weighing()] }))).toMatchObject([
      { status: 'on-hold', priority: 'urgent' },
    ])
  })
})

test('a rule lets an event happen, which other plans hear', () => {
  const tell = onEvent({ type: { coding: [{ code: 'fire-event' }] }, code: [{ coding: [{ code: 'worse' }] }] })
  expect(requestsOf(decideOn(tell))).toMatchObject([
    {
      ...{ act: 'create', resourceType: 'Basic', subject: { reference: 'Patient/p' } },
      code: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/named-event', code: 'worse' }] },
    },
  ])
})

describe('start and stop conditions act over the life of the plan', () => {
  const condition = (kind: 'start' | 'stop', expression: string) => ({
    ...{ kind, expression: { language: 'text/fhirpath' as const, expression } },
  })
  const input = [{ id: 'weights', type: 'Observation' as const, codeFilter: [{ path: 'code', code: WEIGHT.coding }] }]
  const WEIGHED: Resource = {
    ...{
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: WEIGHT,
      valueQuantity: { value: 80, unit: 'kg' },
    },
  }
  const measured: Happening = { kind: 'data', interaction: 'create', current: WEIGHED }
  const lives = (...kinds: PlanDefinitionAction['condition'] & {}): PlanDefinitionAction => ({
    ...{ id: 'weigh', title: 'Vei deg', input, condition: kinds, definitionCanonical: WEIGH.url },
  })
  const STOP = lives(condition('stop', '%weights.exists()'))
  const START = lives(condition('start', '%weights.exists()'))
  const HELD = weighing({
    status: 'draft',
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/waits-for',
        extension: [{ url: 'action', valueString: '*start' }],
      },
    ],
  })

  test('what was made ends when the stop condition holds, and not before', () => {
    const stage = { happening: measured, requests: [weighing()] }
    expect(requestsOf(decideOn(STOP, { ...stage, history: [WEIGHED] }))).toMatchObject([{ id: 's', status: 'revoked' }])
    expect(decideOn(STOP, stage).requests).toBeUndefined()
  })

  test('what waits for its start condition begins when it holds, also at once when the enrolment is stored', () => {
    for (const happening of [measured, { kind: 'enrolment' as const }]) {
      const stage = { happening, requests: [HELD] }
      const [begun] = requestsOf(decideOn(START, { ...stage, history: [WEIGHED] }))
      expect(begun).toMatchObject({ id: 's', status: 'active' })
      expect(begun).not.toHaveProperty('extension')
      expect(decideOn(START, stage).requests).toBeUndefined()
    }
  })

  test('one that cannot be evaluated while it matters is told to the team; where it does not matter it is not asked', () => {
    const broken = lives(condition('stop', '%unknown.exists()'))
    const { tasks } = decideOn(broken, { happening: measured, requests: [weighing()] })
    expect(tasks).toMatchObject([{ task: { code: { coding: [{ code: 'rule-unevaluable' }] } } }])
    expect(decideOn(broken, { happening: measured, requests: [weighing({ status: 'revoked' })] }).tasks).toEqual([])
  })

  test('a rule of which nothing can be evaluated is told of once', () => {
    const kinds = [
      condition('stop', '%unknown.exists()'),
      { ...condition('stop', '%nothing.exists()'), kind: 'applicability' as const },
    ]
    const rule = onEvent({ ...lives(...kinds), id: 'weigh' })
    const { tasks } = decideOn(rule, { requests: [weighing()] })
    expect(tasks).toMatchObject([{ act: 'create', task: { code: { coding: [{ code: 'rule-unevaluable' }] } } }])
  })

  test.each<[string, PlanDefinitionAction['condition'], Resource[], number]>([
    ['before its start condition', [condition('start', '%weights.exists()')], [], 0],
    ['after its start condition', [condition('start', '%weights.exists()')], [WEIGHED], 1],
    ['before its stop condition', [condition('stop', '%weights.exists()')], [], 1],
    ['after its stop condition', [condition('stop', '%weights.exists()')], [WEIGHED], 0],
    ['no value is not yet', [condition('stop', '%weights.value.value > 1')], [], 1],
  ])('a rule for the team %s', (_when, conditions, history, count) => {
    const rule = onEvent({ input, condition: conditions })
    expect(decideOn(rule, { history }).tasks).toHaveLength(count)
  })
})

test('start and stop conditions are asked once a day too: they may be about how long it has been', () => {
  const stop = {
    ...{ id: 'weigh', title: 'Vei deg', definitionCanonical: WEIGH.url },
    condition: [
      {
        kind: 'stop' as const,
        expression: { language: 'text/fhirpath' as const, expression: '%careplan.period.start < now() - 30 days' },
      },
    ],
  }
  const since = (start: string) => ({ carePlan: { ...CARE_PLAN, period: { start } }, requests: [weighing()] })
  const key = { kind: 'rule' as const, about: 'CarePlan/c', name: '*life', plan: URL }
  const tomorrow = { ...key, dueAt: new Date('2026-11-23T12:00:00Z') }
  const enrolled = decideOn(stop, { ...since('2026-11-20T12:00:00Z'), happening: { kind: 'enrolment' } })
  expect(enrolled.timers).toEqual([{ act: 'set', timer: tomorrow }])
  const rings: Happening = { kind: 'timer', timer: { ...key, dueAt: NOW } }
  const young = decideOn(stop, { ...since('2026-11-20T12:00:00Z'), happening: rings })
  expect(young).toEqual({ tasks: [], timers: [{ act: 'set', timer: tomorrow }], trace: [] })
  const old = decideOn(stop, { ...since('2026-10-20T12:00:00Z'), happening: rings })
  expect(requestsOf(old)).toMatchObject([{ id: 's', status: 'revoked' }])
})

test('a start condition that compares a moment with now is asked when it comes true, and what has happened moves that', () => {
  const expression = 'now() >= %weights.effective.last() + 36 hours'
  const start: PlanDefinitionAction = {
    ...{ id: 'weigh', definitionCanonical: WEIGH.url },
    input: [{ id: 'weights', type: 'Observation', codeFilter: [{ path: 'code', code: WEIGHT.coding }] }],
    condition: [{ kind: 'start', expression: { language: 'text/fhirpath', expression } }],
  }
  const held = weighing({
    ...{ status: 'draft', occurrenceTiming: undefined },
    extension: [{ url: WAITS_FOR, extension: [{ url: 'action', valueString: '*start' }] }],
  })
  const weighed = (effectiveDateTime: string): Resource => ({
    ...{ resourceType: 'Observation', id: 'o', status: 'final', code: WEIGHT, effectiveDateTime },
  })
  const moments = (happening: Happening, current: Resource) =>
    decideOn(start, { happening, requests: [held], history: [current] }).timers
  const key = { kind: 'rule', about: 'CarePlan/c', name: '*life', plan: URL }
  const [early, late] = [weighed('2026-11-21T03:17:42Z'), weighed('2026-11-21T09:30:00Z')]
  expect(moments({ kind: 'enrolment' }, early)).toEqual([
    { act: 'set', timer: { ...key, dueAt: new Date('2026-11-22T15:17:42Z') } },
  ])
  const came: Happening = { kind: 'data', interaction: 'create', current: late }
  expect(moments(came, late)).toEqual([{ act: 'set', timer: { ...key, dueAt: new Date('2026-11-22T21:30:00Z') } }])
  const timer = { ...key, kind: 'rule' as const, dueAt: NOW }
  const begun = decideOn(start, {
    ...{ happening: { kind: 'timer', timer }, requests: [held] },
    history: [weighed('2026-11-20T00:00:00Z')],
  })
  expect(requestsOf(begun)).toMatchObject([{ id: 's', status: 'active' }])
})

describe('a measurement that was wrong', () => {
  const WEIGHED: Resource = { resourceType: 'Observation', id: 'o', status: 'final', code: WEIGHT }
  const heavy: PlanDefinitionAction = {
    ...{ id: 'inform', definitionCanonical: INFORM.url },
    trigger: [
      { type: 'data-changed', data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: WEIGHT.coding }] }] },
    ],
    condition: [
      { kind: 'applicability', expression: { language: 'text/fhirpath', expression: '%current.value.value > 90' } },
    ],
  }
  const weighed = (value: number, status = 'corrected'): Happening => ({
    ...{ kind: 'data', interaction: 'update', previous: WEIGHED },
    current: { ...WEIGHED, status, valueQuantity: { value, unit: 'kg' } },
  })
  const told = (more: object = {}): Resource => ({
    ...{ resourceType: 'CommunicationRequest', id: 'm', status: 'active', identifier: made('inform') },
    ...{ basedOn: [{ reference: 'CarePlan/c' }], about: [{ reference: 'Observation/o' }], ...more },
  })

  test('takes back what it started, with the reason', () => {
    const { requests } = decideOn(heavy, { happening: weighed(80), requests: [told()] })
    expect(requests).toMatchObject([{ act: 'update', resource: { id: 'm', status: 'revoked' } }])
    expect(JSON.stringify(requests)).toContain('Målingen er rettet')
  })

  test.each<[string, Happening, Resource]>([
    ['that holds as before', weighed(95), told()],
    [
      'beside others that it came of',
      weighed(80),
      told({ about: [{ reference: 'Observation/o' }, { reference: 'Observation/p' }] }),
    ],
    [
      'of another plan',
      weighed(80),
      told({ identifier: [{ system: FINDING, value: 'http://other|inform|Patient/p|x' }] }),
    ],
    ['when it is over already', weighed(80), told({ status: 'completed' })],
  ])('leaves alone what it started %s', (_case, happening, request) => {
    expect(decideOn(heavy, { happening, requests: [request] }).requests ?? []).toEqual([])
  })
})

describe('a group of rules', () => {
  const MEASURES = [{ coding: [{ system: LOINC, code: 'a' }] }, { coding: [{ system: LOINC, code: 'b' }] }]
  const part = (id: 'a' | 'b', more: PlanDefinitionAction = {}): PlanDefinitionAction => ({
    ...{ id, title: id.toUpperCase(), definitionCanonical: `#measure-${id}`, ...more },
  })
  const contained = (['a', 'b'] as const).map(
    (id, i): ActivityDefinition => ({
      ...define(`measure-${id}`, { kind: 'ServiceRequest', code: MEASURES[i] ?? {} }),
    }),
  )
  /** What becomes of `a` and `b` when the trigger of their group is pulled. */
  const decidedOf = (group: PlanDefinitionAction, requests: Resource[] = []): Decisions => {
    const definition = { ...planOf(onEvent(group)).definition, contained: contained as PlanDefinition['contained'] }
    let count = 0
    return decide({
      ...{ plan: compilePlan(definition, find), carePlan: CARE_PLAN, goals: [], now: NOW, happening: EVENT },
      ...{ history: [], openTasks: [], requests, newId: () => `new-${++count}` },
    })
  }
  const idOf = ({ identifier }: Resource) => (identifier as { value: string }[])[0]?.value.split('|')[1]
  const statusesOf = ({ requests = [] }: Decisions) =>
    requests.map(({ resource }) => [idOf(resource), resource.status] as const)

  const no = { precheckBehavior: 'no' as const }
  const yes = { precheckBehavior: 'yes' as const }
  const must = { requiredBehavior: 'must' as const }
  test.each<[PlanDefinitionAction['selectionBehavior'], PlanDefinitionAction, PlanDefinitionAction, string[]]>([
    [undefined, {}, {}, ['a', 'b']],
    [undefined, no, {}, ['b']],
    [undefined, { ...no, ...must }, {}, ['a', 'b']],
    ['any', {}, no, ['a']],
    ['all', no, no, ['a', 'b']],
    ['all-or-none', no, {}, ['a', 'b']],
    ['all-or-none', no, no, []],
    ['all-or-none', no, { ...no, ...must }, ['a', 'b']],
    ['exactly-one', yes, {}, ['a']],
    ['exactly-one', yes, must, ['b']],
    ['at-most-one', {}, {}, []],
    ['at-most-one', {}, yes, ['b']],
    ['one-or-more', {}, no, ['a']],
  ])('of which %s is done, %j and %j: %j', (selectionBehavior, a, b, expected) => {
    const decisions = decidedOf({
      ...(selectionBehavior ? { selectionBehavior } : {}),
      action: [part('a', a), part('b', b)],
    })
    expect(statusesOf(decisions).map(([id]) => id)).toEqual(expected)
    expect(decisions.tasks).toEqual([])
  })

  test('what is left out says by which choice', () => {
    const { trace } = decidedOf({ selectionBehavior: 'exactly-one', action: [part('a', yes), part('b')] })
    expect(trace.map(({ actionId, outcome }) => [actionId, outcome])).toEqual([
      ['rule', 'applicable'],
      ['a', 'applicable'],
      ['b', 'not-applicable'],
    ])
    expect(trace[2]?.conditions).toMatchObject([{ outcome: 'false', seen: { selectionBehavior: 'exactly-one' } }])
  })

  test.each<[PlanDefinitionAction['selectionBehavior'], PlanDefinitionAction, RegExp]>([
    ['exactly-one', {}, /Velg én av disse: A, B/],
    ['exactly-one', yes, /Velg én av disse: A, B/],
    ['at-most-one', yes, /Velg høyst én av disse: A, B/],
    ['one-or-more', no, /Velg minst én av disse: A, B/],
  ])('of which %s is to be chosen, %j both: the team chooses', (selectionBehavior, both, said) => {
    const decisions = decidedOf({
      ...(selectionBehavior ? { selectionBehavior } : {}),
      action: [part('a', both), part('b', both)],
    })
    expect(statusesOf(decisions)).toEqual([])
    expect(decisions.tasks).toMatchObject([
      { act: 'create', task: { reasonCode: { text: expect.stringMatching(said) } } },
    ])
  })

  test.each<[NonNullable<PlanDefinitionAction['relatedAction']>[number]['relationship'], string, string]>([
    ['after', 'draft', 'active'],
    ['after-end', 'draft', 'active'],
    ['concurrent-with-end', 'draft', 'active'],
    ['after-start', 'active', 'active'],
    ['concurrent', 'active', 'active'],
    ['concurrent-with-start', 'active', 'active'],
    ['before', 'active', 'draft'],
    ['before-start', 'active', 'draft'],
    ['before-end', 'active', 'active'],
  ])('of which one is %s the other: the one is %s, the other %s', (relationship, a, b) => {
    const related = { relatedAction: [{ actionId: 'b', relationship }] }
    const decisions = decidedOf({ action: [part('a', related), part('b')] })
    expect(Object.fromEntries(statusesOf(decisions))).toEqual({ a, b })
  })

  test('waits for what its trigger has started before, and not for what does not apply', () => {
    const related = { relatedAction: [{ actionId: 'b', relationship: 'after' as const }] }
    const never = {
      condition: [
        { kind: 'applicability' as const, expression: { language: 'text/fhirpath' as const, expression: 'false' } },
      ],
    }
    const group = { action: [part('a', related), part('b', never)] }
    expect(statusesOf(decidedOf(group))).toEqual([['a', 'active']])
    const running = weighing({ id: 'before', identifier: made('b') })
    expect(statusesOf(decidedOf(group, [running]))).toEqual([['a', 'draft']])
  })

  test('an action of the cardinality multiple is done on each occasion, and once for each', () => {
    const running = weighing({ id: 'before', code: {}, identifier: made('a') })
    const multiple = { cardinalityBehavior: 'multiple' as const }
    expect(statusesOf(decidedOf({ action: [part('a')] }, [running]))).toEqual([])
    const decisions = decidedOf({ action: [part('a', multiple)] }, [running])
    expect(statusesOf(decisions)).toEqual([['a', 'active']])
    const again = decisions.requests?.map(({ resource }) => resource) ?? []
    expect(statusesOf(decidedOf({ action: [part('a', multiple)] }, [running, ...again]))).toEqual([])
  })
})

describe('what waits for another activity', () => {
  const twoDays = { value: 2, system: 'http://unitsofmeasure.org', code: 'd' }
  const FOLLOWS: PlanDefinitionAction[] = [
    { id: 'form', definitionCanonical: DIARY.url },
    { id: 'weigh', relatedAction: [{ actionId: 'form', relationship: 'after-end', offsetDuration: twoDays }] },
    { id: 'call', relatedAction: [{ actionId: 'weigh', relationship: 'after-start' }] },
  ]
  const wait = (actionId: string, relationship: string, more: Extension[] = []): Extension => ({
    url: 'http://fylgje.no/fhir/StructureDefinition/waits-for',
    extension: [{ url: 'action', valueString: actionId }, { url: 'relationship', valueCode: relationship }, ...more],
  })
  const WEIGHING = weighing({
    status: 'draft',
    extension: [wait('form', 'after-end', [{ url: 'offset', valueDuration: twoDays }])],
    occurrenceTiming: undefined,
  })
  const CALL: Task = {
    ...{ resourceType: 'Task', id: 'call', status: 'draft', intent: 'order', identifier: made('call') },
    extension: [wait('weigh', 'after-start')],
  }
  const form = (status: string): Happening => {
    const task = { resourceType: 'Task', id: 'form', intent: 'order', identifier: made('form') }
    return { kind: 'data', interaction: 'update', current: { ...task, status }, previous: { ...task, status: 'ready' } }
  }
  const stage = (happening: Happening) => ({ happening, requests: [WEIGHING], openTasks: [CALL] })

  test('begins when that one is done, at the offset, and so does what waits for its beginning', () => {
    const { requests, tasks } = decideOn(FOLLOWS, stage(form('completed')))
    expect(requests).toMatchObject([
      { act: 'update', resource: { id: 's', status: 'active', occurrenceDateTime: '2026-11-24T12:00:00.000Z' } },
    ])
    expect(requests?.[0]?.resource).not.toHaveProperty('extension')
    expect(tasks).toMatchObject([
      {
        act: 'update',
        task: { id: 'call', status: 'requested', restriction: { period: { start: '2026-11-24T12:00:00.000Z' } } },
      },
    ])
  })

  test('ends when that one will never be done', () => {
    const { requests, tasks } = decideOn(FOLLOWS, stage(form('cancelled')))
    expect(requests).toMatchObject([{ resource: { id: 's', status: 'revoked' } }])
    expect(tasks).toMatchObject([
      { task: { id: 'call', status: 'cancelled', statusReason: { text: expect.any(String) } } },
    ])
  })

  test.each(['in-progress', 'on-hold'])('goes on waiting while that one is %s', (status) => {
    expect(decideOn(FOLLOWS, stage(form(status)))).toMatchObject({ tasks: [] })
  })

  const notBefore = (valueDateTime: string): Extension => ({ url: 'not-before', valueDateTime })

  test('waits for all that it waits for, and begins when all of them let it', () => {
    const [inTwoDays, left] = ['2026-11-24T12:00:00.000Z', wait('other', 'after-end')]
    const both = { ...WEIGHING, extension: [...(WEIGHING.extension as Extension[]), left] }
    const { requests } = decideOn(FOLLOWS, { ...stage(form('completed')), requests: [both] })
    const later = wait('other', 'after-end', [notBefore(inTwoDays)])
    expect(requests).toMatchObject([{ resource: { status: 'draft', extension: [later] } }])
    const other = {
      ...form('completed'),
      current: { resourceType: 'Task', status: 'completed', identifier: made('other') },
    }
    const done = decideOn(FOLLOWS, { happening: other as Happening, requests: [requests?.[0]?.resource as Resource] })
    expect(done.requests).toMatchObject([{ resource: { status: 'active', occurrenceDateTime: inTwoDays } }])
  })

  const held = (id: string, ...extension: Extension[]): Resource =>
    weighing({ id, status: 'draft', identifier: made(id), extension, occurrenceTiming: undefined })
  /** What `a` becomes, which waits for `b`, when `b` comes to be so. */
  const waitsFor = (relationship: string, status: string) => {
    const b = weighing({ id: 'b', identifier: made('b'), status })
    const happening: Happening = {
      kind: 'data',
      interaction: 'update',
      current: b,
      previous: { ...b, status: 'draft' },
    }
    const requests = [b, held('a', wait('b', relationship))]
    return decideOn([{ id: 'a', relatedAction: [] }, ...FOLLOWS], { happening, requests }).requests
  }

  test.each([
    ['after-start', 'active', 'active'],
    ['concurrent', 'active', 'active'],
    ['concurrent-with-start', 'active', 'active'],
    ['before-end', 'active', 'active'],
    ['after', 'active', undefined],
    ['after-end', 'active', undefined],
    ['concurrent-with-end', 'active', undefined],
    ['after-start', 'completed', 'active'],
    ['concurrent', 'completed', 'active'],
    ['before-end', 'completed', 'active'],
    ['after', 'completed', 'active'],
    ['after-end', 'completed', 'active'],
    ['concurrent-with-end', 'completed', 'active'],
    ['before', 'active', 'active'],
    ['after-start', 'on-hold', undefined],
    ['after-start', 'revoked', 'revoked'],
    ['before-start', 'revoked', 'revoked'],
  ])('%s what is now %s is then %s', (relationship, status, expected) => {
    expect(waitsFor(relationship, status)?.map(({ resource }) => resource.status)).toEqual(expected && [expected])
  })

  describe('and is to be done before another that waits', () => {
    const twoHours = { value: 2, system: 'http://unitsofmeasure.org', code: 'h' }
    const before = wait('b', 'before-start', [{ url: 'offset', valueDuration: twoHours }])
    const later = (offset?: Extension) => held('b', wait('form', 'after-end', offset ? [offset] : []))
    const decided = (b: Resource, ...others: Resource[]) =>
      decideOn([{ id: 'a', timingDuration: twoHours }, ...FOLLOWS], {
        ...{ happening: form('completed'), requests: [b, held('a', before), ...others] },
      }).requests?.map(({ resource: { id, status, occurrenceDateTime, occurrencePeriod, extension } }) => ({
        ...{ id, status, at: occurrenceDateTime ?? (occurrencePeriod as { start?: string } | undefined)?.start },
        ...(extension ? { extension } : {}),
      }))

    test('is placed before it, once that one has its time', () => {
      expect(decided(later({ url: 'offset', valueDuration: twoDays }))).toEqual([
        { id: 'b', status: 'active', at: '2026-11-24T12:00:00.000Z' },
        { id: 'a', status: 'active', at: '2026-11-24T08:00:00.000Z' },
      ])
    })

    test('begins where there is no room before it, and the other waits until this is done', () => {
      const extension = [
        wait('a', 'after-end', [{ url: 'offset', valueDuration: twoHours }, notBefore(NOW.toISOString())]),
      ]
      expect(decided(later())).toEqual([
        { id: 'b', status: 'draft', at: undefined, extension },
        { id: 'a', status: 'active', at: NOW.toISOString() },
      ])
    })
  })

  test('what is a plan within the plan is waited for as a whole', () => {
    const part = (id: string, status: string) => weighing({ id, status, identifier: made(`inner.${id}`) })
    const done: Happening = { kind: 'data', interaction: 'update', current: part('one', 'completed') }
    const decided = (other: string) =>
      decideOn([{ id: 'a' }, ...FOLLOWS], {
        ...{
          happening: done,
          requests: [part('one', 'completed'), part('two', other), held('a', wait('inner', 'after'))],
        },
      }).requests
    expect(decided('active')).toBeUndefined()
    expect(decided('completed')).toMatchObject([{ resource: { id: 'a', status: 'active' } }])
  })

  test('what another plan asked for first, and is shared, is waited for all the same', () => {
    const owners = (...ids: string[]) => ids.map((id) => ({ reference: `CarePlan/${id}` }))
    const shared = {
      status: 'completed',
      identifier: [{ system: FINDING, value: 'http://example.org/other|x|Patient/p|CarePlan/o' }],
    }
    const done = (basedOn: object[]): Happening => ({
      ...{ kind: 'data', interaction: 'update', current: weighing({ ...shared, basedOn }) },
    })
    const plan: PlanDefinitionAction[] = [
      { id: 'weigh', definitionCanonical: WEIGH.url ?? '' },
      { id: 'a', relatedAction: [] },
      ...FOLLOWS,
    ]
    const statuses = (happening: Happening) =>
      decideOn(plan, { happening, requests: [held('a', wait('weigh', 'after-end'))] }).requests?.map(
        ({ resource }) => resource.status,
      )
    expect(statuses(done(owners('o', 'c')))).toEqual(['active'])
    expect(statuses(done(owners('o', 'x')))).toBeUndefined()
  })

  test('what was made for another enrolment is not waited for', () => {
    const other = {
      ...form('completed'),
      current: { ...WEIGHING, basedOn: [{ reference: 'CarePlan/x' }], status: 'completed' },
    }
    expect(decideOn(FOLLOWS, { happening: other as Happening, requests: [], openTasks: [CALL] }).tasks).toEqual([])
  })

  test('the plan listens for what is followed', () => {
    const { types } = toBook(planOf(...FOLLOWS))
    expect(types).toContain('Task')
    expect(toBook(planOf({ id: 'alone' })).types).not.toContain('Task')
  })
})

const toBook = ({ listeners }: ReturnType<typeof planOf>) => ({
  types: listeners.flatMap(({ keys }) => [...keys].map((key) => key.split(' ')[0])),
})

test('plans in plans are rules of one plan; such as contain each other cannot be used', () => {
  const inner: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: 'http://example.org/PlanDefinition/inner', status: 'active' },
    action: [onEvent({ id: 'deep' })],
  }
  const outer: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: URL, status: 'active' },
    action: [{ id: 'sub', definitionCanonical: inner.url }],
  }
  const plan = compilePlan(outer, () => inner)
  const { tasks } = decide({
    ...{ plan, carePlan: CARE_PLAN, goals: [], happening: EVENT, history: [], openTasks: [], now: NOW },
    newId: () => 't',
  })
  expect(tasks.map(({ task }) => task.identifier?.[0]?.value)).toEqual([`${URL}|sub.deep|Patient/p|Basic/e/_history/1`])
  expect(() => compilePlan(outer, () => outer)).toThrow(/contains itself/)
})
