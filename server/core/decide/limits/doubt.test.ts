import type { ActivityDefinition, Observation, PlanDefinition, Task } from '@medplum/fhirtypes'
import { loadPathway } from '../../../plans/load-pathways.ts'
import type { CaseEvent } from '../cases/pathway-case.ts'
import { runCase } from '../cases/play-case.ts'
import { summarise } from '../cases/summarise.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { TRIAGE_COLOUR } from '../plan/vocabulary.ts'
import { marksOf } from '../task/task-marks.ts'
import { isOpen } from '../task/task-status.ts'
import { doubtOf } from './doubt.ts'

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
