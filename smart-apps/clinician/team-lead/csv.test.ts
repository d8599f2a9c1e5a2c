import { toCsv } from './csv.ts'

test('semicolons part the cells, and a mark says that it is UTF-8', () => {
  expect(
    toCsv(
      ['Regel', 'Antall'],
      [
        ['Lav SpO₂', '3,5'],
        ['Uten', undefined],
      ],
    ),
  ).toBe('\uFEFFRegel;Antall\r\nLav SpO₂;3,5\r\nUten;\r\n')
})

test.each([
  ['a;b', '"a;b"'],
  ['a "b"', '"a ""b"""'],
  ['a\nb', '"a\nb"'],
  ['=SUM(A1)', "'=SUM(A1)"],
  ['@x', "'@x"],
  ['-x', "'-x"],
  ['-3,5', '-3,5'],
])('%j is written as %j', (cell, expected) => {
  expect(toCsv(['x'], [[cell]])).toBe(`\uFEFFx\r\n${expected}\r\n`)
})
