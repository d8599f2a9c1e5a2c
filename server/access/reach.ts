import type { Access, Part, Reach, Whose } from './access.ts'
import { ENGINE_CLIENT_ID } from './engine-access.ts'
import { madeByQuery, NO_COMPARTMENT } from './made-by.ts'
import type { Act, By, Role, Rule } from './policy/policy.ts'
import { hiddenLabels, mayAct, rulesFor } from './policy/rules-for.ts'
import type { Scope, ScopeLetter } from './scopes.ts'
import { SHARED_TYPES } from './shared-types.ts'
import { EVERYONE, NEXT_OF_KIN, THE_PATIENT } from './vocabulary.ts'

const NONE: Reach = { kind: 'none' }
const ALL: Reach = { kind: 'all' }

/**
 * THE access decision: which resources of `type` the caller may touch with one kind of interaction. Scopes ∩ role ∩ relation to the
 * patient ∩ restrictions; what of it depends on what is stored is for the store to ask, in the statement itself. Scopes add up, and so
 * do rules of the policy.
 * @param letter the SMART scope letter of the interaction: c, r, u, d or s
 * @see docs/access.md
 */
export function reachOf(access: Access, type: string, letter: ScopeLetter): Reach {
  const known = decided.get(access) ?? new Map<string, Reach>()
  const name = letter + type
  const reach = known.get(name) ?? decide(access, type, letter)
  decided.set(access, known.set(name, reach))
  return reach
}

/** An Access is a value: what it reaches follows from it alone. Lives as long as the Access does, which is two seconds. */
const decided = new WeakMap<Access, Map<string, Reach>>()

/** Whether the caller may do this at all; how far is for `reachOf` to say. */
export function permits(access: Access, type: string, letter: ScopeLetter): boolean {
  return reachOf(access, type, letter).kind !== 'none'
}

/** Clients that act for themselves, our own workers, and these where they do what somebody has set going, which no token is for. */
export const isSystem = ({ actor, clientId, token }: Access): boolean =>
  actor.startsWith('Client/') || actor.startsWith('Device/') || (clientId === ENGINE_CLIENT_ID && token === undefined)

function decide(access: Access, type: string, letter: ScopeLetter): Reach {
  const scopes = access.scopes.filter(
    (scope) => (scope.type === '*' || scope.type === type) && scope.letters.includes(letter),
  )
  if (scopes.length === 0) return NONE
  return widest(isSystem(access) ? ofSystem(access, scopes, type, letter) : ofPerson(access, scopes, type, letter))
}

/** Parts add up; one without any condition is everything. */
function widest(parts: Part[]): Reach {
  if (parts.length === 0) return NONE
  if (parts.some(isEverything)) return ALL
  const [only, ...others] = parts
  if (only && others.length === 0 && isCompartment(only)) return { kind: 'compartment', patient: only.whose.patient }
  return { kind: 'parts', parts }
}

const isPlain = ({ patient, filters, restrictedAs, hiddenLabels: hidden }: Part): boolean =>
  patient === undefined && filters.length === 0 && restrictedAs.length === 0 && hidden.length === 0
const isEverything = (part: Part): boolean => part.whose.kind === 'any' && isPlain(part)
const isCompartment = (part: Part): part is Part & { whose: Extract<Whose, { kind: 'patient' }> } =>
  part.whose.kind === 'patient' && !part.whose.about && isPlain(part)

/** A system has no role and no relation: its client's scopes are its policy. */
function ofSystem(access: Access, scopes: Scope[], type: string, letter: ScopeLetter): Part[] {
  const { patient } = access
  return scopes.flatMap((scope) => {
    if (NO_COMPARTMENT.has(type) && access.clientId !== ENGINE_CLIENT_ID)
      return [partOf({ kind: 'any' }, scope, { filters: [madeByQuery(access)] })]
    if (scope.level !== 'patient') return [partOf({ kind: 'any' }, scope)]
    if (SHARED_TYPES.has(type)) return isReading(letter) ? [partOf({ kind: 'any' }, scope)] : []
    return patient === undefined ? [] : [partOf({ kind: 'patient', patient, about: false }, scope)]
  })
}

const isReading = (letter: ScopeLetter) => letter === 'r' || letter === 's'

const partOf = (whose: Whose, { filter }: Pick<Scope, 'filter'>, rest: Partial<Part> = {}): Part => ({
  ...{ whose, restrictedAs: [], hiddenLabels: [] },
  ...rest,
  filters: [...(filter ? [filter] : []), ...(rest.filters ?? [])],
})

function ofPerson(access: Access, scopes: Scope[], type: string, letter: ScopeLetter): Part[] {
  const rules = rulesFor(rolesOfPerson(access), type, letter)
  const given = rules.flatMap((rule) => partsOfRule(access, rule, type, letter))
  return merged(
    scopes.flatMap((scope) => {
      if (scope.level === 'system') return []
      return given.flatMap((part) => withinScope(access, part, scope, type))
    }),
  )
}

/** What a person is here; before the standing is looked up, a patient is known by the name alone. */
export const rolesOfPerson = ({ actor, standing }: Access): Role[] =>
  standing?.roles ?? (actor.startsWith('Patient/') ? ['patient'] : [])

/** What of a part a scope lets through. `patient/` is about the patient in context, and about what is of no patient by its type. */
function withinScope({ patient }: Access, part: Part, scope: Scope, type: string): Part[] {
  const filters = scope.filter ? [...part.filters, scope.filter] : part.filters
  if (scope.level === 'user' || SHARED_TYPES.has(type) || NO_COMPARTMENT.has(type)) return [{ ...part, filters }]
  if (patient === undefined || part.whose.kind === 'unattached') return []
  if (part.whose.kind === 'patient') return part.whose.patient === patient ? [{ ...part, filters }] : []
  if (part.patient !== undefined && part.patient !== patient) return []
  return [{ ...part, filters, patient }]
}

function partsOfRule(
  access: Access,
  { by, only, despiteRestrictions }: Rule,
  type: string,
  letter: ScopeLetter,
): Part[] {
  // What is of nobody by its type has nobody who could have closed it.
  if (SHARED_TYPES.has(type))
    return by.includes('any') ? [partOf({ kind: 'any' }, {}, only ? { filters: [[...only]] } : {})] : []
  const { grantees = [], records = recordsOf(access), roles = [] } = access.standing ?? {}
  const about = letter !== 'r' && letter !== 's'
  const limits: Partial<Part> = {
    hiddenLabels: hiddenLabels(rolesOfPerson(access)),
    ...(only ? { filters: [[...only]] } : {}),
  }
  const asStaff = { ...limits, restrictedAs: [...grantees, EVERYONE] }
  const asKin = { ...limits, restrictedAs: [...grantees, EVERYONE, NEXT_OF_KIN] }
  const relations = by.filter((one) => !NO_RELATION.has(one)).toSorted()
  const isKin = roles.includes('next-of-kin')
  const parts: Part[] = []
  if (by.includes('any')) parts.push(partOf({ kind: 'any' }, {}, despiteRestrictions ? limits : asStaff))
  if (by.includes('unattached')) parts.push(partOf({ kind: 'unattached' }, {}, limits))
  if (by.includes('maker')) parts.push(partOf({ kind: 'any' }, {}, { filters: [madeByQuery(access)] }))
  if (by.includes('own')) {
    for (const { patient, as } of records) {
      const whose: Whose = { kind: 'patient', patient, about }
      // A patient's own labels and Consents are about others; what is released later is kept from the patient too.
      if (as === 'self') parts.push(partOf(whose, {}, { restrictedAs: [THE_PATIENT] }))
      // Under 12 a parent sees what the child would; from 12 on what is sensitive is between the youth and the clinician.
      if (as === 'guardian') parts.push(partOf(whose, {}, { ...asKin, hiddenLabels: [] }))
      if (as === 'guardian-of-youth') parts.push(partOf(whose, {}, asKin))
    }
  }
  if (relations.length > 0 && grantees.length > 0) {
    const whose: Whose = { kind: 'related', grantees, relations }
    if (!isKin) parts.push(partOf(whose, {}, asStaff))
    else for (const { patient } of records) parts.push(partOf(whose, {}, { ...asKin, patient }))
  }
  return parts
}

const NO_RELATION: ReadonlySet<By> = new Set(['any', 'own', 'unattached', 'maker'])

/** Before the standing is looked up, a patient is known by the name alone. */
const recordsOf = ({ actor }: Access) =>
  actor.startsWith('Patient/') ? [{ patient: actor.slice('Patient/'.length), as: 'self' as const }] : []

/** Rules that differ only in how somebody has to do with the patient are one part, and one question to the database. */
function merged(parts: Part[]): Part[] {
  const byRest = new Map<string, Part>()
  for (const part of parts) {
    const { whose } = part
    const key = JSON.stringify({
      ...part,
      whose: whose.kind === 'related' ? { ...whose, relations: undefined } : whose,
    })
    const before = byRest.get(key)
    if (before?.whose.kind === 'related' && whose.kind === 'related') {
      const relations = [...new Set([...before.whose.relations, ...whose.relations])].sort()
      byRest.set(key, { ...before, whose: { ...before.whose, relations } })
    } else byRest.set(key, part)
  }
  return [...byRest.values()]
}

/** Whether a person may do something that is no matter of single resources. */
export const permitsAct = (access: Access, act: Act): boolean => mayAct(rolesOfPerson(access), act)
