import { expect, test } from '@jest/globals'
import type { Parameters } from '@medplum/fhirtypes'
import type { Exchange } from '../exchange.ts'
import { splitEnrolParameters } from './enrol-parameters.ts'

const asked = (parameter: Parameters['parameter']) =>
  splitEnrolParameters({ body: { resourceType: 'Parameters', parameter } } as Exchange).own.eligibility
const CRITERION = { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/eligibility-criterion', code: 'informed' }] }

test('what was made sure of is each criterion with whether it was met', () => {
  const part = [
    { name: 'criterion', valueCodeableConcept: CRITERION },
    { name: 'met', valueBoolean: false },
  ]
  expect(asked([{ name: 'eligibility', part }])).toEqual([{ criterion: CRITERION, met: false }])
  expect(asked([])).toEqual([])
})

test.each([
  ['without whether it was met', [{ name: 'criterion', valueCodeableConcept: CRITERION }]],
  ['without a criterion', [{ name: 'met', valueBoolean: true }]],
  [
    'with words in place of a concept',
    [
      { name: 'criterion', valueString: 'informed' },
      { name: 'met', valueBoolean: true },
    ],
  ],
  ['with nothing', undefined],
])('eligibility %s is refused', (_, part) => {
  const given = { name: 'eligibility', ...(part ? { part } : {}) }
  expect(() => asked([given])).toThrow(
    expect.objectContaining({ issues: [expect.objectContaining({ code: 'value', expression: ['eligibility'] })] }),
  )
})

test('what comes with an enrolment is Tasks, and nothing else', () => {
  const given = (resource: object) =>
    splitEnrolParameters({
      body: { resourceType: 'Parameters', parameter: [{ name: 'task', resource }] },
    } as unknown as Exchange).own.tasks
  const task = { resourceType: 'Task', status: 'requested', intent: 'order' }
  expect(given(task)).toEqual([task])
  expect(() => given({ resourceType: 'ServiceRequest' })).toThrow(
    expect.objectContaining({ issues: [expect.objectContaining({ code: 'value', expression: ['task'] })] }),
  )
})
