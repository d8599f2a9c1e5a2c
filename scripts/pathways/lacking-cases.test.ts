import type { ActivityDefinition, CodeableConcept, GoalTarget } from '@medplum/fhirtypes'
import type { CaseEvent, CaseRequest, CaseTask, PathwayCase } from '../../server/core/decide/cases/pathway-case.ts'
import { LIMIT, SERVICE_LEVEL } from '../../server/core/decide/plan/vocabulary.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { type CasesOfPathway, lackingCases } from './lacking-cases.ts'

const measured = (id: string, value: number): CaseEvent => ({
  at: '2026-11-10T08:00:00+01:00',
  measured: { id, code: '59408-5', value, unit: '%' },
})
const found = (colour: string): CaseTask[] => [{ rule: 'spo2', colour }]
const shows = (events: CaseEvent[], tasks: CaseTask[] = [], patient: PathwayCase['patient'] = {}): PathwayCase => ({
  ...{ title: 'SpO2', patient, events, tasks },
})
const RED = shows([measured('m', 84)], found('red'))
const YELLOW = shows([measured('m', 90)], found('yellow'))
const GREEN = shows([measured('m', 95)])
const CORRECTED = shows([measured('m', 84), measured('m', 94)], found('red'))
const LIMITS = [{ code: '59408-5', value: 86, unit: '%', zone: 'red', side: 'low' }]
const OWN = shows([measured('m', 87)], found('yellow'), { limits: LIMITS })
const LATE: PathwayCase = { ...RED, clocks: ['deadlines'] }
const SILENT: PathwayCase = { ...shows([]), tasks: [{ rule: 'occurrence-missing.spo2' }] }
const ARTEFACT = shows([measured('m', 12)], [{ rule: 'spo2~again', colour: 'grey' }])
const BORDERLINE = shows([measured('m', 88)], found('yellow'))
const REST = [LATE, SILENT, ARTEFACT, BORDERLINE]
const ALL = [RED, YELLOW, GREEN, CORRECTED, OWN, ...REST]

const WINDOW = { url: 'window', valueDuration: { value: 3, unit: 'd', code: 'd', system: 'http://unitsofmeasure.org' } }
const limit = (zone: string, value: number, trend?: string): GoalTarget => ({
  extension: [
    {
      url: LIMIT,
      extension: [
        { url: 'zone', valueCode: zone },
        { url: 'side', valueCode: 'low' },
        ...(trend ? [{ url: 'trend', valueCode: trend }, WINDOW] : []),
      ],
    },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  detailQuantity: { value, unit: '%', code: '%' },
})
const ROLE = { coding: [{ system: 'http://x.no/roles', code: 'doctor', display: 'Lege' }] }
const URL = 'http://x.no/ActivityDefinition/'
const activity = (id: string, more: Partial<ActivityDefinition>) =>
  ({ resourceType: 'ActivityDefinition', id, url: `${URL}${id}`, status: 'active', ...more }) as unknown as Resource
const step = (act: string, role?: CodeableConcept) => ({
  url: 'escalation',
  extension: [
    { url: 'at', valueCode: 'deadline' },
    { url: 'act', valueCode: act },
    ...(role ? [{ url: 'to', valueCodeableConcept: role }] : []),
  ],
})

/** A plan of one red limit, whose rules do what these activities say. */
function against(cases: PathwayCase[], { resources = [], goal = [limit('red', 88)] }: Asked = {}): string[] {
  const plan: CasesOfPathway['plan'] = {
    resourceType: 'PlanDefinition',
    status: 'active',
    goal: [{ description: { text: 'SpO2' }, target: goal }],
    action: [
      { id: 'spo2' },
      { id: 'clocked', trigger: [{ type: 'periodic' }], action: [{ id: 'silent' }] },
      ...resources.map(({ id }) => ({ id: `rule-${id}`, definitionCanonical: `${URL}${id}` })),
    ],
  }
  return lackingCases({ plan, resources, cases })
}
type Asked = { resources?: Resource[]; goal?: GoalTarget[] }

test('cases of each kind lack nothing', () => {
  expect(against(ALL)).toEqual([])
})

test.each<[told: string, without: PathwayCase[], instead?: PathwayCase[]]>([
  [
    'a red finding',
    [RED, CORRECTED, LATE],
    [
      { ...GREEN, clocks: ['deadlines'] },
      { ...CORRECTED, tasks: [] },
    ],
  ],
  [
    'a yellow finding',
    [YELLOW, OWN, BORDERLINE],
    [
      { ...OWN, tasks: [] },
      { ...BORDERLINE, tasks: found('red') },
    ],
  ],
  ['something measured or answered that is as it should be', [GREEN]],
  ['a value at a limit', [BORDERLINE, OWN], [{ ...OWN, events: [measured('m', 60)] }]],
  ['that something is missing', [SILENT]],
  ['an artefact', [ARTEFACT]],
  ['a correction', [CORRECTED]],
  ["a person's own limits", [OWN]],
  ['a deadline that passes', [LATE]],
])('without it, no case shows %s', (told, without, instead = []) => {
  const cases = ALL.filter((one) => !without.includes(one))
  expect(against([...cases, ...instead])).toEqual([expect.stringContaining(`No case shows ${told}`)])
})

test('what is taken back is a correction, and a patient of whom nothing has come shows nothing green', () => {
  const removed = shows([measured('m', 84), { at: '2026-11-10T09:00:00+01:00', removed: 'Observation/m' }])
  const silent = shows([{ at: '2026-11-10T09:00:00+01:00', carePlan: 'active' }])
  const without = (...some: PathwayCase[]) => ALL.filter((one) => !some.includes(one))
  expect(against([...without(CORRECTED), removed])).toEqual([])
  expect(against([...without(GREEN), silent])).toHaveLength(1)
})

test('answers that are refused, and what is neither measured nor answered, are nothing that is as it should be', () => {
  const at = '2026-11-10T08:00:00+01:00'
  const refused = shows([{ at, id: 'q', questionnaire: 'x', answered: { total: 88 }, refused: true }])
  const diagnosed = shows([{ at, resource: { resourceType: 'Condition', id: 'c' } }])
  const without = (...some: PathwayCase[]) => ALL.filter((one) => !some.includes(one))
  expect(against([...without(GREEN), refused, diagnosed])).toHaveLength(1)
  expect(
    against([...without(BORDERLINE, OWN), refused, shows([measured('m', 60)], found('yellow'), OWN.patient)]),
  ).toEqual([expect.stringContaining('No case shows a value at a limit')])
})

test("a Goal with a limit is a person's own; one that has an aim alone is none", () => {
  const others = ALL.filter((one) => one !== OWN)
  const goal = (target: GoalTarget): CaseEvent => ({
    at: '2026-11-10T08:00:00+01:00',
    resource: { resourceType: 'Goal', id: 'g', target: [target] },
  })
  expect(against([...others, shows([goal(limit('red', 86))])])).toEqual([])
  expect(against([...others, shows([goal({ detailQuantity: { value: 86 } })])])).toHaveLength(1)
})

describe('a value is at a limit', () => {
  const others = ALL.filter((one) => one !== BORDERLINE && one !== OWN)
  const own = (value: number) => shows([measured('m', value)], found('yellow'), { limits: LIMITS })
  test.each([
    ['87.9 of 88', shows([measured('m', 87.9)]), [limit('red', 88)], 0],
    ['87.8 of 88', shows([measured('m', 87.8)]), [limit('red', 88)], 1],
    ['of what is possible', shows([measured('m', 88)]), [limit('plausible', 88)], 1],
    ['of a course, which no one value meets', shows([measured('m', 88)]), [limit('red', 88, 'change')], 1],
    ['that the case itself names', { ...shows([measured('m', 70)]), borderline: 'spo2' }, [limit('red', 50)], 0],
    ['of a rule that is none', { ...shows([measured('m', 70)]), borderline: 'none' }, [limit('red', 50)], 1],
  ])('%s', (_name, given, goal, count) => {
    expect(against([...others, own(60), given], { goal })).toHaveLength(count)
  })

  test("of the person's own", () => {
    expect(against([...others, own(86)], { goal: [limit('red', 50)] })).toEqual([])
  })
})

test('answers that are refused are an artefact, and no correction; what a rule with a clock finds is missing', () => {
  const refused: CaseEvent = {
    at: '2026-11-10T08:00:00+01:00',
    id: 'q',
    questionnaire: 'x',
    answered: {},
    refused: true,
  }
  const without = (...some: PathwayCase[]) => ALL.filter((one) => !some.includes(one))
  expect(against([...without(ARTEFACT), shows([refused])])).toEqual([])
  expect(against([...without(CORRECTED), shows([refused, refused])])).toHaveLength(1)
  expect(against([...without(SILENT), shows([], [{ rule: 'silent', colour: 'grey' }])])).toEqual([])
})

describe('of a message, some case says', () => {
  const resources = [activity('advice', { kind: 'CommunicationRequest' })]
  const told = (request: Partial<CaseRequest>) =>
    against([...ALL, { ...GREEN, requests: [{ type: 'CommunicationRequest', rule: 'rule-advice', ...request }] }], {
      resources,
    })

  test('to whom it goes and what it says', () => {
    expect(told({ to: 'Patient/case', text: 'Ring 113' })).toEqual([])
  })

  test.each([
    [{}],
    [{ to: 'Patient/case' }],
    [{ text: 'Ring 113' }],
    [{ rule: 'other', to: 'Patient/case', text: 'Ring' }],
  ])('not with %j', (request) => {
    expect(told(request)).toEqual([expect.stringContaining('to whom the message of "rule-advice" goes')])
  })
})

describe('of what is done when a Task waits, some case shows', () => {
  const resources = [
    activity('red', {
      extension: [{ url: SERVICE_LEVEL, extension: [step('notify'), step('reassign', ROLE), step('notify', ROLE)] }],
    }),
  ]
  const notice = (text: string): CaseRequest => ({ type: 'CommunicationRequest', to: 'CareTeam/case', text })
  const waits: PathwayCase = {
    ...shows([measured('m', 84)], [{ rule: 'rule-red', colour: 'red', roles: ['nurse', 'doctor'] }]),
    clocks: ['deadlines'],
    requests: [notice('Oppgaven venter: Ring'), notice('Oppgaven venter på lege: Ring')],
  }

  test('each step', () => {
    expect(against([...ALL, waits], { resources })).toEqual([])
  })

  test.each<[told: string, Partial<PathwayCase>]>([
    ['notify', { requests: [notice('Oppgaven venter på lege: Ring')] }],
    ['notify to the role "doctor"', { requests: [notice('Oppgaven venter: Ring')] }],
    ['reassign to the role "doctor"', { tasks: [{ rule: 'rule-red', colour: 'red', roles: ['nurse'] }] }],
  ])('%s', (told, lacking) => {
    const expected = `No case shows what ActivityDefinition/red does when its Task waits: ${told}`
    expect(against([...ALL, { ...waits, ...lacking }], { resources })).toEqual([expected])
  })

  test('and not one whose deadlines do not pass', () => {
    expect(against([...ALL, { ...waits, clocks: [] }], { resources })).toHaveLength(3)
  })
})
