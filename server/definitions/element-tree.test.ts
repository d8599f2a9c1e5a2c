import { expect, test } from '@jest/globals'
import { loadDefinitions } from './definitions.ts'
import { childrenOf } from './element-tree.ts'

const definitions = loadDefinitions()
const names = (key: string) => [...childrenOf(definitions, key).keys()]

test('elements come in the order of the definition, a choice once for each type', () => {
  expect(names('Patient').slice(0, 12)).toEqual([
    ...['id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension', 'modifierExtension'],
    ...['identifier', 'active', 'name', 'telecom'],
  ])
  expect(names('Patient')).toEqual(expect.arrayContaining(['deceasedBoolean', 'deceasedDateTime']))
  expect(names('Patient')).not.toContain('deceased[x]')
})

test.each([
  ['Patient', 'contact', 'BackboneElement', 'Patient.contact'],
  ['Patient', 'name', 'HumanName', 'HumanName'],
  ['Bundle.entry', 'link', 'BackboneElement', 'Bundle.link'],
  ['Bundle.entry', 'resource', 'Resource', undefined],
  ['Observation', 'valueQuantity', 'Quantity', 'Quantity'],
  ['Observation', 'status', 'code', undefined],
] as const)('below %s, %s is a %s, and its elements are found under %s', (key, name, type, below) => {
  expect(childrenOf(definitions, key).get(name)).toMatchObject({ type, below })
})

test('elements that had to be restored stand where R4 has them', () => {
  expect(names('EvidenceVariable.characteristic').slice(3, 6)).toEqual([
    'description',
    'definitionReference',
    'definitionCanonical',
  ])
  expect(names('EvidenceVariable.characteristic').at(-1)).toBe('groupMeasure')
})

test('what R4 does not know has no elements', () => {
  expect([names('Nonsense'), names('Patient.nonsense'), names('')]).toEqual([[], [], []])
})
