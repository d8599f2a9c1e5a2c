import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '../start-failure.ts'
import { answerUnread } from './answer-unread.ts'

export type Listener = {
  /** From now on this answers; until then the process says that it is starting. */
  answerWith(handler: RequestListener): void
  /** Takes over connections that ask for another protocol; those that it does not take are refused. @returns whether it takes it */
  upgradeWith(take: Upgrade): void
  /** Takes no new connections, lets requests that are under way end, cuts off those that take longer. */
  drain(millis: number): Promise<void>
}

export type Upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean

/**
 * Takes the port before the slow work, so that a taken port is known at once, and whoever asks during the start is told to wait.
 * @throws StartFailure one line
 */
export async function listen(host: string, port: number): Promise<Listener> {
  let handler: RequestListener = answerStarting
  let upgrade: Upgrade = () => false
  const answering = new WeakMap<Duplex, ServerResponse>()
  const server = createServer((req, res) => {
    answering.set(req.socket, res)
    handler(req, res)
  }).on('clientError', (error, socket) => answerUnread(error, socket, answering.get(socket)))
  server.on('upgrade', (req, socket, head) => {
    // The server listens to it no longer: without a listener, a caller that is gone would end the process.
    socket.on('error', () => socket.destroy())
    if (upgrade(req, socket, head)) return
    socket.once('finish', () => socket.destroy())
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  await bind(server, host, port)
  return {
    upgradeWith(take) {
      upgrade = take
    },
    answerWith(next) {
      handler = next
    },
    async drain(millis) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const deadline = Date.now() + millis
      let open = true
      void closed.then(() => {
        open = false
      })
      while (open) {
        // A kept-alive connection turns idle when its answer is sent; the next request on it would come too late.
        server.closeIdleConnections()
        if (Date.now() > deadline) server.closeAllConnections()
        await Promise.race([closed, sleep(20)])
      }
    },
  }
}

/** Whether the port is free, for a process that does not listen itself. @throws StartFailure */
export async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer()
  await bind(server, host, port)
  await new Promise((resolve) => server.close(resolve))
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartFailure(reasonOf(error, host, port))))
    server.listen({ host, port, backlog: 1024 }, resolve)
  })
}

function reasonOf({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use by another program; stop it, or set PORT.`
    case 'EACCES':
      return `Port ${port} may not be used by this user; set PORT to one above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST ${host} is no address of this machine.`
    default:
      return `Cannot listen at ${host} port ${port}: ${message}`
  }
}

const answerStarting: RequestListener = (req, res) => {
  const alive = req.url === '/healthz'
  res.writeHead(alive ? 200 : 503, { 'content-type': 'text/plain', ...(!alive && { 'retry-after': '1' }) })
  res.end(alive ? 'ok\n' : 'starting\n')
}
