import WebSocket from 'ws'
import { eventually } from './eventually.ts'

/** A socket by which a subscriber is told. */
export type NoticeSocket = {
  /** All that was said, in its order. */
  said: string[]
  /** `1008 why` */
  closed: Promise<string>
  /** Waits until so much was said. @returns all of it @throws Error with what was said instead */
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
    until: (count) =>
      eventually(
        async () => said,
        (all) => all.length >= count,
      ),
  }
}
