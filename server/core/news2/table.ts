/** The seven things that NEWS2 looks at. */
export const PARTS = [
  'respiratoryRate',
  'spo2',
  'airOrOxygen',
  'systolic',
  'pulse',
  'consciousness',
  'temperature',
] as const
export type Part = (typeof PARTS)[number]
export type Points = 0 | 1 | 2 | 3

/** Alert, new confusion, reacts to voice, to pain, unresponsive. */
export type Consciousness = 'A' | 'C' | 'V' | 'P' | 'U'
/** 2 is for whom a doctor has decided that 88–92 % is right (hypercapnic respiratory failure). */
export type Spo2Scale = 1 | 2

export type Measures = {
  /** A minute. */
  respiratoryRate?: number | undefined
  /** Percent. */
  spo2?: number | undefined
  airOrOxygen?: 'air' | 'oxygen' | undefined
  /** mm[Hg] */
  systolic?: number | undefined
  /** A minute. */
  pulse?: number | undefined
  consciousness?: Consciousness | undefined
  /** Degrees Celsius. */
  temperature?: number | undefined
}

/** Points up to and with a value; the last row is everything above. */
type Bands = readonly (readonly [upTo: number, points: Points])[]
const ABOVE = Number.POSITIVE_INFINITY

/**
 * The chart as it is published, read from the low side to the high.
 * @see Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017; reproduced with attribution
 */
const CHART = {
  respiratoryRate: [
    [8, 3],
    [11, 1],
    [20, 0],
    [24, 2],
    [ABOVE, 3],
  ],
  spo2Scale1: [
    [91, 3],
    [93, 2],
    [95, 1],
    [ABOVE, 0],
  ],
  spo2Scale2OnAir: [
    [83, 3],
    [85, 2],
    [87, 1],
    [ABOVE, 0],
  ],
  spo2Scale2OnOxygen: [
    [83, 3],
    [85, 2],
    [87, 1],
    [92, 0],
    [94, 1],
    [96, 2],
    [ABOVE, 3],
  ],
  systolic: [
    [90, 3],
    [100, 2],
    [110, 1],
    [219, 0],
    [ABOVE, 3],
  ],
  pulse: [
    [40, 3],
    [50, 1],
    [90, 0],
    [110, 1],
    [130, 2],
    [ABOVE, 3],
  ],
  temperature: [
    [35.0, 3],
    [36.0, 1],
    [38.0, 0],
    [39.0, 1],
    [ABOVE, 2],
  ],
} as const satisfies Record<string, Bands>

/** A value is read as the chart has it: whole numbers, temperature to a tenth. */
function pointsOf(bands: Bands, value: number, step: 1 | 0.1 = 1): Points {
  const read = step === 1 ? Math.round(value) : Math.round(value * 10) / 10
  return bands.find(([upTo]) => read <= upTo)?.[1] ?? 0
}

/** The points of one part; undefined when it is not there, or needs another part that is not there. */
export function pointsOfPart(part: Part, measures: Measures, scale: Spo2Scale): Points | undefined {
  const { airOrOxygen, consciousness } = measures
  if (part === 'airOrOxygen') return airOrOxygen && (airOrOxygen === 'oxygen' ? 2 : 0)
  if (part === 'consciousness') return consciousness && (consciousness === 'A' ? 0 : 3)
  const value = measures[part]
  if (value === undefined) return undefined
  if (part === 'temperature') return pointsOf(CHART.temperature, value, 0.1)
  if (part !== 'spo2') return pointsOf(CHART[part], value)
  if (scale === 1) return pointsOf(CHART.spo2Scale1, value)
  return airOrOxygen && pointsOf(airOrOxygen === 'air' ? CHART.spo2Scale2OnAir : CHART.spo2Scale2OnOxygen, value)
}
