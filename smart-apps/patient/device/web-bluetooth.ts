/**
 * As much of Web Bluetooth as devices at home need. It is no part of TypeScript’s own library, for not every browser has it.
 * @see https://webbluetoothcg.github.io/web-bluetooth/
 */
export type Bluetooth = {
  getAvailability?(): Promise<boolean>
  requestDevice(options: RequestOptions): Promise<BluetoothDevice>
  /** Those that somebody has chosen before; not in every browser. */
  getDevices?(): Promise<BluetoothDevice[]>
}
export type RequestOptions = {
  filters: { services?: number[]; name?: string }[]
  optionalServices?: number[]
}
export type BluetoothDevice = EventTarget & {
  /** The browser's own name for it at this site. */
  id: string
  name?: string
  gatt?: GattServer
}
export type GattServer = {
  connected: boolean
  connect(): Promise<GattServer>
  disconnect(): void
  getPrimaryService(service: number): Promise<GattService>
}
export type GattService = { getCharacteristic(characteristic: number): Promise<GattCharacteristic> }
export type GattCharacteristic = EventTarget & {
  value?: DataView
  readValue(): Promise<DataView>
  writeValueWithResponse(value: BufferSource): Promise<void>
  startNotifications(): Promise<GattCharacteristic>
}

/** undefined where the browser has none, as on every iPhone. */
export const findBluetooth = (): Bluetooth | undefined => (navigator as Navigator & { bluetooth?: Bluetooth }).bluetooth
