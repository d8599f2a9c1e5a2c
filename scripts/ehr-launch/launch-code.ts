/** Whom a launch is for, by the simulator's own ids. */
export type Launched = {
  patient: string
  provider: string
  encounter: string
  /** What goes wrong, by the simulator's own names: `auth_invalid_scope`. */
  error?: string
}

const FROM_EHR = 0
const PUBLIC = 0
const ALWAYS = 2

/** What the simulator takes for `launch`: who is launched, in a list whose places are its own (src/isomorphic/codec.ts there). */
export function launchCode({ patient, provider, encounter, error = '' }: Launched): string {
  const list = Object.values({
    ...{ launchType: FROM_EHR, patient, provider, encounter, skipLogin: 1, skipAuthorization: 1, simulatedFrame: 0 },
    ...{ scope: '', redirectUris: '', clientId: '', clientSecret: '', error, jwksUrl: '', jwks: '' },
    ...{ clientType: PUBLIC, pkce: ALWAYS },
  })
  return Buffer.from(JSON.stringify(list)).toString('base64url')
}
