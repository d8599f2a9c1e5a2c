import type { DocumentReference } from '@medplum/fhirtypes'
import type { DocumentName } from '../../exchange.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { HEADER } from './national-terms.ts'

/** So many documents are blocked: nothing is said of them but that. */
export function blockedCountOf({ header }: Pick<HttpAnswer, 'header'>): number {
  const said = header(HEADER.blockedCount)
  return said !== null && /^\d{1,6}$/.test(said) ? Number(said) : 0
}

/**
 * By what a document is fetched, as the address in its attachment says it. The address itself is asked for nothing: where documents are is a setting.
 * @returns undefined for one that cannot be fetched
 */
export function nameOf({ content = [] }: Partial<DocumentReference>): DocumentName | undefined {
  for (const { attachment } of content) {
    const query = new URLSearchParams((attachment?.url ?? '').split('?')[1] ?? '')
    const [documentUniqueId, homeCommunityId, repositoryUniqueId] = [
      ...[query.get('documentUniqueId'), query.get('homeCommunityId'), query.get('repositoryUniqueId')],
    ]
    if (documentUniqueId && homeCommunityId && repositoryUniqueId)
      return { documentUniqueId, homeCommunityId, repositoryUniqueId }
  }
  return undefined
}
