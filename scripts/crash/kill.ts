import type { Random } from '../../server/demo/random.ts'
import { familyOf, type ProcessRow } from '../caller/process-table.ts'
import type { Lives } from './lives.ts'

export type Victim = 'server' | 'postgres'

/**
 * What dies. The server; the server, and once more while it starts on what the first left behind. PostgreSQL alone: its backends notice and end; with all its processes: as when the kernel runs out of memory; one of
 * its backends: the others are ended by it, and it recovers by itself.
 */
export type Manner =
  | 'server'
  | 'server, and again while it starts'
  | 'postmaster'
  | 'postmaster and backends'
  | 'one backend'

const OF_SERVER: Manner[] = ['server', 'server, and again while it starts']
const OF_POSTGRES: Manner[] = ['postmaster', 'postmaster and backends', 'one backend']

/** Each victim as often as asked, in every manner by turns; all in an order of chance. */
export function planKills(rounds: Record<Victim, number>, random: Random): Manner[] {
  return [...byTurns(OF_SERVER, rounds.server), ...byTurns(OF_POSTGRES, rounds.postgres)]
    .map((manner) => ({ manner, place: random.uniform() }))
    .sort((one, other) => one.place - other.place)
    .map(({ manner }) => manner)
}

const byTurns = (manners: Manner[], count: number): Manner[] =>
  Array.from({ length: count }, (_, i) => manners[i % manners.length] as Manner)

export const isOfServer = (manner: Manner): boolean => OF_SERVER.includes(manner)

/** Sends SIGKILL. Only to a server of our own and what descends from it. */
export async function killNow(manner: Manner, { running }: Lives, random: Random): Promise<void> {
  if (isOfServer(manner)) return running.kill9()
  const [postmaster, ...backends] = familyOf(running.postgresPid())
  if (!postmaster) throw new Error('there is no PostgreSQL to kill')
  for (const { pid } of choose(manner, postmaster, backends, random)) killOne(pid)
}

function choose(manner: Manner, postmaster: ProcessRow, backends: ProcessRow[], random: Random): ProcessRow[] {
  if (manner === 'postmaster and backends') return [postmaster, ...backends]
  return [manner === 'one backend' && backends.length > 0 ? random.pick(backends) : postmaster]
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // A backend that has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
