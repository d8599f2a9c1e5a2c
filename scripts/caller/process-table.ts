import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export type ProcessRow = {
  pid: number
  parent: number
  name: string
  /** User and system time of its own and of children that have ended. 0 where the system has no /proc. */
  cpuSeconds: number
}

/** Linux counts in these on every platform that Node runs on. time(7) */
const TICKS_PER_SECOND = 100

/** Every process there is, now. From /proc; elsewhere from `ps`, without times. */
export function readProcesses(): ProcessRow[] {
  if (!existsSync('/proc/self/stat')) return fromPs()
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? fromStat(Number(name)) : []))
}

/** A process and all that descend from it. */
export function familyOf(pid: number, rows = readProcesses()): ProcessRow[] {
  const own = rows.filter((row) => row.pid === pid)
  return own.concat(rows.filter((row) => row.parent === pid).flatMap((child) => familyOf(child.pid, rows)))
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function fromStat(pid: number): ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in parentheses and may hold anything, also a parenthesis.
    const nameEnd = stat.lastIndexOf(')')
    const fields = stat.slice(nameEnd + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    const name = stat.slice(stat.indexOf('(') + 1, nameEnd)
    return [{ pid, parent: Number(fields[1]), name, cpuSeconds: ticks / TICKS_PER_SECOND }]
  } catch {
    // It ended while we looked.
    return []
  }
}

function fromPs(): ProcessRow[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, name] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid && parent && name ? [{ pid: Number(pid), parent: Number(parent), name, cpuSeconds: 0 }] : []
  })
}
