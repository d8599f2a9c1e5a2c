// Builds one app for the browser: `node smart-apps/build.ts clinician <folder>`. The server calls it when an app has changed since it
// was built (server/apps/built-app.ts); by hand it is not needed.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'vite'

/** What browsers of the last three years run; EHRs bring an embedded Chromium that is seldom newer. */
const TARGETS = ['chrome117', 'edge117', 'firefox115', 'safari16.4']
/** Text packs to a third or less; what is smaller than this travels in one packet anyway. */
const PACKED_BYTES_MIN = 1_400
const PACKED = /\.(?:js|css|html|svg|json)$/

const [, , app, folder] = process.argv
if (!app || !folder) {
  console.error('node smart-apps/build.ts <app> <folder>')
  process.exit(2)
}

await build({
  configFile: false,
  root: join(import.meta.dirname, app),
  // Relative: the server knows under which path browsers see it, and writes that into the page.
  base: './',
  logLevel: 'warn',
  // React 19 needs no import of itself where JSX stands.
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: TARGETS,
    // Everything in files of its own: the policy of the pages takes neither scripts nor fonts that stand in the text.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // Aksel's index names three thousand icons and components: only those are read that are used.
      experimental: { lazyBarrel: true },
      // Aksel marks its modules for React on servers, which this is not.
      checks: { moduleLevelDirective: false, pluginTimings: false },
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](?:react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
})
await writeServiceWorker(join(import.meta.dirname, app, 'service-worker.js'), folder)
await pack(folder)

/** Packs each text once, as well as can be, instead of at each request. */
async function pack(built: string): Promise<void> {
  const files = (await readdir(built, { recursive: true })).filter((file) => PACKED.test(file))
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(join(built, file))
      if (bytes.length < PACKED_BYTES_MIN) return
      await writeFile(join(built, `${file}.gz`), await promisify(gzip)(bytes, { level: 9 }))
    }),
  )
}

/** An app that opens without a net has a service worker: it is told every file of the build, and by a digest when any of them is another. */
async function writeServiceWorker(source: string, built: string): Promise<void> {
  if (!existsSync(source)) return
  const entries = await readdir(built, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(built.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort()
  const text = await readFile(source, 'utf8')
  const digest = createHash('sha256').update(text)
  for (const file of files) digest.update(`${file}\0`).update(await readFile(join(built, file)))
  // The page is kept under the app's own address.
  const kept = files.filter((file) => file !== 'index.html')
  const worker = text
    .replace('/* files of the build */ []', JSON.stringify(kept))
    .replace("/* digest of the build */ 'none'", JSON.stringify(digest.digest('hex').slice(0, 16)))
  await writeFile(join(built, 'service-worker.js'), worker)
}
