import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Login } from './consent/grants.ts'

/** A person who can sign in. */
export type Account = {
  accountId: string
  name: string
  /** The resource that this person is, relative: `Practitioner/kari`. */
  fhirUser: string
  /** The most that any app can get on this person's behalf. */
  allowedScope: string
  /** How the person signed in last. */
  login: Login
}

/** What a patient's apps may get at most: to see what is theirs, to send what they make, and to say who may see it. */
export const PATIENT_SCOPE = [
  ...['patient/*.rs', 'patient/Observation.c', 'patient/QuestionnaireResponse.cu', 'patient/Communication.c'],
  ...['patient/Media.c', 'patient/Consent.cu', 'patient/RelatedPerson.cu'],
].join(' ')

/** What next of kin's apps may get at most: to see what the patient lets them see, and to send it for them. */
export const KIN_SCOPE = [
  ...['patient/*.rs', 'patient/Observation.c', 'patient/QuestionnaireResponse.c', 'patient/Communication.c'],
  'patient/Media.c',
].join(' ')

const COLUMNS = sql`account_id AS "accountId", name, fhir_user AS "fhirUser", allowed_scope AS "allowedScope", login`

/** @param demo whether the server runs in demo mode; without it a demo user is as unknown as any other */
export async function findAccount(db: Queryable, accountId: string, demo: boolean): Promise<Account | undefined> {
  const { rows } = await db.query<Account>(sql`
    SELECT ${COLUMNS} FROM account WHERE account_id = ${accountId} AND (NOT demo OR ${demo})`)
  return rows[0]
}

/** The users whom the login page of demo mode offers: health professionals, patients, next of kin. */
export async function listDemoAccounts(db: Queryable): Promise<Account[]> {
  const { rows } = await db.query<Account>(sql`
    SELECT ${COLUMNS} FROM account WHERE demo
     ORDER BY array_position(ARRAY['Practitioner', 'Patient', 'RelatedPerson'], split_part(fhir_user, '/', 1)), account_id`)
  return rows
}

/** Stores an account, or replaces one of the same id. */
export async function putAccount(db: Queryable, account: Account & { demo: boolean }): Promise<void> {
  await db.query(sql`
    INSERT INTO account (account_id, name, fhir_user, allowed_scope, login, demo)
    VALUES (${account.accountId}, ${account.name}, ${account.fhirUser}, ${account.allowedScope}, ${account.login}, ${account.demo})
    ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, fhir_user = excluded.fhir_user,
      allowed_scope = excluded.allowed_scope, login = excluded.login, demo = excluded.demo`)
}
