import type { Check } from './object-rule.ts'
import type { Fields } from './walk.ts'

const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:\S+$/i

/**
 * Rules that R4 states in words and not as an invariant, by the path of the element or the name of the type that they are about.
 */
export const PROSE_RULES: Readonly<Record<string, Check>> = {
  // https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl: "The Absolute URL for the resource".
  'Bundle.entry.fullUrl': (fullUrl, walk) => {
    if (!ABSOLUTE_URI.test(String(fullUrl)))
      walk.report('value', 'Must be an absolute URL, or urn:uuid: for a resource without one.')
  },
  // https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.system: "An absolute URI".
  'ValueSet.compose.include.system': (system, walk) => {
    if (!ABSOLUTE_URI.test(String(system))) walk.report('value', 'Must be an absolute URI.')
  },
  // https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.content: "None of the concepts defined by the code system are included".
  CodeSystem: (system, walk) => {
    const { content, concept } = system as Fields
    if (content === 'not-present' && concept !== undefined)
      walk.report('value', 'content says that no concepts are here, and there are some.', 'content')
  },
  // https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size: "The number of bytes of data that make up this attachment".
  Attachment: (attachment, walk) => {
    const { data, size } = attachment as Fields
    if (typeof data !== 'string' || typeof size !== 'number') return
    const byteCount = Buffer.byteLength(data.replace(/\s+/g, ''), 'base64')
    if (byteCount !== size)
      walk.report('value', `Must be the size of the data, ${byteCount} bytes, not ${size}.`, 'size')
  },
}
