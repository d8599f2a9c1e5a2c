import type { Bundle, BundleEntry } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../fhir/client.ts'
import { Refused } from '../fhir/failure.ts'

/** @property over what was sent before as this, as it is at the server now: what is sent takes the place of that version alone */
export type As = { act: string; over: { id: string; versionId?: string } | undefined }

export type Attempts = {
  /**
   * Once it has gone through, what holds is what was sent last: whatever became of those before it, and whenever they arrive.
   * @param entriesOf of a transaction, with one Consent; asked anew where the server has heard of an earlier one meanwhile
   */
  send(entriesOf: (as: As) => BundleEntry[] | Promise<BundleEntry[]>): Promise<void>
  /** UUID of who is new. Who is written otherwise is somebody else. */
  personOf(written: readonly string[]): string
  /** Whether what was sent before may hold, although nothing came back. */
  mayHold(): boolean
}

type AttemptRooms = {
  fhir: Pick<FhirClient, 'search' | 'transact'>
  /** The name of the Consent, `system|value`. */
  identifierOf: (act: string) => string
  /** Of UUIDs; given by tests. */
  newId?: () => string
}

/**
 * One sharing, from the opening of its form until it is there. It has one name: what an answer was lost of is written over, in the version
 * that is read; if it arrives late, it finds this one, or another version than it knows, and changes nothing.
 */
export function openAttempts({ fhir, identifierOf, newId = () => crypto.randomUUID() }: AttemptRooms): Attempts {
  const act = newId()
  const persons = new Map<string, string>()
  /** How many may still arrive. */
  let lost = 0
  const stored = async (): Promise<As['over']> => {
    const [found] = ofType(await fhir.search('Consent', { identifier: identifierOf(act) }), 'Consent')
    return found && { id: found.id, ...(found.meta?.versionId ? { versionId: found.meta.versionId } : {}) }
  }
  return {
    mayHold: () => lost > 0,
    personOf(written) {
      const key = JSON.stringify(written)
      const person = persons.get(key) ?? newId()
      persons.set(key, person)
      return person
    },
    async send(entriesOf) {
      // Each that was lost can come between the reading and the writing once.
      for (let rounds = lost; ; rounds--) {
        const entry = await entriesOf({ act, over: lost > 0 ? await stored() : undefined })
        try {
          if (hasWritten(entry, await fhir.transact(entry))) {
            lost = 0
            return
          }
        } catch (error) {
          if (rounds > 0 && error instanceof Refused && error.isStale) continue
          if (!(error instanceof Refused) || error.status >= 500) lost++
          throw error
        }
        // An earlier one was there first, and this has changed nothing.
        lost = Math.max(lost, 1)
        if (rounds < 0) throw new Refused(409, [])
      }
    },
  }
}

/** What was made already is answered by 200: https://hl7.org/fhir/R4/http.html#ccreate */
function hasWritten(entry: readonly BundleEntry[], answer: Bundle): boolean {
  const place = entry.findIndex(({ resource }) => resource?.resourceType === 'Consent')
  const isMaking = entry[place]?.request?.method === 'POST'
  return !(isMaking && answer.entry?.[place]?.response?.status?.startsWith('200'))
}

/** How a resource is written over in the version that was read. */
export const overWith = (
  resource: NonNullable<BundleEntry['resource']>,
  { id, versionId }: NonNullable<As['over']>,
): BundleEntry => ({
  resource: { ...resource, id },
  request: {
    ...{ method: 'PUT', url: `${resource.resourceType}/${id}` },
    ...(versionId ? { ifMatch: `W/"${versionId}"` } : {}),
  },
})
