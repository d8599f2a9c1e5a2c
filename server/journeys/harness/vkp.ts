import type { JWK } from 'jose'
import { type NationalService, startService } from './national-services.ts'

/** What the stand-in was asked. */
export type SeenSearch = { path: string; serviceCodes: string[]; form: [string, string][] }
/** Velferdsteknologisk knutepunkt and its HelseID, in a process of their own. */
export type TestVkp = Omit<NationalService<never>, 'taken'> & { issuer: string; seen(): Promise<SeenSearch[]> }

/** @param without a type that the client may not read: `condition` */
export async function startVkp(clientJwk: JWK, without = ''): Promise<TestVkp> {
  const service = await startService<never>('vkp', JSON.stringify(clientJwk), 'fylgje-vkp', without)
  return {
    ...(service as NationalService<never> & { issuer: string }),
    seen: async () => (await (await fetch(`${service.url}/control/seen`)).json()) as SeenSearch[],
  }
}
