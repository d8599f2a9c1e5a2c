import { randomBytes } from 'node:crypto'
import type { Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { bearerHash } from '../bearer-hash.ts'

/** One thing more that is in context. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#fhircontext-exp */
export type FhirContext = { reference?: string; canonical?: string; identifier?: object; type?: string; role?: string }

/** Members of the token response beside the token. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
export type LaunchContext = {
  patient?: string
  encounter?: string
  fhirContext?: FhirContext[]
  intent?: string
  need_patient_banner?: boolean
  smart_style_url?: string
  tenant?: string
  /** By which the app speaks with the page that has opened it. https://hl7.org/fhir/uv/smart-web-messaging/STU1/ */
  smart_web_messaging_handle?: string
  smart_web_messaging_origin?: string
}

/** What an EHR says before it opens an app. `fhirUser` (`Practitioner/kari`), if given, is the only person who may use the launch. */
export type Launch = { clientId: string; fhirUser?: string; context: LaunchContext }

export const LAUNCH_LIFETIME_SECONDS = 300

/** Remembers a launch for five minutes. @returns the opaque `launch` value for the app's launch URL */
export async function createLaunch(db: Queryable, { clientId, fhirUser, context }: Launch): Promise<string> {
  const launch = randomBytes(16).toString('base64url')
  await db.query(sql`
    INSERT INTO launch (launch_hash, client_id, fhir_user, context, expires_at)
    VALUES (${bearerHash(launch)}, ${clientId}, ${fhirUser}, ${context}, now() + make_interval(secs => ${LAUNCH_LIFETIME_SECONDS}))`)
  return launch
}

/** Whether a launch is there for this client and not yet used. To be asked early, so that a wrong one never shows a login page. */
export async function isLaunchOpen(db: Queryable, launch: string, clientId: string): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    SELECT FROM launch
     WHERE launch_hash = ${bearerHash(launch)} AND client_id = ${clientId} AND used_at IS NULL AND expires_at > now()`)
  return rowCount === 1
}

type LaunchUse = { launch: string; clientId: string; fhirUser: string }

/** What a launch would give, which stays unused. @returns undefined if it is unknown, used, run out, or another client's or person's */
export async function findLaunch(
  db: Queryable,
  { launch, clientId, fhirUser }: LaunchUse,
): Promise<LaunchContext | undefined> {
  const { rows } = await db.query<{ context: LaunchContext }>(sql`
    SELECT context FROM launch
     WHERE launch_hash = ${bearerHash(launch)} AND client_id = ${clientId} AND used_at IS NULL AND expires_at > now()
       AND (fhir_user IS NULL OR fhir_user = ${fhirUser})`)
  return rows[0]?.context
}

/** Uses up a launch. @returns undefined if it is unknown, used, run out, or another client's or person's */
export async function takeLaunch(
  db: Queryable,
  { launch, clientId, fhirUser }: LaunchUse,
): Promise<LaunchContext | undefined> {
  const { rows } = await db.query<{ context: LaunchContext }>(sql`
    UPDATE launch SET used_at = now()
     WHERE launch_hash = ${bearerHash(launch)} AND client_id = ${clientId} AND used_at IS NULL AND expires_at > now()
       AND (fhir_user IS NULL OR fhir_user = ${fhirUser})
    RETURNING context`)
  return rows[0]?.context
}
