import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXAMPLES } from './examples/examples.ts'
import { filled } from './examples/operation-example.ts'
import { definitionId, type Parameter, toDefinition } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { operationsPage } from './operations-page.ts'

const own = OPERATIONS.filter(({ isOwn }) => isOwn)

test('docs/operations.md tells what there is; node scripts/operations-page.ts writes it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  expect(page).toBe(operationsPage(OPERATIONS))
})

test('every operation of our own has examples, and every example an operation', () => {
  const ids = new Set(OPERATIONS.map((one) => definitionId(one)))
  expect(own.map((one) => definitionId(one)).filter((id) => !EXAMPLES[id]?.length)).toEqual([])
  expect(Object.keys(EXAMPLES).filter((id) => !ids.has(id))).toEqual([])
})

test.each(own.map((one) => [definitionId(one), one] as const))(
  '%s says what it does, and of each parameter its type, how many and what it means',
  (_id, operation) => {
    expect(operation.description).toMatch(/^[A-Z].{30,}\.$/)
    const all = (list: Parameter[]): Parameter[] => list.flatMap((one) => [one, ...all(one.part ?? [])])
    const given = all([...operation.in, ...operation.out])
    expect(given.filter(({ documentation }) => !/^\S.*[.…]$/.test(documentation))).toEqual([])
    expect(given.filter(({ type, part }) => (type === undefined) === (part === undefined))).toEqual([])
    expect(given.filter(({ name }) => !/^_?[a-zA-Z][A-Za-z0-9-]*$/.test(name))).toEqual([])
  },
)

test('the OperationDefinition shows the examples as its comment', () => {
  const claim = own.find(({ code }) => code === 'claim')
  const { comment } = toDefinition(claim as (typeof own)[0], 'Task')
  expect(comment).toContain('POST [base]/Task/example-claim/$claim')
  expect(comment).toContain('HTTP 409')
})

describe('an example is filled in when it is run', () => {
  const now = new Date('2026-11-10T08:00:00Z')
  const fill = (path: string, answers: [string, unknown][] = []) =>
    filled({ method: 'GET', path }, new Map(answers), now).path

  test.each([
    ['{{in 2 days}}', '2026-11-12T08:00:00.000Z'],
    ['{{1 minute ago}}', '2026-11-10T07:59:00.000Z'],
    ['{{today}}', '2026-11-10'],
  ])('%s is %s', (path, expected) => expect(fill(path)).toBe(expected))

  test('with what a step before gave', () => {
    expect(fill('PlanDefinition/{{draft.id}}/$submit', [['draft', { id: 'p1' }]])).toBe('PlanDefinition/p1/$submit')
  })

  test('what nothing gave is a mistake in the example', () => {
    expect(() => fill('PlanDefinition/{{draft.id}}')).toThrow('Nothing is called draft.id')
    expect(() => fill('{{in 2 days ago}}')).toThrow('Nothing is called')
  })
})
