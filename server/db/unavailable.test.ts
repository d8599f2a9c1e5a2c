import { expect, test } from '@jest/globals'
import { isUnavailable } from './unavailable.ts'

const withCode = (code: string) => Object.assign(new Error('said by PostgreSQL'), { code })

test.each([
  ['nothing listens', withCode('ECONNREFUSED'), true],
  ['the socket is gone', Object.assign(withCode('ENOENT'), { syscall: 'connect' }), true],
  ['a file is not there', Object.assign(withCode('ENOENT'), { syscall: 'open' }), false],
  ['shutting down', withCode('57P01'), true],
  ['starting up', withCode('57P03'), true],
  ['connection failure', withCode('08006'), true],
  ['too many connections', withCode('53300'), true],
  ['the connection ended under way', new Error('Connection terminated unexpectedly'), true],
  ['no connection in time', new Error('timeout exceeded when trying to connect'), true],
  ['a key that is there already', withCode('23505'), false],
  ['a statement that was cancelled', withCode('57014'), false],
  ['the disk is full', withCode('53100'), false],
  ['a fault of ours', new TypeError('x is not a function'), false],
  ['no error at all', undefined, false],
])('%s', (_what, error, unavailable) => expect(isUnavailable(error)).toBe(unavailable))
