import type { Contact } from '../record/contacts.ts'

/** Whom somebody may call: a team of theirs, the out-of-hours doctor (116117), the emergency number (113). */
export type Callee = { who: 'team'; contact: Contact } | { who: 'outOfHours' } | { who: 'emergency' }

/**
 * Whom to call, in order: who answers now comes first. A team that is closed stands behind the numbers that are always answered, so that
 * nobody in a hurry calls one that rings out.
 * @returns `first`: those to lead with; `others`: the rest
 */
export function callsOf(contacts: readonly Contact[]): { first: Callee[]; others: Callee[] } {
  const team = (contact: Contact): Callee => ({ who: 'team', contact })
  const open = contacts.filter(({ isOpen, phone }) => isOpen && phone).map(team)
  const others = contacts.filter(({ isOpen, phone }) => !isOpen || !phone).map(team)
  const always: Callee[] = [{ who: 'outOfHours' }, { who: 'emergency' }]
  return open.length > 0 ? { first: open, others: [...always, ...others] } : { first: always, others }
}
