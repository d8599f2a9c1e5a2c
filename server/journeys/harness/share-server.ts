import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { processStart } from '../../db/embedded/process-start.ts'
import { type RunningServer, removeData, startServer } from './start-server.ts'

/**
 * A server that was there before a journey and is there after it. One at a time has it to itself, but what others have left is there: each
 * has patients, definitions and ids of its own, counts only what is its own, and leaves the demo as it was.
 */
export type SharedServer = Pick<RunningServer, 'baseUrl' | 'fhir' | 'databaseUrl' | 'token'> & {
  /** @throws Error for what this journey has left that the next ones would not expect */
  giveBack(): Promise<void>
}

/** Of this process of jest, which runs one file after another. */
let running: Promise<RunningServer> | undefined
let borrower: string | undefined

/**
 * The server of whoever needs a plain one with demo data and neither ends it nor puts its clock forward. It is started for the first
 * and ended with the run.
 */
export async function shareServer(): Promise<SharedServer> {
  if (borrower) throw new Error(`${borrower} has not given the shared server back.`)
  const asker = journey()
  running ??= startForAll()
  const { baseUrl, fhir, databaseUrl, token } = await running
  // Whoever did not wait for so long is no longer there to give it back.
  if (journey() !== asker) throw new Error(`${asker} has ended before the shared server was there.`)
  borrower = asker
  const since = await withDatabase(databaseUrl(), readMoment)
  return {
    ...{ baseUrl, fhir, databaseUrl, token },
    async giveBack() {
      borrower = undefined
      const left = await withDatabase(databaseUrl(), (db) => leftBehind(db, since))
      if (left.length > 0) throw new Error(`A shared server is given back as it was; not so: ${left.join(', ')}.`)
    },
  }
}

const journey = (): string => expect.getState().testPath ?? 'A journey'

/** It must not keep jest from ending, which ends it by this note when the run is over. */
async function startForAll(): Promise<RunningServer> {
  const server = await startServer({ isLeftRunning: true })
  const { pid, dataDir } = server
  const note: SharedServerNote = { pid, start: processStart(pid), dataDir }
  await writeFile(join(dirname(dataDir), `${SHARED_SERVER_NOTE}${pid}`), JSON.stringify(note))
  return server
}

/** Ends the shared servers of a run, each of which a process of jest has left. @param runFolder where all data of the run is */
export async function endSharedServers(runFolder: string): Promise<void> {
  const names = await readdir(runFolder)
  for (const name of names.filter((name) => name.startsWith(SHARED_SERVER_NOTE))) {
    const note = JSON.parse(await readFile(join(runFolder, name), 'utf8')) as SharedServerNote
    if (note.start !== undefined && processStart(note.pid) === note.start) process.kill(note.pid, 'SIGKILL')
    await removeData(note.dataDir)
  }
}

/** `start` tells it from another process that has got its number since. */
type SharedServerNote = { pid: number; start: ReturnType<typeof processStart>; dataDir: string }
const SHARED_SERVER_NOTE = 'shared-server-'

/** What callers alone write; what the engine does for the demo’s patients goes on in any case. */
const TYPES_OF_CALLERS = [
  ...['Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization', 'CareTeam', 'Consent'],
  ...['Observation', 'QuestionnaireResponse', 'Condition', 'Goal', 'Device', 'DocumentReference'],
  ...['PlanDefinition', 'ActivityDefinition', 'Questionnaire', 'Library', 'ValueSet', 'CodeSystem'],
]
/** In force for everybody, for as long as they are there. */
const TYPES_FOR_ALL = ['SearchParameter', 'Subscription']

async function readMoment(db: pg.Client): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  return rows[0]?.now ?? new Date()
}

/** What was there before and has changed, what is new about the demo’s patients, what is in force for all, and a clock that was put forward. */
async function leftBehind(db: pg.Client, since: Date): Promise<string[]> {
  const { rows } = await db.query<{ told: string }>(
    `SELECT type || '/' || id AS told FROM resource r
      WHERE type = ANY ($1) AND last_updated > $3
        AND (patient LIKE 'demo-%'
             OR EXISTS (SELECT FROM resource_version v WHERE v.bucket = r.bucket AND v.rk = r.rk AND v.last_updated <= $3))
     UNION ALL
     SELECT type || '/' || id FROM resource WHERE type = ANY ($2) AND last_updated > $3 AND NOT deleted
     UNION ALL
     SELECT 'the clock' FROM demo_clock WHERE ahead_milliseconds > 0`,
    [TYPES_OF_CALLERS, TYPES_FOR_ALL, since],
  )
  return rows.map(({ told }) => told)
}

async function withDatabase<T>(connectionString: string, ask: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString })
  await db.connect()
  try {
    return await ask(db)
  } finally {
    await db.end()
  }
}
