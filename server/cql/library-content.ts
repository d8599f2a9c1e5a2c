import type { Library } from '@medplum/fhirtypes'

/** What a Library carries that runs here. https://hl7.org/fhir/R4/library-definitions.html#Library.content */
export type LibraryContent = {
  elm?: string | undefined
  source?: string | undefined
  /** Which of the attachments the source is. */
  sourceIndex: number
}

const ELM = 'application/elm+json'
const CQL = 'text/cql'

/** Attachments by their content types; what is elsewhere, by `url`, is not fetched. */
export function contentOf(library: Library): LibraryContent {
  const { content = [] } = library
  const textAt = (index: number) => {
    const data = content[index]?.data
    return data === undefined ? undefined : Buffer.from(data, 'base64').toString()
  }
  const sourceIndex = indexOf(library, CQL)
  return { elm: textAt(elmIndexOf(library)), source: textAt(sourceIndex), sourceIndex }
}

export const elmIndexOf = (library: Library): number => indexOf(library, ELM)

const indexOf = ({ content = [] }: Library, type: string): number =>
  content.findIndex((one) => mediaType(one.contentType) === type && one.data)

const mediaType = (contentType: string | undefined) => contentType?.split(';')[0]?.trim().toLowerCase()
