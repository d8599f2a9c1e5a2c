import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { Request } from 'express'
import { Refusal } from '../core/fhir/outcome.ts'
import { bodyLines, bringsLines, takesLines } from './body-lines.ts'

const requestOf = (chunks: Buffer[], headers: object = {}) =>
  Object.assign(Readable.from(chunks), { headers }) as unknown as Request

async function read(chunks: Buffer[], headers?: object, bytesMax = 100): Promise<{ lines: string[]; code?: string }> {
  const lines: string[] = []
  try {
    for await (const line of bodyLines(requestOf(chunks, headers), bytesMax)) lines.push(line)
    return { lines }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { lines, code: error.issues[0]?.code ?? '' }
  }
}

const TEXT = Buffer.from('{"æ":1}\n\n{"b":"ø"}\nlast')
const LINES = ['{"æ":1}', '', '{"b":"ø"}', 'last']

test('lines come whole, wherever the chunks are cut', async () => {
  for (let size = 1; size <= TEXT.length; size++) {
    const chunks = Array.from({ length: Math.ceil(TEXT.length / size) }, (_, i) =>
      TEXT.subarray(i * size, (i + 1) * size),
    )
    expect(await read(chunks)).toEqual({ lines: LINES })
  }
})

test('packed ones too; what ends too early is refused after what came whole', async () => {
  const packed = gzipSync(TEXT)
  const headers = { 'content-encoding': 'gzip' }
  expect(await read([packed], headers)).toEqual({ lines: LINES })
  expect((await read([packed.subarray(0, -4)], headers)).code).toBe('invalid')
  expect(() => bodyLines(requestOf([], { 'content-encoding': 'br' }), 9)).toThrow(Refusal)
})

test('a line that is too long, or no UTF-8, is refused, and those before it have come', async () => {
  expect(await read([Buffer.from(`a\n${'b'.repeat(101)}\nc`)])).toEqual({ lines: ['a'], code: 'too-long' })
  expect(await read([Buffer.from('a\n'), Buffer.from('b'.repeat(60)), Buffer.from('b'.repeat(60))])).toEqual({
    lines: ['a'],
    code: 'too-long',
  })
  expect(await read([Buffer.from([0x61, 0x0a, 0xff, 0x0a])])).toEqual({ lines: ['a'], code: 'invalid' })
})

test('which requests bring lines, and which answers may be lines', () => {
  const post = (type: string) => ({ method: 'POST', headers: { 'content-type': type } }) as Request
  expect(bringsLines(post('application/fhir+ndjson; charset=utf-8'), '$import')).toBe(true)
  expect(bringsLines(post('application/fhir+json'), '$import')).toBe(false)
  expect(bringsLines(post('application/fhir+ndjson'), 'Patient')).toBe(false)
  expect(takesLines('application/fhir+ndjson', '$exports/1/Patient')).toBe(true)
  expect(takesLines('application/fhir+ndjson', 'Patient')).toBe(false)
  expect(takesLines('application/fhir+json', '$import')).toBe(false)
})
