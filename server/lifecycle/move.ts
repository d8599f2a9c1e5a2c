import type { CarePlan } from '@medplum/fhirtypes'

/** A move of enrolments: which versions they come from, and the one that they go to; each `url|version`. */
export type Move = { from: string[]; to: string }

/** Whether the move is about this enrolment: it runs, and names a version that is left. */
export const isToMove = ({ status, instantiatesCanonical = [] }: CarePlan, { from, to }: Move): boolean =>
  (status === 'active' || status === 'on-hold') &&
  instantiatesCanonical.some((canonical) => from.includes(canonical) && canonical !== to)

/**
 * The enrolment in the version that it goes to, and in no other of the same plan: whichever of its versions it named before. Everything
 * else that it says of the person stays: team, goals, limits, period.
 */
export function moveCarePlan(carePlan: CarePlan, { to }: Move): CarePlan {
  const url = to.split('|')[0]
  const canonicals = carePlan.instantiatesCanonical ?? []
  const place = canonicals.findIndex((canonical) => canonical.split('|')[0] === url)
  return {
    ...carePlan,
    instantiatesCanonical: canonicals.flatMap((canonical, i) => {
      if (i === place) return [to]
      return canonical.split('|')[0] === url ? [] : [canonical]
    }),
  }
}

/**
 * Takes a move back: the enrolment names what it named before, whatever else was changed meanwhile. Undefined where it has been moved on
 * since, by somebody who knew better.
 * @param before as it was moved
 */
export function moveBack(carePlan: CarePlan, before: CarePlan, { to }: Move): CarePlan | undefined {
  const canonicals = carePlan.instantiatesCanonical ?? []
  if (!canonicals.includes(to)) return undefined
  const url = to.split('|')[0]
  const was = (before.instantiatesCanonical ?? []).filter((canonical) => canonical.split('|')[0] === url)
  return {
    ...carePlan,
    instantiatesCanonical: canonicals.flatMap((canonical) => (canonical === to ? was : [canonical])),
  }
}
