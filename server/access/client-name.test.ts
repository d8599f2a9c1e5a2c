import { CLIENT_NAME_CHARS_MAX, faultOfClientName, shownClientName } from './client-name.ts'

test.each([
  'Pusteprat',
  'Sykehuset i Ålesund – måling',
  '呼吸',
  'Lungene 🫁',
  'App 2026 (versjon 12345678)',
  'x'.repeat(100),
])('a client may be called %s, and is shown so', (name) =>
  expect([faultOfClientName(name), shownClientName(name)]).toEqual([undefined, name]),
)

test.each<[string, string, RegExp, string]>([
  ['a line end', 'App\nerror: all is well', /^must be of characters that can be seen/, 'App\uFFFDerror: all is well'],
  ['a mark that turns the direction', 'App \u202egpj.exe', /can be seen/, 'App \uFFFDgpj.exe'],
  ['an isolate', 'A\u2067pp', /can be seen/, 'A\uFFFDpp'],
  ['a character of no width', 'Fyl\u200bgje', /can be seen/, 'Fyl\uFFFDgje'],
  ['a line separator', 'A\u2028B', /can be seen/, 'A\uFFFDB'],
  ['half a character', 'A\ud800B', /can be seen/, 'A\uFFFDB'],
  ['a national number', 'App of 13116900216', /eleven digits/, 'App of 131169*****'],
  ['one with a gap', 'App of 131169 00216', /eleven digits/, 'App of 131169*****'],
  ['one with a gap that does not break', 'App of 131169\u00a000216', /eleven digits/, 'App of 131169*****'],
  ['one in wide digits', 'App １３１１６９００２１６', /eleven digits/, 'App 131169*****'],
  ['one after the other', '13116900216\n', /can be seen/, '131169*****\uFFFD'],
  ['more than fits', 'å'.repeat(101), /^must have 100 characters/, `${'å'.repeat(99)}…`],
])('a name with %s is refused, and one that is there is shown without', (_what, name, fault, shown) => {
  expect(faultOfClientName(name)).toMatch(fault)
  expect(shownClientName(name)).toBe(shown)
})

test('what is shown of a name has nothing against it, and no half character', () => {
  const shown = shownClientName(`${'🫁'.repeat(150)}\u202e13116900216`)
  expect([faultOfClientName(shown), [...shown].length]).toEqual([undefined, CLIENT_NAME_CHARS_MAX])
})
