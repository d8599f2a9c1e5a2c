import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { APPS, type App, type Build, builtApp, digestOf } from './built-app.ts'

/** How much JavaScript, gzipped, the first screen of each app may need; by the beginning of its file's name. */
const FIRST_SCREENS = [
  ['clinician', 'worklist-', 350_000],
  ['patient', 'today-screen-', 250_000],
] as const
/** A build is a second of work, which a busy machine may take a minute for. */
const BUILD_MILLIS_MAX = 120_000

let folder: string
/** Built as a start does. */
const real = new Map<App, string>()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-apps-'))
  const places = { kept: join(folder, 'real'), other: join(folder, 'nowhere') }
  for (const app of APPS) real.set(app, (await builtApp(app, places)).folder)
}, BUILD_MILLIS_MAX)
afterAll(() => rm(folder, { recursive: true, force: true }))

const assetsOf = (app: App) => join(real.get(app) ?? '', 'assets')

test.each(APPS)('what is built of %s is the page and its files', async (app) => {
  expect(await readFile(join(real.get(app) ?? '', 'index.html'), 'utf8')).toContain('<div id="app">')
  expect(await readdir(assetsOf(app))).toContainEqual(expect.stringMatching(/^index-.*\.js\.gz$/))
})

// Where it lies and who may read it is the same whatever is built.
let buildCount = 0
const quickBuild: Build = async (_app, draft) => {
  buildCount++
  await writeFile(join(draft, 'index.html'), 'built')
  // Somebody else is given time to begin as well.
  await new Promise((resolve) => setTimeout(resolve, 20))
}
const quicklyBuilt = (kept: string, other: string) => builtApp('clinician', { kept, other }, quickBuild)

test('asked by several at once there is one build, and it is found again', async () => {
  const [kept, other] = [join(folder, 'kept'), join(folder, 'other')]
  const built = await Promise.all([quicklyBuilt(kept, other), quicklyBuilt(kept, other)])
  expect(new Set(built.map((one) => one.folder))).toEqual(
    new Set([join(kept, `clinician-${await digestOf('clinician')}`)]),
  )
  // Nothing half-done is left beside it.
  expect(await readdir(kept)).toHaveLength(1)
  buildCount = 0
  expect(await quicklyBuilt(kept, other)).toEqual({ folder: built[0]?.folder })
  expect(buildCount).toBe(0)
  // Whoever runs the server may read it, who need not be who has built it: in the image that was root.
  expect(await modeOf(built[0]?.folder ?? '')).toBe(0o755)
})

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('a build that fails leaves nothing, and says what it said', async () => {
  const kept = join(folder, 'failed')
  const failing: Build = async () => {
    throw new Error('no such module')
  }
  await expect(builtApp('clinician', { kept, other: kept }, failing)).rejects.toThrow('no such module')
  expect(await readdir(kept)).toEqual([])
})

test('a start that finds it keeps it for another day', async () => {
  const [kept, other] = [join(folder, 'again'), join(folder, 'other')]
  const { folder: built } = await quicklyBuilt(kept, other)
  await utimes(built, new Date(0), new Date(0))
  await quicklyBuilt(kept, other)
  expect((await stat(built)).mtimeMs).toBeGreaterThan(Date.now() - 3600_000)
})

test('a build that no start has found for a day is removed with the next one; a younger one stays', async () => {
  const kept = join(folder, 'outdated')
  for (const [name, at] of [
    ['clinician-0123456789abcdef', new Date(0)],
    ['clinician-fedcba9876543210', new Date()],
    ['another-0123456789abcdef', new Date(0)],
  ] as const) {
    await mkdir(join(kept, name), { recursive: true })
    await utimes(join(kept, name), at, at)
  }
  const { folder: built } = await quicklyBuilt(kept, kept)
  expect(new Set(await readdir(kept))).toEqual(
    new Set([basename(built), 'clinician-fedcba9876543210', 'another-0123456789abcdef']),
  )
})

test('where the checkout cannot be written to it lies in the other folder', async () => {
  // Below a file there can be no folder, not even root's.
  const built = await quicklyBuilt(join(import.meta.filename, 'kept'), join(folder, 'data/apps'))
  expect(built.folder.startsWith(join(folder, 'data/apps'))).toBe(true)
  expect(await readFile(join(built.folder, 'index.html'), 'utf8')).toBe('built')
  // DATA_DIR, which may not have been there, is nobody else's.
  expect(await modeOf(join(folder, 'data'))).toBe(0o700)
})

test('where neither can be written to it says so', async () => {
  await expect(quicklyBuilt(join(import.meta.filename, 'a'), join(import.meta.filename, 'b'))).rejects.toThrow(
    /ENOTDIR/,
  )
})

test.each(FIRST_SCREENS)(
  'the JavaScript of the first screen of %s is below its bound',
  async (app, screen, bytesMax) => {
    const assets = assetsOf(app)
    const files = await readdir(assets)
    const page = await readFile(join(real.get(app) ?? '', 'index.html'), 'utf8')
    const begins = files.filter((file) => file.endsWith('.js') && (page.includes(file) || file.startsWith(screen)))
    expect(begins.length).toBeGreaterThan(1)
    // And whatever these cannot do without.
    const first = new Set<string>()
    for (let waiting = begins; waiting.length > 0; ) {
      const texts = await Promise.all(waiting.map((file) => readFile(join(assets, file), 'utf8')))
      for (const file of waiting) first.add(file)
      const named = texts.flatMap((text) =>
        [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)].map(([, name]) => name),
      )
      waiting = [...new Set(named)].filter((name): name is string => name !== undefined && !first.has(name))
    }
    const sizes = await Promise.all(
      [...first].map(async (file) => {
        const packed = files.includes(`${file}.gz`) ? `${file}.gz` : file
        return (await stat(join(assets, packed))).size
      }),
    )
    expect(first.size).toBeGreaterThan(2)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(bytesMax)
  },
)

test.each(APPS)('what is built of %s asks no other host for anything', async (app) => {
  const assets = assetsOf(app)
  const styles = (await readdir(assets)).filter((file) => file.endsWith('.css'))
  const texts = await Promise.all(styles.map((file) => readFile(join(assets, file), 'utf8')))
  expect(texts.join('\n')).toContain('@font-face')
  expect(texts.join('\n')).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//)
})

test('the worker that opens the app of patients without a net knows every file of the build', async () => {
  const folder = real.get('patient') ?? ''
  const worker = await readFile(join(folder, 'service-worker.js'), 'utf8')
  const listed = JSON.parse(/const FILES = (\[.*?\])/.exec(worker)?.[1] ?? '[]') as string[]
  const built = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.gz$|^service-worker\.js$|^index\.html$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  expect(listed.toSorted()).toEqual(built.toSorted())
  expect(worker).toMatch(/const BUILD = "[0-9a-f]{16}"/)
})
