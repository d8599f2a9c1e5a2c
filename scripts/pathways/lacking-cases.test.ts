import type { CaseEvent, CaseTask, PathwayCase } from '../../server/core/decide/cases/pathway-case.ts'
import { lackingCases } from './lacking-cases.ts'

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
const ALL = [RED, YELLOW, GREEN, CORRECTED, OWN]

test('cases of each kind lack nothing', () => {
  expect(lackingCases(ALL)).toEqual([])
})

test.each([
  ['No case shows a red finding', [YELLOW, GREEN, shows([measured('m', 90), measured('m', 91)], found('yellow')), OWN]],
  [
    'No case shows a yellow finding',
    [RED, GREEN, CORRECTED, shows([measured('m', 85)], found('red'), { limits: LIMITS })],
  ],
  ['No case shows something measured or answered', [RED, YELLOW, CORRECTED, OWN]],
  ['No case shows a correction', [RED, YELLOW, GREEN, OWN]],
  ["No case shows a person's own limits", [RED, YELLOW, GREEN, CORRECTED]],
])('%s', (told, cases) => {
  expect(lackingCases(cases)).toEqual([expect.stringContaining(told)])
})

test('what is taken back is a correction, and a patient of whom nothing has come shows nothing green', () => {
  const removed = shows([measured('m', 84), { at: '2026-11-10T09:00:00+01:00', removed: 'Observation/m' }])
  const silent = shows([{ at: '2026-11-10T09:00:00+01:00', carePlan: 'active' }])
  expect(lackingCases([RED, YELLOW, OWN, removed, silent])).toEqual([])
  expect(lackingCases([RED, YELLOW, OWN, CORRECTED, silent])).toHaveLength(1)
})
