const FOLDER = new URL('../../smart-apps/start/', import.meta.url)

type Texts = Record<string, Record<string, string | string[]>>

/** The page's own file, as the browser loads it. */
const { TEXTS } = (await import(String(new URL('texts.js', FOLDER)))) as { TEXTS: Texts }
const { nb = {}, ...others } = TEXTS

const placesIn = (text: string | string[] | undefined) => [...String(text).matchAll(/\{\w+\}/g)].map(String).sort()

test.each(Object.entries(others))('%s has every text of the page, with the same places to fill in', (_, texts) => {
  expect(Object.keys(texts).sort()).toEqual(Object.keys(nb).sort())
  for (const [key, text] of Object.entries(texts)) {
    expect([key, text.length > 0, placesIn(text)]).toEqual([key, true, placesIn(nb[key])])
  }
})

test('the words are those of a service that is no alarm', () => {
  expect(JSON.stringify(TEXTS)).not.toMatch(/alarm|døgnet rundt|around the clock/i)
})
