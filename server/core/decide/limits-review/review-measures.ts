import type { Coding } from '@medplum/fhirtypes'
import type { CompiledPlan } from '../plan/compile-plan.ts'

/** What the plan's limits are about, a list of codes for each measure. Those on the trend need no review: they move with the person. */
export function allMeasures({ limits }: CompiledPlan): Coding[][] {
  const byMeasure = Map.groupBy(
    limits.filter(({ trend }) => !trend),
    ({ measure }) => measure,
  )
  return [...byMeasure.values()].map((own) =>
    [...new Set(own.flatMap(({ codes }) => codes))].map((token) => {
      const [system, code] = token.split('|')
      return { system, code }
    }),
  )
}
