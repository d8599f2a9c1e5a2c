/**
 * A value in which every reference of these is written otherwise. What comes from an EHR names its patient by its own id, and what goes
 * back to it must name them so too.
 */
export function renamed<T>(value: T, names: ReadonlyMap<string, string>): T {
  if (Array.isArray(value)) return value.map((one) => renamed(one, names)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) =>
    name === 'reference' && typeof inner === 'string'
      ? [name, names.get(inner) ?? inner]
      : [name, renamed(inner, names)],
  )
  return Object.fromEntries(entries) as T
}

/** From here to there: the EHR's relative references, which come first in its names. */
export function reversed(names: ReadonlyMap<string, string>): Map<string, string> {
  const back = new Map<string, string>()
  for (const [there, here] of names) if (!back.has(here)) back.set(here, there)
  return back
}
