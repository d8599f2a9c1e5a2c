import type {
  ActivityDefinition,
  CommunicationRequest,
  Observation,
  PlanDefinition,
  PlanDefinitionAction,
  Task,
} from '@medplum/fhirtypes'
import { loadPathway } from '../../../plans/load-pathways.ts'
import type { CaseEvent } from '../cases/pathway-case.ts'
import { playCase, runCase } from '../cases/play-case.ts'
import { summarise } from '../cases/summarise.ts'
import { checkRules } from '../plan/check-rules.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { TASK_CODE, TRIAGE_COLOUR } from '../plan/vocabulary.ts'
import { marksOf } from '../task/task-marks.ts'
import { isOpen } from '../task/task-status.ts'
import { translated } from '../words/translated.ts'
import { doubtOf } from './doubt.ts'
import { REST_BEFORE } from './rest-before.ts'

const SPO2 = '59408-5'
const { plan: copd } = loadPathway('copd')
/** The same limits, and rules for red and yellow alone: the plan itself says nothing about doubt. */
const bare = compilePlan(
  {
    ...(copd.definition as PlanDefinition),
    url: 'http://example.org/bare',
    action: [
      {
        id: 'spo2',
        trigger: [
          {
            type: 'data-added',
            data: [
              {
                type: 'Observation',
                codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: SPO2 }] }],
              },
            ],
          },
        ],
        action: (['red', 'yellow'] as const).map((colour) => ({
          id: colour,
          title: colour,
          code: [{ coding: [{ system: TRIAGE_COLOUR, code: colour }] }],
          condition: [
            {
              kind: 'applicability' as const,
              expression: {
                language: 'text/fhirpath' as const,
                expression: `%limits.where(zone = '${colour}' and hit).exists()`,
              },
            },
          ],
        })),
      },
    ],
  },
  () => undefined as ActivityDefinition | undefined,
)

const at = (minute: number) => new Date(Date.parse('2026-11-10T08:00:00Z') + minute * 60_000).toISOString()
const LIMITS = [
  { code: SPO2, zone: 'red', side: 'low', comparator: '<' as const, value: 88, unit: '%' },
  { code: SPO2, zone: 'yellow', side: 'low', comparator: '<' as const, value: 90, unit: '%' },
  { code: SPO2, zone: 'yellow', side: 'high', comparator: '>' as const, value: 101, unit: '%' },
]
const measured = (minute: number, value: number | undefined, change: Partial<Observation> = {}): CaseEvent => ({
  at: at(minute),
  measured: { id: `m${minute}`, code: SPO2, ...(value === undefined ? {} : { value, unit: '%' }), ...change } as never,
})
const play = (events: CaseEvent[], plan = bare) =>
  runCase(plan, { title: '', patient: { limits: LIMITS }, events, tasks: [] })
const codeOf = (task: Task) => task.code?.coding?.[0]?.code

test('an impossible value that a yellow rule would tell is asked for again, of the patient', async () => {
  const [task, ...others] = await play([measured(0, 840)])
  expect(others).toEqual([])
  expect(task).toMatchObject({
    status: 'requested',
    priority: 'routine',
    owner: { reference: 'Patient/case' },
    businessStatus: { coding: [{ code: 'grey' }] },
    reasonCode: { text: 'SpO2 840 % er utenfor det mulige' },
  })
  expect(codeOf(task as Task)).toBe('measure-again')
})

test('when the patient does not measure, the team gets it', async () => {
  const [task] = await play([measured(0, 840)])
  expect(marksOf(task as Task)).toMatchObject([
    { kind: 'deadline', steps: [{ act: 'queue', to: { reference: 'CareTeam/case' } }] },
    { kind: 'passed-deadline' },
  ])
})

test('an impossible value that no rule says anything about is not silence', async () => {
  const limits = [{ code: SPO2, zone: 'yellow', side: 'low', comparator: '<' as const, value: 80, unit: '%' }]
  const tasks = await runCase(bare, { title: '', patient: { limits }, events: [measured(0, 840)], tasks: [] })
  expect(tasks.map(codeOf)).toEqual(['measure-again'])
})

test('the new measurement decides: as usual, the request is taken back; yellow, there is an alarm', async () => {
  const usual = await play([measured(0, 840), measured(5, 95)])
  expect(usual.map(({ status, statusReason }) => [status, statusReason?.text])).toEqual([
    ['cancelled', 'En ny måling er kommet.'],
  ])
  const yellow = await play([measured(0, 840), measured(5, 89)])
  expect(yellow.map((task) => [codeOf(task), task.status])).toEqual([
    ['measure-again', 'cancelled'],
    ['assess-measurement', 'requested'],
  ])
})

describe('how long to rest before it', () => {
  const rest = (value: number, code = 'min') => [
    { url: REST_BEFORE, valueDuration: { value, code, system: 'http://unitsofmeasure.org' } },
  ]
  const ASK: ActivityDefinition = {
    ...{ resourceType: 'ActivityDefinition', status: 'active', url: 'http://example.org/again' },
    code: { coding: [{ system: TASK_CODE, code: 'measure-again' }] },
  }
  const definition = bare.definition as PlanDefinition
  const messagesOf = async (plan: PlanDefinition, activity = ASK) => {
    const given = { title: '', patient: { limits: LIMITS }, events: [measured(0, 840)], tasks: [] }
    const { requests } = await playCase(
      compilePlan(plan, () => activity),
      given,
    )
    return requests.flatMap((one) => (one as unknown as CommunicationRequest).payload ?? [])
  }
  /** The plan's own rule about doubt, in place of its others. */
  const own = (extension?: PlanDefinitionAction['extension']): PlanDefinition => {
    const [group] = definition.action ?? []
    const [first] = group?.action ?? []
    const expression = { language: 'text/fhirpath' as const, expression: 'true' }
    const asks = { ...first, id: 'asks', code: undefined, definitionCanonical: ASK.url }
    const condition = [{ kind: 'applicability' as const, expression }]
    return {
      ...definition,
      action: [{ ...group, action: [{ ...asks, condition, ...(extension ? { extension } : {}) }] }],
    }
  }

  test.each<[string, PlanDefinition, ActivityDefinition, string]>([
    ['nobody says', definition, ASK, 'Hvil 5 minutter og mål på nytt.'],
    ['the plan says', { ...definition, extension: rest(15) }, ASK, 'Hvil 15 minutter og mål på nytt.'],
    ['the plan says, of its own rule too', { ...own(), extension: rest(1) }, ASK, 'Hvil 1 minutt og mål på nytt.'],
    [
      'the activity says, before the plan',
      { ...own(), extension: rest(15) },
      { ...ASK, extension: rest(1, 'h') },
      'Hvil 60 minutter',
    ],
    ['the rule says, before the activity', own(rest(90, 's')), { ...ASK, extension: rest(20) }, 'Hvil 2 minutter'],
    ['the rule says that there is nothing to rest from', own(rest(0)), ASK, '. Mål på nytt.'],
  ])('%s', async (_who, plan, activity, told) => {
    const [message, ...others] = await messagesOf(plan, activity)
    expect(others).toEqual([])
    expect(message?.contentString).toContain(told)
  })

  test('is said in each language', async () => {
    const [message = {}] = await messagesOf({ ...definition, extension: rest(15) })
    expect(translated(message, 'contentString', 'nn')).toContain('Kvil 15 minutt og mål på nytt.')
    expect(translated(message, 'contentString', 'en')).toContain('Rest for 15 minutes and measure again.')
  })

  test.each<[string, PlanDefinition, ActivityDefinition, string[]]>([
    ['of the plan', { ...own(), extension: rest(5, 'kg') }, ASK, ['PlanDefinition.extension']],
    ['of a rule', own(rest(-5)), ASK, ["PlanDefinition.action.where(id = 'asks').extension"]],
    [
      'of an activity',
      own(),
      { ...ASK, extension: rest(5, '') },
      ["PlanDefinition.action.where(id = 'asks').definitionCanonical"],
    ],
    ['nothing', own(rest(5)), ASK, []],
  ])('that is no length of time keeps a plan from coming into force: %s', (_of, plan, activity, expected) => {
    const problems = checkRules(compilePlan(plan, () => activity))
    expect(problems.map(({ expression }) => expression)).toEqual(expected)
  })
})

test('doubted twice it is one request, with both as its evidence', async () => {
  const tasks = await play([measured(0, 840), measured(5, 850)])
  expect(tasks.map((task) => summarise(task).evidence.length)).toEqual([2])
})

test('red is said at once, and marked as doubtful', async () => {
  const [task, ...others] = await play([measured(0, -5)])
  expect(others).toEqual([])
  expect(task).toMatchObject({ priority: 'stat', businessStatus: { coding: [{ code: 'red' }] } })
  expect(task?.input?.find(({ type }) => type.coding?.[0]?.code === 'artefact')?.valueString).toBe(
    'SpO2 -5 % er utenfor det mulige',
  )
})

test('what the plan itself does about doubt stays as it says, and is taken back by the new measurement', async () => {
  const tasks = await play([measured(0, 840), measured(5, 95)], copd)
  expect(tasks.map((task) => [summarise(task).rule, task.status])).toEqual([['spo2-implausible', 'cancelled']])
  const still = await play([measured(0, 840)], copd)
  expect(still.filter(isOpen).map((task) => summarise(task).rule)).toEqual(['spo2-implausible'])
})

test.each([
  ['error', 'device'],
  ['not-a-number', 'device'],
  ['asked-declined', undefined],
  ['unknown', undefined],
] as const)('a value that is missing because of %s', (code, kind) => {
  const dataAbsentReason = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code }],
  }
  const observation: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Puls' },
    dataAbsentReason,
  }
  expect(doubtOf(observation, [])?.kind).toBe(kind)
})
