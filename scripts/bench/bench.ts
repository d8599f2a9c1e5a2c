/**
 * Measures how fast a server is, from outside: facts of the machine, then a JSON line for each workload.
 *
 *   npm run bench                                    starts a server of its own, on new data, and removes it afterwards
 *   npm run bench -- --only create-64,read-64        some workloads; their names stand in workloads.ts
 *   npm run bench -- --base http://localhost:8080    a server that is running, with --client-id and --client-secret;
 *                                                    what is written stays there
 *   --seconds 10 --warm 2    how long each workload is counted, and how long it runs before that
 *   --stored 50000 --patients 500   how many Observations of how many patients are stored before reads and searches
 *   --found                  takes the Observations and patients that a bench before has left there, and stores none
 *   --pid 1234               the process of that server, if it is on this machine; its own is known
 *   --profile                where in the server the time went, by room and by function (its own server only; costs some speed)
 *   --audit off              without the audit, to see what it costs (its own server only)
 *   --json                   nothing on stderr
 *
 * Exits with 1 when any request was not answered as it should be.
 *
 * The client shares the machine with the server, so each line says how many cores server, PostgreSQL, client and all others used:
 * on a machine with few cores, a server whose callers are elsewhere is faster by about `client_cores`, and while `other_cores` is
 * not near 0 somebody else was measured too. Figures are comparable on one machine in one state: the first line says which.
 */
import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { newDataDir } from '../../server/db/test-template.ts'
import { Caller } from '../caller/caller.ts'
import { DEMO_CLIENT, openDoor } from '../caller/door.ts'
import { admitPatients } from '../caller/patients.ts'
import { findStored } from './find-stored.ts'
import { machineFacts } from './machine.ts'
import { closeMeasure, plainMeasure } from './measure.ts'
import { OwnServer } from './own-server.ts'
import { PURPOSE, type Stored, storeMeasurements } from './stored-measurements.ts'
import type { Bench } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    'client-id': { type: 'string', default: DEMO_CLIENT.clientId },
    'client-secret': { type: 'string', default: DEMO_CLIENT.clientSecret },
    only: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    warm: { type: 'string', default: '2' },
    stored: { type: 'string', default: '50000' },
    patients: { type: 'string', default: '500' },
    found: { type: 'boolean', default: false },
    pid: { type: 'string' },
    profile: { type: 'boolean', default: false },
    audit: { type: 'string', default: 'on' },
    json: { type: 'boolean', default: false },
  },
})

const say = (line: string) => void (options.json || process.stderr.write(`${line}\n`))
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const OWN_SERVER = `its own, embedded PostgreSQL, fsync on, audit ${options.audit}`
const chosen = chooseWorkloads(options.only)
tell({ ...(await machineFacts()), server: options.base ?? OWN_SERVER })
if (options.base) await run(options.base)
else await withOwnServer((own) => run(own.baseUrl, own))

/** On new data, which is gone afterwards, whatever happens. */
async function withOwnServer(work: (own: OwnServer) => Promise<void>): Promise<void> {
  say('starting a server')
  const dataDir = await newDataDir()
  try {
    const own = await OwnServer.start(dataDir, options.profile, { AUDIT: options.audit })
    await work(own).finally(() => own.stop())
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function run(baseUrl: string, own?: OwnServer): Promise<void> {
  const client = { clientId: options['client-id'], clientSecret: options['client-secret'] }
  const door = await openDoor(baseUrl, client)
  const pid = Number(options.pid ?? 0)
  const bench: Bench = {
    door,
    stored: await store(door),
    seconds: Number(options.seconds),
    warmSeconds: Number(options.warm),
    say,
    own,
    measured: own || pid ? closeMeasure(() => own ?? { pid }) : plainMeasure,
  }
  for (const { name, run } of chosen.filter(({ needsOwn }) => own || !needsOwn)) {
    say(name)
    const result = await run(bench)
    tell({ workload: name, ...result })
    if (result.errors !== 0) process.exitCode = 1
  }
}

/** Patients at least; Observations where a workload looks for them. */
async function store(door: Bench['door']): Promise<Stored> {
  const callers = Array.from({ length: 4 }, () => new Caller(door))
  const patientCount = Number(options.patients)
  const [first] = callers as [Caller]
  try {
    if (options.found) return await findStored(first)
    if (chosen.some(({ needsStored }) => needsStored)) {
      return await storeMeasurements(callers, { count: Number(options.stored), patientCount }, say)
    }
    const patients = await admitPatients(first, { count: patientCount, purpose: PURPOSE })
    return { patients, observationIds: [], count: 0 }
  } finally {
    for (const caller of callers) caller.close()
  }
}

function chooseWorkloads(only: string | undefined): typeof WORKLOADS {
  if (!only) return WORKLOADS
  const names = only.split(',')
  const unknown = names.filter((name) => !WORKLOADS.some((workload) => workload.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`No workload ${unknown}. There are ${WORKLOADS.map(({ name }) => name).join(', ')}.\n`)
    process.exit(2)
  }
  return WORKLOADS.filter(({ name }) => names.includes(name))
}
