import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { findBinaries } from '../../server/db/embedded/binaries.ts'

/** What a figure means nothing without. The first line of the output. */
export async function machineFacts(): Promise<Record<string, unknown>> {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model,
    cpu_count: cpus().length,
    memory_gb: Number((totalmem() / 2 ** 30).toFixed(1)),
    system: `${type()} ${release()}`,
    node: process.version,
    embedded_postgresql: await postgresVersion(),
    commit: said('git', 'rev-parse', '--short', 'HEAD'),
    uncommitted_changes: said('git', 'status', '--porcelain', 'server') !== '',
  }
}

const postgresVersion = async () => said((await findBinaries()).postgres, '--version')?.replace(/^.*\) /, '')

/** @returns undefined where there is no such program, as in a container without git */
function said(command: string, ...args: string[]): string | undefined {
  try {
    const cwd = new URL('.', import.meta.url)
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
