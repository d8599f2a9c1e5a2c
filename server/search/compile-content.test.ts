import { Refusal } from '../core/fhir/outcome.ts'
import { identifierSystemCondition } from './compile-content.ts'
import type { Parameter } from './parameters.ts'

test('the system of a logical reference cannot be looked for where no path leads to the reference', () => {
  const parameter: Parameter = { type: 'Task', code: 'mine', kind: 'reference', keys: [], targets: [], roots: [] }
  expect(() => identifierSystemCondition(parameter, ['urn:x'], 'r')).toThrow(
    expect.objectContaining({
      issues: [expect.objectContaining({ code: 'not-supported', expression: ['mine:identifier'] })],
    }),
  )
  expect(() => identifierSystemCondition(parameter, ['urn:x'], 'r')).toThrow(Refusal)
})
