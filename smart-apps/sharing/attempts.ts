import { Refused } from '../fhir/failure.ts'

/** @property isOver something else may have been sent as this, and may hold: what is sent now takes its place */
export type As = { act: string; isOver: boolean }

export type Attempts = {
  /** Once it has gone through, what holds is what was sent last: whatever became of those before it. */
  send(transact: (as: As) => Promise<unknown>): Promise<void>
  /** UUID of who is new. Who is written otherwise is somebody else. */
  personOf(written: readonly string[]): string
  /** Whether what was sent before may hold, although nothing came back. */
  mayHold(): boolean
}

/**
 * One sharing, from the opening of its form until it is there. It has one name: what an answer was lost of is written over, and if
 * that arrives late, it finds this one and makes nothing.
 * @param newId of UUIDs; given by tests
 */
export function openAttempts(newId: () => string = () => crypto.randomUUID()): Attempts {
  const act = newId()
  const persons = new Map<string, string>()
  let mayHold = false
  return {
    mayHold: () => mayHold,
    personOf(written) {
      const key = JSON.stringify(written)
      const person = persons.get(key) ?? newId()
      persons.set(key, person)
      return person
    },
    async send(transact) {
      try {
        await transact({ act, isOver: mayHold })
        mayHold = false
      } catch (error) {
        mayHold ||= !(error instanceof Refused) || error.status >= 500
        throw error
      }
    },
  }
}
