import type { Observation } from '@medplum/fhirtypes'
import { type ReactNode, useMemo } from 'react'
import { picturesOf } from '../../fhir/pictures.ts'
import type { Point } from '../../measures/measures.ts'
import { Picture } from '../messages/picture.tsx'
import type { StoredPicture } from './patient-data.ts'

const NONE: readonly StoredPicture[] = []

/** What shows the pictures that the patient has sent with a measurement, each when it is asked for. */
export function usePointPictures(
  patient: string,
  observations: readonly Observation[] | undefined,
  pictures: readonly StoredPicture[] = NONE,
): (point: Point) => ReactNode {
  const pictured = useMemo(
    () => new Map(pictures.length > 0 ? observations?.map((one) => [one.id, picturesOf(one, pictures)]) : []),
    [observations, pictures],
  )
  return ({ id, at }) =>
    pictured.get(id)?.map((one) => <Picture key={one.id} named={{ _id: one.id }} at={at} patient={patient} />)
}
