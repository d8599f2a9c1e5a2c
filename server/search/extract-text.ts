import type { Resource } from '../core/fhir/resource.ts'

/** The keys of the rows of search_text; migration 0006 names them too. */
export const TEXT_KEYS = { _text: 1, _content: 2 } as const

/**
 * What comes in masses from devices and from ourselves, and holds codes and numbers: it would cost each write what hardly any
 * search gains. One that has a narrative is text all the same.
 */
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['Observation', 'AuditEvent', 'Provenance', 'Binary', 'Parameters'])

/** How the engine's own triages are coded (fhir-profiles/): one for each measurement, in words that its Tasks say too. */
const TRIAGE = { system: 'http://fylgje.no/fhir/CodeSystem/assessment-kind', code: 'triage' }

/** Elements whose strings are for machines. */
const FOR_MACHINES: ReadonlySet<string> = new Set([
  ...['resourceType', 'id', 'reference', 'system', 'url', 'fullUrl', 'code', 'status', 'use', 'unit', 'data'],
  ...['contentType', 'language', 'expression', 'path', 'xpath', 'fhirVersion', 'date', 'div'],
])

/** A tsvector holds 1 MB; nobody finds a document by its hundredth page. */
const LENGTH_MAX = 100_000

/** The texts that `_text` and `_content` look at, by key. https://hl7.org/fhir/R4/search.html#content */
export function textsOf(resource: Resource): { key: number; text: string }[] {
  const narrative = narrativeOf(resource)
  if (narrative === '' && (WITHOUT_TEXT.has(resource.resourceType) || isTriage(resource))) return []
  const texts: string[] = narrative === '' ? [] : [narrative]
  gather(resource, texts)
  const content = cut(texts.join('\n'))
  return [
    ...(narrative === '' ? [] : [{ key: TEXT_KEYS._text, text: cut(narrative) }]),
    ...(content === '' ? [] : [{ key: TEXT_KEYS._content, text: content }]),
  ]
}

function isTriage({ resourceType, code }: Resource): boolean {
  if (resourceType !== 'ClinicalImpression') return false
  const { coding } = (code ?? {}) as { coding?: { system?: string; code?: string }[] }
  return Array.isArray(coding) && coding.some((one) => one.system === TRIAGE.system && one.code === TRIAGE.code)
}

/** The words of the narrative, without its markup. */
function narrativeOf({ text }: Resource): string {
  const div = (text as { div?: unknown } | undefined)?.div
  if (typeof div !== 'string') return ''
  return div
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, decimal, hex, name) => entity(decimal, hex, name))
    .trim()
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  aring: 'å',
  oslash: 'ø',
  aelig: 'æ',
}

function entity(decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED[name] ?? ' '
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' '
}

/** @param name of the element that the value stands in */
function gather(value: unknown, texts: string[], name = ''): void {
  if (typeof value === 'string') {
    if (!FOR_MACHINES.has(name)) texts.push(value)
  } else if (Array.isArray(value)) {
    for (const item of value) gather(item, texts, name)
  } else if (typeof value === 'object' && value !== null && name !== 'meta') {
    for (const [child, inner] of Object.entries(value)) gather(inner, texts, child)
  }
}

/** Without what PostgreSQL's text cannot hold. */
const cut = (text: string): string => text.slice(0, LENGTH_MAX).toWellFormed().replaceAll('\u0000', ' ').trim()
