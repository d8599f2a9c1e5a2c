import { LANGUAGES, type Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import { sortedJson } from './frozen.ts'
import { byName } from './plan-parts.ts'
import { isFields, isOneThing, lastOf, valueInWords } from './value-words.ts'

/** One place in which two values differ, and what stands there in each, in words; undefined where nothing does. */
export type DifferingPart = { path: string; before?: string; after?: string }

type Two = { before: unknown; after: unknown }

/**
 * Where two values of FHIR differ, as deep as they differ, so that nobody has to look for one word in two long texts. Lists are held
 * together by id, url or what a part of an extension says (`green`), else by place. What differs in another language alone is told as that.
 * @returns in the order of the paths, such as `green › call`; nothing where they are the same
 */
export function differingParts(two: Two, language: Language): DifferingPart[] {
  return partsAt(two, [], language).toSorted((one, other) => one.path.localeCompare(other.path, 'en'))
}

function partsAt({ before, after }: Two, path: string[], language: Language): DifferingPart[] {
  if (sortedJson(before) === sortedJson(after)) return []
  if (Array.isArray(before) && Array.isArray(after)) return partsOfLists(before, after, path, language)
  const areParted = isFields(before) && isFields(after) && !isOneThing(before) && !isOneThing(after)
  if (areParted) return partsOfFields(before, after, path, language)
  const said = (value: unknown) => (value === undefined ? undefined : valueInWords(value, language))
  return [part(path, said(before), said(after))]
}

function partsOfFields(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string[],
  language: Language,
): DifferingPart[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)].map((name) => name.replace(/^_/, '')))
  return [...names].flatMap((name) => {
    const below = isValueOfExtension(name, before, after) || name === 'extension' ? path : [...path, name]
    const isText = [before[name], after[name]].some((value) => typeof value === 'string')
    if (!isText) return partsAt({ before: before[name], after: after[name] }, below, language)
    const told = [language, ...LANGUAGES].find((one) => translated(before, name, one) !== translated(after, name, one))
    if (told === undefined) return []
    const place = told === language ? below : [...below, `[${told}]`]
    return [part(place, translated(before, name, told), translated(after, name, told))]
  })
}

/** `valueString` of an extension is the extension. */
const isValueOfExtension = (name: string, ...holders: Record<string, unknown>[]): boolean =>
  /^value[A-Z]/.test(name) && holders.every(({ url }) => typeof url === 'string')

function partsOfLists(before: unknown[], after: unknown[], path: string[], language: Language): DifferingPart[] {
  const [old, next] = [named(before), named(after)]
  const parts = [...new Set([...old.keys(), ...next.keys()])].flatMap((name) =>
    partsAt({ before: old.get(name)?.one, after: next.get(name)?.one }, [...path, name], language),
  )
  const inOrder = (names: Map<string, unknown>) => [...names.keys()].join(', ')
  return parts.length > 0 ? parts : [part(path, inOrder(old), inOrder(next))]
}

/** Each by its name, else by its place. */
const named = (list: unknown[]): Map<string, { one: unknown }> =>
  byName(
    list.map((one, place) => ({ one, name: nameOf(one) ?? String(place + 1) })),
    ({ name }) => name,
  )

/** Of several extensions of one url a code among their parts tells which is which: the zone of an advice. */
function nameOf(one: unknown): string | undefined {
  if (!isFields(one)) return undefined
  if (typeof one.id === 'string') return one.id
  const parts = Array.isArray(one.extension) ? one.extension : []
  const code = parts.find((extension) => isFields(extension) && typeof extension.valueCode === 'string')
  if (isFields(code)) return String(code.valueCode)
  return typeof one.url === 'string' ? lastOf(one.url) : undefined
}

const part = (path: string[], before: string | undefined, after: string | undefined): DifferingPart => ({
  path: path.join(' › '),
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
})
