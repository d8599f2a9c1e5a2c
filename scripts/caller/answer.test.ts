import fc from 'fast-check'
import { parseAnswer } from './answer.ts'

const LENGTH = 'HTTP/1.1 201 Created\r\nLocation: http://here/fhir/Observation/1\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'
const EMPTY = 'HTTP/1.1 204 No Content\r\nETag: W/"2"\r\n\r\n'

const answerOf = (text: string) => {
  const parsed = parseAnswer(Buffer.from(text))
  if (!('answer' in parsed)) throw new Error('not whole')
  return parsed.answer
}

test.each([
  ['with a length', LENGTH, 201, 'hello'],
  ['in chunks', CHUNKED, 200, 'hello'],
  ['without a body', EMPTY, 204, ''],
])('a response %s is read whole', (_, text, status, body) => {
  const answer = answerOf(text)
  expect([answer.status, answer.body.toString()]).toEqual([status, body])
})

test('headers are found by their name in small letters', () => {
  expect(answerOf(LENGTH).headers.get('location')).toBe('http://here/fhir/Observation/1')
})

test('a response cut off anywhere is not yet an answer, and never asks for more bytes than it has', () => {
  fc.assert(
    fc.property(fc.constantFrom(LENGTH, CHUNKED, EMPTY), fc.nat(), (text, at) => {
      const cut = at % text.length
      const parsed = parseAnswer(Buffer.from(text.slice(0, cut)))
      expect(parsed).toEqual({ bytesNeeded: expect.any(Number) })
      if ('bytesNeeded' in parsed) {
        expect(parsed.bytesNeeded).toBeGreaterThan(cut)
        expect(parsed.bytesNeeded).toBeLessThanOrEqual(text.length)
      }
    }),
  )
})

test.each([
  ['something else than HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['a length that is not told', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['more than one response', `${LENGTH}${LENGTH}`],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n'],
])('%s is refused', (_, text) => {
  expect(() => parseAnswer(Buffer.from(text))).toThrow()
})
