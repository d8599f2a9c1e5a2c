import { createRandom, type Random } from '../../server/demo/random.ts'
import { type Caller, expectJson } from '../caller/caller.ts'
import { someTime, usualMeasurement, usualSpo2 } from '../caller/measurements.ts'
import { admitPatients } from '../caller/patients.ts'

/** What reads and searches are put to. `count` Observations there are; the ids of some or all of them are known. */
export type Stored = { patients: string[]; observationIds: string[]; count: number }

/** In the name of each patient, by which they are found again. */
export const PURPOSE = 'Benken'

/** Observations to a Bundle, and Bundles under way. */
const BUNDLE_COUNT = 200

/** Observations of 90 days for patients of our own; four in ten are SpO2, so that a search by code has to choose. */
export async function storeMeasurements(
  callers: Caller[],
  { count, patientCount }: { count: number; patientCount: number },
  say: (line: string) => void,
): Promise<Stored> {
  const [first] = callers
  if (!first) throw new Error('no caller')
  const random = createRandom('bench/stored')
  const patients = await admitPatients(first, { count: patientCount, purpose: PURPOSE })
  const observationIds: string[] = []
  const now = new Date()
  let begun = 0
  await Promise.all(
    callers.map(async (caller) => {
      while (begun < count) {
        const numbers = Array.from({ length: Math.min(BUNDLE_COUNT, count - begun) }, (_, i) => begun + i)
        begun += numbers.length
        const resources = numbers.map((number) => {
          const subject = patients[number % patients.length] as string
          const measured = { subject, message: `stored-${number}`, at: someTime(random, now) }
          return random.happens(0.25) ? usualSpo2(random, measured) : usualMeasurement(random, measured)
        })
        observationIds.push(...(await postAll(caller, resources)))
        say(`${observationIds.length} of ${count} Observations stored`)
      }
    }),
  )
  return { patients, observationIds, count: observationIds.length }
}

/** @returns the ids that the server gave */
async function postAll(caller: Caller, resources: { resourceType: string }[]): Promise<string[]> {
  const answer = await caller.call({ method: 'POST', path: '', body: transactionOf(resources) })
  const { entry = [] } = expectJson<{ entry?: { response?: { location?: string } }[] }>(answer, 200)
  return entry.map(({ response }) => /Observation\/([^/]+)/.exec(response?.location ?? '')?.[1] ?? '')
}

/** https://hl7.org/fhir/R4/http.html#transaction */
export function transactionOf(resources: { resourceType: string }[]): string {
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
  })
}

/** The device's message is new each time. */
export const someMeasurement = (random: Random, patients: string[], message: string) =>
  usualMeasurement(random, { subject: random.pick(patients), message, at: someTime(random, new Date()) })
