// Code systems that are a grammar instead of a list: whether a code is well formed can be said, and they cannot be listed.
// https://hl7.org/fhir/R4/terminologies-systems.html

/** Language tags as RFC 5646 forms them; subtags are not looked up in IANA's registry. */
const LANGUAGE =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$/i
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.+-]+|"[^"]*"))*$/

const GRAMMARS: Record<string, RegExp> = { 'urn:ietf:bcp:47': LANGUAGE, 'urn:ietf:bcp:13': MIME_TYPE }

/** Whether the code is well formed; undefined for a system that is no grammar of ours. */
export function isWellFormed(system: string, code: string): boolean | undefined {
  return Object.hasOwn(GRAMMARS, system) ? (GRAMMARS[system]?.test(code) ?? false) : undefined
}
