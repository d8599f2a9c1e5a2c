import type { Field } from '../measure/kinds.ts'
import type { DeviceTime } from './bytes.ts'

/** What the device says was not as it should be. With one of these the value is kept as disturbed, and the person is told what to do. */
export type Disturbance = 'moved' | 'looseCuff' | 'wrongPosition' | 'irregularPulse' | 'weakSignal' | 'deviceDoubts'

/** Why what a device sent is no measurement. `aboveRange`, `belowRange`: it is more, or less, than the device can show. */
export type NoReading = 'noValue' | 'notOfABody' | 'stillMeasuring' | 'deviceFault' | 'aboveRange' | 'belowRange'

/** One measurement as a device sent it, in the units of the app. */
export type DeviceReading = {
  values: Readonly<Partial<Record<Field['name'], number>>>
  /** By the device's own clock, where it has one. */
  stampedAt?: DeviceTime
  disturbances: readonly Disturbance[]
  /** Of several who use the device; by its own number. */
  user?: number
}

export type Parsed = DeviceReading | { refused: NoReading }

export const isRefused = (parsed: Parsed): parsed is { refused: NoReading } => 'refused' in parsed

/** @param table which bit says what */
export const disturbancesIn = (
  status: number,
  table: Readonly<Record<number, Disturbance>>,
): readonly Disturbance[] => [
  ...new Set(Object.entries(table).flatMap(([bit, disturbance]) => ((status >> Number(bit)) & 1 ? [disturbance] : []))),
]

/** As many decimals as the field has; what is worked out of another unit has none that the device has measured. */
export const rounded = (value: number, decimalCount: number): number => Number(value.toFixed(decimalCount))
