import type { Pool, Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { Account } from '../accounts.ts'
import type { Seal } from '../keys/seal.ts'

/** A sign-in at HelseID by which its APIs can be asked as the person. */
export type KeptSignIn = {
  refreshToken: string
  hprNumber?: string
  /** Organisation numbers: of the legal entity that they signed in for, and of its unit. */
  organization?: string
  organizationUnit?: string
}

export type KeptSignIns = {
  /** The newest of a person's takes the place of the one before. */
  keep(account: Account & { refreshToken: string; seconds?: number }): Promise<void>
  /** @param fhirUser `Practitioner/kari` */
  find(fhirUser: string): Promise<KeptSignIn | undefined>
  /** Another refresh token for the same sign-in; nothing where the person has signed in anew meanwhile. */
  renew(fhirUser: string, before: string, after: string): Promise<void>
  /** One that HelseID takes no more; a newer one stays. */
  forget(fhirUser: string, refreshToken: string): Promise<void>
  /** Whoever signs out here is asked anew by HelseID before its APIs are asked as they. */
  end(fhirUser: string): Promise<void>
  /** Work with a person's sign-in that no other process does meanwhile. It holds a connection, over which the work goes. */
  alone<T>(fhirUser: string, work: (kept: OneKept) => Promise<T>): Promise<T>
}

export type OneKept = Pick<KeptSignIns, 'find' | 'renew' | 'forget'>

/** Nobody's sign-in is used longer than a long shift, whatever HelseID would allow. */
const SECONDS_MAX = 10 * 3600

type Row = {
  sealed: string
  hpr_number: string | null
  organization: string | null
  organization_unit: string | null
}

export function keptSignIns(pool: Pool, seal: Pick<Seal, 'closeText' | 'openText'>): KeptSignIns {
  return {
    ...over(pool, seal),
    async alone(fhirUser, work) {
      const client = await pool.connect()
      let broken: Error | undefined
      // A connection that dies between two statements tells so by an event; without a listener it would end the process.
      const onError = (error: Error) => {
        broken = error
      }
      client.on('error', onError)
      const name = `kept sign-in of ${fhirUser}`
      try {
        // Of the session, not of a transaction: what is renewed or forgotten stands at once.
        await client.query(sql`SELECT pg_advisory_lock(hashtextextended(${name}, 0))`)
        return await work(over(client, seal))
      } finally {
        await client.query(sql`SELECT pg_advisory_unlock(hashtextextended(${name}, 0))`).catch(onError)
        client.off('error', onError)
        // A connection that is closed has let go of the lock.
        client.release(broken)
      }
    },
  }
}

function over(pool: Queryable, seal: Pick<Seal, 'closeText' | 'openText'>): Omit<KeptSignIns, 'alone'> {
  async function read(fhirUser: string): Promise<(Row & { refreshToken: string }) | undefined> {
    const { rows } = await pool.query<Row>(sql`
      SELECT sealed, hpr_number, organization, organization_unit FROM kept_sign_in
       WHERE fhir_user = ${fhirUser} AND expires_at > now()`)
    const [row] = rows
    // What an earlier KEY_ENCRYPTION_KEY has sealed is as if they had not signed in.
    const refreshToken = row && (await seal.openText(row.sealed).catch(() => undefined))
    return row && refreshToken !== undefined ? { ...row, refreshToken } : undefined
  }
  return {
    async keep({ fhirUser, login, refreshToken, seconds = SECONDS_MAX }) {
      const sealed = await seal.closeText(refreshToken)
      const { hprNumber = null, organization = null, organizationUnit = null } = login
      await pool.query(sql`
        INSERT INTO kept_sign_in (fhir_user, sealed, hpr_number, organization, organization_unit, expires_at)
        VALUES (${fhirUser}, ${sealed}, ${hprNumber}, ${organization}, ${organizationUnit},
                now() + ${Math.min(seconds, SECONDS_MAX)} * interval '1 second')
        ON CONFLICT (fhir_user) DO UPDATE SET sealed = excluded.sealed, hpr_number = excluded.hpr_number,
          organization = excluded.organization, organization_unit = excluded.organization_unit, expires_at = excluded.expires_at`)
    },
    async find(fhirUser) {
      const row = await read(fhirUser)
      if (!row) return undefined
      return {
        refreshToken: row.refreshToken,
        ...(row.hpr_number === null ? {} : { hprNumber: row.hpr_number }),
        ...(row.organization === null ? {} : { organization: row.organization }),
        ...(row.organization_unit === null ? {} : { organizationUnit: row.organization_unit }),
      }
    },
    async renew(fhirUser, before, after) {
      const row = await read(fhirUser)
      if (row?.refreshToken !== before) return
      const sealed = await seal.closeText(after)
      await pool.query(sql`
        UPDATE kept_sign_in SET sealed = ${sealed} WHERE fhir_user = ${fhirUser} AND sealed = ${row.sealed}`)
    },
    async forget(fhirUser, refreshToken) {
      const row = await read(fhirUser)
      if (row?.refreshToken !== refreshToken) return
      await pool.query(sql`DELETE FROM kept_sign_in WHERE fhir_user = ${fhirUser} AND sealed = ${row.sealed}`)
    },
    async end(fhirUser) {
      await pool.query(sql`DELETE FROM kept_sign_in WHERE fhir_user = ${fhirUser}`)
    },
  }
}
