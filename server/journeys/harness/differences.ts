/** Stands in what is expected for any value that is not empty. */
const ANY = '…'

/**
 * Where an answer does not hold what is expected. An object may have more than is expected, and so may a list, in which what is expected
 * stands in its order.
 * @returns one line a difference; none when it holds
 */
export function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (expected === ANY) return actual === undefined || actual === '' ? [`${path}: expected something`] : []
  if (Array.isArray(expected)) return ofLists(expected, actual, path)
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [told(expected, actual, path)]
    return Object.entries(expected).flatMap(([name, value]) =>
      value === undefined ? [] : differences(value, (actual as Record<string, unknown>)[name], `${path}.${name}`),
    )
  }
  return expected === actual ? [] : [told(expected, actual, path)]
}

function ofLists(expected: unknown[], actual: unknown, path: string): string[] {
  if (!Array.isArray(actual)) return [told(expected, actual, path)]
  let from = 0
  for (const [i, one] of expected.entries()) {
    const found = actual.findIndex((value, at) => at >= from && differences(one, value).length === 0)
    if (found < 0) return [told(one, actual.slice(from), `${path}[${i}]`)]
    from = found + 1
  }
  return []
}

const told = (expected: unknown, actual: unknown, path: string) =>
  `${path}: expected ${JSON.stringify(expected)}, came ${JSON.stringify(actual)?.slice(0, 2_000)}`
