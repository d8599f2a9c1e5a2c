import type { Access, Reach } from './access.ts'
import type { Scope, ScopeLetter } from './scopes.ts'
import { SHARED_TYPES } from './shared-types.ts'

const NONE: Reach = { kind: 'none' }
const ALL: Reach = { kind: 'all' }
const WIDTH = { none: 0, compartment: 1, all: 2 }

/**
 * Which resources of `type` the caller may touch with one kind of interaction. Scopes add up: the widest counts.
 * `compartment` means: only what the store knows to be in that one patient's compartment, the Patient itself included.
 * @param letter the SMART scope letter of the interaction: c, r, u, d or s
 */
export function reachOf(access: Access, type: string, letter: ScopeLetter): Reach {
  let widest = NONE
  for (const scope of access.scopes) {
    if (scope.type !== '*' && scope.type !== type) continue
    if (!scope.letters.includes(letter)) continue
    const reach = reachOfScope(access, scope, type, letter)
    if (WIDTH[reach.kind] > WIDTH[widest.kind]) widest = reach
  }
  return widest
}

/** Whether the caller may do this at all; how far is for `reachOf` to say. */
export function permits(access: Access, type: string, letter: ScopeLetter): boolean {
  return reachOf(access, type, letter).kind !== 'none'
}

function reachOfScope(access: Access, scope: Scope, type: string, letter: ScopeLetter): Reach {
  // No token holds a granular scope until its filter is obeyed everywhere; one that came here all the same gives nothing.
  if (scope.filter) return NONE
  // `user/` and `system/` reach every patient for now. The relation to the patient (care team, unit, GP) will narrow them.
  if (scope.level !== 'patient' && !isPatient(access)) return ALL
  if (SHARED_TYPES.has(type)) return letter === 'r' || letter === 's' ? ALL : NONE
  return access.patient === undefined ? NONE : { kind: 'compartment', patient: access.patient }
}

/** A patient who signs in has one compartment, whatever the level of the scope says. */
const isPatient = ({ actor }: Access) => actor.startsWith('Patient/')
