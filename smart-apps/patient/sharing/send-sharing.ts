import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { StoredKin } from '../../sharing/grants.ts'
import { type Asked, toSharing } from './share.ts'

export type Sharing = {
  /** Once it has gone through, what holds is what was asked last: whatever became of those before it. */
  send(asked: Asked, now: Date): Promise<void>
  /** Whether what was sent before may hold, although nothing came back. */
  mayHold(): boolean
}

/**
 * One sharing, from the opening of the form until it is there. It has one name: what an answer was lost of is written over, and if
 * that arrives late, it finds this one and makes nothing.
 * @param newId of UUIDs; given by tests
 */
export function openSharing(
  fhir: Pick<FhirClient, 'read' | 'transact'>,
  patient: string,
  newId: () => string = () => crypto.randomUUID(),
): Sharing {
  const act = newId()
  const persons = new Map<string, string>()
  let mayHold = false
  /** Who is written otherwise is somebody else. */
  const personOf = ({ name, nationalNumber, relation }: Asked): string => {
    const written = JSON.stringify([name.trim(), nationalNumber.replace(/\s/g, ''), relation])
    const person = persons.get(written) ?? newId()
    persons.set(written, person)
    return person
  }
  return {
    mayHold: () => mayHold,
    async send(asked, now) {
      // What was sent before may have given them their number: then they are in another version than the form knows.
      const kin = mayHold && asked.kin ? ((await fhir.read('RelatedPerson', asked.kin.id)) as StoredKin) : asked.kin
      const person = personOf(asked)
      try {
        await fhir.transact(toSharing({ ...asked, kin }, { act, person, patient, now, isOver: mayHold }))
        mayHold = false
      } catch (error) {
        mayHold ||= !(error instanceof Refused) || error.status >= 500
        throw error
      }
    },
  }
}
