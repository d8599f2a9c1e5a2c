import type { Observation } from '@medplum/fhirtypes'

/** One resource that the load wrote, or tried to. Whoever writes to it waits for each answer before writing to it again. */
export type Written = {
  /** Its identifier, by which it is found when the server never told its id. */
  message: string
  /** Must become evidence of a red Task, if it is stored. */
  red: boolean
  /** `Observation/…`, as soon as it is known. */
  reference?: string
  /** What was acknowledged, in order. */
  acknowledged: { version: number; resource: Observation }[]
  /** The last attempt, when nobody said what became of it. Nothing is written to this resource after it. */
  unknown?: Observation
}

/** The entries of one transaction Bundle: all are stored, or none. */
export type WrittenTogether = Written[]

/** Everything the load did, kept outside the server, so that nothing the server forgets is forgotten here. */
export class Ledger {
  readonly written: Written[] = []
  readonly together: WrittenTogether[] = []
  /** Answers that a correct request should not get, whatever is killed meanwhile: anything but 2xx and 503. */
  readonly wrongAnswers: string[] = []
  acknowledgedCount = 0
  unknownCount = 0

  open(message: string, red: boolean): Written {
    const written: Written = { message, red, acknowledged: [] }
    this.written.push(written)
    return written
  }

  acknowledge(written: Written, reference: string, version: number, resource: Observation): void {
    written.reference = reference
    written.acknowledged.push({ version, resource })
    this.acknowledgedCount++
  }

  leaveUnknown(written: Written, resource: Observation): void {
    written.unknown = resource
    this.unknownCount++
  }
}
