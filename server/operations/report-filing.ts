import type { CarePlan, Patient, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { type Language, spokenAs } from '../core/decide/words/language.ts'
import type { Told } from '../core/decide/words/told.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import { uuidOf } from '../documents/offered.ts'
import type { Rooms } from '../exchange.ts'
import type { Log } from '../log.ts'
import { operatorTask } from '../plans/operator-task.ts'
import { isPassingFailure } from '../plans/passing-failure.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import { fileOf } from './file-document.ts'
import {
  claimReport,
  countUnfiled,
  forgetReport,
  forgetSettledReports,
  putOffReport,
  withholdReport,
} from './reports-to-file.ts'

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
  const { rooms, pool, log } = filing
  const now = rooms.now()
  const due = await claimReport(pool, now)
  if (!due) {
    await tellOfUnfiled(filing, now)
    return false
  }
  const { carePlan } = due
  try {
    // Of what is called a mistake since its report was put down, no copy is made.
    if (!(await isMistaken(rooms, carePlan)))
      await fileOf(rooms, FILING, {
        ...{ carePlan, asked: { kind: 'final' }, language: languageOf },
        // Once for each plan, also when it was filed and the process was killed before it had said so.
        name: `urn:uuid:${uuidOf(`final report of CarePlan/${carePlan}`)}`,
      })
    await forgetReport(pool, carePlan)
  } catch (error) {
    // Somebody has deleted the plan: of what was taken away no copy is made.
    if (error instanceof Refusal && error.status === 410) await forgetReport(pool, carePlan)
    else if (error instanceof Refusal && !isPassingFailure(error))
      await withholdReport(pool, carePlan, error.issues[0]?.diagnostics ?? '')
    else {
      log.warn({ err: error, carePlan }, 'a final report was not filed, and is tried again')
      await putOffReport(pool, due, now)
    }
  }
  return true
}

/** While there is nothing of either, it costs one look. */
async function tellOfUnfiled({ pool, tellTask, tellWithheld }: FilingRooms, now: Date): Promise<void> {
  const { lateCount, withheldCount } = await countUnfiled(pool)
  const settledCount = withheldCount > 0 ? await forgetSettledReports(pool) : 0
  await tellTask(lateCount > 0 ? lateTask(lateCount, now) : undefined)
  await tellWithheld(withheldCount > settledCount ? withheldTask(now) : undefined)
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

/** @throws Refusal 410, of one that was deleted */
async function isMistaken({ store }: Rooms, carePlan: string): Promise<boolean> {
  const { text = '{}' } = await store.read(FILING, 'CarePlan', carePlan)
  return (JSON.parse(text) as Partial<CarePlan>).status === 'entered-in-error'
}

/**
 * One for all that are withheld. Every member of staff may read a Task of no patient, so it tells neither whose report it is nor why: that a patient
 * has closed something is itself closed to some of them. Which they are, and why, stands in the table, for whoever runs the server.
 */
function withheldTask(now: Date): Task {
  const told: Told = {
    nb: 'En sluttrapport eller flere ble ikke arkivert, og prøves ikke igjen. Databasen (report_to_file) sier hvilke og hvorfor.',
    nn: 'Ein sluttrapport eller fleire vart ikkje arkiverte, og blir ikkje prøvde igjen. Databasen (report_to_file) seier kva for nokre og kvifor.',
    en: 'One final report or more were not filed, and are not tried again. The database (report_to_file) says which and why.',
  }
  return operatorTask({ told, now, about: FILING.actor, name: `${WITHHELD_FINDING}${now.toISOString()}` })
}

function lateTask(count: number, now: Date): Task {
  const isOne = count === 1
  const told: Told = {
    nb: `${count} ${isOne ? 'sluttrapport' : 'sluttrapporter'} venter på å bli arkivert. Det prøves igjen. Loggen sier hvorfor.`,
    nn: `${count} ${isOne ? 'sluttrapport' : 'sluttrapportar'} ventar på å bli ${isOne ? 'arkivert' : 'arkiverte'}. Det blir prøvd igjen. Loggen seier kvifor.`,
    en: `${count} final ${isOne ? 'report waits' : 'reports wait'} to be filed. It is tried again. The log says why.`,
  }
  return operatorTask({ told, now, about: FILING.actor, name: `${FILING_FINDING}${now.toISOString()}` })
}
