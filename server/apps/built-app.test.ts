import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { builtApp, digestOf } from './built-app.ts'

/** "JavaScript under 350 kB gzipped for the first screen." */
const FIRST_SCREEN_BYTES_MAX = 350_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-apps-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('asked by several at once there is one build, and it is found again', async () => {
  const places = { kept: join(folder, 'kept'), other: join(folder, 'other') }
  const built = await Promise.all([builtApp('clinician', places), builtApp('clinician', places)])
  expect(new Set(built.map((one) => one.folder))).toEqual(
    new Set([join(places.kept, `clinician-${await digestOf('clinician')}`)]),
  )
  // Nothing half-done is left beside it.
  expect(await readdir(places.kept)).toHaveLength(1)
  expect(await builtApp('clinician', places)).toEqual({ folder: built[0]?.folder })
  // Whoever runs the server may read it, who need not be who has built it: in the image that was root.
  expect(await modeOf(built[0]?.folder ?? '')).toBe(0o755)
})

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('a start that finds it keeps it for another day', async () => {
  const places = { kept: join(folder, 'kept'), other: join(folder, 'other') }
  const { folder: built } = await builtApp('clinician', places)
  await utimes(built, new Date(0), new Date(0))
  await builtApp('clinician', places)
  expect((await stat(built)).mtimeMs).toBeGreaterThan(Date.now() - 3600_000)
})

test('where the checkout cannot be written to it lies in the other folder', async () => {
  // Below a file there can be no folder, not even root's.
  const places = { kept: join(import.meta.filename, 'kept'), other: join(folder, 'data/apps') }
  const built = await builtApp('clinician', places)
  expect(built.folder.startsWith(places.other)).toBe(true)
  expect(await readFile(join(built.folder, 'index.html'), 'utf8')).toContain('<div id="app">')
  // DATA_DIR, which may not have been there, is nobody else's.
  expect(await modeOf(join(folder, 'data'))).toBe(0o700)
})

test('where neither can be written to it says so', async () => {
  const places = { kept: join(import.meta.filename, 'a'), other: join(import.meta.filename, 'b') }
  await expect(builtApp('clinician', places)).rejects.toThrow(/ENOTDIR/)
})

test('the JavaScript of the first screen is below its bound', async () => {
  const { folder: built } = await builtApp('clinician', { kept: join(folder, 'kept'), other: join(folder, 'other') })
  const files = await readdir(join(built, 'assets'))
  const packed = files
    .filter((file) => file.endsWith('.js'))
    .map((file) => (files.includes(`${file}.gz`) ? `${file}.gz` : file))
  const page = await readFile(join(built, 'index.html'), 'utf8')
  const first = packed.filter((file) => page.includes(file.replace(/\.gz$/, '')) || file.startsWith('worklist'))
  const sizes = await Promise.all(first.map(async (file) => (await stat(join(built, 'assets', file))).size))
  expect(first.length).toBeGreaterThan(2)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_SCREEN_BYTES_MAX)
})

test('what is built asks no other host for anything', async () => {
  const { folder: built } = await builtApp('clinician', { kept: join(folder, 'kept'), other: join(folder, 'other') })
  const styles = (await readdir(join(built, 'assets'))).filter((file) => file.endsWith('.css'))
  const texts = await Promise.all(styles.map((file) => readFile(join(built, 'assets', file), 'utf8')))
  expect(texts.join('\n')).toContain('@font-face')
  expect(texts.join('\n')).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//)
})
