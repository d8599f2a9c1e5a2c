import type { DocumentReference } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { isSystem } from '../access/reach.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import { SHARED_DOCUMENT } from '../documents/document-reference.ts'
import type { Store, Version } from '../store/store.ts'

const CONTENTS = engineAccess('documents')

/**
 * A Binary is as closed as the DocumentReference that its securityContext names: whoever may read that, now, may read the content. Any other is read
 * by systems alone, for nothing says whose it is. A copy that was filed here cannot be closed in part: it is closed to whom the patient has closed
 * anything since.
 * @throws Refusal not-found, deleted, suppressed
 * @see https://hl7.org/fhir/R4/binary.html#security
 */
export async function readBinary(
  store: Pick<Store, 'read' | 'ties'>,
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
  const { text } = await store.read(access, 'DocumentReference', document).catch((error: unknown) => {
    throw error instanceof Refusal ? notThere(id) : error
  })
  const { meta, subject } = JSON.parse(text ?? '{}') as DocumentReference
  const [, patient] =
    /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(subject?.reference?.replace(`${baseUrl}/`, '') ?? '') ?? []
  if (patient !== undefined && meta?.profile?.includes(SHARED_DOCUMENT)) {
    if ((await store.ties(access, [patient])).closedBy.length > 0) throw closedSince()
  }
  return version
}

const closedSince = () =>
  refuse(
    'suppressed',
    'The patient has closed a part of the record. A copy that was filed before could tell it; CarePlan/$document and $pdf tell what you may see.',
  )

const notThere = (id: string) => refuse('not-found', `There is no Binary/${id}.`)
