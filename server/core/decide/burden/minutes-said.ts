import type { Extension } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { milliseconds } from '../time/duration.ts'

/** On an ActivityDefinition, a request or a Task: how long it takes the patient, each time. Profile: fhir-profiles/fsh/extensions.fsh. */
export const BURDEN = `${FYLGJE}/StructureDefinition/burden`

/** Minutes each time; a duration that is none is as if it was not said. */
export function minutesSaid(extension: Extension[] | undefined): number | undefined {
  const said = extension?.find(({ url }) => url === BURDEN)?.valueDuration
  if (!said) return undefined
  try {
    const minutes = milliseconds(said) / 60_000
    return minutes >= 0 ? minutes : undefined
  } catch {
    return undefined
  }
}
