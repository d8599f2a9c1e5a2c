import type { Random } from '../../server/demo/random.ts'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'
import { familyOf, readProcesses } from '../caller/process-table.ts'
import type { Lives } from './lives.ts'

export type Victim = 'server' | 'api' | 'postgres'

/** What dies, and what must follow, for each victim by turns. */
const MANNERS = {
  server: [
    // Is started again, on what it left behind: a running PostgreSQL too.
    'server',
    // And once more on the way, wherever it is by then.
    'server, and again while it starts',
  ],
  // One of several; the first process replaces it.
  api: ['one API process'],
  // All three are mended by the server itself.
  postgres: [
    // Its backends notice and end.
    'postmaster',
    // As when the machine runs out of memory.
    'postmaster and backends',
    // PostgreSQL ends the others and recovers.
    'one backend',
  ],
} as const
export type Manner = (typeof MANNERS)[Victim][number]

/** Each victim as often as asked; all in an order of chance. */
export function planKills(rounds: Record<Victim, number>, random: Random): Manner[] {
  return [...byTurns('server', rounds), ...byTurns('api', rounds), ...byTurns('postgres', rounds)]
    .map((manner) => ({ manner, place: random.uniform() }))
    .sort((one, other) => one.place - other.place)
    .map(({ manner }) => manner)
}

function byTurns(victim: Victim, rounds: Record<Victim, number>): Manner[] {
  const manners: readonly Manner[] = MANNERS[victim]
  return Array.from({ length: rounds[victim] }, (_, i) => manners[i % manners.length] as Manner)
}

/** Sends SIGKILL, to children of our own server and of its PostgreSQL alone. @throws Error when the postmaster does not descend from it */
export async function killNow(manner: Manner, { running }: Lives, random: Random): Promise<void> {
  if (isOfServer(manner)) return running.kill9()
  const postmaster = running.postgresPid()
  const isOurs = familyOf(running.pid).some(({ pid }) => pid === postmaster)
  if (!isOurs) throw new Error(`the process ${postmaster} is not the server's`)
  for (const pid of chosen(manner, running, postmaster, random)) kill(pid)
}

/** Then somebody has to start it again. */
export const isOfServer = (manner: Manner): boolean => (MANNERS.server as readonly Manner[]).includes(manner)

function chosen(manner: Manner, server: RunningServer, postmaster: number, random: Random): number[] {
  const backends = childrenOf(postmaster)
  switch (manner) {
    case 'one API process':
      return [random.pick(childrenOf(server.pid).filter((pid) => pid !== postmaster))]
    case 'postmaster and backends':
      return [postmaster, ...backends]
    case 'one backend':
      return [random.pick(backends)]
    default:
      return [postmaster]
  }
}

const childrenOf = (pid: number): number[] => readProcesses().flatMap((row) => (row.parent === pid ? row.pid : []))

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
