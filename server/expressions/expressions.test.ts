import fc from 'fast-check'
import type { Evaluator, Question } from '../core/decide/evaluator.ts'
import { evaluateHere } from '../core/decide/evaluator.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { openExpressions } from './expressions.ts'

const expressions = openExpressions({ expressionMilliseconds: 600, callMilliseconds: 5_000, threadCountMax: 1 })
afterAll(() => expressions.close())

const PATIENT: Resource = { resourceType: 'Patient', id: 'p', name: [{ family: `${'a'.repeat(40)}!` }] }
const NOW = new Date('2026-03-05T12:00:00Z')
const question = (expression: string, variables: Question['variables'] = {}): Question => ({
  ...{ language: 'text/fhirpath', expression, variables, focus: PATIENT, now: NOW },
})
const ask = (expression: string, variables?: Question['variables']) =>
  expressions.settle((evaluate) => evaluate(question(expression, variables)))

/** Both take for ever: backtracking, and a list that doubles thirty times. */
const PATTERN = "name.family.matches('^(a+)+$')"
const DOUBLING = `name${'.select($this.combine($this))'.repeat(30)}.count()`
const SQUARES = '%o.where(%o.where(%o.where(id = %o.id.first()).exists()).exists()).count()'
const MANY = Array.from({ length: 1_000 }, (_, i) => ({ resourceType: 'Observation', id: `o${i}` }))

/** How often something else could be done meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  const beat = setInterval(() => turns++, 5)
  await work()
  clearInterval(beat)
  return turns
}

test('a thread answers as it is answered here', async () => {
  const text = "name.family.matches('^a') and now() > %before.toDateTime()"
  const variables = { before: '2026-03-05T11:59:59Z' }
  expect(await ask(text, variables)).toEqual([true])
  expect(evaluateHere(question(text, variables))).toEqual([true])
})

test.each([
  ['a pattern that backtracks', PATTERN, {}],
  ['a list that doubles', DOUBLING, {}],
  ['loops in loops', SQUARES, { o: MANY }],
])('%s is stopped, and nobody waits meanwhile', async (_name, expression, variables) => {
  const turns = await turnsDuring(async () => {
    await expect(ask(expression, variables)).rejects.toMatchObject({ code: 'too-costly' })
  })
  expect(turns).toBeGreaterThan(10)
  expect(await ask("'a'.matches('a')")).toEqual([true])
})

test('an expression that overruns three times is not tried a fourth time', async () => {
  const expression = `${PATTERN} or false`
  for (let i = 0; i < 3; i++) await expect(ask(expression)).rejects.toThrow('It took longer than 600 ms.')
  await expect(ask(expression)).rejects.toMatchObject({
    code: 'too-costly',
    message: expect.stringContaining('left alone'),
  })
})

test('what is wrong is told by its own message', async () => {
  await expect(ask("name.matches('(')")).rejects.toThrow('Expected string')
  await expect(ask("%nobody.matches('a')")).rejects.toThrow('nobody')
})

test('a call is given so much time and no more', async () => {
  const short = openExpressions({ expressionMilliseconds: 200, callMilliseconds: 300, threadCountMax: 1 })
  const outcome = (evaluate: Evaluator, expression: string) => {
    try {
      return evaluate(question(expression))
    } catch (error) {
      return (error as Error).message
    }
  }
  const all = Array.from({ length: 6 }, (_, i) => `${PATTERN} or ${i} = 9`)
  const answers = await short.settle((evaluate) => all.map((expression) => outcome(evaluate, expression)))
  expect(answers[0]).toBe('It took longer than 200 ms.')
  expect(answers.slice(2)).toEqual(Array(4).fill('the expressions of one call may take 300 ms together'))
  await short.close()
})

test('what is asked with the answers of earlier questions is asked until all is answered', async () => {
  const chain = await expressions.settle((evaluate) => {
    let text = 'x'
    for (let i = 0; i < 5; i++) {
      try {
        text = String(evaluate(question("%text.replaceMatches('$', 'y')", { text }))[0])
      } catch {
        // As the core does: what could not be evaluated is noted, and the others go on.
      }
    }
    return text
  })
  expect(chain).toBe('xyyyyy')
})

test('a refusal counts only when everything has been answered', async () => {
  const work = (evaluate: Evaluator) => {
    let isWoken = false
    try {
      isWoken = evaluate(question("name.family.matches('^a')"))[0] === true
    } catch {}
    if (!isWoken) throw new Error('refused')
    return 'woken'
  }
  expect(await expressions.settle(work)).toBe('woken')
  await expect(expressions.settle(() => evaluateHere(question('%nobody')))).rejects.toThrow('nobody')
})

test('too much data is not sent at all', async () => {
  const data = Array.from({ length: 34 }, (_, i) => ({ resourceType: 'Binary', id: `b${i}`, data: 'x'.repeat(1e6) }))
  await expect(ask('%data.where(data.exists()).count()', { data })).rejects.toMatchObject({ code: 'too-costly' })
})

test('random expressions are answered here and by a thread alike', async () => {
  const atom = fc.constantFrom('name', 'id', '%o', '%o.id', "'a'", '1', '$this', 'name.family')
  const part = fc.constantFrom(
    ...['.count()', '.first()', '.where(id.exists())', '.select($this & $this)', '.exists()', '.distinct()'],
    ...['.combine($this)', '.where(%o.id.count() > 1)', ".matches('a')", '.sort()', '.toString()', '.skip(1)'],
  )
  const expression = fc.tuple(atom, fc.array(part, { maxLength: 6 })).map(([start, parts]) => start + parts.join(''))
  const variables = { o: MANY.slice(0, 20) }
  await fc.assert(
    fc.asyncProperty(expression, async (text) => {
      const here = outcomeOf(() => evaluateHere(question(text, variables)))
      const there = await ask(text, variables).then(
        (result) => ({ result }),
        () => 'failed',
      )
      expect(JSON.parse(JSON.stringify(there))).toEqual(JSON.parse(JSON.stringify(here)))
    }),
    { numRuns: 60 },
  )
})

function outcomeOf(work: () => unknown[]): unknown {
  try {
    return { result: work() }
  } catch {
    return 'failed'
  }
}
