import { TRANSLATION } from '../../server/core/decide/plan/vocabulary.ts'

/** Where a source stands: what a plan, a rule or a limit rests on. */
const SOURCE_AT = /\.(?:(?:relatedArtifact|documentation)\[\d+\]|valueRelatedArtifact)$/

/** What people read, by the name of the element. */
const READ = new Set(['title', 'description', 'usage', 'text', 'textEquivalent', 'todo', 'copyright'])

/**
 * Every text that people read in a definition, and which of them are not there in nynorsk and English as well. The display of a code counts
 * where it is an answer to choose; elsewhere it is the code system's to translate. What is said of a source counts, the name of a document too,
 * which may be the same in each: that it was thought of cannot be told otherwise.
 */
export function textsIn(definition: object): { all: number; untranslated: string[] } {
  const found: { path: string; isTranslated: boolean }[] = []
  walk(definition, String((definition as { resourceType?: string }).resourceType), found)
  return {
    all: found.length,
    untranslated: found.filter(({ isTranslated }) => !isTranslated).map(({ path }) => path),
  }
}

function walk(value: unknown, path: string, found: { path: string; isTranslated: boolean }[]): void {
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) walk(one, `${path}[${i}]`, found)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const fields = value as Record<string, unknown>
  for (const [name, child] of Object.entries(fields)) {
    if (name.startsWith('_') || isTranslation(child)) continue
    const isAnswer = name === 'display' && path.endsWith('.valueCoding')
    const isSource = name === 'display' && SOURCE_AT.test(path)
    const isAdvice = name === 'valueString' && path.includes('.extension[')
    if (typeof child === 'string' && (READ.has(name) || isAnswer || isSource || isAdvice))
      found.push({ path: `${path}.${name}`, isTranslated: isInAll(fields[`_${name}`]) })
    walk(child, `${path}.${name}`, found)
  }
}

type Translations = { extension?: { url: string; extension?: { url: string; valueCode?: string }[] }[] }

function isInAll(beside: unknown): boolean {
  const languages = ((beside as Translations | undefined)?.extension ?? [])
    .filter(({ url }) => url === TRANSLATION)
    .map(({ extension = [] }) => extension.find(({ url }) => url === 'lang')?.valueCode)
  return ['nn', 'en'].every((language) => languages.includes(language))
}

const isTranslation = (value: unknown): boolean => (value as { url?: unknown } | null)?.url === TRANSLATION
