import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTar } from '../../server/lifecycle/tar.ts'
import { UsageError } from './arguments.ts'

export type Loaded = { resourceType: string; id: string; [element: string]: unknown }
export type Found = {
  /** In the order in which they are loaded: what others are judged by comes first. */
  resources: Loaded[]
  /** Files that hold no resource. */
  skipped: number
}

/**
 * The resources below a path: of a package, a folder or a file; of a Bundle those in it.
 * @throws UsageError for a path that is not there or cannot be read
 */
export async function readResources(path: string, { examples }: { examples: boolean }): Promise<Found> {
  const files = await filesAt(path).catch((error: Error) => {
    throw new UsageError(`${path} cannot be read: ${error.message}`)
  })
  const byName = new Map<string, Loaded>()
  let skipped = 0
  for (const { name, content } of files) {
    if (isBeside(name) || (!examples && /(?:^|\/)examples?\//.test(name))) continue
    const found = resourcesIn(name, content)
    if (found.length === 0) skipped++
    for (const resource of found) byName.set(`${resource.resourceType}/${resource.id}`, resource)
  }
  const resources = [...byName.values()].sort((one, other) => rank(one) - rank(other))
  return { resources, skipped }
}

type File = { name: string; content: string }

async function filesAt(path: string): Promise<File[]> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path, { recursive: true })).filter((name) => /\.(?:json|ndjson)$/.test(name)).sort()
    return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(path, name), 'utf8') })))
  }
  const content = await readFile(path)
  if (!/\.(?:tgz|tar\.gz)$/.test(path)) return [{ name: basename(path), content: content.toString() }]
  return readTar(gunzipSync(content))
    .filter(({ name }) => name.endsWith('.json'))
    .map((file) => ({ name: file.name, content: file.content.toString() }))
}

/** What a package says of itself, and its indexes. */
const isBeside = (name: string): boolean =>
  /(?:^|\/)(?:package\.json|\.index\.json|fhirpkg\.lock\.json)$/.test(name) ||
  /(?:^|\/)(?:other|openapi|node_modules)\//.test(name)

function resourcesIn(name: string, content: string): Loaded[] {
  const texts = name.endsWith('.ndjson') ? content.split('\n').filter((line) => line.trim() !== '') : [content]
  return texts.flatMap((text) => unpack(parse(text)))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function unpack(value: unknown): Loaded[] {
  const { resourceType, type, entry } = (value ?? {}) as { resourceType?: unknown; type?: unknown; entry?: unknown }
  if (typeof resourceType !== 'string') return []
  if (resourceType === 'Bundle' && type !== 'document' && type !== 'message' && Array.isArray(entry)) {
    return entry.flatMap((one) => unpack((one as { resource?: unknown } | null)?.resource))
  }
  const id = idOf(value as Record<string, unknown>)
  return id === undefined ? [] : [{ ...(value as Loaded), id }]
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/

/** Its own, or one made of its canonical, the same each time, so that it can be loaded again. */
function idOf({ id, url, version }: Record<string, unknown>): string | undefined {
  if (typeof id === 'string' && ID.test(id)) return id
  if (typeof url !== 'string') return undefined
  const last = url.slice(url.lastIndexOf('/') + 1)
  if (ID.test(last)) return last
  return createHash('sha256')
    .update(`${url}|${String(version ?? '')}`)
    .digest('hex')
    .slice(0, 32)
}

const FIRST = ['CodeSystem', 'ValueSet', 'ConceptMap', 'NamingSystem', 'StructureDefinition', 'SearchParameter']

const rank = ({ resourceType }: Loaded): number => {
  const place = FIRST.indexOf(resourceType)
  return place === -1 ? FIRST.length : place
}
