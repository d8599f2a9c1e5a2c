import { openLog } from './log.ts'

function linesOf(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(openLog('info', { write: (line) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

test('an error is logged with where it is, and without the row that it was about', () => {
  const error = Object.assign(new Error('new row violates check constraint "resource_check"'), {
    ...{ code: '23514', table: 'resource', constraint: 'resource_check' },
    ...{ detail: 'Failing row contains (1, {"name": "Line Danser"})', where: 'COPY resource, "Line Danser"' },
  })
  const [line] = linesOf((log) => log.error({ err: error, requestId: 'r-1' }, 'fault'))
  expect(line).toMatchObject({ requestId: 'r-1', err: { code: '23514', table: 'resource', stack: expect.any(String) } })
  expect(JSON.stringify(line)).not.toContain('Line')
})

test.each([
  ['a national number', 'no date: "13116900216"', 'no date: "[11 digits]"'],
  ['a national number with its gap', 'of 131169 00216.', 'of [11 digits].'],
  [
    'a national number in an address',
    'GET /Patient?identifier=urn:x|13116900216&a=1',
    'GET /Patient?identifier=urn:x|[11 digits]&a=1',
  ],
  ['a national number in an escaped address', 'identifier=urn%3Ax%7C13116900216', 'identifier=urn%3Ax%7C[11 digits]'],
  ['an access token', 'header Bearer abc.DEF-1_2~3+/4== was', 'header Bearer […] was'],
  ['a secret', 'Basic ZGVtbzpnZWhlaW0=', 'Basic […]'],
])('%s does not get into the log', (_what, message, logged) =>
  expect(linesOf((log) => log.info(message))[0]?.msg).toBe(logged),
)

test.each(['1764000000000 ms', 'kid 1234567890123', 'a3116900216f', '0f3c-13116900216-77', '99.13116900216'])(
  'what is no such number stays: %s',
  (message) => expect(linesOf((log) => log.info(message))[0]?.msg).toBe(message),
)

test('what would turn a line around, or end it, is written as its number', () => {
  const lines: string[] = []
  const message = 'a\u202eb\u2028c\u0085d\u200be\nf'
  openLog('info', { write: (line) => void lines.push(line) }).info({ client: message }, message)
  expect(lines.join('')).toMatch(/^[\x20-\x7e]+\n$/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ client: message, msg: message })
})
