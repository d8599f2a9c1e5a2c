import type { Observation } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { nextLink, ofType } from '../../fhir/client.ts'

/** How far back a row looks. */
export const ROW_TREND_DAYS = 14
const DAY_MILLIS = 86_400_000
/** So many patients are asked for at once: what a screen or two shows. */
const PATIENT_COUNT_MAX = 20
const PAGE_COUNT = 1_000
const PAGE_COUNT_MAX = 4
/** Rows that come into view together are asked for together. */
const GATHER_MILLIS = 50
const RETRY_MILLIS = 30_000

/** What the patients of a list have measured lately: asked for as rows come into view, many patients to a question. */
export type RowTrends = {
  /** @param focus id of an Observation that must be among them, such as the one that a new Task is about */
  want(patient: string, focus?: string): void
  /** undefined until it is known. */
  current(patient: string): readonly Observation[] | undefined
  subscribe(patient: string, listener: () => void): () => void
}

type Ask = (patients: readonly string[]) => Promise<readonly Observation[]>

export function createRowTrends(ask: Ask, gatherMillis = GATHER_MILLIS): RowTrends {
  const known = new Map<string, readonly Observation[]>()
  /** Of each patient the focus that was asked for, so that one which the server does not show is not asked for again and again. */
  const asked = new Map<string, Set<string>>()
  const waiting = new Set<string>()
  const listeners = new Map<string, Set<() => void>>()
  let isAsking = false

  /** One question at a time, until nobody waits. */
  const askAll = async (afterMillis: number): Promise<void> => {
    if (isAsking) return
    isAsking = true
    await new Promise((resolve) => setTimeout(resolve, afterMillis))
    while (waiting.size > 0) {
      const patients = [...waiting].slice(0, PATIENT_COUNT_MAX)
      for (const patient of patients) waiting.delete(patient)
      try {
        const found = await ask(patients)
        for (const patient of patients) {
          known.set(
            patient,
            found.filter(({ subject }) => subject?.reference === `Patient/${patient}`),
          )
          for (const listener of listeners.get(patient) ?? []) listener()
        }
      } catch {
        // The list says itself when there is no contact; its figures come when there is.
        for (const patient of patients) waiting.add(patient)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS))
      }
    }
    isAsking = false
  }
  return {
    want(patient, focus = '') {
      const before = asked.get(patient) ?? new Set()
      if (before.has(focus)) return
      asked.set(patient, before.add(focus))
      if (known.get(patient)?.some(({ id }) => id === focus)) return
      if (known.has(patient) && focus === '') return
      waiting.add(patient)
      void askAll(gatherMillis)
    },
    current: (patient) => known.get(patient),
    subscribe(patient, listener) {
      const own = listeners.get(patient) ?? new Set()
      listeners.set(patient, own.add(listener))
      return () => void own.delete(listener)
    },
  }
}

const DRAWN = 'status,code,effective,value,component,interpretation,referenceRange,subject'

/** The vital signs of several patients, of the days that a row shows. */
export async function readRowTrends(fhir: FhirClient, patients: readonly string[]): Promise<readonly Observation[]> {
  const since = new Date(Date.now() - ROW_TREND_DAYS * DAY_MILLIS).toISOString()
  let bundle = await fhir.search('Observation', {
    ...{ patient: patients.join(','), category: 'vital-signs', date: `ge${since}` },
    ...{ _sort: '-date', _count: PAGE_COUNT, _elements: DRAWN },
  })
  const found = ofType(bundle, 'Observation')
  for (let page = 1; page < PAGE_COUNT_MAX; page++) {
    const next = nextLink(bundle)
    if (!next) break
    bundle = (await fhir.page(next)) as typeof bundle
    found.push(...ofType(bundle, 'Observation'))
  }
  return found
}
