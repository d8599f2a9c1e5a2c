import { Bytes, type DeviceTime } from './bytes.ts'
import { type Disturbance, disturbancesIn, type Parsed, rounded } from './device-reading.ts'

/** 180.156 g are a mole of glucose. */
const MMOL_IN_KG = 1_000_000 / 180.156
const CONTROL_SOLUTION = 10
/** Sensor Status Annunciation: the strip, the sample or the meter was not as it must be. */
const FAULTS = 0b0010_0001_1110
/** What it cannot show it must not be taken to show: such a number is a bound, and what it stands for is told in words. */
const ABOVE_RANGE = 1 << 5
const BELOW_RANGE = 1 << 6
const DISTURBANCES: Readonly<Record<number, Disturbance>> = {
  ...{ 7: 'deviceDoubts', 8: 'deviceDoubts', 10: 'deviceDoubts' },
}
const DAY_MINUTES = 24 * 60
const DAY_MILLIS = 86_400_000

/**
 * Glucose Measurement, 0x2A18: as an amount or as a mass, both told in mmol/L. What was measured of a control solution is nobody's.
 * @throws Unreadable for fewer bytes than its flags promise
 * @see https://www.bluetooth.com/specifications/specs/glucose-service-1-0-1/
 */
export function parseGlucose(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  bytes.uint16() // its number in the meter's store
  const base = bytes.dateTime()
  const offsetMinutes = flags & 0b1 ? bytes.int16() : 0
  const hasValue = (flags & 0b10) !== 0
  const value = hasValue ? bytes.sfloat() : undefined
  const sample = hasValue ? bytes.uint8() & 0xf : 0
  const status = flags & 0b1000 ? bytes.uint16() : 0
  if (sample === CONTROL_SOLUTION) return { refused: 'notOfABody' }
  if (status & FAULTS) return { refused: 'deviceFault' }
  if (status & ABOVE_RANGE) return { refused: 'aboveRange' }
  if (status & BELOW_RANGE) return { refused: 'belowRange' }
  if (value === undefined) return { refused: 'noValue' }
  const stampedAt = base && later(base, offsetMinutes)
  return {
    values: { glucose: rounded(flags & 0b100 ? value * 1000 : value * MMOL_IN_KG, 1) },
    ...(stampedAt ? { stampedAt } : {}),
    disturbances: disturbancesIn(status, DISTURBANCES),
  }
}

/** By a clock on the wall, which knows of no summer time. */
function later({ date, minuteOfDay, second }: DeviceTime, minutes: number): DeviceTime {
  const whole = minuteOfDay + minutes
  const days = Math.floor(whole / DAY_MINUTES)
  return {
    date: new Date(Date.parse(date) + days * DAY_MILLIS).toISOString().slice(0, 10),
    minuteOfDay: whole - days * DAY_MINUTES,
    second,
  }
}
