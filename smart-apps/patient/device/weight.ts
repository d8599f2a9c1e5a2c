import { Bytes } from './bytes.ts'
import { type Parsed, rounded } from './device-reading.ts'

const LB_IN_KG = 0.453_592_37
const UNSUCCESSFUL = 0xffff
const NO_USER = 255

/**
 * Weight Measurement, 0x2A9D: in steps of 5 g, or of a hundredth of a pound.
 * @throws Unreadable for fewer bytes than its flags promise
 * @see https://www.bluetooth.com/specifications/specs/weight-scale-service-1-0-1/
 */
export function parseWeight(view: DataView): Parsed {
  const bytes = new Bytes(view)
  const flags = bytes.uint8()
  const raw = bytes.uint16()
  const stampedAt = flags & 0b10 ? bytes.dateTime() : undefined
  const user = flags & 0b100 ? bytes.uint8() : NO_USER
  if (flags & 0b1000) [bytes.uint16(), bytes.uint16()] // body mass index and height
  if (raw === UNSUCCESSFUL) return { refused: 'noValue' }
  return {
    values: { weight: rounded(flags & 1 ? raw * 0.01 * LB_IN_KG : raw * 0.005, 1) },
    ...(stampedAt ? { stampedAt } : {}),
    disturbances: [],
    ...(user === NO_USER ? {} : { user }),
  }
}
