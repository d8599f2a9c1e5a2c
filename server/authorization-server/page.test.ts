import { languageOf } from './page.ts'

test.each([
  [undefined, undefined, 'nb'],
  [undefined, 'nb-NO,nb;q=0.9,en;q=0.8', 'nb'],
  [undefined, 'nn-NO,en;q=0.8', 'nn'],
  ['nn', 'en-GB', 'nn'],
  [undefined, 'en-GB,en;q=0.9,nb;q=0.8', 'en'],
  [undefined, 'de-DE', 'nb'],
  ['en', 'nb-NO', 'en'],
  ['nb', 'en-GB', 'nb'],
  ['xx', 'en-GB', 'en'],
  [['en', 'nb'], undefined, 'nb'],
])('lang %j with Accept-Language %j gives %s', (lang, header, language) =>
  expect(languageOf(lang, header)).toBe(language),
)
