import type { Language } from '../../texts/language.ts'

/**
 * What a narrative says in one language, row by row: the cells of a table, or a paragraph as one cell. Only its text is taken, whatever
 * else a document may hold.
 */
export function narrativeOf(div: string | undefined, language: Language): string[][] {
  if (!div) return []
  const root = new DOMParser().parseFromString(div, 'text/html').body
  const own = root.querySelector(`div[lang="${language}"]`) ?? root.querySelector('div[lang="nb"]') ?? root
  return [...own.querySelectorAll('tr, p, li')].flatMap((row) => {
    const cells = row.tagName === 'TR' ? [...row.children] : [row]
    const said = cells.map(({ textContent }) => textContent.trim())
    return said.some(Boolean) ? [said] : []
  })
}
