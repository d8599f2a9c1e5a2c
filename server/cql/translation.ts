/** CQL to be translated, with the CQL of what it includes. */
export type TranslationJob = { source: string; includes: Source[] }
export type Source = { name: string; version?: string | undefined; source: string }

export type Translation = { elm: string } | { problems: TranslationProblem[] }

/** Something that is wrong in the CQL, and where. */
export type TranslationProblem = { message: string; line?: number; column?: number }

const INCLUDE = /\binclude\s+((?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|[A-Za-z_]\w*))*)(?:\s+version\s+'([^']*)')?/g

/** The libraries that a CQL text includes, by name and version, as far as can be seen without parsing it. */
export function includedBy(source: string): { name: string; version?: string | undefined }[] {
  const text = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
  return [...text.matchAll(INCLUDE)].map(([, path = '', version]) => ({
    name: path.replaceAll('"', '').split('.').at(-1) ?? '',
    version,
  }))
}
