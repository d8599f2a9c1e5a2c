import { expect, test } from '@jest/globals'
import { changesTo, parseViews, type View, viewQuery, withView } from './views.ts'

const RED: View = { name: 'Røde på Fjordvik', query: 'zone=red&unit=Organization%2Fdemo-fjordvik' }

test.each([
  ['?unit=Organization/demo-fjordvik&zone=red', RED.query],
  ['?zone=red&patient=7&overdue=true', 'zone=red&overdue=true'],
  ['', ''],
])('of the address %s a view keeps %s: what narrows the list, in one order', (search, query) => {
  expect(viewQuery(new URLSearchParams(search))).toBe(query)
})

test('a view takes away what it has not', () => {
  expect(changesTo(RED)).toEqual({
    ...{ zone: 'red', unit: 'Organization/demo-fjordvik' },
    ...{ tab: undefined, pathway: undefined, team: undefined, overdue: undefined },
  })
})

test('one of the same name is replaced, and of too many the oldest go', () => {
  const other = { name: RED.name, query: 'zone=yellow' }
  expect(withView([RED], other)).toEqual([other])
  const many = Array.from({ length: 30 }, (_, i) => ({ name: `Visning ${i}`, query: 'zone=red' }))
  const kept = many.reduce<View[]>(withView, [])
  expect([kept.length, kept.at(-1)?.name]).toEqual([20, 'Visning 29'])
})

test.each([
  [null, []],
  ['no JSON', []],
  ['{"name":"x"}', []],
  [JSON.stringify([RED, { name: 'no query' }, 7, null]), [RED]],
  [JSON.stringify([{ name: 'Alt', query: 'patient=7' }]), []],
])('of what is stored as %s what is a view is read', (text, views) => expect(parseViews(text)).toEqual(views))
