import type { Bundle, DocumentReference, OperationOutcome, Resource } from '@medplum/fhirtypes'
import { withoutNationalNumbers } from '../../audit/record.ts'
import { type IssueCode, Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { DocumentName } from '../../exchange.ts'
import { HEADER } from './national-terms.ts'

/** What came back: its status, its headers, and what of its body is text. */
export type Answered = { status: number; header: (name: string) => string | null; text: string }

const TEXT_LENGTH_MAX = 500

/**
 * A refusal for what is no answer to what was asked, with the service's own code and words, which name nobody.
 * @param what as it is called in a sentence: "Kjernejournal"
 */
export function refusalOf({ status, header, text }: Answered, what: string): Refusal {
  const { code, words } = spoken(text)
  const national = header('nhn-error-code') ?? code
  const told = [`${what} answered ${status}`, national && `(${national})`].filter(Boolean).join(' ')
  const diagnostics = `${told}${words ? `: ${words}` : '.'}`
  const issue = {
    ...{ severity: 'error' as const, code: codeOf(status), diagnostics },
    ...(national ? { details: { coding: [{ code: national }], text: words ?? national } } : {}),
  }
  const refusal = new Refusal([issue])
  const seconds = Number(header('retry-after') ?? Number.NaN)
  if (status === 429 && Number.isFinite(seconds)) refusal.retryAfterSeconds = seconds
  return refusal
}

function codeOf(status: number): IssueCode {
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 429) return 'throttled'
  // That it does not take our token is nothing that the caller's own token has to do with.
  return status >= 500 ? 'transient' : 'processing'
}

/** The network, or HelseID, did not let us through. */
export const notReached = (what: string): Refusal =>
  refuse('transient', `${what} was not reached; it can be tried again in a moment.`)

function spoken(text: string): { code?: string; words?: string } {
  try {
    const { issue: [{ details, diagnostics } = {}] = [] } = JSON.parse(text) as Partial<OperationOutcome> & {
      issue?: { details?: { coding?: { code?: string }[]; text?: string }; diagnostics?: string }[]
    }
    const code = details?.coding?.[0]?.code
    const words = diagnostics ?? details?.text
    return {
      ...(typeof code === 'string' ? { code } : {}),
      ...(typeof words === 'string' ? { words: withoutNationalNumbers(words).slice(0, TEXT_LENGTH_MAX) } : {}),
    }
  } catch {
    return {}
  }
}

/** The resources of one type in a searchset, and whether it has another page. @throws Refusal processing */
export function foundIn<T extends Resource>(
  { text }: Answered,
  types: readonly string[],
  what: string,
): { found: T[]; isCut: boolean } {
  const bundle = parsed(text)
  if (bundle?.resourceType !== 'Bundle') throw refuse('processing', `What ${what} answered is no Bundle.`)
  const { entry = [], link = [] } = bundle
  return {
    found: entry.flatMap(({ resource }) => (resource && types.includes(resource.resourceType) ? [resource as T] : [])),
    isCut: link.some(({ relation }) => relation === 'next'),
  }
}

function parsed(text: string): Bundle | undefined {
  try {
    return JSON.parse(text) as Bundle
  } catch {
    return undefined
  }
}

/** So many documents are blocked: nothing is said of them but that. */
export function blockedCountOf({ header }: Answered): number {
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
