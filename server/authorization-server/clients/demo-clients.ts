import { inTransaction, type Pool } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { type Account, KIN_SCOPE, PATIENT_SCOPE, putAccount } from '../accounts.ts'
import { SERVER_SCOPES } from '../consent/decide-grant.ts'
import { hashSecret, putClient } from './clients.ts'

/** The public client that the apps of this server are, and the one that a demo session is given to. */
export const APPS_CLIENT_ID = 'fylgje-apps'

/** Who signs in with one click, by the name that the start page uses. */
export const DEMO_ACCOUNTS = { nurse: 'demo-nurse', gp: 'demo-gp', patient: 'demo-line', kin: 'demo-line-kin' } as const
export type DemoUser = keyof typeof DEMO_ACCOUNTS

const ACCOUNTS: Pick<Account, 'accountId' | 'name' | 'fhirUser' | 'allowedScope'>[] = [
  clinician(DEMO_ACCOUNTS.nurse, 'Kari Nordlys'),
  clinician(DEMO_ACCOUNTS.gp, 'Henrik Skogvei'),
  { accountId: DEMO_ACCOUNTS.patient, name: 'Line Danser', fhirUser: 'Patient/demo-line', allowedScope: PATIENT_SCOPE },
  // One person, next of kin of two: an account for each, so that nothing of the one is ever given for the other.
  kin(DEMO_ACCOUNTS.kin),
  kin('demo-linerle-kin'),
]

/**
 * Clients and users of demo mode. May be called at every start. They are found in demo mode alone, and a start without it
 * removes them.
 */
export async function seedDemoClients(pool: Pool, baseUrl: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await putClient(tx, {
      client_id: 'demo-service',
      client_name: 'Demo service',
      token_endpoint_auth_method: 'client_secret_basic',
      secret_hash: hashSecret('demo-service-secret'),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      allowed_scope: 'system/*.cruds',
      token_lifetime_seconds: 3600,
      demo: true,
    })
    await putClient(tx, {
      client_id: 'demo-admin',
      client_name: 'Demo administrator',
      token_endpoint_auth_method: 'client_secret_basic',
      secret_hash: hashSecret('demo-admin-secret'),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      allowed_scope: Object.values(SERVER_SCOPES).join(' '),
      token_lifetime_seconds: 300,
      demo: true,
    })
    await putClient(tx, {
      client_id: APPS_CLIENT_ID,
      client_name: 'Fylgje',
      token_endpoint_auth_method: 'none',
      secret_hash: null,
      grant_types: ['authorization_code', 'refresh_token'],
      // The second for a sign-in in a window of its own, such as that of an app in a frame.
      redirect_uris: ['clinician', 'patient', 'studio'].flatMap((app) =>
        ['', 'signed-in.html'].map((page) => `${baseUrl}/apps/${app}/${page}`),
      ),
      launch_uris: ['clinician', 'patient', 'studio'].map((app) => `${baseUrl}/apps/${app}/launch`),
      allowed_scope: 'user/*.cruds patient/*.cruds',
      token_lifetime_seconds: 3600,
      // They are this server's own; a person who opens them has come here to use them.
      consent: 'implied',
      demo: true,
    })
    for (const account of ACCOUNTS) await putAccount(tx, { ...account, login: { provider: 'demo' }, demo: true })
  })
}

/** A server without demo mode has no default secret of any kind, also on a database that once was a demo's. */
export async function removeDemoClients(pool: Pool): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(sql`
      DELETE FROM oidc_artifact WHERE payload->>'clientId' IN (SELECT client_id FROM oauth_client WHERE demo)
                                   OR payload->>'accountId' IN (SELECT account_id FROM account WHERE demo)`)
    await tx.query(sql`DELETE FROM oauth_client WHERE demo`)
    await tx.query(sql`DELETE FROM account WHERE demo`)
  })
}

function clinician(id: string, name: string) {
  // `patient/` too: an app that the EHR launches for one patient asks for that one only.
  return { accountId: id, name, fhirUser: `Practitioner/${id}`, allowedScope: 'user/*.cruds patient/*.cruds' }
}

function kin(id: string) {
  return { accountId: id, name: 'Maja Danser', fhirUser: `RelatedPerson/${id}`, allowedScope: KIN_SCOPE }
}
