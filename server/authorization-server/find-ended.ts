import type { Access } from '../access/access.ts'
import { isSystem } from '../access/reach.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

type Row = { i: number; ended: Ended | null; allowed_scope: string | null }
type Ended = 'client' | 'grant' | 'token' | 'account' | 'expired'

const REASON: Record<Ended, string> = {
  client: 'The client is not registered any more.',
  grant: 'The authorization that the person had given has ended or was taken back.',
  token: 'The access token was revoked.',
  account: 'The person’s account is gone.',
  expired: 'The access token has expired, and its issuer does not tell whether it would give another one.',
}

/** `allowedScope` of a system’s client: the most that it may have now. */
export type AskedAgain = { id: string; reason?: string; allowedScope: string | null }

/**
 * Whether what outlives a request is still allowed to whoever has asked for it. A token that has run out is no reason, for
 * another one would be given; one that was revoked before its time is, and so is the end of what stands behind it.
 * @param asked accesses that came by a token, each under an id of its own
 */
export async function findEnded(
  db: Queryable,
  asked: readonly { id: string; access: Access }[],
  demo: boolean,
): Promise<AskedAgain[]> {
  if (asked.length === 0) return []
  const tokens = asked.map(({ access }) => access.token)
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT a.i, CASE
               WHEN a.outside THEN CASE WHEN a.expires_at <= now() THEN 'expired' END
               WHEN client.client_id IS NULL THEN 'client'
               WHEN a.given IS NOT NULL AND NOT EXISTS (SELECT FROM oidc_artifact g WHERE g.model = 'Grant' AND g.id = a.given
                      AND (g.expires_at IS NULL OR g.expires_at > now())) THEN 'grant'
               WHEN a.expires_at > now() AND NOT EXISTS (SELECT FROM oidc_artifact t
                      WHERE t.model IN ('AccessToken', 'ClientCredentials') AND t.id = a.token) THEN 'token'
               WHEN a.person IS NOT NULL AND NOT EXISTS (SELECT FROM account p
                      WHERE p.fhir_user = a.person AND (${demo} OR NOT p.demo)) THEN 'account'
             END AS ended, client.allowed_scope
        FROM unnest(${asked.map((_, i) => i)}::int[], ${asked.map(({ access }) => access.clientId)}::text[],
                    ${tokens.map((token) => token?.key ?? '')}::text[], ${tokens.map((token) => token?.expiresAt ?? null)}::timestamptz[],
                    ${tokens.map((token) => token?.grant ?? null)}::text[], ${tokens.map((token) => token?.isOutside === true)}::boolean[],
                    ${asked.map(({ access }) => (isSystem(access) ? null : access.actor))}::text[])
             AS a(i, client_id, token, expires_at, given, outside, person)
        LEFT JOIN oauth_client client ON client.client_id = a.client_id AND (${demo} OR NOT client.demo)`),
  )
  return rows.flatMap(({ i, ended, allowed_scope }) => {
    const one = asked[i]
    if (!one) return []
    const allowedScope = isSystem(one.access) && !one.access.token?.isOutside ? allowed_scope : null
    return [{ id: one.id, ...(ended ? { reason: REASON[ended] } : {}), allowedScope }]
  })
}
