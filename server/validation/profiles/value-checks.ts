import type { ProfileElement } from '../../definitions/cut-profile.ts'
import type { Fields } from '../walk.ts'
import { compareToLimit } from './limits.ts'
import type { ItemCheck } from './node-rule.ts'
import { equalsFixed, matchesPattern } from './pattern.ts'

/** What the value itself must be. @param profile canonical, for messages */
export function valueChecks(definition: ProfileElement, profile: string): ItemCheck[] {
  const { fixed, pattern, maxLength, minValue, maxValue, mustHaveValue, valueAlternatives } = definition
  const checks: ItemCheck[] = []
  if (fixed !== undefined)
    checks.push(({ value }, walk) => {
      if (!equalsFixed(value, fixed)) walk.report('value', `Must be exactly ${shown(fixed)} (${profile}).`)
    })
  if (pattern !== undefined)
    checks.push(({ value }, walk) => {
      if (!matchesPattern(value, pattern)) walk.report('value', `Must hold ${shown(pattern)} (${profile}).`)
    })
  if (maxLength !== undefined)
    checks.push(({ value }, walk) => {
      if (typeof value === 'string' && [...value].length > maxLength)
        walk.report('value', `Must not be longer than ${maxLength} characters (${profile}).`)
    })
  if (mustHaveValue || valueAlternatives)
    checks.push(({ value, beside }, walk) => {
      const extensions = (Array.isArray(beside?.extension) ? beside.extension : []) as Fields[]
      if (value === undefined && !extensions.some(({ url }) => valueAlternatives?.includes(String(url))))
        walk.report(
          'required',
          `Must have a value${valueAlternatives ? ` or ${valueAlternatives.join(', ')}` : ''} (${profile}).`,
        )
    })
  if (minValue !== undefined) checks.push(limitCheck(minValue, -1, 'below', profile))
  if (maxValue !== undefined) checks.push(limitCheck(maxValue, 1, 'above', profile))
  return checks
}

function limitCheck(limit: unknown, refused: -1 | 1, word: string, profile: string): ItemCheck {
  return ({ value }, walk) => {
    if (value === undefined) return
    const order = compareToLimit(value, limit)
    if (order === refused) walk.report('value', `Must not be ${word} ${shown(limit)} (${profile}).`)
    if (order === undefined)
      walk.report('processing', `Cannot be compared with ${shown(limit)} (${profile}).`, undefined, 'warning')
  }
}

const shown = (value: unknown) => JSON.stringify(value).slice(0, 200)
