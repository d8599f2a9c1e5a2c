import { createHash, ECDH } from 'node:crypto'
import type { PushKey } from '../authorization-server/keys/push-key.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { inTransaction, type Pool, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { PushDevices, PushWish } from '../exchange.ts'
import { endpointFault } from '../subscriptions/endpoint.ts'
import { minuteOf } from './quiet-hours.ts'

type SubscribingRooms = { pool: Pool; key: () => Promise<PushKey>; mayUse: (url: URL) => boolean }

/** A person has few devices; more are old ones that were never signed out. */
const DEVICES_MAX = 10
const ENDPOINT_CHARS_MAX = 2_000
const POINT_BYTES = 65
const SECRET_BYTES = 16

export function createPushSubscriptions({ pool, key, mayUse }: SubscribingRooms): PushDevices {
  return {
    publicKey: async () => (await key()).publicKey,
    async subscribe(access, patient, wish) {
      const { endpoint, p256dh, auth, language } = checked(wish, mayUse)
      const [from, until] = quietOf(wish)
      const { standing: _, ...kept } = access
      await inTransaction(pool, async (tx) => {
        await tx.query(sql`
          INSERT INTO push_subscription (id, patient, access, endpoint, p256dh, auth, language, quiet_from, quiet_until)
          VALUES (${idOf(endpoint)}, ${patient}, ${JSON.stringify(kept)}::jsonb, ${endpoint}, ${p256dh}, ${auth}, ${language},
                  ${from}::smallint, ${until}::smallint)
          ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, access = excluded.access, p256dh = excluded.p256dh,
            auth = excluded.auth, language = excluded.language, quiet_from = excluded.quiet_from,
            quiet_until = excluded.quiet_until, created_at = now()`)
        await tx.query(sql`
          DELETE FROM push_subscription WHERE id IN (
            SELECT id FROM push_subscription WHERE patient = ${patient} ORDER BY created_at DESC, id OFFSET ${DEVICES_MAX})`)
      })
    },
    async unsubscribe(patient, endpoint) {
      await pool.query(sql`DELETE FROM push_subscription WHERE id = ${idOf(endpoint)} AND patient = ${patient}`)
    },
  }
}

export const removeSubscription = (db: Queryable, id: string) =>
  db.query(sql`DELETE FROM push_subscription WHERE id = ${id}`)

const idOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex')

function checked(wish: PushWish, mayUse: (url: URL) => boolean): PushWish {
  const { endpoint, p256dh, auth } = wish
  const wrong =
    endpoint.length > ENDPOINT_CHARS_MAX
      ? `has more than ${ENDPOINT_CHARS_MAX} characters`
      : endpointFault(URL.parse(endpoint) ?? undefined, mayUse)
  if (wrong) throw refuse('value', `The endpoint ${wrong}.`, 'endpoint')
  if (!isPoint(bytesOf(p256dh)))
    throw refuse('value', `p256dh is an uncompressed point of P-256: ${POINT_BYTES} bytes in base64url.`, 'p256dh')
  if (bytesOf(auth)?.length !== SECRET_BYTES)
    throw refuse('value', `auth is a secret of ${SECRET_BYTES} bytes in base64url.`, 'auth')
  return wish
}

const bytesOf = (text: string): Buffer | undefined =>
  /^[\w-]+$/.test(text) ? Buffer.from(text, 'base64url') : undefined

/** On the curve, too: to another nothing can be encrypted. */
function isPoint(bytes: Buffer | undefined): boolean {
  if (bytes?.length !== POINT_BYTES || bytes[0] !== 4) return false
  try {
    ECDH.convertKey(bytes, 'prime256v1')
    return true
  } catch {
    return false
  }
}

function quietOf({ quietFrom, quietUntil }: PushWish): [number, number] | [null, null] {
  if (quietFrom === undefined && quietUntil === undefined) return [null, null]
  const from = minuteOf(quietFrom ?? '')
  const until = minuteOf(quietUntil ?? '')
  if (from === undefined) throw refuse('value', 'quietFrom is a time of day such as 22:00.', 'quietFrom')
  if (until === undefined) throw refuse('value', 'quietUntil is a time of day such as 07:00.', 'quietUntil')
  if (from === until) throw refuse('value', 'quietUntil is another time than quietFrom.', 'quietUntil')
  return [from, until]
}
