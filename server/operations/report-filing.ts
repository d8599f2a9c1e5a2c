import type { Patient, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { engineTask } from '../core/decide/task/engine-task.ts'
import { type Language, spokenAs } from '../core/decide/words/language.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { uuidOf } from '../documents/offered.ts'
import type { Rooms } from '../exchange.ts'
import type { Log } from '../log.ts'
import { isPassingFailure } from '../plans/passing-failure.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import type { Store } from '../store/store.ts'
import { CLOSED_IN_PART, fileOf } from './file-document.ts'

export type FilingRooms = {
  rooms: Rooms
  pool: Pool
  store: Pick<Store, 'writeIn'>
  onCommit: () => void
  log: Pick<Log, 'warn'>
  /** Of what could not be filed for a while there is one Task. */
  tellTask: (wanted: Task | undefined) => Promise<void>
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

/**
 * Files the final report of each plan that has ended, by itself: pages and FHIR, with a DocumentReference by which it is found and published. What the
 * patient has closed a part of is withheld, and a Task says so: a copy cannot be closed in part. Any number of processes may do so.
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
  const { rooms, pool, log, tellTask } = filing
  const now = rooms.now()
  const due = await claim(pool, now)
  if (!due) {
    await tellTask(await lateTask(pool, now))
    return false
  }
  const { carePlan, attempts } = due
  try {
    await fileOf(rooms, FILING, {
      ...{ carePlan, asked: { kind: 'final' }, language: languageOf },
      // Once for each plan, also when it was filed and the process was killed before it had said so.
      name: `urn:uuid:${uuidOf(`final report of CarePlan/${carePlan}`)}`,
    })
    await forget(pool, carePlan)
  } catch (error) {
    // Somebody has deleted the plan: of what was taken away no copy is made.
    if (error instanceof Refusal && error.status === 410) await forget(pool, carePlan)
    else if (error instanceof Refusal && !isPassingFailure(error)) await withhold(filing, carePlan, error)
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

/** Nothing changes that by itself: it stays put down as withheld, and with that, or not at all, there is a Task. */
async function withhold(
  { rooms, pool, store, onCommit }: FilingRooms,
  carePlan: string,
  refusal: Refusal,
): Promise<void> {
  const why = refusal.issues[0]?.diagnostics ?? ''
  const task = withheldTask(carePlan, why, rooms.now())
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      prepared(sql`
        UPDATE report_to_file SET state = 'withheld', reason = ${why} WHERE care_plan = ${carePlan} AND state = 'waiting'`),
    )
    if (rowCount === 1)
      await store.writeIn(tx, FILING, [{ interaction: 'create', resource: task as unknown as Resource }])
  })
  onCommit()
}

/** It is of no patient: whoever runs the server needs the reason, and what it is about is its focus. */
function withheldTask(carePlan: string, why: string, now: Date): Task {
  const told: Told = {
    nb: 'En sluttrapport ble ikke arkivert.',
    nn: 'Ein sluttrapport vart ikkje arkivert.',
    en: 'A final report was not filed.',
  }
  const reason: Told =
    why === CLOSED_IN_PART
      ? {
          nb: 'Pasienten har sperret en del av journalen, og en kopi kan ikke sperres delvis. Rapporten står i journalen for dem som kan se alt i den. Er sperringen opphevet, kan behandleren arkivere den med $file-document.',
          nn: 'Pasienten har sperra ein del av journalen, og ein kopi kan ikkje sperrast delvis. Rapporten står i journalen for dei som kan sjå alt i han. Er sperringa oppheva, kan behandlaren arkivere han med $file-document.',
          en: 'The patient has closed a part of the record, and a copy cannot be closed in part. The report stands in the record for those who may see all of it. Once the restriction is lifted, whoever treats the patient can file it with $file-document.',
        }
      : tell((language) => `${told[language]} ${why}`)
  return engineTask({
    ...{ code: 'sending-failed', colour: 'yellow', told, reason, now, about: `CarePlan/${carePlan}` },
    name: `filing|report-withheld|${carePlan}`,
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
