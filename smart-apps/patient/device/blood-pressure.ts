import { Bytes } from './bytes.ts'
import { type Disturbance, disturbancesIn, type Parsed, rounded } from './device-reading.ts'

const KPA_IN_MMHG = 7.50062
const NO_USER = 255
const DISTURBANCES: Readonly<Record<number, Disturbance>> = {
  ...{ 0: 'moved', 1: 'looseCuff', 2: 'irregularPulse', 5: 'wrongPosition' },
}

/**
 * Blood Pressure Measurement, 0x2A35.
 * @throws Unreadable for fewer bytes than its flags promise
 * @see https://www.bluetooth.com/specifications/specs/blood-pressure-service-1-1-1/
 */
export function parseBloodPressure(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  const [systolic, diastolic] = [bytes.sfloat(), bytes.sfloat()]
  bytes.sfloat() // the mean, which nobody has asked for
  const stampedAt = flags & 0b10 ? bytes.dateTime() : undefined
  const pulse = flags & 0b100 ? bytes.sfloat() : undefined
  const user = flags & 0b1000 ? bytes.uint8() : NO_USER
  const status = flags & 0b1_0000 ? bytes.uint16() : 0
  if (systolic === undefined || diastolic === undefined) return { refused: 'noValue' }
  const inMmHg = (value: number) => rounded(flags & 1 ? value * KPA_IN_MMHG : value, 0)
  return {
    values: {
      ...{ systolic: inMmHg(systolic), diastolic: inMmHg(diastolic) },
      ...(pulse === undefined ? {} : { pulse: rounded(pulse, 0) }),
    },
    ...(stampedAt ? { stampedAt } : {}),
    disturbances: disturbancesIn(status, DISTURBANCES),
    ...(user === NO_USER ? {} : { user }),
  }
}
