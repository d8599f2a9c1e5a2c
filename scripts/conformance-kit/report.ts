import { toHtml } from '../../server/to-html.ts'
import type { Outcome, Result } from './run-case.ts'

export const countsOf = (results: Result[]): Record<Outcome, number> => {
  const count = (outcome: Outcome) => results.filter((one) => one.outcome === outcome).length
  return { pass: count('pass'), fail: count('fail'), warn: count('warn'), skip: count('skip') }
}

const SIGNS: Record<Outcome, string> = { pass: '✓', fail: '✗', warn: '!', skip: '-' }

export const lineOf = ({ case: name, test, outcome, message, milliseconds }: Result): string =>
  `${SIGNS[outcome]} ${name}: ${test} (${milliseconds} ms)${message ? `\n    ${message}` : ''}`

/** What build servers read: a suite for each case. */
export function toJUnit(results: Result[]): string {
  const suites = [...Map.groupBy(results, (one) => one.case)].map(([name, all]) => {
    const { fail, skip } = countsOf(all)
    const cases = all.map(({ test, outcome, message = '', milliseconds }) => {
      const told = toHtml(message)
      const body = {
        fail: `<failure message="${told}"/>`,
        skip: `<skipped message="${told}"/>`,
        pass: '',
        warn: `<system-out>${told}</system-out>`,
      }
      return `    <testcase classname="${toHtml(name)}" name="${toHtml(test)}" time="${milliseconds / 1000}">${body[outcome]}</testcase>`
    })
    return `  <testsuite name="${toHtml(name)}" tests="${all.length}" failures="${fail}" skipped="${skip}">\n${cases.join('\n')}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}
