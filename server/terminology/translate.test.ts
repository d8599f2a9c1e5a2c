import type { ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes'
import { translate } from './translate.ts'

const mapOf = (group: Omit<ConceptMapGroup, 'source' | 'target'>, url = 'urn:map'): ConceptMap => ({
  ...{ resourceType: 'ConceptMap', status: 'active', url },
  group: [{ source: 'urn:a', target: 'urn:b', ...group }],
})
const there = { system: 'urn:a', code: '1' }

test('a map there and back again leads home, with the equivalence turned round', async () => {
  const map = mapOf({ element: [{ code: '1', target: [{ code: 'I', equivalence: 'wider' }] }] })
  const found = (await translate([map], [there], {})).translations
  expect(found).toEqual([{ equivalence: 'wider', concept: { system: 'urn:b', code: 'I' }, source: 'urn:map' }])
  expect((await translate([map], [found[0]?.concept ?? {}], { reverse: true })).translations).toEqual([
    { equivalence: 'narrower', concept: there, source: 'urn:map' },
  ])
})

test.each([
  [{ mode: 'provided' }, [{ equivalence: 'equal', concept: { system: 'urn:b', code: '9' }, source: 'urn:map' }]],
  [
    { mode: 'fixed', code: 'other' },
    [{ equivalence: 'inexact', concept: { system: 'urn:b', code: 'other' }, source: 'urn:map' }],
  ],
  [
    { mode: 'other-map', url: 'urn:other' },
    [{ equivalence: 'equal', concept: { system: 'urn:b', code: 'IX' }, source: 'urn:other' }],
  ],
  [{ mode: 'other-map', url: 'urn:map' }, []],
  [{ mode: 'other-map', url: 'urn:none' }, []],
  [undefined, []],
] as const)('a code that the map does not name is translated as %p says', async (unmapped, expected) => {
  const map = mapOf({ element: [{ code: '1' }], ...(unmapped ? { unmapped } : {}) })
  const other = mapOf({ element: [{ code: '9', target: [{ code: 'IX', equivalence: 'equal' }] }] }, 'urn:other')
  const mapAt = async (canonical: string) => [map, other].find(({ url }) => url === canonical)
  expect((await translate([map], [{ system: 'urn:a', code: '9' }], { mapAt })).translations).toEqual(expected)
})

const BY_METHOD = mapOf({
  element: [
    {
      code: '1',
      target: [
        {
          ...{ code: 'arm', equivalence: 'narrower' },
          dependsOn: [{ property: 'urn:method', system: 'urn:methods', value: 'cuff' }],
          product: [{ property: 'urn:site', system: 'urn:sites', value: 'upper-arm' }],
        },
        { code: 'any', equivalence: 'wider' },
        { ...{ code: 'by-ear', equivalence: 'narrower' }, dependsOn: [{ property: 'urn:note', value: 'by ear' }] },
      ],
    },
  ],
})
const codesOf = async (given: Parameters<typeof translate>[2]) => {
  const { translations, dependsOn } = await translate([BY_METHOD], [there], given)
  return [translations.map(({ concept }) => concept.code), dependsOn]
}
const method = (code: string, system = 'urn:methods') => ({ concept: { coding: [{ system, code }] } })

test.each([
  ['nothing', [], ['any'], ['urn:method', 'urn:note']],
  ['the element', [{ element: 'urn:method', ...method('cuff') }], ['arm', 'any'], ['urn:note']],
  ['whichever element', [method('cuff')], ['arm', 'any'], ['urn:note']],
  ['another value', [{ element: 'urn:method', ...method('line') }], ['any'], ['urn:method', 'urn:note']],
  ['another system', [{ element: 'urn:method', ...method('cuff', 'urn:x') }], ['any'], ['urn:method', 'urn:note']],
  ['another element', [{ element: 'urn:mood', ...method('cuff') }], ['any'], ['urn:method', 'urn:note']],
  ['a text', [{ element: 'urn:note', concept: { text: 'by ear' } }], ['any', 'by-ear'], ['urn:method']],
])(
  'with %s known, a translation that depends on something holds or does not',
  async (_, dependencies, codes, wanted) => {
    expect(await codesOf({ dependencies })).toEqual([codes, wanted])
  },
)

test('what a translation gives beside its code is told, and decides the way back unless it is known to be different', async () => {
  const site = (code: string) => [{ element: 'urn:site', concept: { coding: [{ system: 'urn:sites', code }] } }]
  const { translations } = await translate([BY_METHOD], [there], { dependencies: [method('cuff')] })
  expect(translations[0]?.product).toEqual([
    { element: 'urn:site', concept: { system: 'urn:sites', code: 'upper-arm' } },
  ])
  const back = async (dependencies = site('upper-arm')) =>
    (await translate([BY_METHOD], [{ system: 'urn:b', code: 'arm' }], { reverse: true, dependencies })).translations
  const home = {
    ...{ equivalence: 'wider', concept: there, source: 'urn:map' },
    product: [{ element: 'urn:method', concept: { system: 'urn:methods', code: 'cuff' } }],
  }
  expect([await back(), await back([]), await back(site('wrist'))]).toEqual([[home], [home], []])
})
