import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { deserialize } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { KEPT_FOLDER, keptFile } from '../definitions/kept.ts'

export type TerminologyType = 'CodeSystem' | 'ValueSet' | 'ConceptMap'

/** R4's own code systems, value sets and concept maps, as JSON text. */
export type R4Terminology = {
  /** @param url canonical without a version */
  find(type: TerminologyType, url: string): Promise<string | undefined>
  all(type: TerminologyType): Promise<ReadonlyMap<string, string>>
}

type Found = [type: string, url: string, text: string][]
type Texts = Map<string, Map<string, string>>

const WORKER = new URL('./r4-terminology-worker.ts', import.meta.url)

/**
 * Loaded when it is first asked for: from the file of an earlier start if there is one. Without a file, or where none can be written
 * (a read-only image), the package's own are read in a thread, which costs more than half a second of a processor.
 */
export function openR4Terminology(folder = KEPT_FOLDER): R4Terminology {
  let texts: Promise<Texts> | undefined
  const load = () => {
    texts ??= read(folder).catch((error) => {
      texts = undefined
      throw error
    })
    return texts
  }
  const all = async (type: string) => (await load()).get(type) ?? new Map<string, string>()
  return { all, find: async (type, url) => (await all(type)).get(url) }
}

async function read(folder: string): Promise<Texts> {
  const file = keptFile('terminology', 'v8', [fileURLToPath(WORKER)], folder)
  return byType((await readKept(file)) ?? (await readInWorker(file)))
}

async function readKept(file: string): Promise<Found | undefined> {
  try {
    return deserialize(await readFile(file)) as Found
  } catch {
    return undefined // Not there, not readable, or cut short by a full disk: it is only a copy.
  }
}

/** @param file where the thread keeps what it has found, for the next start */
async function readInWorker(file: string): Promise<Found> {
  const worker = new Worker(WORKER, { workerData: file })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The thread that reads the terminology of R4 ended early.')))
  })
}

function byType(found: Found): Texts {
  const texts: Texts = new Map()
  for (const [type, url, text] of found) {
    const ofType = texts.get(type) ?? new Map<string, string>()
    // Where two files define the same, the first is R4's own.
    if (!ofType.has(url)) ofType.set(url, text)
    texts.set(type, ofType)
  }
  return texts
}
