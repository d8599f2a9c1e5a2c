import type { Door } from '../caller/caller.ts'

/** With the token of the demo's start page, at the same server as `door`. */
export async function openAsNurse(baseUrl: string, { fhirBase }: Pick<Door, 'fhirBase'>): Promise<Door> {
  const response = await fetch(`${baseUrl}/demo/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(baseUrl).origin },
    body: JSON.stringify({ user: 'nurse' }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return { fhirBase, authorization: `Bearer ${access_token}` }
}
