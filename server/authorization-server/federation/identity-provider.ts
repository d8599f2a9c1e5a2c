import type { JWK } from 'jose'

/** Where people prove who they are: clinicians at HelseID, patients at ID-porten. */
export type ProviderName = 'helseid' | 'idporten'

/** What is configured of one. */
export type IdentityProviderSettings = {
  name: ProviderName
  /** Where its metadata are; every other address comes from there. */
  issuer: string
  clientId: string
  /** The private key that proves that it is we who ask, with `kid` and `alg`. */
  key: JWK
  /** Ours among several that share the client: the organisation number of the legal entity, and of the unit after a colon. */
  organization?: string
  /** National APIs that are asked later as whoever signs in: then their sign-in is kept (kept-sign-ins.ts). */
  apis?: PersonalApis
}

/** By what HelseID calls each API (`resource`): the scopes that a person may come to be asked with. */
export type PersonalApis = Readonly<Record<string, readonly string[]>>

/** What each of them is asked for, and what its answers are called. */
export type Dialect = {
  scope: string
  /** More parameters of the authorization request. */
  parameters: Record<string, string>
  /** HelseID takes nothing else for an assertion; ID-porten takes the plain form. */
  assertionType: string
  /** Whether tokens are bound to a key of ours (DPoP). */
  dpop: boolean
}

export const DIALECTS: Record<ProviderName, Dialect> = {
  // https://utviklerportal.nhn.no, "HelseID": FAPI 2.0 with PAR, DPoP and private_key_jwt.
  helseid: {
    scope: [
      ...['openid', 'profile', 'helseid://scopes/identity/pid', 'helseid://scopes/identity/security_level'],
      ...['helseid://scopes/hpr/hpr_number'],
    ].join(' '),
    parameters: {},
    assertionType: 'client-authentication+jwt',
    dpop: true,
  },
  // https://docs.digdir.no/docs/idporten/oidc/oidc_guide_idporten
  idporten: {
    scope: 'openid profile',
    parameters: { acr_values: 'idporten-loa-high' },
    assertionType: 'JWT',
    dpop: false,
  },
}
