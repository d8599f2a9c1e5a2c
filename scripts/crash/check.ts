import { isDeepStrictEqual } from 'node:util'
import type { Bundle, Observation } from '@medplum/fhirtypes'
import { Caller, type Door, expectJson } from '../caller/caller.ts'
import { MESSAGE_SYSTEM } from '../caller/measurements.ts'
import { checkTasks } from './check-tasks.ts'
import type { Ledger, Written, WrittenTogether } from './ledger.ts'

export type Findings = {
  /** Promises that were broken, in words. */
  violations: string[]
  versions_read: number
  unknown_stored: number
  unknown_not_stored: number
  transactions_whole: number
  transactions_absent: number
  red_stored: number
  red_tasks: number
}

export type Check = {
  door: Door
  ledger: Ledger
  since: Date
  concurrency: number
  /** How long the engine may take to catch up before a Task counts as lost. */
  patienceMillis: number
}

/** Holds what the server says now, over FHIR REST, against what the ledger knows. The load must have ended. */
export async function checkAll({ door, ledger, since, concurrency, patienceMillis }: Check): Promise<Findings> {
  const violations = ledger.wrongAnswers.map((answer) => `wrong answer: ${answer}`)
  const callers = Array.from({ length: concurrency }, () => new Caller(door))
  const written = ledger.written.filter(({ acknowledged, unknown }) => acknowledged.length > 0 || unknown)
  let versionsRead = 0
  let next = 0
  await Promise.all(
    callers.map(async (caller) => {
      for (let one = written[next++]; one; one = written[next++]) {
        const problems =
          one.acknowledged.length > 0 ? await checkAcknowledged(caller, one) : await findUnknown(caller, one)
        violations.push(...problems)
        versionsRead += one.acknowledged.length
      }
    }),
  )
  const unknown = written.filter(({ acknowledged }) => acknowledged.length === 0)
  const together = ledger.together.map((entries) => ({ entries, stored: entries.filter(isStored).length }))
  violations.push(...together.flatMap(halfStored))
  const red = written.filter((one) => one.red && isStored(one))
  const tasks = await checkTasks(callers[0] as Caller, { red, since, patienceMillis })
  violations.push(...tasks.violations)
  for (const caller of callers) caller.close()
  return {
    violations,
    versions_read: versionsRead,
    unknown_stored: unknown.filter(isStored).length,
    unknown_not_stored: unknown.filter((one) => !isStored(one)).length,
    transactions_whole: together.filter(({ entries, stored }) => stored === entries.length).length,
    transactions_absent: together.filter(({ stored }) => stored === 0).length,
    red_stored: red.length,
    red_tasks: tasks.redTaskCount,
  }
}

/** Known from the acknowledgement, or found afterwards. */
const isStored = ({ reference }: Written) => reference !== undefined

function halfStored({ entries, stored }: { entries: WrittenTogether; stored: number }): string[] {
  if (stored === 0 || stored === entries.length) return []
  return [`half a transaction: ${stored} of ${entries.length} entries, ${entries[0]?.message} and those after it`]
}

/** It is now the last acknowledged version, or the one attempt after that; each version before is still as it was sent. */
async function checkAcknowledged(
  caller: Caller,
  { reference, message, acknowledged, unknown }: Written,
): Promise<string[]> {
  const problems: string[] = []
  const read = async (path: string) => {
    const answer = await caller.call({ method: 'GET', path })
    if (answer.status === 200) return JSON.parse(answer.body.toString()) as Observation
    problems.push(`lost: ${path} (${message}) answers ${answer.status}`)
    return undefined
  }
  for (const { version, resource } of acknowledged.slice(0, -1)) {
    const found = await read(`${reference}/_history/${version}`)
    if (found && !isSame(found, resource))
      problems.push(`changed: ${reference}/_history/${version} is not what was sent`)
  }
  const last = acknowledged.at(-1)
  const current = await read(reference ?? '')
  if (!last || !current) return problems
  const version = Number(current.meta?.versionId)
  if (version === last.version) {
    if (!isSame(current, last.resource)) problems.push(`changed: ${reference} is not what was sent`)
  } else if (version !== last.version + 1 || !unknown || !isSame(current, unknown)) {
    problems.push(`wrong version: ${reference} is at ${version}, acknowledged was ${last.version}`)
  }
  return problems
}

/** It may be stored or not, but not twice, and not in part. Notes where it is. */
async function findUnknown(caller: Caller, written: Written): Promise<string[]> {
  const { message, unknown } = written
  const path = `Observation?identifier=${encodeURIComponent(`${MESSAGE_SYSTEM}|${message}`)}`
  const { entry = [] } = expectJson<Bundle<Observation>>(await caller.call({ method: 'GET', path }), 200)
  const [found] = entry.flatMap(({ resource }) => resource ?? [])
  if (!found) return []
  written.reference = `Observation/${found.id}`
  return [
    ...(entry.length > 1 ? [`twice: ${message} was sent once and is stored ${entry.length} times`] : []),
    ...(unknown && isSame(found, unknown) ? [] : [`changed: ${message} is not what was sent`]),
  ]
}

/** The same but for what the server sets: its id and version, and the ranges that applied where the sender gave none. */
function isSame({ id: _, meta: __, ...found }: Observation, { id: ___, meta: ____, ...sent }: Observation): boolean {
  const { referenceRange, interpretation, ...others } = found
  return isDeepStrictEqual(
    {
      ...(sent.referenceRange ? { referenceRange } : {}),
      ...(sent.interpretation ? { interpretation } : {}),
      ...others,
    },
    sent,
  )
}
