import fc from 'fast-check'
import type { Json, JsonObject } from '../../server/core/fhir/resource.ts'

/** What a broken client might send in the place of anything. */
const STRANGE: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    [],
    {},
    [[]],
    [null],
    '',
    ' ',
    true,
    0,
    -1,
    1e308,
    4_294_967_296,
    '\u0000',
    '\ud800',
    '\u202e',
    'ï¿½',
  ),
  fc.constantFrom<Json>(
    '2024-02-30',
    '24:00:00',
    'Patient/',
    'Patient/a b',
    '#nowhere',
    'urn:uuid:x',
    '../../etc/passwd',
    '%00',
  ),
  fc.constantFrom<Json>(
    'x'.repeat(70_000),
    { resourceType: 'Patient' },
    { extension: [{ url: 'x' }] },
    { url: 'x', valueString: 'y' },
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
)

type Place = { holder: Record<string, Json>; name: string }

/**
 * The resource with one to four things changed somewhere: taken away, doubled, renamed, moved, or put in the place of
 * something else. Where and what come from the arbitrary, so a failure shrinks to the smallest change.
 */
export function mutated(resource: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const change = fc.record({ at: fc.nat(), from: fc.nat(), how: fc.constantFrom(...HOW), strange: STRANGE })
  return fc.tuple(resource, fc.array(change, { minLength: 1, maxLength: 4 })).map(([whole, changes]) => {
    const copy = structuredClone(whole)
    for (const { at, from, how, strange } of changes) {
      const places = placesIn(copy)
      const place = places[at % places.length]
      const other = places[from % places.length]
      // A copy: what stands in several places must not change in all of them.
      if (place && other) applyChange(place, other, how, structuredClone(strange))
    }
    return copy
  })
}

const HOW = ['replace', 'remove', 'rename', 'wrap', 'swap', 'add', 'double'] as const

function applyChange({ holder, name }: Place, other: Place, how: (typeof HOW)[number], strange: Json): void {
  const value = holder[name] ?? null
  switch (how) {
    case 'replace':
      holder[name] = strange
      return
    case 'remove':
      delete holder[name]
      return
    case 'rename':
      delete holder[name]
      holder[`${name}x`] = value
      return
    case 'wrap':
      holder[name] = Array.isArray(value) ? (value[0] ?? null) : [value]
      return
    case 'swap':
      holder[name] = structuredClone(other.holder[other.name] ?? null)
      return
    case 'add':
      holder.unknownElement = strange
      return
    case 'double':
      holder[name] = [structuredClone(value), structuredClone(value)]
  }
}

function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, Json>
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name] ?? null)])
}
