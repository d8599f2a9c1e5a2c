/** A FHIR server that the app may be launched from; as `server/apps/app-settings.ts` sends it. */
export type Issuer = { iss: string; clientId: string; scope?: string; signsInFramed?: boolean }
export type Settings = { issuers: Issuer[]; demo: boolean; idleMinutes: number }

/** The path that the app stands under, with a slash at its end: `/apps/clinician/`. A proxy may have put something before it. */
export const BASE = new URL(/* @vite-ignore */ '../', import.meta.url).pathname

export async function readSettings(): Promise<Settings> {
  const response = await fetch(`${BASE}settings.json`, { cache: 'no-store' })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return (await response.json()) as Settings
}

/** Two ways of writing one address are one address; a foreign one is none of ours. */
export function findIssuer({ issuers }: Settings, iss: string): Issuer | undefined {
  const plain = (address: string) => URL.parse(address)?.href.replace(/\/+$/, '')
  const asked = plain(iss)
  return asked === undefined ? undefined : issuers.find((one) => plain(one.iss) === asked)
}
