import type { Access } from '../access/access.ts'
import type { Care } from '../audit/record.ts'
import type { Store } from '../store/store.ts'

/** A page over many patients is a list, not a look into each record: for these many it is told how the caller came to see them. */
const PATIENT_COUNT_MAX = 100

/**
 * How a person has to do with some patients, for the audit. Remembered as long as the Access is (two seconds): who opens a record asks
 * for many things of one patient.
 */
export async function careRelations(store: Store, access: Access, patients: readonly string[]): Promise<Care[]> {
  if (!access.standing || patients.length === 0) return []
  const known = remembered.get(access) ?? new Map<string, Care[]>()
  remembered.set(access, known)
  const asked = patients.slice(0, PATIENT_COUNT_MAX)
  const unknown = asked.filter((patient) => !known.has(patient))
  if (unknown.length > 0) {
    const { relations } = await store.ties(access, unknown)
    for (const patient of unknown) {
      const own = relations.filter((relation) => relation.patient === patient)
      known.set(
        patient,
        own.map(({ kind, source }) => ({ patient, kind, source })),
      )
    }
  }
  return asked.flatMap((patient) => known.get(patient) ?? [])
}

/** What was written may have made or ended a relation: the next request asks again. */
export function forgetCare(access: Access): void {
  remembered.delete(access)
}

const remembered = new WeakMap<Access, Map<string, Care[]>>()
