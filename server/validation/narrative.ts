import { compileFhirPath } from '../core/fhirpath/evaluate.ts'

const HTML_CHECKS = compileFhirPath('htmlChecks()', 'Narrative.div')

/**
 * XHTML with formatting only, so that a reader can show it safely. https://hl7.org/fhir/R4/narrative.html
 * Structure, elements and attributes are looked at by fhirpath.js in one pass; where links lead, here.
 */
export function narrativeProblem(div: string): string | undefined {
  // What is looked at is how it is written; that it says nothing is for `narrativeAdvice`.
  const written = isHollow(div) ? filled(div) : div
  if (!IN_NAMESPACE.test(div) || HTML_CHECKS(written.replace(LANGUAGE, ''), {})[0] !== true) return EXPECTED
  return leadsToScript(div) ? 'must link to addresses only, not to scripts or data' : undefined
}

/**
 * txt-2: "The narrative SHALL have some non-whitespace content". Told, but nothing is refused for it: the data beside it are whole,
 * and three of the official examples of R4 break it.
 */
export const narrativeAdvice = (div: string): string | undefined =>
  isHollow(div) ? 'should have some content: a text or an image (txt-2)' : undefined

/** fhirpath.js refuses another namespace and takes none at all, which would be FHIR's own in XML. */
const IN_NAMESPACE = /^\s*<div\s[^>]*\bxmlns\s*=\s*["']http:\/\/www\.w3\.org\/1999\/xhtml["']/

const filled = (div: string) => div.replace(/\/>\s*$/, '>text</div>').replace(/<\/div>\s*$/, 'text</div>')

/** XHTML's own way to say `lang`, which fhirpath.js does not know. https://hl7.org/fhir/R4/narrative.html#lang */
const LANGUAGE = /\sxml:lang\s*=\s*("[\w-]*"|'[\w-]*')/g

const EXPECTED =
  'must be a well-formed XHTML <div> in its namespace, with the formatting elements and attributes of FHIR narrative only: ' +
  'no scripts, forms, event handlers or named entities'

const isHollow = (div: string) =>
  /^\s*<div[\s>/]/.test(div) && !div.includes('<img') && div.replace(/<[^<>]*>/g, '').trim() === ''

const LINK = /\b(href|src|longdesc|cite)\s*=\s*("[^"]*"|'[^']*')/gi
const SCHEME = /^([a-z][a-z0-9+.-]*):/
const HARMLESS = new Set(['http', 'https', 'ftp', 'mailto', 'tel', 'sms', 'urn'])

function leadsToScript(div: string): boolean {
  for (const [, attribute, quoted] of div.matchAll(LINK)) {
    const target = asBrowserReads(quoted?.slice(1, -1) ?? '')
    const scheme = SCHEME.exec(target)?.[1]
    if (scheme === undefined || HARMLESS.has(scheme)) continue
    if (!(attribute?.toLowerCase() === 'src' && /^data:image\/(?:png|jpeg|gif|webp)[;,]/.test(target))) return true
  }
  return false
}

/** `java&#115;cript:` and a line break in the middle are still a script to a browser. */
function asBrowserReads(target: string): string {
  return target
    .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (_, hex, decimal) => {
      const point = hex ? Number.parseInt(hex, 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point) : ''
    })
    .replace(/[\s\p{Cc}]/gu, '')
    .toLowerCase()
}
