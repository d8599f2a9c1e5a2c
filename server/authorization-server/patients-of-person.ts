import { parseScopes } from '../access/scopes.ts'
import type { Account } from './accounts.ts'
import type { ListedPatient, People } from './people.ts'

export const READ_ALL = parseScopes('user/*.rs')

export const isKin = ({ fhirUser }: Account): boolean => fhirUser.startsWith('RelatedPerson/')

/** With what a person chooses a patient: what they may see themselves, whatever the app is called and will be allowed. */
export const accessOf = (account: Account) => ({
  ...{ actor: account.fhirUser, clientId: 'interaction' },
  // What next of kin may give an app is all of one patient, whom it does not name yet.
  scopes: isKin(account) ? READ_ALL : parseScopes(account.allowedScope),
})

/** Next of kin have one patient, and no choice. @returns undefined where the patient lets them see nothing now */
export const patientOfKin = async (people: People, account: Account): Promise<ListedPatient | undefined> =>
  (await people.listPatients(accessOf(account), '', 1))[0]
