/** A stream of random numbers that is the same each time for the same seed. Not for secrets. */
export type Random = {
  /** At least 0, below 1. */
  uniform(): number
  between(low: number, high: number): number
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number
  normal(mean: number, deviation: number): number
  happens(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** A stream of its own under a name, so that what one patient draws never shifts what another gets. */
  fork(name: string): Random
}

/** @param seed any text; the same text gives the same stream on every machine */
export function createRandom(seed: string): Random {
  const next = sfc32(seed)
  const random: Random = {
    uniform: next,
    between: (low, high) => low + next() * (high - low),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    // Box–Muller; 1 - u keeps the logarithm away from zero.
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    happens: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[Math.floor(next() * from.length)]
      if (picked === undefined) throw new RangeError('Nothing to pick from.')
      return picked
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  }
  return random
}

/** Chris Doty-Humphrey's Small Fast Counter: 128 bits of state, passes PractRand; twelve lines instead of a dependency. */
function sfc32(seed: string): () => number {
  let a = hash(`${seed}a`)
  let b = hash(`${seed}b`)
  let c = hash(`${seed}c`)
  let counter = 1
  const next = () => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 2166136261
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619)
  return value | 0
}
