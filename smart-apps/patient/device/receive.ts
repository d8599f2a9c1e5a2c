import type { Kind } from '../measure/kinds.ts'
import { Bytes, type DeviceTime, Unreadable } from './bytes.ts'
import { type DeviceReading, isRefused, type NoReading } from './device-reading.ts'
import { steady } from './oximeter.ts'
import { CURRENT_TIME, DEVICE_INFORMATION, type DeviceService, REPORT_LAST, SERVICES } from './services.ts'
import type { Bluetooth, BluetoothDevice, GattCharacteristic, GattServer } from './web-bluetooth.ts'

/** What went wrong, so that it can be told in words that help. */
export type DeviceProblem =
  | NoReading
  | 'off'
  | 'notChosen'
  | 'notAllowed'
  | 'notThatKind'
  | 'lost'
  | 'tooLong'
  | 'unreadable'

export class DeviceTrouble extends Error {
  readonly problem: DeviceProblem
  constructor(problem: DeviceProblem, cause?: unknown) {
    super(problem, { cause })
    this.problem = problem
  }
}

/** One that somebody has used before: by the browser's name for it, as it is told to people, and as it calls itself in the air. */
export type KnownDevice = { id: string; name: string; advertisedAs?: string }

export type Received = {
  reading: DeviceReading
  /** The newest of so many. */
  count: number
  arrivedAt: Date
  clock?: { shows: DeviceTime; askedAt: Date }
  device: KnownDevice
  /** Maker and model, where it tells them; else its name. */
  madeAs: string
}

export type Receiving = {
  known?: KnownDevice
  onProgress: (at: Progress) => void
  /** It has been connected to, and can be told apart next time. */
  onKnown: (device: KnownDevice) => void
  signal: AbortSignal
}

export type Progress = 'choosing' | 'connecting' | 'waiting'

/** Of a record access control point. */
const RESPONSE_CODE = 6
const SUCCESS = 1
const WAIT_MILLIS = 120_000
/** A device that has kept several sends them one after the other, the newest mostly last. */
const QUIET_MILLIS = 1_500

/** Chosen since the app was opened: it is connected to again without being chosen again. */
const chosenHere = new Map<Kind['name'], BluetoothDevice>()

/**
 * Lets the person choose a device, or takes the one of last time, and waits for what it measures.
 * @param known the one of last time, as the person wants it again; without it one is chosen
 * @param signal when the person goes on to something else
 * @throws DeviceTrouble with what can be told
 */
export async function receive(
  bluetooth: Bluetooth,
  kind: Kind['name'],
  { known, onProgress, onKnown, signal }: Receiving,
): Promise<Received> {
  const service = SERVICES[kind]
  if (!service) throw new DeviceTrouble('notThatKind')
  if ((await bluetooth.getAvailability?.()) === false) throw new DeviceTrouble('off')
  onProgress('choosing')
  const here = known && chosenHere.get(kind)
  const device = here?.id === known?.id && here ? here : await choose(bluetooth, service, known)
  chosenHere.set(kind, device)
  onProgress('connecting')
  const server = await connect(device)
  const disconnect = () => server.connected && server.disconnect()
  signal.addEventListener('abort', disconnect, { once: true })
  try {
    const clock = await clockOf(server)
    const madeAs = (await makeOf(server)) || device.name || ''
    const own = { id: device.id, name: device.name || madeAs, ...(device.name ? { advertisedAs: device.name } : {}) }
    onKnown(own)
    onProgress('waiting')
    const { reading, count } = await newestOf(server, device, service, signal)
    return {
      ...{ reading, count, madeAs, arrivedAt: new Date() },
      ...(clock ? { clock } : {}),
      device: own,
    }
  } finally {
    signal.removeEventListener('abort', disconnect)
    disconnect()
  }
}

async function choose(
  bluetooth: Bluetooth,
  { service }: DeviceService,
  known: KnownDevice | undefined,
): Promise<BluetoothDevice> {
  const permitted = known && (await bluetooth.getDevices?.().catch(() => []))
  const same = permitted?.find(({ id }) => id === known?.id)
  if (same) return same
  // A browser that forgets asks again, for that one alone.
  const filters = known?.advertisedAs ? [{ services: [service], name: known.advertisedAs }] : [{ services: [service] }]
  try {
    return await bluetooth.requestDevice({
      filters,
      optionalServices: [service, DEVICE_INFORMATION.service, CURRENT_TIME.service],
    })
  } catch (error) {
    throw new DeviceTrouble(nameOf(error) === 'NotFoundError' ? 'notChosen' : 'notAllowed', error)
  }
}

async function connect({ gatt }: BluetoothDevice): Promise<GattServer> {
  if (!gatt) throw new DeviceTrouble('notThatKind')
  try {
    return await gatt.connect()
  } catch (error) {
    throw new DeviceTrouble('lost', error)
  }
}

/** What the device takes it to be now; asked at once, since nobody knows how long it takes to measure. */
async function clockOf(server: GattServer): Promise<Received['clock'] | undefined> {
  const value = await readOf(server, CURRENT_TIME.service, CURRENT_TIME.characteristic)
  if (!value) return undefined
  try {
    const shows = new Bytes(value).dateTime()
    return shows && { shows, askedAt: new Date() }
  } catch {
    return undefined
  }
}

async function makeOf(server: GattServer): Promise<string> {
  const { service, manufacturer, model } = DEVICE_INFORMATION
  const words: string[] = []
  // One after the other: a device answers one question at a time, and Web Bluetooth refuses the second.
  for (const characteristic of [manufacturer, model]) {
    const value = await readOf(server, service, characteristic)
    // Some fill what they say with zeros.
    if (value)
      words.push(
        new TextDecoder()
          .decode(value)
          .replace(/\p{Cc}/gu, '')
          .trim(),
      )
  }
  return words.filter(Boolean).join(' ')
}

/** What a device has not, it need not have. */
async function readOf(server: GattServer, service: number, characteristic: number): Promise<DataView | undefined> {
  try {
    return await (await (await server.getPrimaryService(service)).getCharacteristic(characteristic)).readValue()
  } catch {
    return undefined
  }
}

/** Listens to what the device measures until it has sent it, breaks off, or nothing comes. */
async function newestOf(
  server: GattServer,
  device: BluetoothDevice,
  asked: DeviceService,
  signal: AbortSignal,
): Promise<{ reading: DeviceReading; count: number }> {
  const found = await characteristicsOf(server, asked)
  return new Promise((resolve, reject) => {
    const readings: DeviceReading[] = []
    let refusal: DeviceProblem | undefined
    let quiet: ReturnType<typeof setTimeout> | undefined
    const gone = new AbortController()
    const settle = (isOver: () => void) => {
      gone.abort()
      clearTimeout(quiet)
      clearTimeout(longest)
      isOver()
    }
    const finish = (otherwise: DeviceProblem) => {
      // What is told while it goes on holds only once it is steady: the last of it may be of a finger that was drawn out.
      const reading = found.every(({ isContinuous }) => isContinuous) ? undefined : newestIn(readings)
      settle(() =>
        reading ? resolve({ reading, count: readings.length }) : reject(new DeviceTrouble(refusal ?? otherwise)),
      )
    }
    const longest = setTimeout(() => finish('tooLong'), WAIT_MILLIS)
    const { signal: isGone } = gone
    device.addEventListener('gattserverdisconnected', () => finish('lost'), { signal: isGone })
    signal.addEventListener('abort', () => settle(() => reject(new DeviceTrouble('lost'))), { signal: isGone })
    for (const { characteristic, parse, isContinuous } of found) {
      const onValue = () => {
        const { value } = characteristic
        if (!value) return
        try {
          const parsed = parse(value)
          if (isRefused(parsed)) {
            refusal = parsed.refused
            if (parsed.refused === 'stillMeasuring' || isContinuous) return
          } else readings.push(parsed)
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error
          refusal = 'unreadable'
        }
        if (isContinuous) {
          const still = steady(readings)
          if (still) settle(() => resolve({ reading: still, count: 1 }))
          return
        }
        clearTimeout(quiet)
        quiet = setTimeout(() => finish('noValue'), QUIET_MILLIS)
      }
      characteristic.addEventListener('characteristicvaluechanged', onValue, { signal: isGone })
    }
    listen(server, found, asked, () => finish('noValue')).catch((error: unknown) => {
      if (!isGone.aborted) settle(() => reject(new DeviceTrouble('lost', error)))
    })
  })
}

type Found = DeviceService['characteristics'][number] & { characteristic: GattCharacteristic }

/** @throws DeviceTrouble notThatKind where it has none of them */
async function characteristicsOf(server: GattServer, { service, characteristics }: DeviceService): Promise<Found[]> {
  const found: Found[] = []
  try {
    const offered = await server.getPrimaryService(service)
    for (const one of characteristics) {
      const characteristic = await offered.getCharacteristic(one.uuid).catch(() => undefined)
      // What is measured once and told whole is better than what is told while it goes on.
      if (characteristic && !(one.isContinuous && found.length > 0)) found.push({ ...one, characteristic })
    }
  } catch (error) {
    throw new DeviceTrouble(server.connected ? 'notThatKind' : 'lost', error)
  }
  if (found.length === 0) throw new DeviceTrouble('notThatKind')
  return found
}

/** Nothing is listened to before all is ready to hear: a device may send at once. */
async function listen(
  server: GattServer,
  found: readonly Found[],
  { service, recordAccess }: DeviceService,
  onNothing: () => void,
): Promise<void> {
  for (const { characteristic } of found) await characteristic.startNotifications()
  if (recordAccess === undefined) return
  const control = await (await server.getPrimaryService(service)).getCharacteristic(recordAccess)
  control.addEventListener('characteristicvaluechanged', () => {
    if (control.value && saysNothing(control.value)) onNothing()
  })
  await control.startNotifications()
  await control.writeValueWithResponse(REPORT_LAST)
}

/** A response code to our request that is not Success: it has stored none, or will not tell them. */
const saysNothing = (value: DataView): boolean =>
  value.byteLength >= 4 && value.getUint8(0) === RESPONSE_CODE && value.getUint8(3) !== SUCCESS

/** By the device's own clock; those without one in the order in which they came. */
export function newestIn(readings: readonly DeviceReading[]): DeviceReading | undefined {
  return readings.reduce<DeviceReading | undefined>(
    (newest, one) => (newest && stampOf(one) < stampOf(newest) ? newest : one),
    undefined,
  )
}

const stampOf = ({ stampedAt }: DeviceReading): string =>
  stampedAt
    ? `${stampedAt.date} ${String(stampedAt.minuteOfDay).padStart(4, '0')} ${String(stampedAt.second).padStart(2, '0')}`
    : ''

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
