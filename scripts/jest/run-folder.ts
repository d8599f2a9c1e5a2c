// A folder for what the test files of one run share and for their databases, which are copies of one that all of them start from.
import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Linux keeps files in memory. https://www.kernel.org/doc/html/latest/filesystems/tmpfs.html */
const MEMORY = '/dev/shm'
/** Three databases at a time with their logs, which grow to a gigabyte where a journey makes load, and the servers beside them. */
const BYTES_MIN = 6 * 1024 ** 3
/** No single test goes on for so long. */
const STILL_MILLIS = 30 * 60_000

export default async function makeRunFolder(): Promise<void> {
  const place = (await hasRoomInMemory()) ? MEMORY : tmpdir()
  await removeLeftBehind(place)
  process.env.FYLGJE_RUN_FOLDER = await mkdtemp(join(place, `fylgje-run-${process.pid}-`))
}

/** A test's database flushes each commit as every other does; in memory nobody waits for that. */
async function hasRoomInMemory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(MEMORY)
    return bavail * bsize >= BYTES_MIN && process.availableMemory() >= BYTES_MIN
  } catch {
    return false
  }
}

/** Of runs that were killed. One of another container has a process that is not seen here, but it changes its folder all the time. */
async function removeLeftBehind(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const [, pid] = /^fylgje-run-(\d+)-/.exec(name) ?? []
    if (!pid || isAlive(Number(pid))) continue
    const folder = join(place, name)
    const changed = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    )
    if (Date.now() - changed > STILL_MILLIS) await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
