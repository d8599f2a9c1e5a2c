import { Bytes } from './bytes.ts'
import { type Parsed, rounded } from './device-reading.ts'

/**
 * Temperature Measurement, 0x2A1C.
 * @throws Unreadable for fewer bytes than its flags promise
 * @see https://www.bluetooth.com/specifications/specs/health-thermometer-service-1-0/
 */
export function parseTemperature(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  const value = bytes.float()
  const stampedAt = flags & 0b10 ? bytes.dateTime() : undefined
  if (flags & 0b100) bytes.uint8() // where it was measured
  if (value === undefined) return { refused: 'noValue' }
  const celsius = flags & 1 ? ((value - 32) * 5) / 9 : value
  return {
    values: { temperature: rounded(celsius, 1) },
    ...(stampedAt ? { stampedAt } : {}),
    disturbances: [],
  }
}
