import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes'
import { withoutNationalNumbers } from '../audit/record.ts'
import { type Issue, type IssueCode, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { HttpAnswer } from './http-answer.ts'

const TEXT_LENGTH_MAX = 500
const CODE_LENGTH_MAX = 64

/**
 * A refusal for what is no answer to what was asked, with the service's own code and words, which name nobody.
 * @param what as it is called in a sentence: "Kjernejournal"
 */
export function refusalOf({ status, header, body }: HttpAnswer, what: string): Refusal {
  const { code, words } = spoken(body)
  const said = header('nhn-error-code') ?? code
  const national = said && withoutNationalNumbers(said).slice(0, CODE_LENGTH_MAX)
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

export type Found<T> = {
  found: T[]
  /** By resource, where its entry has one. */
  fullUrls: ReadonlyMap<T, string>
  /** It has another page. */
  isCut: boolean
  /** Something came that is not among `found`, beside what is only included; or the service itself says that not all was well. */
  isIncomplete: boolean
}

/** The resources of some types in a searchset. @throws Refusal processing */
export function foundIn<T extends Resource>({ body }: HttpAnswer, types: readonly string[], what: string): Found<T> {
  const bundle = parsed(body)
  if (bundle?.resourceType !== 'Bundle') throw refuse('processing', `What ${what} answered is no Bundle.`)
  const { entry = [], link = [] } = bundle
  if (!Array.isArray(entry) || !Array.isArray(link))
    throw refuse('processing', `What ${what} answered is no Bundle as FHIR has it.`)
  const isFound = (one: BundleEntry): one is BundleEntry & { resource: T } =>
    one?.resource !== undefined && types.includes(one.resource.resourceType)
  const found = entry.filter(isFound)
  return {
    found: found.map(({ resource }) => resource),
    fullUrls: new Map(found.flatMap(({ resource, fullUrl }) => (fullUrl ? [[resource, fullUrl]] : []))),
    isCut: link.some((one) => one?.relation === 'next'),
    isIncomplete: entry.some((one) => !isFound(one) && tellsOfMore(one)),
  }
}

/** Of an entry that is not looked for: whether it was a match all the same, or tells of something that is wrong. */
function tellsOfMore(entry: BundleEntry | null | undefined): boolean {
  const { resource, search } = entry ?? {}
  if (resource?.resourceType === 'OperationOutcome')
    return !resource.issue?.every((one) => one?.severity === 'information')
  return search?.mode !== 'include'
}

function parsed(text: string): Bundle | undefined {
  try {
    return withoutNulls(JSON.parse(text)) as Bundle
  } catch {
    return undefined
  }
}

/**
 * A member that is null is none, and in a list of objects neither: FHIR knows it in lists of values and of their extensions alone. Of entries it is seen
 * that one was there. A walk of its own: to `JSON.parse` it would be a function called for each value, which takes many times as long.
 */
function withoutNulls(value: unknown, name = ''): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list = value.map((one) => withoutNulls(one))
    const isOfObjects = list.every((one) => typeof one === 'object')
    return isOfObjects && name !== 'entry' && !name.startsWith('_') ? list.filter((one) => one !== null) : list
  }
  const members = value as Record<string, unknown>
  for (const member of Object.keys(members)) {
    const of = members[member]
    if (of === null) delete members[member]
    else if (typeof of === 'object') members[member] = withoutNulls(of, member)
  }
  return value
}

type Part<T> = { had: T } | { refused: Refusal }

/** What refuses one part takes away nothing of the other. */
export const partOf = async <T>(work: Promise<T>): Promise<Part<T>> =>
  work.then(
    (had): Part<T> => ({ had }),
    (error: unknown) => {
      if (error instanceof Refusal) return { refused: error }
      throw error
    },
  )

export const issueOf = ({ issues, message }: Refusal): Issue =>
  issues[0] ?? { severity: 'error', code: 'processing', diagnostics: message }

/** @throws Refusal too-costly, of a body that is larger; what is left of it is not read */
export async function bytesOf(response: Response, bytesMax: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (response.bodyUsed || !response.body) return Buffer.alloc(0)
  try {
    for await (const chunk of response.body) {
      size += chunk.length
      if (size > bytesMax) throw refuse('too-costly', `What ${what} sent is larger than ${bytesMax} bytes.`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Refusal ? error : notReached(what)
  }
  return Buffer.concat(chunks)
}
