/** What HelseID's claims are called, in ID tokens and access tokens. https://utviklerportal.nhn.no, "HelseID": claims */
export const HELSEID_CLAIM = {
  pid: 'helseid://claims/identity/pid',
  securityLevel: 'helseid://claims/identity/security_level',
  hprNumber: 'helseid://claims/hpr/hpr_number',
  organization: 'helseid://claims/client/claims/orgnr_parent',
  organizationUnit: 'helseid://claims/client/claims/orgnr_child',
} as const

export type Claims = Readonly<Record<string, unknown>>

/** A claim that is a text and says something. */
export const textOf = (claims: Claims, name: string): string | undefined => {
  const value = claims[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** For which organisation, and which unit of it, a client acts. */
export function organizationsOf(claims: Claims): { organization?: string; organizationUnit?: string } {
  const organization = textOf(claims, HELSEID_CLAIM.organization)
  const organizationUnit = textOf(claims, HELSEID_CLAIM.organizationUnit)
  return {
    ...(organization === undefined ? {} : { organization }),
    ...(organizationUnit === undefined ? {} : { organizationUnit }),
  }
}
