import type { Library } from '@medplum/fhirtypes'
import { findDefine, toCqlLibrary, toLibrarySet } from './library-set.ts'
import { chooseLibrary, readLibrarySet } from './read-library-set.ts'

const elm = (id: string, names: string[], more: object = {}) =>
  JSON.stringify({
    library: { identifier: { id, version: '1' }, statements: { def: names.map((name) => ({ name })) }, ...more },
  })
const rules = toCqlLibrary(elm('Rules', ['Is Low', 'Plain']), { url: 'http://e.org/Library/Rules' })
const other = toCqlLibrary(elm('Other', ['Plain', 'Inner']), { url: 'http://e.org/Library/Other' })
const set = toLibrarySet([rules, other], [rules], [])

test.each([
  ['Plain', undefined, 'Rules', 'Plain'],
  ['Is Low', undefined, 'Rules', 'Is Low'],
  [' "Is Low" ', undefined, 'Rules', 'Is Low'],
  ['Rules."Is Low"', undefined, 'Rules', 'Is Low'],
  ['"Other".Plain', undefined, 'Other', 'Plain'],
  ['Plain', 'http://e.org/Library/Other|1', 'Other', 'Plain'],
])('%s with the reference %s is %s.%s', (expression, reference, library, define) => {
  const found = findDefine(set, expression, reference)
  expect([found?.library.name, found?.define]).toEqual([library, define])
})

test.each([
  ['Inner', undefined],
  ['Nobody', undefined],
  ['Rules.Inner', undefined],
  ['Plain', 'http://e.org/Library/Other|2'],
  ['Is Low and Plain', undefined],
])('%s with the reference %s is nothing that is defined', (expression, reference) => {
  expect(findDefine(set, expression, reference)).toBeUndefined()
})

test('a retrieve with a code of its own library asks for that code', () => {
  const retrieve = {
    ...{ type: 'Retrieve', dataType: '{http://hl7.org/fhir}Observation', codeProperty: 'code' },
    codes: { type: 'ToList', operand: { type: 'CodeRef', name: 'SpO2' } },
  }
  const { requirements } = toCqlLibrary(
    elm('R', [], {
      codeSystems: { def: [{ name: 'LOINC', id: 'http://loinc.org' }] },
      codes: { def: [{ name: 'SpO2', id: '59408-5', codeSystem: { name: 'LOINC' } }] },
      statements: { def: [{ name: 'X', expression: { operand: [retrieve, { ...retrieve, codes: undefined }] } }] },
    }),
  )
  expect(requirements).toEqual([
    { type: 'Observation', codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: '59408-5' }] }] },
    { type: 'Observation' },
  ])
})

const stored = (name: string, version: string, status: Library['status'], text?: string): Library => ({
  ...{ resourceType: 'Library', type: {}, name, url: `http://e.org/Library/${name}`, version, status },
  ...(text ? { content: [{ contentType: 'application/elm+json', data: Buffer.from(text).toString('base64') }] } : {}),
})

test.each([
  [{ canonical: 'http://e.org/Library/A|1' }, '1'],
  [{ canonical: 'http://e.org/Library/A' }, '2'],
  [{ name: 'A', version: '3' }, '3'],
  [{ canonical: 'http://e.org/Library/A|4' }, undefined],
  [{ name: 'B' }, undefined],
])('of several versions %j is %s', (wanted, version) => {
  const all = [stored('A', '1', 'active'), stored('A', '3', 'draft'), stored('A', '2', 'active')]
  expect(chooseLibrary(all, wanted)?.version).toBe(version)
})

test('what is included is read too, each once, and what is missing is told', async () => {
  const included = {
    includes: {
      def: [
        { path: 'B', version: '1' },
        { path: 'Gone', version: '1' },
        { path: 'A', version: '1' },
      ],
    },
  }
  const all = [stored('A', '1', 'active', elm('A', [], included)), stored('B', '1', 'active', elm('B', [], included))]
  const nobody = async () => ({ problems: [] })
  const read = await readLibrarySet(
    ['http://e.org/Library/A', 'http://e.org/Library/None'],
    async (wanted) =>
      chooseLibrary(
        all.filter(({ url, name }) => ('canonical' in wanted ? url === wanted.canonical : name === wanted.name)),
        wanted,
      ),
    { elmOf: nobody, translate: nobody },
  )
  expect(read.libraries.map(({ name }) => name)).toEqual(['A', 'B'])
  expect(read.named.map(({ name }) => name)).toEqual(['A'])
  expect(read.problems).toEqual([
    'library Gone version 1: No such Library is known here.',
    'http://e.org/Library/None: No such Library is known here.',
  ])
})
