import type { Pool } from '../db/pool.ts'
import { isUnavailable } from '../db/unavailable.ts'
import type { Log } from '../log.ts'
import type { Audit } from './audit.ts'
import { fileLeftOvers, monthsUnfiled } from './filing.ts'
import { dropMonths, listMonths, makeMonths } from './months.ts'
import { seal, unsealedHeads } from './seal.ts'

const FILE_MILLIS = 1_000
const SEAL_MILLIS = 60_000
/** A process that lives has filed by then what it wrote. */
const LEFT_MILLIS = 10 * 60_000
const MONTHS_MILLIS = 6 * 3600_000

export type KeepAudit = {
  pool: Pool
  audit: Audit
  log: Log
  /** Months of which the audit is kept beside this one. */
  keptMonthCount: number
  /** One process of all looks after months, and seals what a killed one has left. */
  isKeeper: boolean
}

/**
 * Files what was written, every second. Seals it, every minute, and says so in the log: with a line of it somebody elsewhere can prove
 * later that nothing was cut off before it. Makes the months that come, and drops those that are over.
 * @returns ends it, with a last seal
 */
export async function keepAudit({
  pool,
  audit,
  log,
  keptMonthCount,
  isKeeper,
}: KeepAudit): Promise<() => Promise<void>> {
  const sealNow = async (heads?: Awaited<ReturnType<typeof unsealedHeads>>) => {
    try {
      const sealed = await seal(audit, heads)
      const [last] = sealed.slice(-1)
      if (last) log.info({ chains: sealed.length, seal: last.join(':') }, 'audit sealed')
    } catch (error) {
      log.error({ err: error }, 'the audit could not be sealed; the next seal comes in a minute')
    }
  }
  const fileNow = async () => {
    try {
      await audit.file(pool)
    } catch (error) {
      if (!isUnavailable(error))
        log.error({ err: error }, 'the audit could not be filed; it is tried again in a second')
    }
  }
  let areAllFiled = false
  const fileOthers = async () => {
    try {
      const months = areAllFiled ? monthsUnfiled(new Date()) : await listMonths(pool)
      const count = await fileLeftOvers(pool, months, new Date(Date.now() - LEFT_MILLIS))
      areAllFiled = true
      if (count > 0) log.info({ blocks: count }, 'filed in the audit what a process had left that was killed')
    } catch (error) {
      log.error(
        { err: error },
        'what others have left of the audit could not be filed; it is tried again in ten minutes',
      )
    }
  }
  const lookAfterMonths = async () => {
    try {
      await makeMonths(pool, new Date())
      const dropped = await dropMonths(pool, audit, keptMonthCount, new Date())
      if (dropped.length > 0) log.warn({ months: dropped }, 'audit dropped, as AUDIT_RETENTION_MONTHS says')
    } catch (error) {
      log.error({ err: error }, 'the months of the audit could not be looked after; the next look comes in six hours')
    }
  }
  if (isKeeper) {
    await lookAfterMonths()
    await fileOthers()
    await sealNow(await unsealedHeads(pool))
  }
  const timers = [
    setInterval(fileNow, FILE_MILLIS),
    setInterval(() => sealNow(), SEAL_MILLIS),
    ...(isKeeper ? [setInterval(fileOthers, LEFT_MILLIS), setInterval(lookAfterMonths, MONTHS_MILLIS)] : []),
  ]
  for (const timer of timers) timer.unref()
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await sealNow()
    await fileNow()
  }
}
