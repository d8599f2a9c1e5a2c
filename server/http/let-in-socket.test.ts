import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import express from 'express'
import type { AuditRecord } from '../audit/record.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { createRequestRate } from '../throttling/request-rate.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { letInSocket } from './let-in-socket.ts'

test('who fails at sockets is counted by the address that the proxy saw, and written down; another address is let in', async () => {
  const [written, server, opened] = [[] as Partial<AuditRecord>[], createServer(), [] as Duplex[]]
  const audit = { note: async (record: AuditRecord) => void written.push(record) }
  const throttling = { callers: createRequestRate(0), strangers: createRequestRate(2) } as Throttling
  const letIn = letInSocket(express().set('trust proxy', 'loopback'), throttling, audit as never)
  const wrong = () => Promise.reject(refuse('login', 'a wrong word'))
  const nurse = { actor: 'Practitioner/nurse', clientId: 'app', scopes: [] }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const upgradeFrom = async (address: string) => {
    const { port } = server.address() as AddressInfo
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'x-forwarded-for': address }
    request({ host: '127.0.0.1', port, path: '/subscriptions/socket', headers })
      .on('error', () => {})
      .end()
    const [req, socket] = (await once(server, 'upgrade')) as [IncomingMessage, Duplex]
    opened.push(socket)
    return req
  }
  try {
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(letIn(await upgradeFrom('192.0.2.7'), wrong)).rejects.toMatchObject({ status: 401 })
    await expect(letIn(await upgradeFrom('192.0.2.7'), wrong)).rejects.toMatchObject({ status: 429 })
    await expect(letIn(await upgradeFrom('192.0.2.8'), async () => nurse)).resolves.toEqual(nurse)
  } finally {
    for (const socket of opened) socket.destroy()
    server.close()
  }
  expect(written.map(({ code, address, query }) => `${code} ${address} ${query}`)).toEqual([
    'token-refused 192.0.2.7 /subscriptions/socket',
    'token-refused 192.0.2.7 /subscriptions/socket',
    'throttled 192.0.2.7 /subscriptions/socket',
  ])
})
