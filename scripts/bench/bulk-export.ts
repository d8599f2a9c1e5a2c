import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../server/demo/random.ts'
import { Caller, type Door } from '../caller/caller.ts'
import { coresBetween, costBetween, cpuTime, forgetPeaks, memoryOf } from './cpu-time.ts'
import type { OwnServer } from './own-server.ts'
import { someMeasurement, transactionOf } from './stored-measurements.ts'
import type { Bench, Result } from './workload.ts'

const HOW = [
  'All Observations that are stored are exported (Patient/$export) and fetched as NDJSON, while others write. Then again, and the server is killed',
  '(SIGKILL) when most has come: the fetching must be seen to be cut off, and after the start the files that were not finished must make the export',
  'whole, of the same versions.',
].join(' ')
const WRITTEN_MEANWHILE = 200
const KILLED_AT_SHARE = 0.85

/** `versions`: of whole files; `count`: the lines that came, those of a file that was cut off too. */
type Fetched = { versions: Map<string, string>; bytes: number; count: number; filesWhole: number; isWhole: boolean }

/** An export at size: how fast it comes, and whether it is the same after a kill -9. */
export async function bulkExport({ own, door, stored, say }: Bench): Promise<Result> {
  if (!own) throw new Error('this workload kills its own server')
  const random = createRandom('bench/bulk-export')
  const caller = new Caller(door)
  const place = await begin(door)
  const urls = await manifestAt(door, place)
  say('bulk-export: whole')
  const measured = Array.from({ length: WRITTEN_MEANWHILE }, () =>
    someMeasurement(random, stored.patients, crypto.randomUUID()),
  )
  forgetPeaks(own.pid)
  const [from, startedAt] = [cpuTime(own.pid), performance.now()]
  const [first, written] = await Promise.all([
    fetchTogether(door, urls),
    caller.call({ method: 'POST', path: '', body: transactionOf(measured) }),
  ])
  const seconds = (performance.now() - startedAt) / 1000
  const to = cpuTime(own.pid)
  caller.close()
  const memory = {
    ...(from && to && { ...coresBetween(from, to, seconds), ...costBetween(from, to, first.count) }),
    ...memoryOf(own.pid),
  }

  say('bulk-export: killed on the way')
  const cut = await fetchFiles(door, urls, { killAt: first.bytes * KILLED_AT_SHARE, own })
  await own.startKilled()
  say('bulk-export: goes on')
  const rest = await fetchFiles(door, urls.slice(cut.filesWhole))
  const again = new Map([...cut.versions, ...rest.versions])
  const problems = [
    ...(written.status === 200 ? [] : [`writing meanwhile was answered ${written.status}`]),
    ...(first.isWhole && rest.isWhole ? [] : ['an export was cut off that nobody cut off']),
    ...(cut.isWhole ? ['the end of the killed server was taken for the end of the export'] : []),
    ...(first.versions.size >= stored.count ? [] : [`${stored.count - first.versions.size} Observations are missing`]),
    ...differences(first.versions, again),
  ]
  return {
    ops_per_s: Math.round(first.versions.size / seconds),
    ...{ errors: problems.length, problems, resources: first.versions.size, seconds: Number(seconds.toFixed(1)) },
    ...{ megabytes: Math.round(first.bytes / 1e6), files: urls.length },
    ...{ cut_off_after: cut.count, files_whole: cut.filesWhole, fetched_then: rest.versions.size },
    ...memory,
    how: HOW,
  }
}

const headersOf = ({ authorization }: Door) => ({ authorization, accept: 'application/fhir+json' })

async function begin(door: Door): Promise<string> {
  const response = await fetch(`${door.fhirBase.href}/Patient/$export?_type=Observation`, {
    headers: { ...headersOf(door), prefer: 'respond-async' },
  })
  const place = response.headers.get('content-location')
  if (place === null) throw new Error(`no export: ${response.status} ${await response.text()}`)
  return place
}

/** @returns where the Observations are, file by file */
async function manifestAt(door: Door, place: string): Promise<string[]> {
  for (;;) {
    const response = await fetch(place, { headers: headersOf(door) })
    if (response.status === 200) {
      const { output } = (await response.json()) as { output: { url: string }[] }
      return output.map(({ url }) => url)
    }
    await response.body?.cancel()
    await sleep(500)
  }
}

/** Two files at a time, as a client with a fast line would. */
async function fetchTogether(door: Door, urls: string[]): Promise<Fetched> {
  const halves = [urls.filter((_, i) => i % 2 === 0), urls.filter((_, i) => i % 2 === 1)]
  const all = await Promise.all(halves.map((half) => fetchFiles(door, half)))
  return {
    versions: new Map(all.flatMap(({ versions }) => [...versions])),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    count: all.reduce((sum, { count }) => sum + count, 0),
    filesWhole: all.reduce((sum, { filesWhole }) => sum + filesWhole, 0),
    isWhole: all.every(({ isWhole }) => isWhole),
  }
}

type Killing = { killAt: number; own: OwnServer }

/** One file after the other, until one is cut off. @param killing the server dies when so many bytes have come */
async function fetchFiles(door: Door, urls: string[], killing?: Killing): Promise<Fetched> {
  const fetched: Fetched = { versions: new Map(), bytes: 0, count: 0, filesWhole: 0, isWhole: true }
  for (const url of urls) {
    const file = await fetchLines(door, url, killing && { ...killing, killAt: killing.killAt - fetched.bytes })
    fetched.bytes += file.bytes
    fetched.count += file.versions.size
    fetched.isWhole = file.isWhole
    if (!file.isWhole) return fetched
    fetched.filesWhole++
    for (const [id, version] of file.versions) fetched.versions.set(id, version)
  }
  return fetched
}

async function fetchLines(door: Door, url: string, killing?: Killing) {
  const file = { versions: new Map<string, string>(), bytes: 0, isWhole: false }
  const response = await fetch(url, { headers: headersOf(door) })
  if (response.status !== 200 || !response.body) throw new Error(`no lines: ${response.status}`)
  let rest = ''
  let isKilled = false
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body) {
      file.bytes += chunk.length
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        // As it is written here: parsing all of it would be most of what this client does.
        const [, id = '', version = ''] =
          /^\{"resourceType":"\w+","id":"([^"]+)".*?"versionId":"(\d+)"/.exec(line) ?? []
        if (id === '') throw new Error(`no resource: ${line.slice(0, 200)}`)
        file.versions.set(id, version)
      }
      if (killing && !isKilled && file.bytes >= killing.killAt) {
        isKilled = true
        await killing.own.kill()
      }
    }
    file.isWhole = rest === ''
  } catch (error) {
    if (!isKilled) throw error
  }
  return file
}

function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  const changed = [...before].filter(([id, version]) => after.get(id) !== version)
  const more = [...after.keys()].filter((id) => !before.has(id))
  return [
    ...(changed.length > 0 ? [`${changed.length} are missing or of another version after the kill`] : []),
    ...(more.length > 0 ? [`${more.length} more after the kill`] : []),
  ]
}
