import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../server/demo/random.ts'
import { Caller } from '../caller/caller.ts'
import { ConnectionLost } from '../caller/connection.ts'
import { DEMO_CLIENT, openDoor } from '../caller/door.ts'
import { admitPatients, findCopdPlan } from '../caller/patients.ts'
import { checkAll, type Findings } from './check.ts'
import { isOfServer, killNow, type Manner, planKills, type Victim } from './kill.ts'
import { Ledger } from './ledger.ts'
import type { Lives } from './lives.ts'
import { type Cohort, startLoad } from './load.ts'
import { checkTimers, type Planted, plantTimers } from './timers.ts'
import { Told } from './told.ts'
import { checkTrials, plantBreach } from './trials.ts'

export type Plan = {
  /** How often each is killed. */
  rounds: Record<Victim, number>
  /** The same seed kills in the same order, in the same manner, after the same time. */
  seed: string
  concurrency: number
  /** Patients who can get a red measurement of their own, in each round. */
  redPerRound: number
  /** Timers of each kind that are set before each kill. */
  timersPerRound: number
  /** Whether something quieter is tried meanwhile for a plan that is beyond its alarm budget. */
  hasTrial: boolean
  onRound: (round: Round) => void
}

export type Round = {
  round: number
  killed: Manner
  /** From the start of the round to the kill. */
  after_ms: number
  /** Writes that were acknowledged before it, in this round. */
  acknowledged: number
  /** From the kill until writes were acknowledged again. */
  recovery_ms: number
}

export type Summary = { acknowledged: number; unknown: number; timers: number } & Told['counts'] & Findings

const MOMENT_MILLIS = { min: 200, max: 1500 }
/** How many writes must be acknowledged after a kill before it counts as survived. */
const PROOF_COUNT = 50
const RECOVERY_MILLIS_MAX = 90_000
/** Of what was answered and said, when it does not recover. */
const LINES_TOLD = 10

/**
 * Writes without pause, kills the server or its PostgreSQL again and again in the middle of it, and then looks whether everything
 * that was promised is there. A killed server is started again on its data; a killed PostgreSQL must come back by itself.
 */
export async function killUnderLoad(lives: Lives, plan: Plan): Promise<Summary> {
  const random = createRandom(plan.seed)
  const since = new Date()
  const door = await openDoor(lives.baseUrl, DEMO_CLIENT)
  const steward = new Caller(door)
  const copd = await findCopdPlan(steward)
  const cohort: Cohort = {
    plain: await admitPatients(steward, { count: 100, purpose: 'Vanlig' }),
    often: await admitPatients(steward, { count: 20, purpose: 'Ofte', plan: copd }),
    once: [],
  }
  const ledger = new Ledger()
  // Of their own: what the load measures would fulfil what they are asked for.
  const timed = await admitPatients(steward, { count: 20, purpose: 'Frist' })
  const planted: Planted[] = []
  if (plan.hasTrial) await plantBreach(steward)
  const told = await Told.begin(steward)
  const load = startLoad({ door, ledger, cohort, random: random.fork('load'), concurrency: plan.concurrency })
  try {
    for (const [i, killed] of planKills(plan.rounds, random).entries()) {
      const admission = { count: plan.redPerRound, purpose: 'Rød', plan: copd }
      cohort.once.push(...(await whenServed(() => admitPatients(steward, admission))))
      const planting = { patients: timed, plan: copd, random, count: plan.timersPerRound }
      planted.push(...(await whenServed(() => plantTimers(steward, planting))))
      plan.onRound({ round: i + 1, ...(await oneRound(lives, killed, ledger, random)) })
    }
  } finally {
    await load.stop()
    steward.close()
  }
  const findings = await checkAll({ door, ledger, since, concurrency: 16, patienceMillis: 60_000 })
  const caller = new Caller(door)
  if (plan.hasTrial) findings.violations.push(...(await checkTrials(caller, 120_000)))
  findings.violations.push(...(await checkTimers(caller, { planted, since, patienceMillis: 60_000 })))
  const stored = ledger.written.filter(({ reference }) => reference !== undefined)
  findings.violations.push(...(await told.check(caller, stored, 60_000)))
  await told.end()
  caller.close()
  const { acknowledgedCount: acknowledged, unknownCount: unknown } = ledger
  return { acknowledged, unknown, timers: planted.length, ...told.counts, ...findings }
}

async function oneRound(lives: Lives, killed: Manner, ledger: Ledger, random: Random): Promise<Omit<Round, 'round'>> {
  const before = ledger.acknowledgedCount
  const after_ms = random.integer(MOMENT_MILLIS.min, MOMENT_MILLIS.max)
  await sleep(after_ms)
  const acknowledged = ledger.acknowledgedCount - before
  const killedAt = performance.now()
  await killNow(killed, lives, random)
  if (killed === 'server, and again while it starts') await lives.dieStarting(random.integer(50, 900))
  if (isOfServer(killed)) await lives.startAgain()
  await untilWritten(ledger, lives)
  return { killed, after_ms, acknowledged, recovery_ms: Math.round(performance.now() - killedAt) }
}

/**
 * Writes that came through just after a kill may have been under way before it: PostgreSQL may end its other connections only
 * now. So what is turned away (503) or cut off is asked again; what it may have stored all the same is used by nobody.
 */
async function whenServed<T>(ask: () => Promise<T>): Promise<T> {
  const beganAt = performance.now()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const isPassing = error instanceof ConnectionLost || (error instanceof Error && error.message.includes('got 503'))
      if (!isPassing || performance.now() - beganAt > RECOVERY_MILLIS_MAX) throw error
      await sleep(200)
    }
  }
}

/**
 * Called when a killed server is ready again: how long it may take for that is for its start to say.
 * @throws Error when nothing is acknowledged any more: it has not recovered by itself
 */
async function untilWritten(ledger: Ledger, { running }: Lives): Promise<void> {
  const beganAt = performance.now()
  const before = { acknowledged: ledger.acknowledgedCount, unknown: ledger.unknownCount }
  const wrongCount = ledger.wrongAnswers.length
  while (ledger.acknowledgedCount < before.acknowledged + PROOF_COUNT) {
    if (performance.now() - beganAt > RECOVERY_MILLIS_MAX) {
      const { stdout, stderr } = running.output()
      throw new Error(
        [
          `fewer than ${PROOF_COUNT} writes are acknowledged in ${RECOVERY_MILLIS_MAX / 1000} s: ` +
            `${ledger.acknowledgedCount - before.acknowledged}, and ${ledger.unknownCount - before.unknown} were turned away or cut off`,
          ...ledger.wrongAnswers.slice(wrongCount).slice(-LINES_TOLD),
          'The server said last:',
          ...`${stdout}${stderr}`.trimEnd().split('\n').slice(-LINES_TOLD),
        ].join('\n'),
      )
    }
    await sleep(10)
  }
}
