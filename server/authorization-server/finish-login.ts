import type { Request, Response } from 'express'
import type Provider from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import type { Account } from './accounts.ts'
import { endSession } from './consent/grants.ts'
import { happened } from './events.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** Where in an interaction it stands as whom the person who has proven who they are may go on. */
const MAY_SIGN_IN = 'fylgje-may-sign-in'

type Rooms = { provider: () => Provider; pool: Pool }

/** Ends the login of an interaction: from here on its browser is this person, at this server. */
export async function finishLogin(rooms: Rooms, req: Request, res: Response, account: Account): Promise<void> {
  const provider = rooms.provider()
  const { accountId, fhirUser, login } = account
  await leaveWhoWasHere(rooms.pool, await provider.interactionDetails(req, res), accountId)
  happened(res, { code: 'login', who: fhirUser, login })
  const { provider: amr = '', securityLevel } = login
  await provider.interactionFinished(
    req,
    res,
    { login: { accountId, amr: [amr], ...(securityLevel ? { acr: securityLevel } : {}) } },
    { mergeWithLastSubmission: false },
  )
}

/**
 * Whoever was signed in in this browser is not any more once somebody else is, or is next of kin of another. The library would end that
 * session by a page with a script, which our pages' policy does not let run.
 */
async function leaveWhoWasHere(pool: Pool, interaction: Interaction, accountId: string): Promise<void> {
  const { session } = interaction
  if (session?.accountId === undefined || session.accountId === accountId) return
  Reflect.deleteProperty(interaction, 'session')
  await interaction.persist()
  await endSession(pool, session.uid)
}

/** Of several whom somebody may be, they choose one on a page. Kept here, not on the page: nobody signs in as who stands in a form. */
export async function keepWhoMaySignIn(interaction: Interaction, accounts: readonly Account[]): Promise<void> {
  interaction.result = { [MAY_SIGN_IN]: accounts.map(({ accountId }) => accountId) }
  await interaction.persist()
}

/** Whoever goes to prove anew who they are is nobody until then. */
export async function forgetWhoMaySignIn(interaction: Interaction): Promise<void> {
  if (whoMaySignIn(interaction).length === 0) return
  interaction.result = {}
  await interaction.persist()
}

/** Ids of accounts; none where nobody has proven anything, or it is no question. */
export function whoMaySignIn({ result }: Pick<Interaction, 'result'>): string[] {
  const kept: unknown = result?.[MAY_SIGN_IN]
  return Array.isArray(kept) ? kept.map(String) : []
}
