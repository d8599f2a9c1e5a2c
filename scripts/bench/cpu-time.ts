import { familyOf } from '../caller/process-table.ts'

/** CPU time that has gone by since some moment, in seconds, by who used it. */
export type CpuTime = { server: number; postgres: number; client: number }

/** Of the server, its PostgreSQL, and ourselves, so far. Where there is no /proc only our own is known. */
export function cpuTime(serverPid: number): CpuTime {
  const spent: CpuTime = {
    server: 0,
    postgres: 0,
    client: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }
  for (const { name, cpuSeconds } of familyOf(serverPid)) {
    // Node names itself after what runs in it ("node", "MainThread"); PostgreSQL is always called so.
    spent[name === 'postgres' ? 'postgres' : 'server'] += cpuSeconds
  }
  return spent
}

/** What was used between, as it stands in a result line: seconds, and how many cores that is. */
export function cpuBetween(from: CpuTime, to: CpuTime, seconds: number): Record<string, number> {
  const cores = (who: keyof CpuTime) => Number(((to[who] - from[who]) / seconds).toFixed(2))
  return { server_cores: cores('server'), postgres_cores: cores('postgres'), client_cores: cores('client') }
}
