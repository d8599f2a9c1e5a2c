import type { AddressInfo } from 'node:net'
import express from 'express'
import {
  type AuthorizationServer,
  type AuthorizationServerSettings,
  createAuthorizationServer,
} from '../../authorization-server/authorization-server.ts'
import { seedDemoClients } from '../../authorization-server/clients/demo-clients.ts'
import type { People } from '../../authorization-server/people.ts'
import type { Pool } from '../../db/pool.ts'
import { openLog } from '../../log.ts'
import { createThrottling } from '../../throttling/throttling.ts'

export type AuthorizationApp = AuthorizationServer & {
  /** Where it really listens. */
  address: string
  baseUrl: string
  stop: () => Promise<void>
}
/** Beside the server's own settings: where it listens, when somebody must know that beforehand. */
type AuthorizationAppOptions = { demo: boolean; port?: number } & Partial<AuthorizationServerSettings>

/** Who is who, where there is no store: a few patients, whom everybody may see. */
const PATIENTS = [
  { id: 'demo-line', name: 'Line Danser', birthDate: '1969-11-13' },
  { id: 'patient-a', name: 'Anna Anker', birthDate: '1950-01-01' },
  { id: 'patient-b', name: 'Bo Berg' },
]
export const TEST_PEOPLE: People = {
  listPatients: async (_access, text) => PATIENTS.filter(({ name }) => name.includes(text)),
  findPatient: async (_access, id) => PATIENTS.find((patient) => patient.id === id),
  findByIdentifier: async () => [],
  findKin: async () => [],
  findRoles: async () => [],
  isOrganization: async () => false,
  nameOf: async (_type, id) => PATIENTS.find((patient) => patient.id === id)?.name,
  isPatient: async (id) => PATIENTS.some((patient) => patient.id === id),
  isEncounterOf: async () => true,
}

const UNTHROTTLED = {
  ...{ callerRequestsMax: 0, strangerRequestsMax: 0, clientFailuresMax: 0, addressFailuresMax: 0, lockoutSeconds: 60 },
}
const log = openLog(process.env.LOG_LEVEL ?? 'fatal')

/**
 * The authorization server alone, on a free port. Several of them on one database are several processes of one server.
 * @param baseUrl how callers would see it behind a proxy; by default, as it is
 */
export async function startAuthorizationApp(
  pool: Pool,
  { demo, baseUrl: publicUrl, port = 0, ...more }: AuthorizationAppOptions,
): Promise<AuthorizationApp> {
  const app = express().set('trust proxy', 'loopback')
  const server = app.listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const baseUrl = publicUrl ?? address
  if (demo) await seedDemoClients(pool, baseUrl)
  const authorization = await createAuthorizationServer({
    people: TEST_PEOPLE,
    isResourceType: (name) => ['Patient', 'Encounter'].includes(name),
    throttling: createThrottling(pool, UNTHROTTLED),
    ...more,
    pool,
    baseUrl,
    demo,
    log,
  })
  app.use(authorization.router)
  return {
    ...authorization,
    address,
    baseUrl,
    async stop() {
      await authorization.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
