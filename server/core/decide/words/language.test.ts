import { chooseLanguage, spokenAs } from './language.ts'

test.each([
  ['nb', 'nb'],
  ['no', 'nb'],
  ['nn', 'nn'],
  ['nn-NO', 'nn'],
  ['EN-gb', 'en'],
  ['xx', undefined],
  ['se', undefined],
  ['nn,en', undefined],
  ['', undefined],
])('the tag «%s» is spoken as %s', (tag, expected) => {
  expect(spokenAs(tag)).toBe(expected)
})

test.each([
  ['xx, nn;q=0.5', 'nn'],
  ['nn;q=0.1, en;q=0.9', 'en'],
  ['en;q=0, fr', 'nb'],
  [undefined, 'nb'],
])('of the wishes %s the first that is spoken is %s, else bokmål', (wanted, expected) => {
  expect(chooseLanguage(wanted)).toBe(expected)
})
