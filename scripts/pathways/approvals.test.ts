import { approvalsOf, type Kind } from './approvals.ts'

const P = { type: 'documentation' as const, label: 'P', display: 'Eget forslag' }
const G = { type: 'documentation' as const, label: 'G', display: 'Retningslinjen' }
const rule = (id: string, documentation: Kind['rows'][number]['documentation']) => ({
  cells: [id, 'Rød'],
  documentation,
})
const rules = (...rows: Kind['rows']): Kind => ({ kind: 'Regel', rows, nameOf: ([id]) => String(id) })

test('what is proposed is listed, with what it rests on beside that; what has a source alone is not', () => {
  const [, said, listed] = approvalsOf([
    rules(rule('R1', [P]), rule('R2', [G, P]), rule('R3', [G]), rule('R4', undefined)),
  ])
  expect(said).toMatch(/^2 punkter/)
  expect(listed?.split('\n').slice(2)).toEqual([
    '| Regel | R1 | ingenting annet |',
    '| Regel | R2 | **G** Retningslinjen |',
  ])
})

test('where everything has a source there is no such section', () => {
  expect(approvalsOf([rules(rule('R3', [G]))])).toEqual([])
})
