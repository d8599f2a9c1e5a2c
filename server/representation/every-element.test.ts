import { isDeepStrictEqual } from 'node:util'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseJson } from '../core/fhir/json.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { childrenOf } from '../definitions/element-tree.ts'
import { jsonFromXml } from './from-xml.ts'
import { everyElement, turnsOf } from './test-every-element.ts'
import { toXml } from './to-xml.ts'

const definitions = loadDefinitions()
const types = [...definitions.resourceTypes].sort()

const throughXml = (json: string): string =>
  jsonFromXml(definitions, toXml(definitions, parseJson(json, 100) as Record<string, unknown>))

/** With each number as it was written: 1.50 is not 1.5. */
const read = (json: string): unknown =>
  JSON.parse(json, (_name, value, context?: { source: string }) =>
    typeof value === 'number' ? context?.source : value,
  )

/** jest compares trees of this size in tenths of a second; it is asked for its words alone, where something differs. */
function expectSame(json: string): void {
  const [came, went] = [read(throughXml(json)), read(json)]
  if (!isDeepStrictEqual(came, went)) expect(came).toEqual(went)
}

test.each(types)('%s: every element, of each choice every type, comes back from XML as it was', (type) => {
  for (let turn = 0; turn < turnsOf(definitions, type); turn++) {
    expectSame(everyElement(definitions, type, turn))
  }
})

test('every datatype does, as the value of an extension', () => {
  const values = [...childrenOf(definitions, 'Extension').values()].filter(({ element }) => element === 'value')
  expect(values.length).toBe(50)
  for (const { name, below } of values) {
    for (let turn = 0; turn < (below === undefined ? 3 : turnsOf(definitions, below)); turn++) {
      const json = everyElement(definitions, 'Basic', turn)
      const extension = everyElement(
        definitions,
        'Extension',
        values.findIndex((one) => one.name === name),
      )
      expect(Object.keys(JSON.parse(extension)).some((key) => key.replace(/^_/, '') === name)).toBe(true)
      const held = `${json.slice(0, -1).replace(/"extension":\[/, `"extension":[${extension.replace('"resourceType":"Extension",', '')},`)}}`
      expectSame(held)
    }
  }
})

test('so does any text that XML can hold', () => {
  const string = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(
    fc.property(string, string, (display, text) => {
      const resource = { resourceType: 'Basic', id: 'a', code: { coding: [{ display }], text } }
      expect(JSON.parse(throughXml(JSON.stringify(resource)))).toEqual(resource)
    }),
  )
})
