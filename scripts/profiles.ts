/**
 * Builds what `fhir-profiles/fsh/` says into JSON, which is committed: `npm run profiles`. With `--check` it writes nothing, and fails where
 * the JSON that is there is not what the FSH gives. Needs no network.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildProfiles } from './profiles/build-profiles.ts'

const FOLDER = join(import.meta.dirname, '../fhir-profiles')
const FOLDERS = ['built', 'examples', 'snapshots']

const made = await buildProfiles()
const there = FOLDERS.flatMap((folder) =>
  existsSync(join(FOLDER, folder)) ? readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`) : [],
).filter((path) => path.endsWith('.json'))
const gone = there.filter((path) => !made.has(path))
const changed = [...made].filter(([path, text]) => !there.includes(path) || read(path) !== text)

if (process.argv.includes('--check')) {
  for (const path of [...gone, ...changed.map(([path]) => path)]) console.error(`${path} is not what the FSH gives.`)
  process.exitCode = gone.length + changed.length === 0 ? 0 : 1
} else {
  for (const path of gone) rmSync(join(FOLDER, path))
  for (const [path, text] of changed) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true })
    writeFileSync(join(FOLDER, path), text)
  }
  console.info(`${made.size} files: ${changed.length} written, ${gone.length} removed.`)
}

function read(path: string): string {
  return readFileSync(join(FOLDER, path), 'utf8')
}
