import type { Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { loadPathway } from '../../../plans/load-pathways.ts'
import type { Resource } from '../../fhir/resource.ts'
import type { CaseEvent } from '../cases/pathway-case.ts'
import { runCase } from '../cases/play-case.ts'
import { summarise } from '../cases/summarise.ts'
import { isOpen } from './task-status.ts'

const { plan } = loadPathway('copd')
const LIMITS = [
  { code: '59408-5', zone: 'red', side: 'low', comparator: '<' as const, value: 88, unit: '%' },
  { code: '59408-5', zone: 'yellow', side: 'low', comparator: '<' as const, value: 90, unit: '%' },
]

const START = Date.parse('2026-11-10T08:00:00Z')
const at = (minute: number) => new Date(START + minute * 60_000).toISOString()

/** Measurements of few ids, so that many are corrections of earlier ones, and people who take, close and cancel. */
const events: fc.Arbitrary<CaseEvent[]> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ measured: measurement() }) },
      {
        weight: 1,
        arbitrary: fc.record({
          taskBecomes: fc.constantFrom<Task['status']>('in-progress', 'completed', 'cancelled'),
          rule: fc.constantFrom('spo2-red', 'spo2-yellow'),
        }),
      },
    ),
    { minLength: 1, maxLength: 25 },
  )
  .map((given) => given.map((event, i) => ({ at: at(i), ...event })))

function measurement() {
  return fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    code: fc.constant('59408-5'),
    value: fc.integer({ min: 84, max: 93 }),
    unit: fc.constant('%'),
    status: fc.constantFrom('final', 'final', 'final', 'corrected', 'entered-in-error'),
  })
}

const resourceOf = (reference: string) => reference.split('/_history/')[0]

test('a finding has at most one open Task, and each of its Tasks names each measurement once', () => {
  return fc.assert(
    fc.asyncProperty(events, async (given) => {
      const tasks = await runCase(plan, { title: '', patient: { limits: LIMITS }, events: given, tasks: [] })
      for (const task of tasks) {
        const evidence = summarise(task).evidence.map(resourceOf)
        expect(evidence).toEqual([...new Set(evidence)])
      }
      const open = tasks.filter(isOpen).map((task) => summarise(task).rule)
      expect(open).toEqual([...new Set(open)])
    }),
    { numRuns: 300 },
  )
})

test('no red measurement is ever without a red Task that names it', () => {
  return fc.assert(
    fc.asyncProperty(events, async (given) => {
      for (let i = 1; i <= given.length; i++) {
        const event = given[i - 1]
        if (!event || !('measured' in event)) continue
        const { id, value = 100, status } = event.measured
        if (value >= 88 || status === 'entered-in-error') continue
        const tasks = await runCase(plan, {
          title: '',
          patient: { limits: LIMITS },
          events: given.slice(0, i),
          tasks: [],
        })
        const red = tasks.filter((task) => isOpen(task) && summarise(task).rule === 'spo2-red')
        expect(red.flatMap((task) => summarise(task).evidence.map(resourceOf))).toContain(`Observation/${id}`)
      }
    }),
    { numRuns: 60 },
  )
})

test('a Task that joins keeps owner, status, deadline and identifier', async () => {
  const measured = (minute: number, value: number): CaseEvent => ({
    at: at(minute),
    measured: { id: `m${minute}`, code: '59408-5', value, unit: '%' },
  })
  const [before] = await runCase(plan, { title: '', patient: { limits: LIMITS }, events: [measured(0, 84)], tasks: [] })
  const [after] = await runCase(plan, {
    title: '',
    patient: { limits: LIMITS },
    events: [measured(0, 84), { at: at(1), taskBecomes: 'accepted', rule: 'spo2-red' }, measured(2, 83)],
    tasks: [],
  })
  const kept = ({ identifier, owner, restriction, authoredOn }: Partial<Task> = {}) => ({
    identifier,
    owner,
    restriction,
    authoredOn,
  })
  expect(kept(after)).toEqual(kept(before))
  expect(after?.status).toBe('accepted')
})

test('what a measurement itself keeps from being evaluated is one Task, which names every rule, and is joined and taken back as one', async () => {
  const hypertension = loadPathway('hypertension')
  const pressure = (unit: string, value: number) => ({
    code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
    valueQuantity: { value, unit, code: unit, system: 'http://unitsofmeasure.org' },
  })
  const measured = (id: string, minute: number, component: object): CaseEvent => ({
    at: at(minute),
    resource: {
      ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: 'Patient/case' } },
      ...{ code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] }, effectiveDateTime: at(minute) },
      component: [component],
    } as unknown as Resource,
  })
  const played = async (...given: CaseEvent[]) =>
    (await runCase(hypertension.plan, { title: '', patient: {}, events: given, tasks: [] })).filter(
      (task) => summarise(task).code === 'rule-unevaluable',
    )
  const inKpa = measured('a', 0, pressure('kPa', 17))
  const [task, ...others] = await played(inKpa)
  expect(others).toEqual([])
  expect(task?.identifier?.map(({ value }) => value?.split('|')[1])).toEqual(['pressure!', 'very-high!'])
  expect(task?.description).toMatch(/^Reglene «[^»]+», «[^»]+» kunne ikke vurderes: .*«kPa», grensen er i «mm\[Hg\]»$/)
  const [joined, ...more] = await played(inKpa, measured('b', 5, pressure('kPa', 18)))
  expect([more, summarise(joined as Task).evidence.map(resourceOf)]).toEqual([[], ['Observation/a', 'Observation/b']])
  const corrected = await played(inKpa, measured('a', 5, pressure('mm[Hg]', 127)))
  expect(corrected.map(({ status }) => status)).toEqual(['cancelled'])
})
