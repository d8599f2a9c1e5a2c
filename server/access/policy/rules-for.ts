import type { AddressDegree } from '../address/protection.ts'
import { type Act, POLICY, type Policy, type Role, type Rule } from './policy.ts'
import { TYPE_GROUPS } from './type-groups.ts'

/** The rules by which one of these roles may do this to a type. Looked up once for each combination. */
export function rulesFor(
  roles: readonly Role[],
  type: string,
  letter: string,
  policy: Policy = POLICY,
): readonly Rule[] {
  if (policy !== POLICY) return find(roles, type, letter, policy)
  const name = `${roles.join()} ${type} ${letter}`
  const known = found.get(name)
  if (known) return known
  const rules = find(roles, type, letter, policy)
  // Roles, types and letters are few; only somebody who makes up types could make this grow.
  if (found.size < FOUND_COUNT_MAX) found.set(name, rules)
  return rules
}

const FOUND_COUNT_MAX = 50_000
const found = new Map<string, readonly Rule[]>()

const find = (roles: readonly Role[], type: string, letter: string, { rules }: Policy): Rule[] =>
  rules.filter(
    (rule) =>
      (rule.role === 'anyone' || roles.includes(rule.role)) && rule.letters.includes(letter) && isOfType(rule, type),
  )

export const isOfType = ({ types, except }: Rule, type: string): boolean =>
  types.some((name) => name === type || TYPE_GROUPS[name]?.(type) === true) && except?.includes(type) !== true

/** The roles that codes make of somebody: `system|code` of their PractitionerRoles and qualifications. */
export const rolesOf = (codes: readonly string[], { roleCodes }: Policy = POLICY): Role[] => [
  ...new Set(roleCodes.filter(({ code }) => codes.includes(code)).map(({ role }) => role)),
]

/** Labels that hide something from somebody of these roles. */
export const hiddenLabels = (roles: readonly Role[], { labels }: Policy = POLICY): string[] =>
  labels.filter((one) => !one.roles.some((role) => roles.includes(role))).map(({ label }) => label)

export const mayAct = (roles: readonly Role[], act: Act, { acts }: Policy = POLICY): boolean =>
  acts.some((one) => one.act === act && one.roles.some((role) => roles.includes(role)))

/** Degrees of protection that keep an address from somebody of these roles. */
export const hiddenDegrees = (roles: readonly Role[], { addresses }: Policy = POLICY): AddressDegree[] =>
  addresses.filter((one) => !one.roles.some((role) => roles.includes(role))).map(({ degree }) => degree)
