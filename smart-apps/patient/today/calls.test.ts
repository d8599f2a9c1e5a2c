import { expect, test } from '@jest/globals'
import type { Contact } from '../record/contacts.ts'
import { type Callee, callsOf } from './calls.ts'

const contact = (name: string, isOpen: boolean, phone?: string): Contact => ({
  ...{ name, isOpen, hours: [] },
  ...(phone ? { phone } : {}),
})
const named = (callees: readonly Callee[]) => callees.map((one) => (one.who === 'team' ? one.contact.name : one.who))

test.each([
  ['open', [contact('team', true, '1')], ['team'], ['outOfHours', 'emergency']],
  ['closed', [contact('team', false, '1')], ['outOfHours', 'emergency'], ['team']],
  ['open without a number', [contact('team', true)], ['outOfHours', 'emergency'], ['team']],
  ['one of two open', [contact('a', false, '1'), contact('b', true, '2')], ['b'], ['outOfHours', 'emergency', 'a']],
  ['none', [], ['outOfHours', 'emergency'], []],
])('where the team is %s, who answers now comes first', (_, contacts, first, others) => {
  const calls = callsOf(contacts)
  expect([named(calls.first), named(calls.others)]).toEqual([first, others])
})
