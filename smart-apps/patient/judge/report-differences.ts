import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { Difference } from './differences.ts'

/** Which build it was that judged, by the name of its file: the operator finds the code by it. */
const APP = `patient-${new URL(import.meta.url).pathname.split('/').at(-1)}`.slice(0, 64)

/**
 * Tells whoever runs the server of each once: ids and a colour, nothing of what was measured. What a server does not take is not tried again.
 * @returns the same list where there was nothing to tell
 * @throws Unreachable, SessionOver: then they are told another time
 */
export async function reportDifferences(
  fhir: Pick<FhirClient, 'operation'>,
  differences: Difference[],
): Promise<Difference[]> {
  const untold = differences.filter(({ isReported }) => !isReported)
  if (untold.length === 0) return differences
  for (const { triage, said } of untold) {
    try {
      await fhir.operation(`ClinicalImpression/${triage}/$report-difference`, [
        { name: 'colour', valueCode: said },
        { name: 'app', valueString: APP },
      ])
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }
  return differences.map((one) => ({ ...one, isReported: true }))
}
