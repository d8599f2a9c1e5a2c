/** The users whom the start page of a demo signs in with one click. */
export type DemoUser = 'nurse' | 'gp' | 'patient' | 'kin'

/**
 * An access token, as the start page gets it.
 * @throws Error with what the server says instead
 */
export async function demoSession({ baseUrl }: { baseUrl: string }, user: DemoUser): Promise<string> {
  const response = await fetch(`${baseUrl}/demo/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: baseUrl },
    body: JSON.stringify({ user }),
  })
  const { access_token } = (await response.json()) as { access_token?: string }
  if (!access_token) throw new Error(`Nobody is signed in as ${user}: ${response.status}`)
  return access_token
}
