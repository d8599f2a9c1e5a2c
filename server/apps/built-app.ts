import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join, relative } from 'node:path'

export const APPS = ['clinician', 'patient'] as const
export type App = (typeof APPS)[number]

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'smart-apps')
/** Rooms of `smart-apps/` that the apps share. */
const SHARED = ['fhir', 'launch', 'measures', 'place', 'texts', 'ui']
/** Beside the packages, so that `npm ci` clears both, and only who may install may change what browsers will run. */
export const APPS_KEPT = join(ROOT, 'node_modules/.cache/fylgje/apps')
/** Of the core an app may run any part. */
const CORE = join(ROOT, 'server/core')
/** A build that no start has found for so long is removed. One that is still served, by a server that was started before, is then gone for it. */
const OUTDATED_MILLIS = 24 * 3600_000
const MESSAGE_LENGTH_MAX = 2_000

export type BuiltApp = {
  /** Holds index.html. */
  folder: string
  /** Milliseconds that it took; undefined when it was there already. */
  tookMillis?: number
}

export type Places = {
  /** Where it is kept, and looked for first. */
  kept: string
  /** Where it is kept when that cannot be written to. It must be of those who run the server: browsers run what is in it. */
  other: string
}

/** Builds an app into an empty folder. */
export type Build = (app: App, folder: string) => Promise<void>

/**
 * The app as browsers run it, built now if its sources have changed since. Several processes may ask at once: each builds in a
 * folder of its own, and the first that is done gives it its name.
 * @throws Error when it has to be built and cannot be, such as after `npm ci --omit=dev`
 */
export async function builtApp(app: App, { kept, other }: Places, build: Build = buildInProcess): Promise<BuiltApp> {
  const name = `${app}-${await digestOf(app)}`
  const found = [kept, other].map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'index.html')))
  if (found) {
    await touch(found)
    return { folder: found }
  }
  const startedAt = performance.now()
  const place = await firstWritable(kept, other)
  const draft = await mkdtemp(join(place, `.${name}-`))
  try {
    await build(app, draft)
    // A folder made aside is its maker's alone; who starts a server need not be who has built, such as in the image.
    await chmod(draft, 0o755)
    await giveName(draft, join(place, name))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await removeOutdated(place, app, name)
  return { folder: join(place, name), tookMillis: performance.now() - startedAt }
}

/** Of everything that a build is made from: the app, what it may run of the core, how it is built, which packages. */
export async function digestOf(app: App): Promise<string> {
  const files = [
    join(SOURCES, 'build.ts'),
    join(ROOT, 'package.json'),
    ...(await Promise.all([app, ...SHARED].map((folder) => filesIn(join(SOURCES, folder))))).flat(),
    ...(await filesIn(CORE)),
  ]
  const hash = createHash('sha256')
  const isTest = (file: string) => /\.test\.tsx?$/.test(file)
  for (const file of files.filter((one) => !isTest(one)).sort()) {
    const content = await readFile(file)
    hash.update(`${relative(ROOT, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** So that it counts as started today. Who may not write there leaves it to those who may. */
async function touch(folder: string): Promise<void> {
  const now = new Date()
  await utimes(folder, now, now).catch(() => {})
}

/** @throws Error of the last one when none of them can be written to */
async function firstWritable(kept: string, other: string): Promise<string> {
  let reason: unknown
  for (const [place, mode] of [
    [kept, 0o755],
    // Perhaps the first that is made in DATA_DIR, which is closed to everybody else.
    [other, 0o700],
  ] as const) {
    try {
      await mkdir(place, { recursive: true, mode })
      const probe = await mkdtemp(join(place, '.probe-'))
      await rm(probe, { recursive: true })
      return place
    } catch (error) {
      reason = error
    }
  }
  throw reason
}

/** In a process of its own: what a build needs of memory and of modules is not kept by the server. */
function buildInProcess(app: App, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(SOURCES, 'build.ts'), app, folder], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`the app ${app} could not be built: ${said.trim().slice(0, MESSAGE_LENGTH_MAX)}`))
    })
  })
}

/** Whoever was faster has built the same. */
async function giveName(draft: string, named: string): Promise<void> {
  try {
    await rename(draft, named)
  } catch (error) {
    if (!existsSync(join(named, 'index.html'))) throw error
  }
}

async function removeOutdated(place: string, app: App, name: string): Promise<void> {
  for (const other of await readdir(place)) {
    if (other === name || !other.replace(/^\./, '').startsWith(`${app}-`)) continue
    const { mtimeMs } = await stat(join(place, other)).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > OUTDATED_MILLIS)
      await rm(join(place, other), { recursive: true, force: true }).catch(() => {})
  }
}
