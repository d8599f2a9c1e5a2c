import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoalTarget, PlanDefinition } from '@medplum/fhirtypes'
import { sourcesOfLimit } from '../../server/core/decide/limits/limit-sources.ts'
import { PROPOSED } from '../../server/lifecycle/proposed-parts.ts'
import { applyJsonPatch } from '../../server/patch/json-patch.ts'
import { textsIn } from './texts.ts'

/**
 * What speaks against the examples of hospitals' deltas beside a pathway: a limit that is moved, and still says that it is a guideline's or a
 * study's (what was a proposal may stay one), and a text that they bring and that is not there in all languages.
 * @param folder of the pathway, with the deltas in `local/`: a JSON Patch each
 */
export function problemsOfDeltas(plan: PlanDefinition, folder: string): string[] {
  const local = join(folder, 'local')
  if (!existsSync(local)) return []
  const before = new Set(textsIn(plan).untranslated)
  return readdirSync(local).flatMap((file) => {
    const { patch } = JSON.parse(readFileSync(join(local, file), 'utf8')) as { patch: unknown[] }
    const refined = structuredClone(plan)
    applyJsonPatch(refined, patch)
    const untranslated = textsIn(refined).untranslated.filter((path) => !before.has(path))
    const texts = untranslated.map((path) => `local/${file}: ${path} is not there in nynorsk and English`)
    const limits = (plan.goal ?? []).flatMap(({ id, target = [] }, i) =>
      target.flatMap((before, j) => {
        const after = refined.goal?.[i]?.target?.[j]
        const keepsSource = after && isMoved(before, after) && keepsAnothersSource(before, after)
        return keepsSource
          ? [`local/${file} moves limit ${j} of goal "${id}", which keeps the source of the other`]
          : []
      }),
    )
    return [...texts, ...limits]
  })
}

const boundOf = ({ detailQuantity, detailRange }: GoalTarget) => JSON.stringify([detailQuantity, detailRange])
const isMoved = (before: GoalTarget, after: GoalTarget): boolean => boundOf(before) !== boundOf(after)

function keepsAnothersSource(before: GoalTarget, after: GoalTarget): boolean {
  const others = sourcesOfLimit(before).filter(({ label }) => label !== PROPOSED)
  return others.some((one) => sourcesOfLimit(after).some((kept) => JSON.stringify(kept) === JSON.stringify(one)))
}
