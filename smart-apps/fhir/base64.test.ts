import { expect, test } from '@jest/globals'
import { bytesOf } from './base64.ts'

const BYTES = Buffer.from([251, 239, 190, 255, 0])

test.each(['base64', 'base64url'] as const)('the bytes of %s, which differ in two signs and the padding', (encoding) =>
  expect([...bytesOf(BYTES.toString(encoding))]).toEqual([...BYTES]),
)

test('what is neither is no bytes', () => expect(() => bytesOf('æ')).toThrow(DOMException))
