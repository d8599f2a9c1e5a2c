import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * When a process was started, in its system's own words; tells it apart from a later one with the same id.
 * @returns undefined if there is none, also for one that has ended and that its parent has not yet asked about
 */
export function processStart(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart=')
    // Field 22, counted after the command's name, which stands in parentheses and may hold anything. proc_pid_stat(5)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${fields[18]}`
  } catch {
    return undefined
  }
}

/** The command line of a process, as it was started. */
export function processCommand(pid: number): string {
  try {
    if (process.platform !== 'linux') return ps(pid, 'command=') ?? ''
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

const ps = (pid: number, field: string) =>
  execFileSync('ps', ['-o', field, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
