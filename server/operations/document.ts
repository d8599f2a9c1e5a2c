import { randomUUID } from 'node:crypto'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { bundleText } from '../core/fhir/bundle-text.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import { readOwn } from '../representation/represent.ts'
import type { Version } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { referencesIn } from './supporting.ts'

/**
 * Composition/$document: the Composition with everything that it refers to, as a document that can be signed and sent.
 * A document with a hole would say less than its author meant, so a reference that cannot be followed is a refusal.
 * https://hl7.org/fhir/R4/composition-operation-document.html
 */
export const document: Operation = {
  code: 'document',
  title: 'Make a document',
  description: 'A Bundle of type document: the Composition first, then all that it refers to.',
  resource: ['Composition'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'id', type: 'uri', min: 0, max: '1', documentation: 'The Composition, where the path names none.' },
    { name: 'persist', type: 'boolean', min: 0, max: '1', documentation: 'True: the Bundle is stored here too.' },
  ],
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'The document.' }],
  async handler(exchange, rooms) {
    const { access } = exchange
    const { store, baseUrl, validate, now } = rooms
    const given = readGiven(exchange, document)
    const id = exchange.id || given.text('id')?.replace(/^.*\//, '')
    if (!id) throw refuse('required', '$document needs a Composition: in the path, or as id.', 'id')
    const composition = await store.read(access, 'Composition', id)
    const parts = await readParts(composition, baseUrl, (type, partId) => store.read(access, type, partId))
    const text = bundleText(
      {
        identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
        type: 'document',
        timestamp: now().toISOString(),
      },
      [composition, ...parts].map(
        (version) => `{"fullUrl":"${baseUrl}/${version.type}/${version.id}","resource":${version.text}}`,
      ),
    )
    if (!given.flag('persist')) return { status: 200, text }
    if (!permits(access, 'Bundle', 'c')) throw notPermitted('Bundle', 'c')
    const { resource } = validate(readOwn(text), 'Bundle')
    const version = await store.write(access, { interaction: 'create', resource })
    return { status: 200, version, located: true }
  },
}

/**
 * Everything that a document refers to.
 * @param mayLack what it may be without, where it cannot be read
 * @throws Refusal processing where some of it cannot be read
 */
export async function readParts(
  composition: Pick<Version, 'id' | 'text'>,
  baseUrl: string,
  read: (type: string, id: string) => Promise<Version>,
  mayLack: (name: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<Version[]> {
  const names = [...new Set(referencesIn(composition, baseUrl))].filter(
    (name) => name !== `Composition/${composition.id}`,
  )
  const missing: string[] = []
  const parts = await Promise.all(
    names.map(async (name) => {
      const [type = '', id = ''] = name.split('/')
      return read(type, id).catch(async (error: unknown) => {
        if (!(error instanceof Refusal)) throw error
        if (!(await mayLack(name))) missing.push(name)
        return undefined
      })
    }),
  )
  if (missing.length > 0) {
    throw refuse(
      'processing',
      `The document would lack what it refers to: ${missing.join(', ')} is not here.`,
      'Composition',
    )
  }
  return parts.flatMap((part) => part ?? [])
}
