import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BUILD_MILLIS_MAX = 180_000

/**
 * A new data folder in which what takes its time has been done once: PostgreSQL's cluster made, the migrations run. The first that
 * asks for one waits for that; all others, also in other test processes, get a copy.
 * @param name one template for each way to start: a database alone, a server with demo data and one without
 * @param build starts it on the folder and stops it
 */
export async function copyOfTemplate(name: string, build: (dataDir: string) => Promise<void>): Promise<string> {
  const template = await oncePerRun(`template-${name}`, async (folder) => {
    await build(folder)
    await removeEmptyLog(join(folder, 'postgres/pg_wal'))
  })
  const dataDir = await newDataDir()
  const copied = spawnSync('cp', ['-a', '--reflink=auto', `${template}/.`, dataDir], { encoding: 'utf8' })
  if (copied.status !== 0) throw new Error(`Cannot copy ${template}: ${copied.stderr}`)
  return dataDir
}

/**
 * A PostgreSQL that has ended in order begins again in the first segment of its log. It keeps others, empty, to write on in: more than
 * half of what would be copied. It makes what it needs. One is left, into which the first may run over.
 * @see https://www.postgresql.org/docs/18/wal-configuration.html
 */
async function removeEmptyLog(folder: string): Promise<void> {
  const segments = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort()
  for (const name of segments.slice(2)) await rm(join(folder, name))
}

/**
 * A folder of the run that the first who asks for it fills; all others, also in other test processes, wait for that.
 * @returns its path
 */
export async function oncePerRun(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const runFolder = process.env.FYLGJE_RUN_FOLDER ?? (await mkdtemp(join(tmpdir(), 'fylgje-run-')))
  const folder = join(runFolder, name)
  await ensureBuilt(folder, build)
  return folder
}

/** In the folder of the run, which is removed at its end with all that is left in it; outside of tests among all temporary files. */
export function newDataDir(): Promise<string> {
  return mkdtemp(join(process.env.FYLGJE_RUN_FOLDER ?? tmpdir(), 'fylgje-journey-'))
}

/** Only the process that makes the folder of the lock builds; the others wait for the result or for its failure. */
async function ensureBuilt(template: string, build: (dataDir: string) => Promise<void>): Promise<void> {
  const lock = `${template}.lock`
  const deadline = Date.now() + BUILD_MILLIS_MAX
  while (!existsSync(template)) {
    const isOurs = await mkdir(lock).then(
      () => true,
      () => false,
    )
    if (isOurs) {
      const unfinished = `${template}.unfinished`
      try {
        await mkdir(unfinished)
        await build(unfinished)
        await rename(unfinished, template)
      } finally {
        await rm(unfinished, { recursive: true, force: true })
        await rm(lock, { recursive: true })
      }
      return
    }
    if (Date.now() > deadline) throw new Error(`${template} was not built in time.`)
    await sleep(50)
  }
}
