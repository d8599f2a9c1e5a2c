import type { Kind } from '../measure/kinds.ts'
import { parseBloodPressure } from './blood-pressure.ts'
import type { Parsed } from './device-reading.ts'
import { parseGlucose } from './glucose.ts'
import { parseContinuous, parseSpotCheck } from './oximeter.ts'
import { parseTemperature } from './temperature.ts'
import { parseWeight } from './weight.ts'

/** How a kind of device tells what it has measured, by the numbers that Bluetooth has given. */
export type DeviceService = {
  service: number
  characteristics: readonly { uuid: number; parse: (view: DataView) => Parsed; isContinuous?: boolean }[]
  /** It tells its latest only when it is asked for it, at this control point. */
  recordAccess?: number
}

export const SERVICES: Readonly<Partial<Record<Kind['name'], DeviceService>>> = {
  oximeter: {
    service: 0x1822,
    characteristics: [
      { uuid: 0x2a5e, parse: parseSpotCheck },
      { uuid: 0x2a5f, parse: parseContinuous, isContinuous: true },
    ],
  },
  pressure: { service: 0x1810, characteristics: [{ uuid: 0x2a35, parse: parseBloodPressure }] },
  weight: { service: 0x181d, characteristics: [{ uuid: 0x2a9d, parse: parseWeight }] },
  temperature: { service: 0x1809, characteristics: [{ uuid: 0x2a1c, parse: parseTemperature }] },
  glucose: { service: 0x1808, characteristics: [{ uuid: 0x2a18, parse: parseGlucose }], recordAccess: 0x2a52 },
}

/** Report stored records: the last one. https://www.bluetooth.com/specifications/specs/glucose-service-1-0-1/ §3.4 */
export const REPORT_LAST = new Uint8Array([0x01, 0x06])

export const DEVICE_INFORMATION = { service: 0x180a, manufacturer: 0x2a29, model: 0x2a24 } as const
export const CURRENT_TIME = { service: 0x1805, characteristic: 0x2a2b } as const
