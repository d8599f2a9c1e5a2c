/** Whom a launch is for, by the simulator's own ids. */
export type Launched = { patient: string; provider: string; encounter: string }

/** What the simulator takes for `launch`: who is launched, in a list whose places are its own (src/isomorphic/codec.ts there). */
export function launchCode({ patient, provider, encounter }: Launched): string {
  const [FROM_EHR, SKIP_LOGIN, SKIP_AUTHORIZATION] = [0, 1, 1]
  const [PUBLIC_CLIENT, PKCE_ALWAYS] = [0, 2]
  const [simulatedFrame, scope, redirectUris, clientId, clientSecret, error, jwksUrl, jwks] = [
    0,
    '',
    '',
    '',
    '',
    '',
    '',
    '',
  ]
  const list = [
    ...[FROM_EHR, patient, provider, encounter, SKIP_LOGIN, SKIP_AUTHORIZATION, simulatedFrame],
    ...[scope, redirectUris, clientId, clientSecret, error, jwksUrl, jwks, PUBLIC_CLIENT, PKCE_ALWAYS],
  ]
  return Buffer.from(JSON.stringify(list)).toString('base64url')
}
