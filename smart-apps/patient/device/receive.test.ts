import { expect, test } from '@jest/globals'
import { receive } from './receive.ts'
import type { Bluetooth, BluetoothDevice, GattCharacteristic, GattServer } from './web-bluetooth.ts'

const SERVICE = 0x1822
const CONTINUOUS = 0x2a5f

/** PLX Continuous Measurement with no flags: SpO₂ and pulse as whole numbers, SFLOAT. */
const second = (spo2: number): DataView => new DataView(new Uint8Array([0, spo2, 0, 70, 0]).buffer)

/** An oximeter that tells each second and has no spot check. */
function oximeter(seconds: readonly number[]): Bluetooth {
  const characteristic = Object.assign(new EventTarget(), {
    startNotifications: async () => {
      setTimeout(tellAll)
      return characteristic
    },
  }) as unknown as GattCharacteristic
  const server: GattServer = {
    connected: true,
    connect: async () => server,
    disconnect: () => {},
    getPrimaryService: async (service) => {
      if (service !== SERVICE) throw new Error('It has no such service.')
      return {
        getCharacteristic: async (uuid) => {
          if (uuid !== CONTINUOUS) throw new Error('It has no such characteristic.')
          return characteristic
        },
      }
    },
  }
  const device: BluetoothDevice = Object.assign(new EventTarget(), { id: 'own', name: 'Oximeter', gatt: server })
  const tellAll = () => {
    for (const spo2 of seconds) {
      characteristic.value = second(spo2)
      characteristic.dispatchEvent(new Event('characteristicvaluechanged'))
    }
    device.dispatchEvent(new Event('gattserverdisconnected'))
  }
  return { requestDevice: async () => device }
}

const measure = (seconds: readonly number[]) =>
  receive(oximeter(seconds), 'oximeter', {
    ...{ onProgress: () => {}, onKnown: () => {}, signal: new AbortController().signal },
  })

test('of what is told each second, what stands still is taken', async () => {
  const { reading } = await measure([88, 92, 93, 93, 93, 94, 93, 93, 93, 93])
  expect(reading.values).toEqual({ spo2: 93, pulse: 70 })
})

test('a finger drawn out before it stands still gives no measurement, whatever was told last', async () => {
  await expect(measure([93, 93, 93, 92, 71])).rejects.toThrow('lost')
})
