import { Worker } from 'node:worker_threads'

export type TerminologyType = 'CodeSystem' | 'ValueSet' | 'ConceptMap'

/** R4's own code systems, value sets and concept maps, as JSON text. */
export type R4Terminology = {
  /** @param url canonical without a version */
  find(type: TerminologyType, url: string): Promise<string | undefined>
  all(type: TerminologyType): Promise<ReadonlyMap<string, string>>
}

type Texts = Map<string, Map<string, string>>

/** Loaded when it is first asked for, in a thread of its own; a start does not wait for it. */
export function openR4Terminology(): R4Terminology {
  let texts: Promise<Texts> | undefined
  const load = () => {
    texts ??= readInWorker().catch((error) => {
      texts = undefined
      throw error
    })
    return texts
  }
  const all = async (type: string) => (await load()).get(type) ?? new Map<string, string>()
  return { all, find: async (type, url) => (await all(type)).get(url) }
}

async function readInWorker(): Promise<Texts> {
  const worker = new Worker(new URL('./r4-terminology-worker.ts', import.meta.url))
  const found = await new Promise<[string, string, string][]>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The thread that reads the terminology of R4 ended early.')))
  })
  const texts: Texts = new Map()
  for (const [type, url, text] of found) {
    const ofType = texts.get(type) ?? new Map<string, string>()
    // Where two files define the same, the first is R4's own.
    if (!ofType.has(url)) ofType.set(url, text)
    texts.set(type, ofType)
  }
  return texts
}
