import { isDeepStrictEqual } from 'node:util'
import type { Observation } from '@medplum/fhirtypes'
import { saidBy } from '../read-as-receiver.ts'
import { measureOf } from '../vkp-observation.ts'

const TOLD: ReadonlySet<string> = new Set(['final', 'amended', 'corrected'])

/** A measurement of the national table, about a patient, that stands. */
export function isTold(resource: object | undefined): resource is Observation {
  const observation = resource as Observation | undefined
  return (
    observation?.resourceType === 'Observation' &&
    TOLD.has(observation.status) &&
    patientOf(observation) !== undefined &&
    measureOf(observation) !== undefined &&
    hasValue(observation)
  )
}

/** @returns id */
export const patientOf = ({ subject }: Observation): string | undefined =>
  /(?:^|\/)Patient\/([^/]+)/.exec(subject?.reference ?? '')?.[1]

const hasValue = ({ valueQuantity, component = [] }: Observation): boolean =>
  valueQuantity?.value !== undefined || component.some((one) => one.valueQuantity?.value !== undefined)

/**
 * Whether a version is a measurement that is new, says something else than before, or does not stand any more. Labels and comments are no
 * part of what is sent, and a change of them tells nobody anything.
 * @param after undefined where it was deleted
 */
export function tellsMeasurement(before: object | undefined, after: object | undefined): boolean {
  if (!isTold(before)) return isTold(after)
  return !isTold(after) || !isDeepStrictEqual(sentOf(before), sentOf(after))
}

const sentOf = (observation: Observation) => ({
  ...saidBy(observation),
  subject: observation.subject?.reference,
  referenceRange: observation.referenceRange,
})
