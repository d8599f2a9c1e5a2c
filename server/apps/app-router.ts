import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { type Response, Router } from 'express'
import { protectAppPage } from './app-policy.ts'
import type { AppSettings } from './app-settings.ts'

const CONTENT_TYPES: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
}
/** Their names change with their content. */
const CACHE_ASSETS = 'public, max-age=31536000, immutable'
/** They name the assets, and change with each build. */
const CACHE_PAGES = 'no-cache'

export type AppRooms = {
  /** Where the built app lies; undefined when there is none. */
  folder: () => string | undefined
  settings: AppSettings
  frameAncestors: readonly string[]
  /** The app's path as browsers see it, `/apps/clinician/`; a proxy may put something before it. */
  path: string
}

type BuiltFiles = { folder: string; builtAt: number; names: ReadonlySet<string>; page: string }

/**
 * Serves one built app, to be mounted at its path: its files, `settings.json`, and its page at every other path, because the app
 * itself knows what `/apps/clinician/patient/7` is. Needs no token: what it says of people it asks of `/fhir`.
 */
export function appRouter({ folder, settings, frameAncestors, path }: AppRooms): Router {
  const router = Router({ strict: true })
  let files: BuiltFiles | undefined
  router.get('/settings.json', (_req, res) => {
    res.set({ 'Content-Type': CONTENT_TYPES['.json'], 'Cache-Control': 'no-store' }).send(JSON.stringify(settings))
  })
  router.get(['/', '/*path'], async (req, res, next) => {
    const built = folder()
    if (!built) {
      next()
      return
    }
    // Addresses on the page are relative to the folder.
    if (req.originalUrl.split('?', 1)[0] === req.baseUrl) {
      res.redirect(301, `${req.baseUrl.split('/').at(-1)}/`)
      return
    }
    // Whoever works on the app builds it into the folder of a server that runs.
    const builtAt = await builtAtOf(built)
    if (builtAt === undefined) {
      next()
      return
    }
    if (files?.folder !== built || files.builtAt !== builtAt) files = await readBuilt(built, builtAt, path)
    // The names of built files have nothing in them that an address would write in another way.
    const asked = req.path.slice(1)
    const isAsset = files.names.has(asked) && asked !== 'index.html'
    // An id may have a dot in it; a file that is not there is not the page.
    if (!isAsset && (Object.hasOwn(CONTENT_TYPES, extname(req.path)) || req.path.startsWith('/assets/'))) {
      next()
      return
    }
    const name = isAsset ? asked : 'index.html'
    protectAppPage(res, { frameAncestors, settings, isSignedInPage: name === 'signed-in.html' })
    res.set('Cache-Control', name.startsWith('assets/') ? CACHE_ASSETS : CACHE_PAGES)
    if (isAsset) sendAsset(res, files, name)
    else res.type('html').send(files.page)
  })
  return router
}

/** @returns undefined when it is there no longer: a later version's start, or `npm ci`, has removed it */
const builtAtOf = (folder: string): Promise<number | undefined> =>
  stat(join(folder, 'index.html')).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

/** The page is the same at every path of the app, so it names its assets by where they are for browsers. */
async function readBuilt(folder: string, builtAt: number, path: string): Promise<BuiltFiles> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  return { folder, builtAt, names: await namesIn(folder), page: page.replaceAll('="./', `="${path}`) }
}

/** As it was packed when it was built, for whoever takes that. Only files that were there then are ever sent. */
function sendAsset(res: Response, { folder, names }: BuiltFiles, name: string): void {
  const packed = names.has(`${name}.gz`)
  if (packed) res.vary('Accept-Encoding')
  const isPacked = packed && res.req.acceptsEncodings(['gzip', 'identity']) === 'gzip'
  if (isPacked) res.set('Content-Encoding', 'gzip')
  const headers = { 'Content-Type': CONTENT_TYPES[extname(name)] ?? 'application/octet-stream' }
  res.sendFile(isPacked ? `${name}.gz` : name, { root: folder, headers, cacheControl: false })
}

async function namesIn(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return new Set(paths.map((path) => path.slice(folder.length + 1).replaceAll(sep, '/')))
}
