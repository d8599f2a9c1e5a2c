import { type Refusal, refuse } from '../core/fhir/outcome.ts'

const WORD = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' }

/** The scope is too small for this, whatever is stored. */
export const notPermitted = (type: string, letter: keyof typeof WORD): Refusal =>
  refuse(
    'forbidden',
    `The scopes of this access do not allow to ${WORD[letter]} ${type || 'resources'}; one such as user/${type || '*'}.${letter} is needed.`,
  )
