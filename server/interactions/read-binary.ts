import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { isSystem } from '../access/reach.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Store, Version } from '../store/store.ts'

const CONTENTS = engineAccess('documents')

/**
 * A Binary is as closed as the DocumentReference that its securityContext names: whoever may read that, now, may read the content. Any other is read
 * by systems alone, for nothing says whose it is.
 * @throws Refusal not-found, deleted
 * @see https://hl7.org/fhir/R4/binary.html#security
 */
export async function readBinary(
  store: Pick<Store, 'read'>,
  access: Access,
  id: string,
  baseUrl: string,
): Promise<Version> {
  if (isSystem(access)) return store.read(access, 'Binary', id)
  const version = await store.read(CONTENTS, 'Binary', id)
  const { securityContext } = JSON.parse(version.text ?? '{}') as { securityContext?: { reference?: string } }
  const reference = securityContext?.reference?.replace(`${baseUrl}/`, '') ?? ''
  const [, document] = /^DocumentReference\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? []
  // The same words as for what is not there: who may not see it is not told that it is.
  if (document === undefined) throw notThere(id)
  await store.read(access, 'DocumentReference', document).catch((error: unknown) => {
    throw error instanceof Refusal ? notThere(id) : error
  })
  return version
}

const notThere = (id: string) => refuse('not-found', `There is no Binary/${id}.`)
