import type { SideValue } from './index-row.ts'
import { toBaseUnits, UCUM_SYSTEM } from './ucum.ts'

type Quantity = {
  value?: unknown
  comparator?: unknown
  unit?: unknown
  code?: unknown
  system?: unknown
  currency?: unknown
}
type Bounds = { low: number; high: number }

/** Rows of search_quantity without their key. https://hl7.org/fhir/R4/search.html#quantity */
export function quantityRows(type: string, value: unknown): SideValue[][] {
  if (typeof value !== 'object' || value === null) return []
  switch (type) {
    case 'Range':
      return rangeRows(value as { low?: Quantity; high?: Quantity })
    case 'SampledData':
      return sampledRows(value as SampledData)
    case 'Money': {
      const { currency } = value as Quantity
      return row({ ...value, code: currency, system: 'urn:iso:std:iso:4217' }, boundsOf(value))
    }
    default:
      return row(value, boundsOf(value))
  }
}

/** A comparator opens the value to one side: `<5` covers all below 5. */
function boundsOf({ value, comparator }: Quantity): Bounds | undefined {
  if (typeof value !== 'number') return undefined
  if (comparator === '<' || comparator === '<=') return { low: Number.NEGATIVE_INFINITY, high: value }
  if (comparator === '>' || comparator === '>=') return { low: value, high: Number.POSITIVE_INFINITY }
  return { low: value, high: value }
}

function rangeRows({ low, high }: { low?: Quantity; high?: Quantity }): SideValue[][] {
  const bounds = {
    low: typeof low?.value === 'number' ? low.value : Number.NEGATIVE_INFINITY,
    high: typeof high?.value === 'number' ? high.value : Number.POSITIVE_INFINITY,
  }
  return low || high ? row({ ...high, ...low }, bounds) : []
}

type SampledData = { origin?: Quantity; factor?: unknown; data?: unknown }

/** From the lowest sample to the highest: `origin + sample * factor`. */
function sampledRows({ origin, factor, data }: SampledData): SideValue[][] {
  if (!origin || typeof data !== 'string') return []
  const samples = data.split(/\s+/).map(Number).filter(Number.isFinite)
  if (samples.length === 0) return []
  const start = typeof origin.value === 'number' ? origin.value : 0
  const scale = typeof factor === 'number' ? factor : 1
  const values = samples.map((sample) => start + sample * scale)
  const bounds = values.reduce(({ low, high }, v) => ({ low: Math.min(low, v), high: Math.max(high, v) }), {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  })
  return row(origin, bounds)
}

function row({ code, unit, system }: Quantity, bounds: Bounds | undefined): SideValue[][] {
  if (!bounds) return []
  const isUcum = system === UCUM_SYSTEM
  const base = isUcum && typeof code === 'string' ? toBaseUnits(code) : undefined
  return [
    [
      bounds.low,
      bounds.high,
      textOf(code),
      unit === code ? null : textOf(unit),
      isUcum ? null : (textOf(system) ?? ''),
      base?.unit ?? null,
      base?.convert(bounds.low) ?? null,
      base?.convert(bounds.high) ?? null,
    ],
  ]
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
