import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cloneJson, parseJson, stringifyJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { applyJsonPatch } from './json-patch.ts'

function patched(document: object, ...operations: unknown[]): object {
  applyJsonPatch(document, operations)
  return document
}

function refusalOf(document: object, patch: unknown): Refusal['issues'][number] | undefined {
  try {
    applyJsonPatch(document, patch)
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  return undefined
}

test.each([
  ['add to an object', { a: 1 }, { op: 'add', path: '/b', value: 2 }, { a: 1, b: 2 }],
  ['add in a list', { a: ['x', 'z'] }, { op: 'add', path: '/a/1', value: 'y' }, { a: ['x', 'y', 'z'] }],
  ['add behind a list', { a: ['x'] }, { op: 'add', path: '/a/-', value: ['y'] }, { a: ['x', ['y']] }],
  ['add what is there', { a: 1 }, { op: 'add', path: '/a', value: null }, { a: null }],
  ['remove', { a: [1, 2] }, { op: 'remove', path: '/a/0' }, { a: [2] }],
  ['replace', { a: { b: 1 } }, { op: 'replace', path: '/a/b', value: { c: 2 } }, { a: { b: { c: 2 } } }],
  ['move up a list', { a: [1, 2, 3] }, { op: 'move', from: '/a/0', path: '/a/2' }, { a: [2, 3, 1] }],
  ['move to itself', { a: 1 }, { op: 'move', from: '/a', path: '/a' }, { a: 1 }],
  ['copy', { a: { b: 1 } }, { op: 'copy', from: '/a', path: '/c' }, { a: { b: 1 }, c: { b: 1 } }],
  ['escapes', { 'a/b': 1, 'm~n': 2 }, { op: 'remove', path: '/a~1b' }, { 'm~n': 2 }],
  ['a test that holds', { a: [{ b: 1 }] }, { op: 'test', path: '/a', value: [{ b: 1 }] }, { a: [{ b: 1 }] }],
] as const)('%s', (_, document, operation, expected) => {
  expect(patched(cloneJson(document) as object, operation)).toEqual(expected)
})

test.each([
  ['no array', { op: 'remove', path: '/a' }, 'invalid', undefined],
  ['no object', [7], 'invalid', ['[0]']],
  ['an unknown op', [{ op: 'coo', path: '/a' }], 'invalid', ['[0]']],
  ['no value', [{ op: 'add', path: '/a' }], 'invalid', ['[0]']],
  ['no path', [{ op: 'remove' }], 'invalid', ['[0]']],
  ['a path without a slash', [{ op: 'remove', path: 'a' }], 'invalid', ['[0]']],
  ['nothing to remove', [{ op: 'remove', path: '/b' }], 'processing', ['[0]']],
  ['nothing to replace', [{ op: 'replace', path: '/b', value: 1 }], 'processing', ['[0]']],
  ['no parent', [{ op: 'add', path: '/b/c', value: 1 }], 'processing', ['[0]']],
  ['an index beyond', [{ op: 'add', path: '/list/3', value: 1 }], 'processing', ['[0]']],
  ['an index that is none', [{ op: 'add', path: '/list/01', value: 1 }], 'processing', ['[0]']],
  ['a test that fails', [{ op: 'test', path: '/a', value: '1' }], 'processing', ['[0]']],
  ['into itself', [{ op: 'move', from: '/list', path: '/list/0' }], 'invalid', ['[0]']],
  ['the root', [{ op: 'replace', path: '', value: {} }], 'invalid', ['[0]']],
  ['a prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], 'processing', ['[0]']],
] as const)('refused: %s', (_, patch, code, expression) => {
  const issue = refusalOf({ a: 1, list: [1, 2] }, patch)
  expect([issue?.code, issue?.expression]).toEqual([code, expression])
})

test('the second operation at fault is named', () => {
  expect(
    refusalOf({ a: 1 }, [
      { op: 'test', path: '/a', value: 1 },
      { op: 'remove', path: '/b' },
    ])?.expression,
  ).toEqual(['[1]'])
})

test('decimals keep their digits, in what stays and in what comes', () => {
  const document = parseJson('{"a":1.00,"b":{"c":2.50},"d":3.10}') as object
  const patch = parseJson(`[{"op":"replace","path":"/a","value":95.00},{"op":"add","path":"/e","value":{"f":0.10}},
    {"op":"copy","from":"/b","path":"/g"},{"op":"move","from":"/b/c","path":"/h"},{"op":"replace","path":"/d","value":3.1}]`)
  applyJsonPatch(document, patch)
  expect(stringifyJson(document)).toBe('{"a":95.00,"b":{},"d":3.1,"e":{"f":0.10},"g":{"c":2.50},"h":2.50}')
})

test('a patch that doubles what it made is stopped before it fills the memory', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }))
  expect(refusalOf({ a: { x: 1 } }, doubling)?.code).toBe('too-long')
})

test('what add puts in, remove takes out; any JSON at all gives a result or a Refusal', () => {
  fc.assert(
    fc.property(fc.object(), fc.jsonValue(), (document, value) => {
      const before = structuredClone(document)
      const there = Object.hasOwn(document, 'new')
      applyJsonPatch(document, [{ op: 'add', path: '/new', value }])
      applyJsonPatch(document, [{ op: 'test', path: '/new', value }])
      if (!there) {
        applyJsonPatch(document, [{ op: 'remove', path: '/new' }])
        expect(document).toEqual(before)
      }
    }),
  )
  fc.assert(fc.property(fc.jsonValue(), (patch) => void refusalOf({ a: [{ b: 1 }] }, patch)))
})

const CASES = join(import.meta.dirname, '../../../shared/conformance/patch/json-patch-rfc6902.ndjson')
type Case = { id: string; doc: object; patch: unknown; expected?: object; error?: string }

// Public cases that lie beside the project where it is developed.
const cases: Case[] = existsSync(CASES)
  ? readFileSync(CASES, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : []
if (cases.length > 0) {
  describe('the cases of the JSON Patch suite', () => {
    test.each(cases)('$id', ({ doc, patch, expected, error }) => {
      if (error) expect(refusalOf(doc, patch)).toBeDefined()
      else expect(patched(doc, ...(patch as unknown[]))).toEqual(expected)
    })
  })
}
