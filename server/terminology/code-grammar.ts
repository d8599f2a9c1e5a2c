// Code systems that are a grammar instead of a list: whether a code is well formed can be said, and they cannot be listed.
// https://hl7.org/fhir/R4/terminologies-systems.html
import ucum from '@lhncbc/ucum-lhc'
import type { ConceptTree } from './concept-tree.ts'

/** Language tags as RFC 5646 forms them; subtags are not looked up in IANA's registry. */
const LANGUAGE =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$/i
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.+-]+|"[^"]*"))*$/

const matching = (pattern: RegExp) => (code: string) => pattern.test(code)

/** Printable ASCII without spaces; for anything else the library writes to the console. */
const UCUM_CODE = /^[!-~]{1,100}$/

function isUcum(code: string): boolean {
  if (!UCUM_CODE.test(code)) return false
  const { status, ucumCode } = ucum.UcumLhcUtils.getInstance().validateUnitString(code)
  // It mends some mistakes by itself, and then tells of another code.
  return status === 'valid' && ucumCode === code
}

const GRAMMARS: Record<string, (code: string) => boolean> = {
  'urn:ietf:bcp:47': matching(LANGUAGE),
  'urn:ietf:bcp:13': matching(MIME_TYPE),
  'http://unitsofmeasure.org': isUcum,
}

/** Whether the code is well formed; undefined for a system that is no grammar of ours. */
export function isWellFormed(system: string, code: string): boolean | undefined {
  return Object.hasOwn(GRAMMARS, system) ? (GRAMMARS[system]?.(code) ?? false) : undefined
}

const NAMES: Record<string, string> = {
  'urn:ietf:bcp:47': 'Tags for the identification of languages',
  'urn:ietf:bcp:13': 'Media types',
  'http://unitsofmeasure.org': 'UCUM',
}

/** A grammar as a code system that can be asked for one code, and not for all: no code stands above another in it. */
export function grammarTree(url: string): ConceptTree | undefined {
  if (!Object.hasOwn(GRAMMARS, url)) return undefined
  return {
    system: { resourceType: 'CodeSystem', status: 'active', content: 'not-present', url, name: NAMES[url] ?? url },
    url,
    concepts: [],
    concept: (code) =>
      isWellFormed(url, code) ? { code, designation: [], property: [], parents: [], children: [] } : undefined,
    ancestors: () => new Set(),
    descendants: () => new Set(),
  }
}
