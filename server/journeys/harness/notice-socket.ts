import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'

/** A socket by which a subscriber is told. */
export type NoticeSocket = {
  /** All that was said, in its order. */
  said: string[]
  /** `1008 why` */
  closed: Promise<string>
  /** Waits until so much was said. @returns all of it */
  until: (count: number) => Promise<string[]>
  say: (text: string) => void
  terminate: () => void
}

export async function openSocket(address: string, headers: Record<string, string> = {}): Promise<NoticeSocket> {
  const socket = new WebSocket(address, { headers })
  const said: string[] = []
  socket.on('message', (data) => void said.push(String(data)))
  const closed = new Promise<string>((resolve) => socket.on('close', (code, reason) => resolve(`${code} ${reason}`)))
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return {
    ...{ said, closed, say: (text) => socket.send(text), terminate: () => socket.terminate() },
    async until(count) {
      for (let attempt = 0; said.length < count; attempt++) {
        if (attempt > 1_000) throw new Error(`not enough was said: ${said}`)
        await sleep(20)
      }
      return said
    },
  }
}
