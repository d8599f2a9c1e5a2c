import { readFileSync } from 'node:fs'
import { stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { processStart } from '../db/embedded/process-start.ts'
import { newDataDir } from '../db/test-template.ts'
import { eventually } from './harness/eventually.ts'
import { type RunningServer, runServer, startServer } from './harness/start-server.ts'

const FHIR_JSON = { 'content-type': 'application/fhir+json' }

describe('a server that is started, stopped and started again', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.dispose())

  test('says that it is ready with links and demo logins', () => {
    const lines = server.output().stdout.trimEnd().split('\n')
    const ready = lines.indexOf(`Fylgje is ready at ${server.baseUrl}`)
    expect(ready).toBeGreaterThan(0)
    const after = lines.slice(ready + 1).join('\n')
    expect(after).toContain(`${server.baseUrl}/fhir/metadata`)
    expect(after).toContain('demo-service-secret')
    expect(lines.filter((line) => line.startsWith('Fylgje is ready'))).toHaveLength(1)
  })

  test.each(['/healthz', '/readyz', '/metrics', '/fhir/metadata', '/'])('answers %s without a token', async (path) => {
    const response = await fetch(server.baseUrl + path)
    expect(response.status).toBe(200)
  })

  test('lets no other user of the machine reach the database', async () => {
    const data = await stat(join(server.dataDir, 'postgres'))
    expect(data.mode & 0o077).toBe(0)
    const password = await stat(join(server.dataDir, 'postgres-password'))
    expect(password.mode & 0o077).toBe(0)
  })

  test('SIGTERM under load lets every request end that has begun, and exits with 0; after the next start everything is there', async () => {
    const headers = { ...(await bearer(server)), ...FHIR_JSON }
    const answers: { status: number; id: string }[] = []
    let refusedConnections = 0
    const caller = async () => {
      while (refusedConnections === 0) {
        try {
          const response = await fetch(`${server.fhir}/Patient`, { method: 'POST', headers, body: PATIENT })
          const { id } = (await response.json()) as { id: string }
          answers.push({ status: response.status, id })
        } catch {
          refusedConnections++
        }
      }
    }
    const callers = Promise.all(Array.from({ length: 8 }, caller))
    while (answers.length < 20) await sleep(10)
    const { code, stdout, stderr } = await server.stop()
    await callers
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Fylgje is ready')
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))

    server = await startServer({ dataDir: server.dataDir })
    const again = { headers: await bearer(server) }
    const read = await Promise.all(answers.map(({ id }) => fetch(`${server.fhir}/Patient/${id}`, again)))
    expect(new Set(read.map(({ status }) => status))).toEqual(new Set([200]))
  })

  test('goes on where it was after kill -9, and its PostgreSQL does not outlive it', async () => {
    const created = await createPatient(server)
    const { id } = (await created.json()) as { id: string }
    const orphan = server.postgresPid()
    await server.kill9()

    server = await startServer({ dataDir: server.dataDir })
    expect(server.postgresPid()).not.toBe(orphan)
    expect(isRunning(orphan)).toBe(false)
    const read = await fetch(`${server.fhir}/Patient/${id}`, { headers: await bearer(server) })
    expect(read.status).toBe(200)
  })

  test('goes on when PostgreSQL is killed: 503 with Retry-After meanwhile, then as before', async () => {
    const headers = await bearer(server)
    const statuses = new Set<number>()
    let retryAfter: string | null = null
    process.kill(server.postgresPid(), 'SIGKILL')
    const deadline = Date.now() + 15_000
    for (let successes = 0; successes < 20 && Date.now() < deadline; ) {
      const response = await fetch(`${server.fhir}/Patient/demo-line`, { headers })
      statuses.add(response.status)
      if (response.status === 503) retryAfter = response.headers.get('retry-after')
      successes = response.status === 200 ? successes + 1 : 0
      await response.arrayBuffer()
      await sleep(10)
    }
    expect([...statuses].sort()).toEqual([200, 503])
    expect(Number(retryAfter)).toBeGreaterThan(0)
    expect((await fetch(`${server.baseUrl}/readyz`)).status).toBe(200)
  })
})

test('where the system cannot tie PostgreSQL to the server, the one that kill -9 left running is stopped first', async () => {
  // A system without setpriv(1).
  const programs = await newDataDir()
  for (const name of ['unshare', 'sh']) await symlink(`/usr/bin/${name}`, join(programs, name))
  const env = { PATH: programs, DEMO: 'off' }
  const server = await startServer({ env })
  const orphan = server.postgresPid()
  await server.kill9()
  await sleep(500)
  expect(isRunning(orphan)).toBe(true)

  const again = await startServer({ dataDir: server.dataDir, env })
  expect(isRunning(orphan)).toBe(false)
  expect((await fetch(`${again.baseUrl}/readyz`)).status).toBe(200)
  await again.dispose()
})

test.each([0, 300, 900])(
  'SIGTERM %i ms after the start began: ends with 0, and the next start finds nothing in its way',
  async (millis) => {
    const dataDir = await newDataDir()
    // Without demo data, which is another ten seconds and comes after all that SIGTERM can meet here.
    const env = { DEMO: 'off' }
    const { code, stderr } = await runServer({ env: { ...env, DATA_DIR: dataDir }, sigtermAfterMillis: millis })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const server = await startServer({ dataDir, env })
    expect((await fetch(`${server.baseUrl}/readyz`)).status).toBe(200)
    await server.dispose()
  },
)

test('PROCESSES=2: two processes answer, one that dies is replaced, and all end with the first', async () => {
  const server = await startServer({ env: { PROCESSES: '2' } })
  try {
    const headers = await bearer(server)
    const read = async () => (await fetch(`${server.fhir}/Patient/demo-line`, { headers })).status
    expect(await read()).toBe(200)
    await expectAllReadingsHeard(server, headers)
    const before = childrenOf(server.pid)
    expect(before).toHaveLength(3)

    const victim = before.find((pid) => pid !== server.postgresPid()) ?? 0
    process.kill(victim, 'SIGKILL')
    while (childrenOf(server.pid).filter((pid) => !before.includes(pid)).length === 0) await sleep(20)
    expect(await read()).toBe(200)

    const { code, stderr } = await server.stop()
    expect({ code, stderr: stderr.includes('an API process ended by itself') }).toEqual({ code: 0, stderr: true })
    expect(before.filter(isRunning)).toEqual([])
  } finally {
    await server.dispose()
  }
})

/** A plan that waits for readings is put by one of the processes; then whoever reads by any of them is heard. */
async function expectAllReadingsHeard(server: RunningServer, headers: Record<string, string>): Promise<void> {
  const send = async (path: string, body: object) => {
    const response = await fetch(`${server.fhir}/${path}`, {
      ...{ method: 'PUT', body: JSON.stringify(body), headers: { ...headers, ...FHIR_JSON } },
    })
    expect([path, response.status]).toEqual([path, 201])
  }
  const url = 'http://example.org/PlanDefinition/heard'
  const data = [{ type: 'DocumentReference' }]
  const action = [{ id: 'seen', title: 'Lest', trigger: [{ type: 'data-accessed', data }] }]
  await send('PlanDefinition/heard', { resourceType: 'PlanDefinition', id: 'heard', url, status: 'active', action })
  const subject = { reference: 'Patient/heard' }
  await send('Patient/heard', { resourceType: 'Patient', id: 'heard' })
  await send('CarePlan/heard', {
    ...{ resourceType: 'CarePlan', id: 'heard', status: 'active', intent: 'plan', subject },
    instantiatesCanonical: [url],
  })
  let count = 0
  /** How many of as many documents, each read on a connection of its own, so that each process answers some, are told as read. */
  const heard = async (): Promise<number> => {
    const ids = Array.from({ length: READING_COUNT }, () => `heard-${++count}`)
    for (const id of ids) {
      const content = [{ attachment: { title: id } }]
      await send(`DocumentReference/${id}`, {
        resourceType: 'DocumentReference',
        id,
        status: 'current',
        subject,
        content,
      })
      const read = await fetch(`${server.fhir}/DocumentReference/${id}`, {
        headers: { ...headers, connection: 'close' },
      })
      expect(read.status).toBe(200)
    }
    const told = (await (
      await fetch(`${server.fhir}/Basic?subject=Patient/heard&_count=1000`, { headers })
    ).json()) as {
      entry?: { resource: { extension: { valueReference: { reference: string } }[] } }[]
    }
    const references = (told.entry ?? []).flatMap(({ resource }) => resource.extension)
    return ids.filter((id) =>
      references.some(({ valueReference }) => valueReference.reference.startsWith(`DocumentReference/${id}/`)),
    ).length
  }
  expect(await eventually(heard, (all) => all === READING_COUNT)).toBe(READING_COUNT)
}

const READING_COUNT = 8

const PATIENT = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Nordmann' }] })

async function createPatient(server: RunningServer): Promise<Response> {
  const headers = { ...(await bearer(server)), ...FHIR_JSON }
  return fetch(`${server.fhir}/Patient`, { method: 'POST', headers, body: PATIENT })
}

const bearer = async (server: RunningServer) => ({ authorization: `Bearer ${await server.token()}` })

/** https://man7.org/linux/man-pages/man5/proc_pid_task.5.html */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

const isRunning = (pid: number) => processStart(pid) !== undefined
