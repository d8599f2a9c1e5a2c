import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { familyOf } from '../caller/process-table.ts'

/** CPU seconds used so far, by whom. `others` are programs that have nothing to do with this, and the host of a virtual machine. */
export type CpuTime = { server: number; postgres: number; client: number; others: number }

const TICKS_PER_SECOND = 100

/** @param serverPid its PostgreSQL is among its children. @returns undefined where there is no /proc */
export function cpuTime(serverPid: number): CpuTime | undefined {
  if (!existsSync('/proc/stat')) return undefined
  const { user, system } = process.cpuUsage()
  const spent = { server: 0, postgres: 0, client: (user + system) / 1e6 }
  // Node names itself after what runs in it ("node", "MainThread"); PostgreSQL is always called so.
  for (const { name, cpuSeconds } of familyOf(serverPid))
    spent[name === 'postgres' ? 'postgres' : 'server'] += cpuSeconds
  return { ...spent, others: busySeconds() - spent.server - spent.postgres - spent.client }
}

/** All processors together, without idle (4th) and waiting for a disk (5th). proc_stat(5) */
function busySeconds(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').split(/\s+/).map(Number)
  // The last two, guest time, are counted in the first two as well.
  return ticks.slice(0, 8).reduce((sum, tick, i) => (i === 3 || i === 4 ? sum : sum + tick), 0) / TICKS_PER_SECOND
}

/** What was used between, as cores. A figure that was measured while `other_cores` is not near 0 says little. */
export function coresBetween(from: CpuTime, to: CpuTime, seconds: number): Record<string, number> {
  const cores = (who: keyof CpuTime) => Number(Math.max(0, (to[who] - from[who]) / seconds).toFixed(2))
  return {
    server_cores: cores('server'),
    postgres_cores: cores('postgres'),
    client_cores: cores('client'),
    other_cores: cores('others'),
  }
}

/** CPU time for each operation, in microseconds. Of all figures the one that says most on a machine that others use too. */
export function costBetween(from: CpuTime, to: CpuTime, operationCount: number): Record<string, number> {
  const cost = (who: keyof CpuTime) => Math.round(((to[who] - from[who]) * 1e6) / operationCount)
  return { server_us_per_op: cost('server'), postgres_us_per_op: cost('postgres'), client_us_per_op: cost('client') }
}

/**
 * What the server holds in memory now, and at most since `forgetPeaks`, without its PostgreSQL, in megabytes.
 * @returns nothing where there is no /proc
 */
export function memoryOf(serverPid: number): { server_mb?: number; server_peak_mb?: number } {
  if (!existsSync('/proc/self/status')) return {}
  const statuses = serversAmong(serverPid).map(statusOf)
  return { server_mb: megabytes(statuses, 'VmRSS'), server_peak_mb: megabytes(statuses, 'VmHWM') }
}

/** From here on the most that a process has held is counted anew. proc_pid_clear_refs(5): 5 */
export function forgetPeaks(serverPid: number): void {
  if (!existsSync('/proc/self/clear_refs')) return
  for (const pid of serversAmong(serverPid)) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5')
    } catch {
      // It ended while we looked, or is another user's: then what is told is the most since it started.
    }
  }
}

const serversAmong = (serverPid: number): number[] =>
  familyOf(serverPid)
    .filter(({ name }) => name !== 'postgres')
    .map(({ pid }) => pid)

function megabytes(statuses: string[], name: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = statuses.map((status) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0))
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024)
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}
