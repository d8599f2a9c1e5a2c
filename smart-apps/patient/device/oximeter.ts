import { Bytes } from './bytes.ts'
import { type DeviceReading, type Disturbance, disturbancesIn, type Parsed, rounded } from './device-reading.ts'

/** Measurement Status; the bits that are not named say how far along it is. */
const ONGOING = 1 << 5
/** Shown in a shop, or made up for a test: of nobody's body. */
const NOT_OF_A_BODY = (1 << 10) | (1 << 11)
const UNAVAILABLE = (1 << 12) | (1 << 13) | (1 << 15)
const OF_MEASUREMENT: Readonly<Record<number, Disturbance>> = { 14: 'deviceDoubts' }
/** Device and Sensor Status. */
const SENSOR_OFF = (1 << 1) | (1 << 11) | (1 << 14) | (1 << 15)
const OF_SENSOR: Readonly<Record<number, Disturbance>> = {
  ...{ 2: 'weakSignal', 3: 'weakSignal', 4: 'weakSignal', 5: 'weakSignal', 6: 'moved', 7: 'weakSignal' },
  ...{ 8: 'deviceDoubts', 10: 'wrongPosition', 12: 'deviceDoubts', 13: 'wrongPosition' },
}

/**
 * PLX Spot-check Measurement, 0x2A5E.
 * @throws Unreadable for fewer bytes than its flags promise
 * @see https://www.bluetooth.com/specifications/specs/pulse-oximeter-service-1-0-1/
 */
export function parseSpotCheck(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  const [spo2, pulse] = [bytes.sfloat(), bytes.sfloat()]
  const stamp = flags & 0b1 ? bytes.dateTime() : undefined
  const status = flags & 0b10 ? bytes.uint16() : 0
  const sensor = flags & 0b100 ? bytes.uint24() : 0
  const isClockUnset = (flags & 0b1_0000) !== 0
  return judged({ spo2, pulse, status, sensor, ...(stamp && !isClockUnset ? { stampedAt: stamp } : {}) })
}

/** PLX Continuous Measurement, 0x2A5F: the same a second at a time, without a clock. @throws Unreadable as above */
export function parseContinuous(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  const [spo2, pulse] = [bytes.sfloat(), bytes.sfloat()]
  for (const bit of [0b1, 0b10]) if (flags & bit) [bytes.sfloat(), bytes.sfloat()] // faster and slower averages
  const status = flags & 0b100 ? bytes.uint16() : 0
  const sensor = flags & 0b1000 ? bytes.uint24() : 0
  // It is under way as long as the finger is in it; what says so is no reason to refuse a second of it.
  return judged({ spo2, pulse, status: status & ~ONGOING, sensor })
}

type Sent = Pick<DeviceReading, 'stampedAt'> & {
  spo2: number | undefined
  pulse: number | undefined
  status: number
  sensor: number
}

function judged({ spo2, pulse, status, sensor, stampedAt }: Sent): Parsed {
  if (status & NOT_OF_A_BODY) return { refused: 'notOfABody' }
  if (status & UNAVAILABLE || sensor & SENSOR_OFF) return { refused: 'deviceFault' }
  if (spo2 === undefined) return { refused: 'noValue' }
  if (status & ONGOING) return { refused: 'stillMeasuring' }
  return {
    values: { spo2: rounded(spo2, 0), ...(pulse === undefined ? {} : { pulse: rounded(pulse, 0) }) },
    ...(stampedAt ? { stampedAt } : {}),
    disturbances: [...new Set([...disturbancesIn(status, OF_MEASUREMENT), ...disturbancesIn(sensor, OF_SENSOR)])],
  }
}

/** So many seconds in a row within one per cent are a value that stands still; the first seconds of a finger never are. */
const STEADY_COUNT = 8
const STEADY_SPREAD = 1

/** @param latest of a device that sends each second, oldest first @returns the one to take, once it stands still */
export function steady(latest: readonly DeviceReading[]): DeviceReading | undefined {
  const last = latest.slice(-STEADY_COUNT)
  const values = last.flatMap(({ values: { spo2 }, disturbances }) =>
    spo2 === undefined || disturbances.length > 0 ? [] : [spo2],
  )
  const isSteady = values.length === STEADY_COUNT && Math.max(...values) - Math.min(...values) <= STEADY_SPREAD
  return isSteady ? last.at(-1) : undefined
}
