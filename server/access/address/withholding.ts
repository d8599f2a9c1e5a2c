import type { Access } from '../access.ts'
import { hiddenDegrees } from '../policy/rules-for.ts'
import { isSystem, rolesOfPerson } from '../reach.ts'
import type { AddressDegree } from './protection.ts'

/** Which addresses are kept from a caller. */
export type Withholding = {
  degrees: AddressDegree[]
  /** As whom the caller may have opened what is closed of a patient, which opens the address too. */
  openers: string[]
}

/** @returns undefined for those from whom no address is kept: systems, and roles that the policy names */
export function withholdingOf(access: Access): Withholding | undefined {
  if (isSystem(access)) return undefined
  const degrees = hiddenDegrees(rolesOfPerson(access))
  return degrees.length === 0 ? undefined : { degrees, openers: access.standing?.grantees ?? [] }
}
