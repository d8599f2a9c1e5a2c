/**
 * Kills the server and, separately, its PostgreSQL at random moments under load, and looks afterwards whether anything was lost,
 * stored by half, or done twice; whether each timer that fell due meanwhile, of every kind, has done its work exactly once; and whether a
 * plan that is beyond its alarm budget has one Task, tried once, and one draft.
 * Exits with 1 when a promise was broken.
 *
 *   node scripts/crash/kill-under-load.ts                        20 kills of each
 *   node scripts/crash/kill-under-load.ts --rounds 5 --seed 7    5 of each; the seed chooses order, manner and moments
 *   --processes 2            that many API processes and one for the engine; kills of one API process besides
 *
 * It starts a server of its own on new data, which it removes. A JSON line for each kill, and a summary.
 */
import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { newDataDir } from '../../server/db/test-template.ts'
import { machineFacts } from '../bench/machine.ts'
import { Lives } from './lives.ts'
import { killUnderLoad } from './rounds.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '32' },
  },
})
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
const rounds = Number(options.rounds)
const VIOLATIONS_SHOWN_MAX = 50

tell({ ...(await machineFacts()), rounds, seed: options.seed, processes: options.processes })
const dataDir = await newDataDir()
let lives: Lives | undefined
try {
  lives = await Lives.begin(dataDir, { PROCESSES: options.processes })
  const { violations, ...summary } = await killUnderLoad(lives, {
    rounds: { server: rounds, api: Number(options.processes) > 1 ? rounds : 0, postgres: rounds },
    seed: options.seed,
    concurrency: Number(options.concurrency),
    redPerRound: 200,
    timersPerRound: 20,
    hasTrial: true,
    onRound: tell,
  })
  if (violations.length > 0) process.exitCode = 1
  tell({ ...summary, violation_count: violations.length, violations: violations.slice(0, VIOLATIONS_SHOWN_MAX) })
} finally {
  await lives?.end()
  await rm(dataDir, { recursive: true, force: true })
}
