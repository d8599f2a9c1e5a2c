import type { Observation } from '@medplum/fhirtypes'
import { news2Observation, scaleOfScore } from './news2-observation.ts'

const WITHDRAWN: ReadonlySet<unknown> = new Set(['entered-in-error', 'cancelled'])
const HISTORY = '/_history/'

/** `Observation/1` of everything that a score rests on. */
export const partsOfScore = ({ derivedFrom = [] }: Observation): string[] =>
  derivedFrom.flatMap(({ reference }) => reference?.split(HISTORY, 1)[0] ?? [])

/**
 * What becomes of a score when what it rests on has changed: worked out anew from the same measurements as they are now, by the same
 * scale; withdrawn where one of them is withdrawn, gone or become another person's, or where it would be the score of another moment. Pure.
 * @param parts what it rests on, as that is now, by `Observation/1`; what is gone is missing
 * @returns the score's next version; undefined where it stays as it is
 */
export function followParts(score: Observation, parts: ReadonlyMap<string, Observation>): Observation | undefined {
  if (WITHDRAWN.has(score.status)) return undefined
  const references = partsOfScore(score)
  const standing = references.flatMap((reference) => {
    const one = parts.get(reference)
    // What was filed with the wrong person is gone from here; nothing of it is read in this record any more.
    return one && one.subject?.reference === score.subject?.reference ? one : []
  })
  if (standing.length < references.length || standing.some(({ status }) => WITHDRAWN.has(status)))
    return withdrawn(score)
  const anew = news2Observation(standing, scaleOfScore(score))
  if (!anew || anew.identifier?.[0]?.value !== score.identifier?.[0]?.value) return withdrawn(score)
  if (essenceOf(anew) === essenceOf(score)) return undefined
  const { interpretation: _before, valueQuantity: _total, note: _missing, ...kept } = score
  return { ...kept, ...anew, meta: { ...score.meta, ...anew.meta }, status: 'amended' }
}

/** The total stays readable: it is what somebody has acted upon. */
const withdrawn = (score: Observation): Observation => ({
  ...score,
  status: 'entered-in-error',
  note: [
    ...(score.note ?? []),
    { text: 'Trukket tilbake: det som summen bygger på, er trukket tilbake eller slettet.' },
  ],
})

/** Points, total and labels. Whether it is the same that was measured, not whether it is the same version. */
const essenceOf = ({ meta, component, valueQuantity }: Observation): string =>
  JSON.stringify([
    component?.map(({ code, valueQuantity: points }) => [code.coding?.[0]?.code, points?.value]),
    valueQuantity?.value,
    (meta?.security ?? []).map(({ system, code }) => `${system}|${code}`).sort(),
  ])
