import type { Browser, Page } from 'playwright-core'

/** A device at home, as Chromium plays one. */
export type PlayedDevice = {
  /** Sends what it measured, once the page listens. @param bytes of its characteristic, as GATT has them */
  send(bytes: readonly number[]): Promise<void>
  /** Goes out of reach, or off. */
  leave(): Promise<void>
  /** Another device in its place. */
  become(next: Description): Promise<void>
}

type Description = { name: string; service: string; characteristic: string; make: string; model: string }

const ADDRESS = '09:09:09:09:09:09'
const INFORMATION = { service: '180a', make: '2a29', model: '2a24' }
const NOTIFICATIONS_OF_CLIENT = '2902'
const HEARD = 'fylgjeHeard'
const whole = (uuid: string) => `0000${uuid}-0000-1000-8000-00805f9b34fb`

/**
 * A device beside the browser, played by its own Bluetooth emulation: choosing, connecting, finding services, reading and subscribing go
 * through Chromium's Web Bluetooth. What it measures cannot be sent that way, for the emulation has no notifications: the event that a
 * notification would fire is fired on the characteristic that the page listens to. Call it before the page is opened.
 * @see https://chromedevtools.github.io/devtools-protocol/tot/BluetoothEmulation/
 */
export async function playDevice(browser: Browser, page: Page, first: Description): Promise<PlayedDevice> {
  let played = first
  await page.addInitScript((heard) => {
    const { BluetoothRemoteGATTCharacteristic: Characteristic } = window as unknown as {
      BluetoothRemoteGATTCharacteristic?: { prototype: { startNotifications(): Promise<unknown> } }
    }
    if (!Characteristic) return
    const { startNotifications } = Characteristic.prototype
    Characteristic.prototype.startNotifications = async function (this: object) {
      const answer = await startNotifications.call(this)
      Object.assign(window, { [heard]: this })
      return answer
    }
  }, HEARD)
  const bluetooth = await browser.newBrowserCDPSession()
  const access = await page.context().newCDPSession(page)
  const emulate = bluetooth as unknown as {
    send<R = unknown>(method: string, parameters?: object): Promise<R>
    on(event: string, listener: (parameters: never) => void): void
  }
  const choosing = access as unknown as typeof emulate

  const place = async () => {
    await emulate.send('BluetoothEmulation.enable', { state: 'powered-on', leSupported: true })
    await emulate.send('BluetoothEmulation.simulatePreconnectedPeripheral', {
      ...{ address: ADDRESS, name: played.name, manufacturerData: [] },
      knownServiceUuids: [whole(played.service), whole(INFORMATION.service)],
    })
  }
  await place()
  // Of two sessions that listen both would answer.
  page.once('close', () => void bluetooth.detach().catch(() => {}))
  const words = new Map<string, string>()
  const addService = async (service: string, characteristics: [uuid: string, said?: string][]) => {
    const { serviceId } = await emulate.send<{ serviceId: string }>('BluetoothEmulation.addService', {
      ...{ address: ADDRESS, serviceUuid: whole(service) },
    })
    for (const [uuid, said] of characteristics) {
      const { characteristicId } = await emulate.send<{ characteristicId: string }>(
        'BluetoothEmulation.addCharacteristic',
        {
          ...{ serviceId, characteristicUuid: whole(uuid) },
          properties: said === undefined ? { indicate: true } : { read: true },
        },
      )
      if (said === undefined)
        await emulate.send('BluetoothEmulation.addDescriptor', {
          ...{ characteristicId, descriptorUuid: whole(NOTIFICATIONS_OF_CLIENT) },
        })
      else words.set(characteristicId, Buffer.from(said).toString('base64'))
    }
  }
  /** What a peripheral offers is gone with its connection, and found anew with the next. */
  let isOffered = false
  const offer = async () => {
    if (isOffered) return
    isOffered = true
    await addService(played.service, [[played.characteristic]])
    await addService(INFORMATION.service, [
      [INFORMATION.make, played.make],
      [INFORMATION.model, played.model],
    ])
  }
  emulate.on(
    'BluetoothEmulation.gattOperationReceived',
    async ({ address, type }: { address: string; type: string }) => {
      if (type === 'discovery') await offer()
      if (type === 'disconnect') isOffered = false
      await emulate.send('BluetoothEmulation.simulateGATTOperationResponse', { address, type, code: 0 })
    },
  )
  emulate.on(
    'BluetoothEmulation.characteristicOperationReceived',
    ({ characteristicId, type }: { characteristicId: string; type: string }) => {
      const data = words.get(characteristicId)
      void emulate.send('BluetoothEmulation.simulateCharacteristicOperationResponse', {
        ...{ characteristicId, type, code: 0 },
        ...(type === 'read' && data ? { data } : {}),
      })
    },
  )
  await choosing.send('DeviceAccess.enable')
  // It is told anew with each device that is found; choosing twice is more than the browser can bear.
  const chosen = new Set<string>()
  choosing.on('DeviceAccess.deviceRequestPrompted', ({ id, devices }: { id: string; devices: { id: string }[] }) => {
    const found = devices.find((device) => device.id === ADDRESS)
    if (!found || chosen.has(id)) return
    chosen.add(id)
    void choosing.send('DeviceAccess.selectPrompt', { id, deviceId: found.id })
  })

  return {
    async send(bytes) {
      await page.waitForFunction((heard) => heard in window, HEARD)
      await page.evaluate(
        ([heard, sent]) => {
          const characteristic = (window as unknown as Record<string, EventTarget>)[heard] as EventTarget
          Object.defineProperty(characteristic, 'value', {
            ...{ value: new DataView(new Uint8Array(sent).buffer), configurable: true },
          })
          characteristic.dispatchEvent(new Event('characteristicvaluechanged'))
          delete (window as unknown as Record<string, unknown>)[heard]
        },
        [HEARD, [...bytes]] as const,
      )
    },
    async leave() {
      await page.evaluate((heard) => delete (window as unknown as Record<string, unknown>)[heard], HEARD)
      isOffered = false
      await emulate.send('BluetoothEmulation.simulateGATTDisconnection', { address: ADDRESS })
    },
    async become(next) {
      await emulate.send('BluetoothEmulation.disable')
      played = next
      isOffered = false
      words.clear()
      await place()
    },
  }
}
