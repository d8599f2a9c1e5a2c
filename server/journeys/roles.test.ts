import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bundle } from '@medplum/fhirtypes'
import { type EmbeddedDatabase, startEmbedded } from '../db/embedded.ts'
import { newDataDir } from '../db/test-template.ts'
import { openLog } from '../log.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

describe('one server that answers and one that works, on one database', () => {
  let folder: string
  let database: EmbeddedDatabase
  let worker: RunningServer
  let api: RunningServer

  beforeAll(async () => {
    folder = await newDataDir()
    database = await startEmbedded({ dataDir: join(folder, 'database'), log: openLog('silent') })
    const env = { DATABASE_URL: database.databaseUrl, DEMO: 'on' }
    // At once, as an operator's platform would: the migrations run in one, the other waits for them.
    ;[worker, api] = await Promise.all([
      startServer({ dataDir: join(folder, 'unused'), env: { ...env, ROLE: 'worker' } }),
      startServer({ dataDir: join(folder, 'unused'), env: { ...env, ROLE: 'api' } }),
    ])
  })
  afterAll(async () => {
    const ends = [await api.stop(), await worker.stop()]
    await database.stop()
    await rm(folder, { recursive: true, force: true })
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
  })

  test('the worker says how it is, and answers nothing else', async () => {
    const statuses = await Promise.all(
      ['/healthz', '/readyz', '/metrics', '/fhir/metadata', '/'].map(
        async (path) => (await fetch(worker.baseUrl + path)).status,
      ),
    )
    expect(statuses).toEqual([200, 200, 200, 404, 404])
  })

  test('what comes in at the one becomes a Task in the other', async () => {
    const headers = { authorization: `Bearer ${await api.token()}`, 'content-type': 'application/fhir+json' }
    const body = JSON.stringify({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      subject: { reference: 'Patient/demo-line' },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
    expect((await fetch(`${api.fhir}/Observation`, { method: 'POST', headers, body })).status).toBe(201)
    const deadline = Date.now() + 60_000
    let count = 0
    while (count === 0 && Date.now() < deadline) {
      await sleep(50)
      const response = await fetch(`${api.fhir}/Task?patient=Patient/demo-line&status=requested`, { headers })
      count = ((await response.json()) as Bundle).entry?.length ?? 0
    }
    expect(count).toBe(1)
  })

  test('neither starts a PostgreSQL, nor touches DATA_DIR', () => {
    expect([api.postgresPid(), worker.postgresPid()]).toEqual([0, 0])
  })
})
