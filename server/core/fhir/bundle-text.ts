/** `{"resourceType":"Bundle", …}` around entries that are JSON text already: what is stored is sent as it is stored. */
export function bundleText(members: Record<string, unknown>, entries: string[]): string {
  const head = JSON.stringify({ resourceType: 'Bundle', ...members }).slice(0, -1)
  return entries.length === 0 ? `${head}}` : `${head},"entry":[${entries.join(',')}]}`
}

type Stored = { type: string; id: string; text?: string | undefined }

/** An entry of a searchset. */
export function matchEntry(baseUrl: string, { type, id, text }: Stored, mode: 'match' | 'include'): string {
  return `{"fullUrl":"${baseUrl}/${type}/${id}","resource":${text},"search":{"mode":"${mode}"}}`
}

/** Links of a page; a URL is data in JSON, so it is quoted by JSON.stringify. */
export function links(urls: Record<string, string | undefined>): { relation: string; url: string }[] {
  return Object.entries(urls).flatMap(([relation, url]) => (url === undefined ? [] : [{ relation, url }]))
}
