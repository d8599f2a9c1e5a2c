/**
 * Keeps a copy of what a client may see, in a folder, by asking for its history again and again. May be killed at any point and started
 * anew: what is told twice is kept once. docs/sync.md explains it; nothing of this server is imported, so that it may be taken as it is.
 *
 *   CLIENT_ID=… CLIENT_SECRET=… node scripts/sync-example.ts http://localhost:8080 folder [type …]
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

type Entry = {
  resource?: { meta: { versionId: string } }
  fullUrl: string
  request: { method: string }
  response: { etag: string }
}
type Page = { timestamp?: string; link: { relation: string; url: string }[]; entry?: Entry[] }
/** What is kept of a resource. A deletion is kept too, so that what was before it does not come again. */
type Kept = { version: number; resource?: object }

const [base = '', folder = '', ...types] = process.argv.slice(2)
const { CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
const STATE = join(folder, 'state.json')
const TRIES_MAX = 5

/** A file is there whole, or as it was before. */
async function keep(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, JSON.stringify(value))
  await rename(unfinished, path)
}

const kept = async <T>(path: string): Promise<T | undefined> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

async function token(): Promise<string> {
  const response = await fetch(`${base}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (!response.ok) throw new Error(`No token: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** Once more where the server says that it may help: too many requests, or not there for a moment. */
async function ask(url: string, bearer: string, tries = 1): Promise<Page> {
  const headers = { authorization: `Bearer ${bearer}`, accept: 'application/fhir+json' }
  const response = await fetch(url, { headers })
  if (response.ok) return (await response.json()) as Page
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  if (seconds === 0 || tries === TRIES_MAX) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return ask(url, bearer, tries + 1)
}

/** The newest version counts, in whatever order they come. */
async function take({ fullUrl, resource, response }: Entry): Promise<void> {
  const [type = '', id = ''] = fullUrl.split('/').slice(-2)
  const path = join(folder, type, `${id}.json`)
  const version = Number(/\d+/.exec(response.etag)?.[0])
  const before = await kept<Kept>(path)
  if (before && before.version >= version) return
  await keep(path, { version, ...(resource && { resource }) })
}

/** Everything since the last time; the next time begins where this one did. */
async function follow(path: string): Promise<void> {
  const since = (await kept<Record<string, string>>(STATE))?.[path]
  const bearer = await token()
  const query = new URLSearchParams({ _count: '500', ...(since && { _since: since }) })
  let until: string | undefined
  let count = 0
  for (let url: string | undefined = `${base}/fhir/${path}?${query}`; url; ) {
    const page: Page = await ask(url, bearer)
    // That of the first page: what is written while the pages are turned belongs to the next time.
    until ??= page.timestamp
    for (const entry of page.entry ?? []) await take(entry)
    count += page.entry?.length ?? 0
    url = page.link.find(({ relation }) => relation === 'next')?.url
  }
  // Only now: until everything is kept, the next time must begin where this one began.
  await keep(STATE, { ...(await kept<object>(STATE)), [path]: until })
  console.log(`${path}: ${count} versions; everything up to ${until} is there`)
}

for (const path of types.length > 0 ? types.map((type) => `${type}/_history`) : ['_history']) await follow(path)
