import { rm } from 'node:fs/promises'
import { newDataDir } from '../../server/db/test-template.ts'
import { createRandom, type Random } from '../../server/demo/random.ts'
import { Caller, type Door } from '../caller/caller.ts'
import { DEMO_CLIENT, openDoor } from '../caller/door.ts'
import { SPO2, usualSpo2 } from '../caller/measurements.ts'
import { openAsNurse } from './as-nurse.ts'
import { byTurns, type Contestant, type Reached } from './by-turns.ts'
import { findIds } from './find-stored.ts'
import { OwnServer } from './own-server.ts'
import { type Stored, someMeasurement, storeMeasurements } from './stored-measurements.ts'
import type { Bench, Result } from './workload.ts'

const OBSERVATION_COUNT = 2_000
const PATIENT_COUNT = 100
const CODE = encodeURIComponent(`http://loinc.org|${SPO2}`)
/** Health data of the demo patients whom the nurse's team has. */
const NURSE_OBSERVATIONS_MAX = 2_000

const HOW = [
  'Two servers, one with the audit and one with AUDIT=off, are asked in turns of a second; both decide on access in full.',
  'share: what is reached with the audit, of what is reached without it. The nurse asks for what the patients of her team have.',
].join(' ')

/** One of the two servers, and what there is to be asked for. */
type Side = { server: OwnServer; system: Door; nurse: Door; ofSystem: Stored; ofNurse: Stored }

type Compared = { share: number; with: Reached; without: Reached; first_error?: string }

type Kind = {
  as: 'system' | 'nurse'
  concurrency: number
  once: (caller: Caller, stored: Stored, random: Random) => ReturnType<Caller['call']>
  status: number
}

const KINDS: Record<string, Kind> = {
  'read-64': { as: 'system', concurrency: 64, once: read, status: 200 },
  'search-16': { as: 'system', concurrency: 16, once: search, status: 200 },
  'create-64': { as: 'system', concurrency: 64, once: create, status: 201 },
  'validate-16': { as: 'system', concurrency: 16, once: validate, status: 200 },
  'nurse-read-64': { as: 'nurse', concurrency: 64, once: read, status: 200 },
  'nurse-search-16': { as: 'nurse', concurrency: 16, once: search, status: 200 },
}

/** What each kind of request reaches with the audit, and without it. */
export async function auditCost({ own, seconds, say }: Bench): Promise<Result> {
  if (!own) throw new Error('this workload starts a second server')
  const dataDir = await newDataDir()
  const bare = await OwnServer.start(dataDir, false, { AUDIT: 'off' })
  try {
    const sides = [await sideOf(own, say), await sideOf(bare, say)] as const
    const compared: Record<string, Compared> = {}
    let errors = 0
    for (const [name, kind] of Object.entries(KINDS)) {
      say(`audit-cost: ${name}`)
      const turns = await byTurns([contestant(kind, sides[0]), contestant(kind, sides[1])] as const, Math.ceil(seconds))
      const [withAudit, without] = turns.reached
      const share = Number((withAudit.ops_per_s / without.ops_per_s).toFixed(3))
      compared[name] = { share, with: withAudit, without, ...(turns.firstError && { first_error: turns.firstError }) }
      errors += turns.errors
    }
    return { ...compared['read-64']?.with, errors, ...compared, how: HOW }
  } finally {
    await bare.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function contestant({ as, concurrency, once, status }: Kind, side: Side): Contestant {
  const random = createRandom('bench/audit-cost')
  const stored = as === 'nurse' ? side.ofNurse : side.ofSystem
  return {
    pid: side.server.pid,
    callers: Array.from({ length: concurrency }, () => new Caller(side[as])),
    loop: { once: (caller) => once(caller, stored, random), isRight: (answer) => answer.status === status },
  }
}

async function sideOf(server: OwnServer, say: Bench['say']): Promise<Side> {
  const system = await openDoor(server.baseUrl, DEMO_CLIENT)
  const nurse = await openAsNurse(server.baseUrl, system)
  const callers = [new Caller(system), new Caller(system), new Caller(nurse)] as const
  try {
    const ofSystem = await storeMeasurements(
      callers.slice(0, 2),
      { count: OBSERVATION_COUNT, patientCount: PATIENT_COUNT },
      say,
    )
    return { server, system, nurse, ofSystem, ofNurse: await findOfNurse(callers[2]) }
  } finally {
    for (const caller of callers) caller.close()
  }
}

async function findOfNurse(nurse: Caller): Promise<Stored> {
  const patients = (await findIds(nurse, 'Patient?', 1_000)).map((id) => `Patient/${id}`)
  const observationIds = await findIds(nurse, 'Observation?_sort=-date', NURSE_OBSERVATIONS_MAX)
  return { patients, observationIds, count: observationIds.length }
}

function read(caller: Caller, { observationIds }: Stored, random: Random) {
  return caller.call({ method: 'GET', path: `Observation/${random.pick(observationIds)}` })
}

function search(caller: Caller, { patients }: Stored, random: Random) {
  const path = `Observation?patient=${random.pick(patients)}&code=${CODE}&_sort=-date&_count=20`
  return caller.call({ method: 'GET', path })
}

let messageNumber = 0

function create(caller: Caller, { patients }: Stored, random: Random) {
  const observation = someMeasurement(random, patients, `audit-cost-${messageNumber++}`)
  return caller.call({ method: 'POST', path: 'Observation', body: JSON.stringify(observation) })
}

function validate(caller: Caller, { patients }: Stored, random: Random) {
  const observation = usualSpo2(random, { subject: random.pick(patients), message: 'validate', at: new Date() })
  return caller.call({ method: 'POST', path: 'Observation/$validate', body: JSON.stringify(observation) })
}
