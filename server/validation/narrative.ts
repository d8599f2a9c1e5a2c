import { compileFhirPath } from '../fhirpath/evaluate.ts'

const HTML_CHECKS = compileFhirPath('htmlChecks()', 'Narrative.div')
const SCRIPT_URL = /(?:href|src|longdesc|cite)\s*=\s*["']?\s*(?:javascript|vbscript|data:text)/i

/** https://hl7.org/fhir/R4/narrative.html: XHTML with formatting only, so that a reader can show it safely. */
export function narrativeProblem(div: string): string | undefined {
  if (HTML_CHECKS(div, {})[0] !== true)
    return 'must be a well-formed XHTML <div> with content, holding only the formatting elements and attributes of FHIR narrative: no scripts, forms, event handlers or named entities'
  return SCRIPT_URL.test(div) ? 'must not hold links that run a script' : undefined
}
