import type { ActivityDefinition, CarePlan, PlanDefinitionAction, Task, TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { decide } from './decide.ts'
import type { Happening } from './happening.ts'
import { compilePlan } from './plan/compile-plan.ts'
import { REASONS } from './words/reasons.ts'
import { translated } from './words/translated.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const WEIGHT = { system: 'http://loinc.org', code: '29463-7' }
const CALL: ActivityDefinition = {
  resourceType: 'ActivityDefinition',
  url: 'http://example.org/ActivityDefinition/call',
  status: 'active',
  kind: 'Task',
}
const CARE_PLAN: CarePlan = {
  resourceType: 'CarePlan',
  id: 'c',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  careTeam: [{ reference: 'CareTeam/t' }],
}

const weight = (value: number, rest: object = {}): Resource => ({
  resourceType: 'Observation',
  id: 'w',
  status: 'final',
  code: { coding: [WEIGHT] },
  effectiveDateTime: NOW.toISOString(),
  valueQuantity: { value, unit: 'kg' },
  ...rest,
})

const onWeight = (type: TriggerDefinition['type'], expression?: string): TriggerDefinition => ({
  type,
  data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [WEIGHT] }] }],
  ...(expression ? { condition: { language: 'text/fhirpath', expression } } : {}),
})
const when = (expression: string): PlanDefinitionAction['condition'] => [
  { kind: 'applicability', expression: { language: 'text/fhirpath', expression } },
]

function decideOn(
  action: PlanDefinitionAction[],
  happening: Happening,
  more: { history?: Resource[]; openTasks?: Task[] } = {},
) {
  const definition = {
    resourceType: 'PlanDefinition' as const,
    url: 'http://example.org/plan',
    status: 'active' as const,
    action,
  }
  const plan = compilePlan(definition, () => CALL)
  const facts = {
    plan,
    carePlan: CARE_PLAN,
    goals: [],
    happening,
    now: NOW,
    history: more.history ?? [],
    openTasks: more.openTasks ?? [],
  }
  let count = 0
  return decide({ ...facts, newId: () => `t${++count}` })
}
const added = (current: Resource): Happening => ({ kind: 'data', interaction: 'create', current })
const changed = (previous: Resource, current: Resource): Happening => ({
  kind: 'data',
  interaction: 'update',
  current,
  previous,
})

const removed = (previous: Resource): Happening => ({ kind: 'data', interaction: 'delete', previous })

const made = ({ tasks }: ReturnType<typeof decide>) =>
  tasks.map(({ task }) => task.identifier?.[0]?.value?.split('|')[1])

test.each<[string, TriggerDefinition, Happening, boolean]>([
  ['data-added, added', onWeight('data-added'), added(weight(80)), true],
  ['data-added, changed', onWeight('data-added'), changed(weight(80), weight(81)), false],
  ['data-modified, changed', onWeight('data-modified'), changed(weight(80), weight(81)), true],
  ['data-modified, added', onWeight('data-modified'), added(weight(80)), false],
  ['data-changed, added', onWeight('data-changed'), added(weight(80)), true],
  [
    'another code',
    onWeight('data-added'),
    added(weight(80, { code: { coding: [{ ...WEIGHT, code: '8302-2' }] } })),
    false,
  ],
  ['a condition that holds', onWeight('data-added', '%current.value.value > 81'), added(weight(82)), true],
  ['a condition that does not', onWeight('data-added', '%current.value.value > 81'), added(weight(81)), false],
  [
    'a condition over what was not before',
    onWeight('data-changed', "%previous.status = 'preliminary'"),
    added(weight(82)),
    false,
  ],
  [
    'a condition over what was before',
    onWeight('data-changed', '%current.value.value > %previous.value.value + 2'),
    changed(weight(80), weight(83)),
    true,
  ],
  ['a trigger without data', { type: 'data-added' }, added(weight(82)), false],
  ['a named event', { type: 'named-event', name: 'patient-view' }, added(weight(82)), false],
])('%s wakes the rule: %s', (_name, trigger, happening, wakes) => {
  expect(made(decideOn([{ id: 'a', trigger: [trigger] }], happening))).toEqual(wakes ? ['a'] : [])
})

test('an action without a trigger is for $apply, and no event wakes it', () => {
  expect(decideOn([{ id: 'a' }], added(weight(80)))).toMatchObject({ tasks: [], trace: [] })
})

test.each([
  ['an unknown variable', '%nothing.exists()'],
  ['nothing at all', "%current.bodySite.text = 'arm'"],
  ['several values', '(true | false)'],
  ['no boolean', "'yes'"],
  ['bad syntax', '%current.where('],
  ['units that cannot be compared', "%current.value > 3 'm'"],
])('a condition with %s is unevaluable and becomes a Task for the team, not silence', (_name, expression) => {
  const decisions = decideOn(
    [{ id: 'a', title: 'Vekt', trigger: [onWeight('data-added')], condition: when(expression) }],
    added(weight(80)),
  )
  expect(made(decisions)).toEqual(['a!'])
  expect(decisions.trace).toMatchObject([{ actionId: 'a', outcome: 'unevaluable' }])
  expect(decisions.tasks[0]?.task).toMatchObject({
    code: { coding: [{ code: 'rule-unevaluable' }] },
    priority: 'urgent',
    owner: { reference: 'CareTeam/t' },
    for: { reference: 'Patient/p' },
    description: expect.stringContaining('Vekt'),
  })
})

test('a trigger condition that cannot be evaluated is told too', () => {
  const decisions = decideOn([{ id: 'a', trigger: [onWeight('data-added', '%nothing.exists()')] }], added(weight(80)))
  expect(made(decisions)).toEqual(['a!'])
})

test('a condition that is clearly false decides, whatever another one cannot say', () => {
  const condition = [...(when('%nothing.exists()') ?? []), ...(when('false') ?? [])]
  expect(made(decideOn([{ id: 'a', trigger: [onWeight('data-added')], condition }], added(weight(80))))).toEqual([])
})

test('children have the trigger and the inputs of their parent; a parent that does not apply hides them', () => {
  const child = { id: 'child', condition: when('%weights.count() = 2') }
  const group = (expression: string): PlanDefinitionAction => ({
    id: 'group',
    trigger: [onWeight('data-added')],
    input: [{ id: 'weights', type: 'Observation' }],
    condition: when(expression),
    action: [child],
  })
  const history = [weight(80, { id: 'w1' }), weight(82, { id: 'w2' })]
  expect(made(decideOn([group('true')], added(weight(82)), { history }))).toEqual(['child'])
  expect(made(decideOn([group('false')], added(weight(82)), { history }))).toEqual([])
})

test('dynamicValue sets the Task, the action after the activity; one that fails leaves a note', () => {
  const dynamicValue = [
    {
      path: 'description',
      expression: { language: 'text/fhirpath' as const, expression: "'Vekt ' + %current.value.value.toString()" },
    },
    { path: 'priority', expression: { language: 'text/fhirpath' as const, expression: "'asap'" } },
    { path: 'nothing', expression: { language: 'text/fhirpath' as const, expression: "'x'" } },
  ]
  const [decided] = decideOn(
    [{ id: 'a', trigger: [onWeight('data-added')], definitionCanonical: CALL.url, dynamicValue }],
    added(weight(80)),
  ).tasks
  expect(decided?.task).toMatchObject({
    description: 'Vekt 80',
    priority: 'asap',
    note: [{ text: expect.stringContaining('nothing') }],
  })
})

test('deciding changes nothing that it was given', () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
    return value
  }
  const current = freeze(weight(82))
  expect(() =>
    decideOn(
      [{ id: 'a', trigger: [onWeight('data-added')], condition: when('%current.value.value > 81') }],
      added(current),
    ),
  ).not.toThrow()
})

test('the same facts give the same decisions, byte for byte', () => {
  const again = () => JSON.stringify(decideOn([{ id: 'a', trigger: [onWeight('data-added')] }], added(weight(82))))
  expect(again()).toBe(again())
})

test.each<[string, PlanDefinitionAction]>([
  [
    'a trigger by ValueSet',
    {
      trigger: [
        { type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ path: 'code', valueSet: 'http://x' }] }] },
      ],
    },
  ],
  [
    'an input by ValueSet',
    {
      trigger: [onWeight('data-added')],
      input: [{ id: 'all', type: 'Observation', codeFilter: [{ path: 'code', valueSet: 'http://x' }] }],
    },
  ],
])('%s, which cannot be read yet, becomes a Task and not silence', (_name, action) => {
  const history = [weight(80)]
  expect(made(decideOn([{ id: 'a', ...action }], added(weight(80)), { history }))).toEqual(['a!'])
})

test.each<[string, string, Happening, string]>([
  ['%current of what was removed', '%current.value.ofType(Quantity).value > 70', removed(weight(80)), 'not-applicable'],
  ['%previous of what is new', '%current.value.value > %previous.value.value', added(weight(80)), 'not-applicable'],
  ['what was removed, looked at as it was', '%previous.value.value > 70', removed(weight(80)), 'applicable'],
  [
    '%current that lacks what is asked',
    '%current.value.value > 70',
    added(weight(80, { valueQuantity: {} })),
    'unevaluable',
  ],
  ['%previous where there is one', '%previous.note.text = 1', changed(weight(80), weight(81)), 'unevaluable'],
])('a rule on every change that gets no value: %s', (_what, expression, happening, outcome) => {
  const rule = { id: 'a', trigger: [onWeight('data-changed')], condition: when(expression) }
  const decisions = decideOn([rule], happening)
  expect(decisions.trace).toMatchObject([{ actionId: 'a', outcome }])
  expect(decisions.tasks).toHaveLength(outcome === 'not-applicable' ? 0 : 1)
})

/** The words of an element in each language; bokmål is the element itself. */
const wordsOf = (element: object | undefined, name = 'text') =>
  (['nb', 'nn', 'en'] as const).map((language) => translated(element ?? {}, name, language))

test('what the engine has to say, it says in bokmål, nynorsk and English: why a rule is unevaluable, why a Task is taken back', () => {
  const rule = { id: 'a', trigger: [onWeight('data-changed')], condition: when('%current.bodySite.text = 1') }
  const [asked] = decideOn([rule], added(weight(80))).tasks
  expect(wordsOf(asked?.task.reasonCode)).toEqual([
    'betingelsen ga ingen verdi',
    'vilkåret gav ingen verdi',
    'the condition gave no value',
  ])
  const heavy = { id: 'a', trigger: [onWeight('data-changed')], condition: when('%current.value.value > 75') }
  const [raised] = decideOn([heavy], added(weight(80))).tasks
  const corrected = changed(weight(80), weight(70))
  const [back] = decideOn([heavy], corrected, { openTasks: raised ? [raised.task] : [] }).tasks
  expect(back?.task.status).toBe('cancelled')
  expect(wordsOf(back?.task.statusReason)).toEqual(Object.values(REASONS.corrected))
  const begun = raised && { ...raised.task, status: 'in-progress' as const }
  const [noted] = decideOn([heavy], corrected, { openTasks: begun ? [begun] : [] }).tasks
  expect(wordsOf(noted?.task.note?.at(-1))).toEqual(Object.values(REASONS.corrected))
})

test('every reason is said in three ways', () => {
  for (const told of Object.values(REASONS)) expect(new Set(Object.values(told)).size).toBe(3)
})
