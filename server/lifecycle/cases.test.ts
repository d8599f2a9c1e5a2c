import type { Library } from '@medplum/fhirtypes'
import type { PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { casesIn, toCasesLibrary } from './cases.ts'

const GIVEN: PathwayCase = {
  title: 'Blå ørn',
  patient: {},
  events: [{ at: '2026-11-10T08:00:00+01:00', measured: { id: 'm', code: '59408-5', value: 84, unit: '%' } }],
  tasks: [{ rule: 'red' }],
}

test('what is stored is what is read', () => {
  const plan = {
    resourceType: 'PlanDefinition',
    id: 'p',
    url: 'http://x/PlanDefinition/p',
    version: '1',
    status: 'draft',
  } as const
  const library = toCasesLibrary(plan, [{ name: 'red', given: GIVEN }])
  expect(library).toMatchObject({ url: 'http://x/Library/p-cases', version: '1', status: 'draft' })
  expect(casesIn(library)).toEqual([{ name: 'red', given: GIVEN }])
})

const holding = (...data: (string | object)[]): Library => ({
  resourceType: 'Library',
  status: 'draft',
  type: {},
  content: data.map((one) => ({
    contentType: 'application/json',
    data: Buffer.from(typeof one === 'string' ? one : JSON.stringify(one)).toString('base64'),
  })),
})

test.each([
  ['no JSON', 'nothing', 'JSON'],
  ['a list', [], 'object'],
  ['no title', { ...GIVEN, title: undefined }, 'title'],
  ['no event', { ...GIVEN, events: [] }, 'events'],
  ['an event without its moment', { ...GIVEN, events: [{ measured: {} }] }, 'at'],
  ['a moment that is none', { ...GIVEN, events: [{ at: '2026-11-40T00:00:00Z' }] }, 'at'],
  ['a Task without its rule', { ...GIVEN, tasks: [{}] }, 'rule'],
  ['an end that is none', { ...GIVEN, until: 'later' }, 'until'],
  ['a request without its type', { ...GIVEN, requests: [{ status: 'active' }] }, 'requests'],
  ['a stage that is no id', { ...GIVEN, stages: [1] }, 'stages'],
  ['a clock that is none', { ...GIVEN, clocks: ['moon'] }, 'clocks'],
])('%s is no case; which attachment is told', (_what, data, told) => {
  let refusal: unknown
  try {
    casesIn(holding(GIVEN, data))
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(Refusal)
  const [issue] = (refusal as Refusal).issues
  expect(issue).toMatchObject({ code: 'value', expression: ['Library.content[1].data'] })
  expect(issue?.diagnostics).toContain(told)
})
