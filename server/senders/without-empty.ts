/**
 * A tree without what says nothing: undefined, texts of blanks, and arrays and objects with nothing left in them. Receivers refuse
 * empty texts and arrays. @returns undefined where nothing is left
 */
export function withoutEmpty<T>(value: T): T | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (Array.isArray(value)) {
    const kept = value.map((one) => withoutEmpty(one) as unknown).filter((one) => one !== undefined)
    return kept.length > 0 ? (kept as T) : undefined
  }
  if (typeof value !== 'object') return value
  const kept = Object.entries(value).flatMap(([name, one]) => {
    const told = withoutEmpty(one as unknown)
    return told === undefined ? [] : [[name, told] as const]
  })
  return kept.length > 0 ? (Object.fromEntries(kept) as T) : undefined
}
