import type { FhirClient } from '../../fhir/client.ts'
import { openAttempts } from '../../sharing/attempts.ts'
import type { StoredKin } from '../../sharing/grants.ts'
import { tokenOf } from '../sending/entry.ts'
import { type Asked, toSharing } from './share.ts'

export type Sharing = {
  /** Once it has gone through, what holds is what was asked last. */
  send(asked: Asked, now: Date): Promise<void>
  /** Whether what was sent before may hold, although nothing came back. */
  mayHold(): boolean
}

/** One sharing of a patient, from the opening of the form until it is there. */
export function openSharing(fhir: Pick<FhirClient, 'read' | 'search' | 'transact'>, patient: string): Sharing {
  const attempts = openAttempts({ fhir, identifierOf: tokenOf })
  return {
    mayHold: attempts.mayHold,
    async send(asked, now) {
      const person = attempts.personOf([asked.name.trim(), asked.nationalNumber.replace(/\s/g, ''), asked.relation])
      await attempts.send(async (as) => {
        // What was sent before may have given them their number: then they are in another version than the form knows.
        const kin =
          attempts.mayHold() && asked.kin ? ((await fhir.read('RelatedPerson', asked.kin.id)) as StoredKin) : asked.kin
        return toSharing({ ...asked, kin }, { ...as, person, patient, now })
      })
    },
  }
}
