import type { Random } from '../../server/demo/random.ts'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'
import { familyOf } from '../caller/process-table.ts'

export type Victim = 'server' | 'postgres'

/**
 * What dies. PostgreSQL alone: its backends notice and end; with all its processes: as when the kernel runs out of memory; one of
 * its backends: the others are ended by it, and it recovers by itself.
 */
export type Manner = 'server' | 'postmaster' | 'postmaster and backends' | 'one backend'

const OF_POSTGRES: Manner[] = ['postmaster', 'postmaster and backends', 'one backend']

/** Each victim as often as asked, PostgreSQL in every manner by turns; all in an order of chance. */
export function planKills(rounds: Record<Victim, number>, random: Random): Manner[] {
  const ofPostgres = Array.from({ length: rounds.postgres }, (_, i) => OF_POSTGRES[i % OF_POSTGRES.length] as Manner)
  return [...Array<Manner>(rounds.server).fill('server'), ...ofPostgres]
    .map((manner) => ({ manner, place: random.uniform() }))
    .sort((one, other) => one.place - other.place)
    .map(({ manner }) => manner)
}

/** Sends SIGKILL. Only to what descends from a server of our own. */
export async function killNow(manner: Manner, server: RunningServer, random: Random): Promise<void> {
  if (manner === 'server') return server.kill9()
  const [postmaster, ...backends] = familyOf(server.postgresPid())
  if (!postmaster) throw new Error('there is no PostgreSQL to kill')
  const killed = {
    postmaster: [postmaster],
    'postmaster and backends': [postmaster, ...backends],
    'one backend': backends.length ? [random.pick(backends)] : [postmaster],
  }[manner]
  for (const { pid } of killed) killOne(pid)
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // A backend that has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
