import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fillIn, LANGUAGES, languageOf, type Texts } from './language.ts'

const APP = join(import.meta.dirname, '..')
const FILES = globSync('**/texts.ts', { cwd: APP })
const ALL = await Promise.all(
  FILES.map(async (file): Promise<[string, Texts<string>[]]> => {
    const found = Object.values(await import(join(APP, file)))
    return [file, found.filter((one): one is Texts<string> => typeof one === 'object' && one !== null && 'nb' in one)]
  }),
)

test('every part of the app that has texts is found here', () => {
  expect(FILES.length).toBeGreaterThan(2)
  expect(ALL.filter(([, texts]) => texts.length === 0)).toEqual([])
})

describe.each(ALL)('%s', (_file, all) => {
  test('says the same in bokmål, nynorsk and English, with the same places to fill in', () => {
    const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
    for (const texts of all) {
      const keys = Object.keys(texts.nb).sort()
      for (const language of LANGUAGES) {
        expect([language, Object.keys(texts[language]).sort()]).toEqual([language, keys])
        for (const key of keys) {
          const text = texts[language][key] ?? ''
          expect([key, text.trim() !== '']).toEqual([key, true])
          expect([language, key, placesOf(text)]).toEqual([language, key, placesOf(texts.nb[key] ?? '')])
        }
      }
    }
  })
})

test('a place that is not filled in is a fault of the program, not a text', () => {
  expect(fillIn('{count} nye', { count: 3 })).toBe('3 nye')
  expect(() => fillIn('{count} nye', {})).toThrow('{count}')
})

test.each([
  [['no', 'en'], 'nb'],
  [['nb-NO'], 'nb'],
  [['nn-NO', 'nb'], 'nn'],
  [['de', 'en-US'], 'en'],
  [['de'], 'nb'],
])('a browser that asks for %j begins in %s', (preferred, language) => {
  expect(languageOf(preferred)).toBe(language)
})
