import { randomBytes } from 'node:crypto'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { bearerHash } from './bearer-hash.ts'

/** Members of the token response beside the token. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
export type LaunchContext = { patient?: string; encounter?: string; intent?: string; need_patient_banner?: boolean }

/** What an EHR says before it opens an app. `accountId`, if given, is the only person who may use the launch. */
export type Launch = { clientId: string; accountId?: string; context: LaunchContext }

const LAUNCH_LIFETIME_SECONDS = 300

/** Remembers a launch for five minutes. @returns the opaque `launch` value for the app's launch URL */
export async function createLaunch(db: Queryable, { clientId, accountId, context }: Launch): Promise<string> {
  const launch = randomBytes(16).toString('base64url')
  await db.query(sql`
    INSERT INTO launch (launch_hash, client_id, account_id, context, expires_at)
    VALUES (${bearerHash(launch)}, ${clientId}, ${accountId}, ${context}, now() + make_interval(secs => ${LAUNCH_LIFETIME_SECONDS}))`)
  return launch
}

/** Whether a launch is there for this client and not yet used. To be asked early, so that a wrong one never shows a login page. */
export async function isLaunchOpen(db: Queryable, launch: string, clientId: string): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    SELECT FROM launch
     WHERE launch_hash = ${bearerHash(launch)} AND client_id = ${clientId} AND used_at IS NULL AND expires_at > now()`)
  return rowCount === 1
}

/** Uses up a launch. @returns undefined if it is unknown, used, run out, or another client's or person's */
export async function takeLaunch(
  db: Queryable,
  { launch, clientId, accountId }: { launch: string; clientId: string; accountId: string },
): Promise<LaunchContext | undefined> {
  const { rows } = await db.query<{ context: LaunchContext }>(sql`
    UPDATE launch SET used_at = now()
     WHERE launch_hash = ${bearerHash(launch)} AND client_id = ${clientId} AND used_at IS NULL AND expires_at > now()
       AND (account_id IS NULL OR account_id = ${accountId})
    RETURNING context`)
  return rows[0]?.context
}

/** Keeps the context of one authorization, as long as the authorization itself. */
export async function saveGrantContext(
  db: Queryable,
  grantId: string,
  context: LaunchContext,
  lifetimeSeconds: number,
): Promise<void> {
  await db.query(sql`
    INSERT INTO grant_context (grant_id, context, expires_at)
    VALUES (${grantId}, ${context}, now() + make_interval(secs => ${lifetimeSeconds}))`)
}

export async function findGrantContext(db: Queryable, grantId: string): Promise<LaunchContext> {
  const { rows } = await db.query<{ context: LaunchContext }>(
    sql`SELECT context FROM grant_context WHERE grant_id = ${grantId}`,
  )
  return rows[0]?.context ?? {}
}
