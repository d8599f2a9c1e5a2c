import type { Json } from '../fhir/resource.ts'

/** Every text of the resource that is, or may be, a link to another entry: whole strings, and links in the narrative. */
export function collectLinks(value: unknown, isLink: (text: string) => boolean, found: Set<string>): void {
  walk(value as Json, (text, name) => {
    for (const link of linksIn(text, name)) if (isLink(link)) found.add(link)
    return text
  })
}

/**
 * Puts what the entries' fullUrls became in the place of every link to them: Reference.reference, uri, url, oid and uuid
 * values, and the narrative's href and src. Changes the resource itself.
 * @param targets from fullUrl to `Type/id`
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export function relink(value: unknown, targets: ReadonlyMap<string, string>): void {
  if (targets.size === 0) return
  walk(value as Json, (text, name) => {
    if (name === 'div')
      return text.replace(NARRATIVE_LINK, (all, before, link, after) => {
        const target = targets.get(link)
        return target ? `${before}${target}${after}` : all
      })
    const [link = '', fragment] = text.split('#', 2)
    const target = targets.get(link)
    if (target === undefined) return text
    return fragment === undefined ? target : `${target}#${fragment}`
  })
}

const NARRATIVE_LINK = /(\b(?:href|src)\s*=\s*["'])([^"'#]+)(["'#])/g

function linksIn(text: string, name: string): string[] {
  if (name === 'div') return [...text.matchAll(NARRATIVE_LINK)].map((match) => match[2] ?? '')
  return [text.split('#', 1)[0] ?? '']
}

/** Replaces every string below `value` by what `replace` makes of it. `display`, notes and other prose are left as they are. */
function walk(value: Json, replace: (text: string, name: string) => string): void {
  if (typeof value !== 'object' || value === null) return
  for (const name of Object.keys(value)) {
    const child = (value as Record<string, Json>)[name]
    if (typeof child === 'string') {
      // Only texts that can be a URI, and the narrative, are looked into; a fullUrl in the middle of prose stays.
      const replaced = name === 'div' || !/\s/.test(child) ? replace(child, name) : child
      if (replaced !== child) (value as Record<string, Json>)[name] = replaced
    } else if (child !== undefined) walk(child, replace)
  }
}
