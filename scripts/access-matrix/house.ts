import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Router } from 'express'
import type { Access } from '../../server/access/access.ts'
import { engineAccess } from '../../server/access/engine-access.ts'
import { parseScopes } from '../../server/access/scopes.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { startTestDatabase } from '../../server/db/test-database.ts'
import { createApp } from '../../server/http/app.ts'
import { createMetrics } from '../../server/http/metrics.ts'
import { openLog } from '../../server/log.ts'
import { readConfig } from '../../server/settings/config.ts'
import { createThrottling } from '../../server/throttling/throttling.ts'
import { wire } from '../../server/wiring.ts'
import { MATRIX_JOURNAL } from './journal.ts'
import type { Doc } from './making.ts'
import type { Caller, World } from './world.ts'

export type MatrixHouse = {
  fhir: string
  /** Writes the world down as the server itself would, and what callers have made as theirs. */
  fill(world: World): Promise<void>
  stop(): Promise<void>
}

/**
 * The whole server behind HTTP, but for the login: the bearer token is the name of a caller, who has the scopes that the matrix
 * says. Everything from the token on is the server's own.
 */
export async function startMatrixHouse(callers: () => Caller[]): Promise<MatrixHouse> {
  const database = await startTestDatabase()
  const log = openLog('silent')
  const server = await listen()
  const { port } = server.address() as AddressInfo
  const config = readConfig({
    PORT: String(port),
    DATABASE_URL: database.databaseUrl,
    LOG_LEVEL: 'silent',
    DEMO: 'off',
    REQUESTS_PER_MINUTE: '0',
  })
  const readiness = { state: 'ready' } as const
  const house = await wire({ config, pool: database.pool, lanes: undefined, log, readiness })
  const accesses = new Map<string, Access>()
  const standingOf = (caller: Caller) => {
    const known = accesses.get(caller.name) ?? toAccess(caller)
    accesses.set(caller.name, known)
    return house.rooms.standingOf(known)
  }
  const app = createApp({
    rooms: { ...house.rooms, journal: MATRIX_JOURNAL },
    ...{ pool: database.pool, readiness, metrics: createMetrics(), bodyBytesMax: 10_000_000 },
    ...{ throttling: createThrottling(database.pool, config.throttling) },
    ...{ trustedProxies: [], frameAncestors: [], guide: Router(), cdsServices: Router(), apps: {} },
    authorizationServer: {
      router: Router(),
      allowsOrigin: async () => false,
      watch: async () => async () => {},
      authenticate: async ({ authorization = '' }) => {
        const name = decodeURIComponent(authorization.replace('Bearer ', ''))
        const caller = callers().find((one) => one.name === name)
        if (!caller) throw new Error(`Nobody is called ${name}.`)
        return standingOf(caller)
      },
    },
  })
  server.on('request', app)
  return {
    fhir: `http://127.0.0.1:${port}/fhir`,
    async fill({ docs, made }) {
      const toChange = (doc: Doc) => ({ interaction: 'update' as const, resource: doc as Resource, id: doc.id })
      const others = docs.filter(({ id }) => !made.has(id))
      await house.rooms.store.writeAll(engineAccess('matrix'), others.map(toChange))
      for (const doc of docs) {
        const maker = made.get(doc.id)
        if (maker) await house.rooms.store.writeAll(await standingOf(maker), [toChange(doc)])
      }
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await house.close()
      await database.stop()
    },
  }
}

function listen(): Promise<Server> {
  const server = createServer()
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

const toAccess = ({ actor, scope, patient }: Caller): Access => ({
  ...{ actor, clientId: 'matrix', scopes: parseScopes(scope) },
  ...(patient === undefined ? {} : { patient }),
})
