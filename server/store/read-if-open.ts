import type { Access } from '../access/access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Store } from './store.ts'

/** A resource by `Type/id`; undefined for what is not there, not there any more, or not the caller's to see. */
export async function readIfOpen<T extends object>(
  store: Pick<Store, 'read'>,
  access: Access,
  reference: string,
): Promise<T | undefined> {
  const [, type = '', id = ''] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? []
  if (type === '') return undefined
  try {
    return JSON.parse((await store.read(access, type, id)).text ?? '{}') as T
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
