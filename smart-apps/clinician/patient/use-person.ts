import { useCallback, useMemo } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { type Answer, useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { openedPatient, QUERY } from './open-patient.ts'
import { type Person, readCare, readPatient, type StoredPatient } from './patient-data.ts'
import { forgetPlans } from './plan-versions.ts'

/** Who it is, as soon as that is known, and with it how they are followed. */
export type PersonAnswer = { who: Answer<StoredPatient>; person: Answer<Person>; isOutside: boolean }

/** Both are asked at once; who it is stands there first, and at once where the page before knew it. */
export function usePerson(id: string): PersonAnswer {
  const fhir = useFhir()
  const who = useQuery(QUERY.patient(id), (signal) => readPatient(fhir, id, signal), openedPatient(id))
  const care = useQuery(QUERY.care(id), (signal) => readCare(fhir, id, signal))
  const [reloadWho, reloadCare] = [who.reload, care.reload]
  const reload = useCallback(() => {
    forgetPlans()
    reloadWho()
    reloadCare()
  }, [reloadWho, reloadCare])
  const [patient, known] = [who.data, care.data]
  const data = useMemo(() => patient && known && { patient, ...known }, [patient, known])
  const failure = who.failure ?? care.failure
  const isOutside = failure instanceof Refused && [403, 404].includes(failure.status)
  const { answeredAt } = care
  return {
    who: { ...who, reload },
    person: {
      ...(data && { data }),
      ...(failure && { failure }),
      ...(answeredAt && { answeredAt }),
      ...{ isLoading: who.isLoading || care.isLoading, reload },
    },
    isOutside,
  }
}
