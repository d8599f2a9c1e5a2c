import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartFailure } from '../../start-failure.ts'
import { processStart } from './process-start.ts'

/** A process, told apart from a later one that got the same id. */
type Owner = { pid: number; startedAt: string }

/**
 * Takes DATA_DIR for this process. Of two servers that start at the same time one gets it.
 * @returns gives it back
 * @throws StartFailure when a living server has it
 */
export async function takeOwnership(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'server.pid')
  const ours: Owner = { pid: process.pid, startedAt: processStart(process.pid) ?? '' }
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(ours), { flag: 'wx', mode: 0o600 })
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const other = parse(text)
    if (other && isAlive(other)) {
      throw new StartFailure(
        `Another server (process ${other.pid}) is running on ${dataDir}; stop it, or set DATA_DIR.`,
      )
    }
    await clearAway(file, text)
  }
}

/** Removes a dead server's file, but not the one that a third server may have written since we looked. */
async function clearAway(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}`
  await rename(file, aside).catch(() => {})
  const moved = await readFile(aside, 'utf8').catch(() => undefined)
  if (moved !== undefined && moved !== text) await rename(aside, file)
  else await rm(aside, { force: true })
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<Owner>
    return Number.isInteger(pid) && typeof startedAt === 'string' ? { pid: pid as number, startedAt } : undefined
  } catch {
    // A server that was killed before its line was written.
    return undefined
  }
}

const isAlive = ({ pid, startedAt }: Owner) => processStart(pid) === startedAt
