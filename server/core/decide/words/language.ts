/** The languages that people are told things in: bokmål, nynorsk, English. */
export const LANGUAGES = ['nb', 'nn', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** The first language of a list such as Accept-Language that is spoken here, the most wanted first; bokmål when there is none. */
export function chooseLanguage(wanted: string | undefined): Language {
  const tags = (wanted ?? '').split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
    const weight = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((one) => one !== undefined)
    return { tag, weight: weight === undefined ? 1 : Number(weight) }
  })
  const sorted = tags.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight)
  for (const { tag } of sorted) {
    const found = spokenAs(tag)
    if (found) return found
  }
  return 'nb'
}

/** The language that a tag such as `nn` or `en-GB` names; undefined for one that is not spoken here. */
export function spokenAs(tag: string): Language | undefined {
  const [language] = tag.toLowerCase().split('-')
  return language === 'no' ? 'nb' : LANGUAGES.find((one) => one === language)
}

/** A title within a sentence: «Vekt» in Norwegian, “Weight” in English. */
export const quoted = (title: string, language: Language): string => (language === 'en' ? `“${title}”` : `«${title}»`)
