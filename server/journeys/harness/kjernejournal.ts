import type { JWK } from 'jose'
import { type NationalService, startService } from './national-services.ts'

/** What the stand-in was asked, and for what. */
export type SeenLook = { path: string; organization: string; purpose?: string; basis?: string }

/** Kjernejournal and its HelseID, in a process of their own. */
export type TestKjernejournal = Omit<NationalService<never>, 'taken'> & {
  issuer: string
  seen(): Promise<SeenLook[]>
  /** Who signs in next by HelseID. */
  signsIn(person: Record<string, unknown>): Promise<void>
  /** Whether sign-ins by HelseID are over: nothing is refreshed any more. */
  end(isOver: boolean): Promise<void>
}

/** @param redirectUri where HelseID sends people back to */
export async function startKjernejournal(clientJwk: JWK, redirectUri: string): Promise<TestKjernejournal> {
  const service = await startService<never>('kjernejournal', JSON.stringify(clientJwk), redirectUri)
  const { url } = service
  const put = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    await fetch(`${url}/control/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
  }
  return {
    ...(service as NationalService<never> & { issuer: string }),
    seen: async () => (await (await fetch(`${url}/control/seen`)).json()) as SeenLook[],
    signsIn: (person) => put('person', person),
    end: (isOver) => put('over', { isOver }),
  }
}
