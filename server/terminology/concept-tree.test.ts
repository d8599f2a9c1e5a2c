import type { CodeSystem } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { displayIn, isAbstract, isInactive, toConceptTree } from './concept-tree.ts'
import { subsumes } from './subsumes.ts'

const system = (concept: CodeSystem['concept'], more: Partial<CodeSystem> = {}): CodeSystem => ({
  ...{ resourceType: 'CodeSystem', url: 'http://example.org/cs', status: 'active', content: 'complete', concept },
  ...more,
})

test('nesting, parent, child and subsumedBy all make the hierarchy', () => {
  const tree = toConceptTree(
    system([
      { code: 'a', concept: [{ code: 'b' }], property: [{ code: 'child', valueCode: 'e' }] },
      { code: 'c', property: [{ code: 'parent', valueCode: 'b' }] },
      {
        code: 'd',
        property: [
          { code: 'subsumedBy', valueCode: 'b' },
          { code: 'parent', valueCode: 'nowhere' },
        ],
      },
      { code: 'e' },
    ]),
  )
  expect([...tree.descendants('a')].sort()).toEqual(['b', 'c', 'd', 'e'])
  expect([...tree.ancestors('d')].sort()).toEqual(['a', 'b'])
  expect([...tree.descendants('unknown')]).toEqual([])
})

test('case matters unless the code system says that it does not', () => {
  expect(toConceptTree(system([{ code: 'Abc' }])).concept('abc')).toBeUndefined()
  expect(toConceptTree(system([{ code: 'Abc' }], { caseSensitive: false })).concept('aBC')?.code).toBe('Abc')
})

test('what is only for grouping, and what is no longer in use', () => {
  const concept = (code: string, value: object) => {
    const property = [{ code, ...value }]
    return { code: 'x', designation: [], property, parents: [], children: [] }
  }
  expect(isAbstract(concept('notSelectable', { valueBoolean: true }))).toBe(true)
  expect(isAbstract(concept('notSelectable', { valueBoolean: false }))).toBe(false)
  expect(isInactive(concept('status', { valueCode: 'retired' }))).toBe(true)
  expect(isInactive(concept('status', { valueCode: 'deprecated' }))).toBe(false)
  expect(isInactive(concept('inactive', { valueBoolean: true }))).toBe(true)
})

test('a display in the language that is asked for, or else its own', () => {
  const concept = { display: 'Dog', designation: [{ language: 'nb-NO', value: 'Hund' }] }
  expect(displayIn(concept, ['nb'])).toBe('Hund')
  expect(displayIn(concept, ['se', 'nb-NO'])).toBe('Hund')
  expect(displayIn(concept, ['fi'])).toBe('Dog')
})

/** Any links between nine codes, circles among them, as what someone stores may hold. */
const graphs = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 })), { maxLength: 30 })
  .map((links) =>
    toConceptTree(
      system(
        Array.from({ length: 9 }, (_, code) => ({
          code: String(code),
          property: links
            .filter(([from]) => from === code)
            .map(([, to]) => ({ code: 'parent', valueCode: String(to) })),
        })),
      ),
    ),
  )

test('above and below are each other’s mirror in any graph, and every walk ends', () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), (tree, one, other) => {
      const [a, b] = [String(one), String(other)]
      expect(tree.ancestors(a).has(b)).toBe(tree.descendants(b).has(a))
      expect(tree.ancestors(a).has(a)).toBe(false)
      if (subsumes(tree, a, b) === 'subsumes') expect(tree.descendants(a).has(b)).toBe(true)
      if (a === b) expect(subsumes(tree, a, b)).toBe('equivalent')
    }),
  )
})

test('a chain of 50,000 concepts is walked, not recursed into', () => {
  const concept = Array.from({ length: 50_000 }, (_, i) => ({
    code: String(i),
    property: [{ code: 'parent', valueCode: String(i - 1) }],
  }))
  expect(toConceptTree(system(concept)).ancestors('49999').size).toBe(49_999)
})
