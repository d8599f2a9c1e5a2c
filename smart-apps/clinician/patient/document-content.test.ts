import { expect, test } from '@jest/globals'
import type { Binary, Composition } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { contentOf, readContent } from './document-content.ts'

const base64 = (words: string, encoding: BufferEncoding = 'utf8') => Buffer.from(words, encoding).toString('base64')
const asked: string[] = []
const fhir = {
  read: async (type: string, id: string): Promise<Binary | Composition> => {
    asked.push(`${type}/${id}`)
    return { resourceType: 'Binary', contentType: 'text/plain', data: base64('Stabil.') }
  },
} as unknown as FhirClient
const { signal } = new AbortController()

test('text is read line by line, in whatever letters it was written', () => {
  const lines = (contentType: string, data: string) => contentOf(contentType, data, 'nb')
  expect(lines('text/plain', base64('Én\nto'))).toEqual({ kind: 'text', parts: [{ rows: [['Én'], ['to']] }] })
  expect(lines('text/plain; charset=ISO-8859-1', base64('Én', 'latin1'))).toEqual({
    kind: 'text',
    parts: [{ rows: [['Én']] }],
  })
  expect(lines('text/plain; charset=unheard-of', base64('En'))).toMatchObject({ kind: 'text' })
})

test('what is no text is a file', () =>
  expect(contentOf('application/pdf', base64('%PDF'), 'nb')).toMatchObject({ kind: 'file' }))

test('a Binary of this server is read from it', async () => {
  const content = await readContent(fhir, { url: 'Binary/7' }, 'nb', signal)
  expect(content).toEqual({ kind: 'text', parts: [{ rows: [['Stabil.']] }] })
  expect(asked).toEqual(['Binary/7'])
})

test.each([
  ['https://other.example.no/fhir/Binary/7', 'other.example.no'],
  ['https://other.example.no/doc.pdf', 'other.example.no'],
  ['Patient/7', ''],
  ['', ''],
])('%s is asked nobody for', async (url, where) => {
  asked.length = 0
  expect(await readContent(fhir, { url }, 'nb', signal)).toEqual({ kind: 'elsewhere', where })
  expect(asked).toEqual([])
})
