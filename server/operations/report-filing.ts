import type { CarePlan, Patient, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { engineTask } from '../core/decide/task/engine-task.ts'
import { type Language, spokenAs } from '../core/decide/words/language.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { SHARED_DOCUMENT } from '../documents/document-reference.ts'
import { uuidOf } from '../documents/offered.ts'
import type { Rooms } from '../exchange.ts'
import type { Log } from '../log.ts'
import { isPassingFailure } from '../plans/passing-failure.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import { fileOf } from './file-document.ts'

export type FilingRooms = {
  rooms: Rooms
  pool: Pool
  log: Pick<Log, 'warn'>
  /** Of what could not be filed for a while there is one Task. */
  tellTask: (wanted: Task | undefined) => Promise<void>
  /** Of what is withheld there is another. */
  tellWithheld: (wanted: Task | undefined) => Promise<void>
}

/** As the Device that files documents. */
const FILING = engineAccess('documents')
const POLL_MILLISECONDS = 5_000
/** Another process may try after this: whoever had it was killed. */
const LEASE_SECONDS = 120
const FAILED_SECONDS_MAX = 3_600
/** So often it is tried before somebody is told. */
const QUIET_ATTEMPTS = 4

export const FILING_FINDING = 'filing|reports-not-filed|'
export const FILING_GONE: Told = {
  nb: 'Alle sluttrapporter er arkivert.',
  nn: 'Alle sluttrapportar er arkiverte.',
  en: 'All final reports are filed.',
}

export const WITHHELD_FINDING = 'filing|reports-withheld|'
export const WITHHELD_GONE: Told = {
  nb: 'Ingen sluttrapport holdes tilbake lenger.',
  nn: 'Ingen sluttrapport blir halden tilbake lenger.',
  en: 'No final report is withheld any longer.',
}

/**
 * Files the final report of each plan that has ended, by itself: pages and FHIR, with a DocumentReference by which it is found and published. What the
 * patient has closed a part of is withheld, and a Task says that something is: a copy cannot be closed in part. Any number of processes may do so.
 * @see docs/decisions/0137-the-final-report-is-filed-by-itself.md
 */
export function startReportFiling(filing: FilingRooms): Loop {
  const turn = filingTurn(filing)
  return startLoop(async () => {
    try {
      return (await turn()) ? 0 : POLL_MILLISECONDS
    } catch (error) {
      filing.log.warn({ err: error }, 'the filing of final reports tries again')
      return POLL_MILLISECONDS
    }
  })
}

/** @returns files one, and says whether there was one */
export const filingTurn = (filing: FilingRooms) => async (): Promise<boolean> => {
  const { rooms, pool, log, tellTask, tellWithheld } = filing
  const now = rooms.now()
  const due = await claim(pool, now)
  if (!due) {
    await tellTask(await lateTask(pool, now))
    await forgetSettled(pool)
    await tellWithheld(await withheldTask(pool, now))
    return false
  }
  const { carePlan, attempts } = due
  try {
    // Of what is called a mistake since its report was put down, no copy is made.
    if (await isMistaken(rooms, carePlan)) {
      await forget(pool, carePlan)
      return true
    }
    await fileOf(rooms, FILING, {
      ...{ carePlan, asked: { kind: 'final' }, language: languageOf },
      // Once for each plan, also when it was filed and the process was killed before it had said so.
      name: `urn:uuid:${uuidOf(`final report of CarePlan/${carePlan}`)}`,
    })
    await forget(pool, carePlan)
  } catch (error) {
    // Somebody has deleted the plan: of what was taken away no copy is made.
    if (error instanceof Refusal && error.status === 410) await forget(pool, carePlan)
    else if (error instanceof Refusal && !isPassingFailure(error)) await withhold(pool, carePlan, error)
    else {
      log.warn({ err: error, carePlan }, 'a final report was not filed, and is tried again')
      await put(pool, carePlan, attempts, now)
    }
  }
  return true
}

/** In the patient's own language, where it is one that documents have. */
function languageOf(patient: Patient | undefined): Language {
  const { communication = [] } = patient ?? {}
  const preferred = communication.toSorted((a, b) => Number(b.preferred ?? false) - Number(a.preferred ?? false))
  for (const { language } of preferred)
    for (const { code = '' } of language.coding ?? []) {
      const spoken = spokenAs(code)
      if (spoken) return spoken
    }
  return 'nb'
}

type Due = { carePlan: string; attempts: number }

/** The oldest that is due, which nobody else takes for a while. */
async function claim(pool: Pool, now: Date): Promise<Due | undefined> {
  const at = now.toISOString()
  const { rows } = await pool.query<{ care_plan: string; attempts: number }>(
    prepared(sql`
      UPDATE report_to_file SET attempts = attempts + 1, next_at = ${at}::timestamptz + make_interval(secs => ${LEASE_SECONDS})
       WHERE care_plan = (SELECT care_plan FROM report_to_file WHERE state = 'waiting' AND next_at <= ${at}::timestamptz
                           ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING care_plan, attempts`),
  )
  const [row] = rows
  return row && { carePlan: row.care_plan, attempts: row.attempts }
}

async function forget(pool: Pool, carePlan: string): Promise<void> {
  await pool.query(prepared(sql`DELETE FROM report_to_file WHERE care_plan = ${carePlan}`))
}

async function put(pool: Pool, carePlan: string, attempts: number, now: Date): Promise<void> {
  const seconds = Math.min(FAILED_SECONDS_MAX, 5 * 2 ** attempts)
  await pool.query(
    prepared(sql`
      UPDATE report_to_file SET next_at = ${now.toISOString()}::timestamptz + make_interval(secs => ${seconds})
       WHERE care_plan = ${carePlan}`),
  )
}

/** @throws Refusal 410, of one that was deleted */
async function isMistaken({ store }: Rooms, carePlan: string): Promise<boolean> {
  const { text = '{}' } = await store.read(FILING, 'CarePlan', carePlan)
  return (JSON.parse(text) as Partial<CarePlan>).status === 'entered-in-error'
}

/** Nothing changes that by itself: it stays put down as withheld, with the reason. */
async function withhold(pool: Pool, carePlan: string, refusal: Refusal): Promise<void> {
  const why = refusal.issues[0]?.diagnostics ?? ''
  await pool.query(
    prepared(sql`
      UPDATE report_to_file SET state = 'withheld', reason = ${why} WHERE care_plan = ${carePlan} AND state = 'waiting'`),
  )
}

/** What is withheld no longer waits for anybody where somebody has filed it, or the plan was deleted or is called a mistake. */
async function forgetSettled(pool: Pool): Promise<void> {
  const filed = JSON.stringify({
    ...{ status: 'current', meta: { profile: [SHARED_DOCUMENT] } },
    category: [{ coding: [{ system: 'http://loinc.org', code: FINAL_REPORT }] }],
  })
  await pool.query(
    prepared(sql`
      DELETE FROM report_to_file f USING resource p
       WHERE f.state = 'withheld' AND p.type = 'CarePlan' AND p.id = f.care_plan
         AND (p.deleted OR CASE WHEN NOT p.deleted THEN p.content::jsonb ->> 'status' = 'entered-in-error' END
              OR EXISTS (SELECT 1 FROM resource d
                          WHERE d.patient = p.patient AND d.type = 'DocumentReference'
                            AND CASE WHEN NOT d.deleted THEN d.content::jsonb @> ${filed}::jsonb
                                 AND d.content::jsonb #> '{context,related}'
                                     @> jsonb_build_array(jsonb_build_object('reference', 'CarePlan/' || p.id)) END))`),
  )
}

/** LOINC: Discharge summary, the category of a final report. */
const FINAL_REPORT = '18842-5'

/**
 * One for all that are withheld. Every member of staff may read a Task of no patient, so it tells neither whose report it is nor why: that a patient
 * has closed something is itself closed to some of them. Which they are, and why, stands in the table, for whoever runs the server.
 */
async function withheldTask(pool: Pool, now: Date): Promise<Task | undefined> {
  const { rowCount } = await pool.query(prepared(sql`SELECT 1 FROM report_to_file WHERE state = 'withheld' LIMIT 1`))
  if (!rowCount) return undefined
  const told: Told = {
    nb: 'En sluttrapport eller flere ble ikke arkivert, og prøves ikke igjen. Databasen (report_to_file) sier hvilke og hvorfor.',
    nn: 'Ein sluttrapport eller fleire vart ikkje arkiverte, og blir ikkje prøvde igjen. Databasen (report_to_file) seier kva for nokre og kvifor.',
    en: 'One final report or more were not filed, and are not tried again. The database (report_to_file) says which and why.',
  }
  return engineTask({
    ...{ code: 'sending-failed', colour: 'yellow', told, now, about: FILING.actor },
    name: `${WITHHELD_FINDING}${now.toISOString()}`,
    performerType: [{ coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }],
  })
}

async function lateTask(pool: Pool, now: Date): Promise<Task | undefined> {
  const { rows } = await pool.query<{ count: number }>(
    prepared(sql`
      SELECT count(*)::int AS count FROM report_to_file WHERE state = 'waiting' AND attempts >= ${QUIET_ATTEMPTS}`),
  )
  const count = rows[0]?.count ?? 0
  if (count === 0) return undefined
  const isOne = count === 1
  const told: Told = {
    nb: `${count} ${isOne ? 'sluttrapport' : 'sluttrapporter'} venter på å bli arkivert. Det prøves igjen. Loggen sier hvorfor.`,
    nn: `${count} ${isOne ? 'sluttrapport' : 'sluttrapportar'} ventar på å bli ${isOne ? 'arkivert' : 'arkiverte'}. Det blir prøvd igjen. Loggen seier kvifor.`,
    en: `${count} final ${isOne ? 'report waits' : 'reports wait'} to be filed. It is tried again. The log says why.`,
  }
  return engineTask({
    ...{ code: 'sending-failed', colour: 'yellow', told: tell((language) => told[language]), now, about: FILING.actor },
    name: `${FILING_FINDING}${now.toISOString()}`,
    performerType: [{ coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }],
  })
}
