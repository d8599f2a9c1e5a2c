import { shownClientName } from '../../access/client-name.ts'
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { LaunchContext } from '../launch/launches.ts'
import { SESSION_SECONDS_MAX } from '../session-time.ts'
import type { AccessType } from './decide-grant.ts'

/** How the person had proven who they are when they gave the authorization. */
export type Login = {
  /** How they came in: `demo`, `helseid`, `idporten`, or the issuer of the EHR whose token was exchanged. */
  provider?: string
  /** `4` and `3` of HelseID, `idporten-loa-high` … of ID-porten. */
  securityLevel?: string
  hprNumber?: string
  /** The legal entity, and the unit of it, that the clinician acts for: organisation numbers. */
  organization?: string
  organizationUnit?: string
  /** The role there, where there is exactly one: `PractitionerRole/…`. */
  practitionerRole?: string
} & Attested

/** What another system has attested of this access by the Norwegian trust framework; see federation/trust-framework.ts. */
export type Attested = {
  /** Volven 9060, such as `LE`. */
  authorization?: string
  /** Organisation numbers, or ids of RESH, of the unit and of its department. */
  pointOfCare?: string
  department?: string
  /** Volven 8655 or 8451: the service in which it is done. */
  healthcareService?: string
  /** v3-ActReason, and Volven 9151 for what exactly. */
  purpose?: string
  purposeDetails?: string
  /** The decision by which the record was opened to somebody, and whether the user chose it. */
  decision?: string
  decidedBy?: string
}

/** One authorization: what a person has allowed one app, once. Another launch of the same app is another one. */
export type Authorization = {
  grantId: string
  clientId: string
  accountId: string
  scope: string
  context: LaunchContext
  accessType: AccessType
  /** The session of the browser in which it was given. */
  sessionUid: string | undefined
  login: Login
}

/** No longer than a year without the person being asked again; what is not lasting ends soon after its token. */
export const GRANT_SECONDS: Record<AccessType, number> = { once: 2 * 3600, online: 24 * 3600, offline: 365 * 86400 }

/** A refresh token that nobody uses this long is worth nothing any more; each use gives a new one. */
export const REFRESH_SECONDS: Record<AccessType, number> = { once: 0, online: 8 * 3600, offline: 100 * 86400 }

/** Keeps what one authorization is about, as long as the authorization itself. */
export async function saveAuthorization(db: Queryable, given: Authorization): Promise<void> {
  const { grantId, clientId, accountId, scope, context, accessType, sessionUid, login } = given
  await db.query(sql`
    INSERT INTO grant_context (grant_id, client_id, account_id, scope, context, access_type, session_uid, login, expires_at)
    VALUES (${grantId}, ${clientId}, ${accountId}, ${scope}, ${context}, ${accessType}, ${sessionUid}, ${login},
            now() + make_interval(secs => ${GRANT_SECONDS[accessType]}))`)
}

/** The launch context of ONE authorization. Never looked up by session or client: another launch has another patient. */
export async function findGrantContext(db: Queryable, grantId: string): Promise<LaunchContext> {
  const { rows } = await db.query<{ context: LaunchContext }>(
    sql`SELECT context FROM grant_context WHERE grant_id = ${grantId}`,
  )
  return rows[0]?.context ?? {}
}

/**
 * Notes that an authorization is used again, by its refresh token. Where it lasts as long as the session of the browser, that is used by it too.
 * @param sessionIdleSeconds how long a session lasts that is not used
 * @returns false when it has ended: taken back, run out, or `online` and its session of the browser is over
 */
export async function continueAuthorization(
  db: Queryable,
  grantId: string,
  sessionIdleSeconds: number,
): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    WITH used AS (
      UPDATE oidc_artifact session
         SET expires_at = least(now() + make_interval(secs => ${sessionIdleSeconds}),
                                to_timestamp((session.payload->>'loginTs')::double precision) + make_interval(secs => ${SESSION_SECONDS_MAX}))
        FROM grant_context given
       WHERE given.grant_id = ${grantId} AND given.access_type = 'online' AND given.expires_at > now()
         AND session.model = 'Session' AND session.uid = given.session_uid AND session.expires_at > now()
         AND session.payload->>'accountId' = given.account_id
      RETURNING session.uid)
    UPDATE grant_context given SET used_at = now()
     WHERE grant_id = ${grantId} AND expires_at > now() AND (access_type <> 'online' OR EXISTS (SELECT FROM used))`)
  return rowCount === 1
}

export type ListedAuthorization = Authorization & { clientName: string; grantedAt: Date; usedAt: Date; expiresAt: Date }

/** What a person has allowed and not taken back, the newest first; only what still works or can be renewed. */
export async function listAuthorizations(db: Queryable, accountId: string): Promise<ListedAuthorization[]> {
  const { rows } = await db.query<ListedAuthorization>(sql`
    SELECT given.grant_id AS "grantId", given.client_id AS "clientId", given.account_id AS "accountId", given.scope, given.context,
           given.access_type AS "accessType", given.session_uid AS "sessionUid", given.login, client.client_name AS "clientName",
           given.granted_at AS "grantedAt", given.used_at AS "usedAt", given.expires_at AS "expiresAt"
      FROM grant_context given JOIN oauth_client client USING (client_id)
     WHERE given.account_id = ${accountId} AND given.expires_at > now()
       AND EXISTS (SELECT FROM oidc_artifact token
                    WHERE token.grant_id = given.grant_id AND token.consumed_at IS NULL AND token.expires_at > now()
                      AND token.model IN ('AccessToken', 'RefreshToken'))
     ORDER BY given.granted_at DESC`)
  return rows.map((row) => ({ ...row, clientName: shownClientName(row.clientName) }))
}

/**
 * Takes an authorization back: its access and refresh tokens are gone with it, in every process.
 * @param accountId whose it must be; somebody else's is not touched
 * @returns which client it was for; undefined where there was none
 */
export async function revokeAuthorization(
  pool: Pool,
  grantId: string,
  accountId: string,
): Promise<{ clientId: string } | undefined> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ clientId: string }>(sql`
      DELETE FROM grant_context WHERE grant_id = ${grantId} AND account_id = ${accountId}
      RETURNING coalesce(client_id, '') AS "clientId"`)
    if (rows[0]) await removeTokens(tx, [grantId])
    return rows[0]
  })
}

/** Ends what was to last as long as the session of the browser, and what it gave no longer than one token. */
export async function endSession(pool: Pool, sessionUid: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ grant_id: string }>(sql`
      DELETE FROM grant_context WHERE session_uid = ${sessionUid} AND access_type <> 'offline' RETURNING grant_id`)
    await removeTokens(
      tx,
      rows.map(({ grant_id }) => grant_id),
    )
    await tx.query(sql`DELETE FROM oidc_artifact WHERE model = 'Session' AND uid = ${sessionUid}`)
  })
}

async function removeTokens(db: Queryable, grantIds: string[]): Promise<void> {
  await db.query(sql`
    DELETE FROM oidc_artifact
     WHERE grant_id = ANY (${grantIds}) OR (model = 'Grant' AND id = ANY (${grantIds}))`)
}
