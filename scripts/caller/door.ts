import type { Door } from './caller.ts'

export type Client = { clientId: string; clientSecret: string }

/** The confidential client of demo mode. Found on a server in demo mode alone. */
export const DEMO_CLIENT: Client = { clientId: 'demo-service', clientSecret: 'demo-service-secret' }

/**
 * A token for a system client, from the token endpoint that the server itself names.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, with the secret in HTTP Basic (RFC 6749, 2.3.1)
 * @throws Error with what the server answered instead
 */
export async function requestToken(
  fhirBase: string,
  { clientId, clientSecret }: Client,
  scope = 'system/*.cruds',
): Promise<string> {
  const { token_endpoint } = await json<{ token_endpoint: string }>(
    await fetch(`${fhirBase}/.well-known/smart-configuration`),
  )
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')
  const { access_token } = await json<{ access_token: string }>(
    await fetch(token_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    }),
  )
  return access_token
}

/** The way in of a system client. @param baseUrl of the server; its FHIR base is `/fhir` below it */
export async function openDoor(baseUrl: string, client: Client): Promise<Door> {
  const fhirBase = new URL(`${baseUrl.replace(/\/+$/, '')}/fhir`)
  return { fhirBase, authorization: `Bearer ${await requestToken(fhirBase.href, client)}` }
}

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
