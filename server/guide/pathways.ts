import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanDefinition } from '@medplum/fhirtypes'
import { compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import type { Language } from '../core/decide/words/language.ts'
import { isNamed } from '../lifecycle/named-definitions.ts'
import type { Difference } from '../lifecycle/plan-diff.ts'
import { diffFromTemplate, type ReadPlan } from '../lifecycle/template-diff.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { loadPathway, pathwayNames, resourcesOf } from '../plans/load-pathways.ts'

/** A pathway that comes with the server, and examples of what a hospital says otherwise. */
export type GuidePathway = { plan: PlanDefinition; caseCount: number; deltas: LocalDelta[] }

/** What a hospital says otherwise than the template, from the two plans as the server reads them. */
export type LocalDelta = { title: string; differences: (language: Language) => Difference[] }

type DeltaFile = { title: string; patch: unknown[] }

const FOLDER = fileURLToPath(new URL('../../plandefinitions/', import.meta.url))

/** Each pathway, with the deltas in its folder `local/`: a JSON Patch each. @throws Error for one that does not fit its pathway */
export function readGuidePathways(): GuidePathway[] {
  return pathwayNames().map((name) => {
    const { plan, cases } = loadPathway(name)
    const template = { plan: plan.definition, compiled: plan }
    return { plan: plan.definition, caseCount: cases.length, deltas: deltasOf(name, template) }
  })
}

function deltasOf(name: string, template: ReadPlan): LocalDelta[] {
  const folder = join(FOLDER, name, 'local')
  if (!existsSync(folder)) return []
  const definitions = resourcesOf(name)
  return readdirSync(folder).map((file) => {
    const { title, patch } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as DeltaFile
    const plan = structuredClone(template.plan)
    applyJsonPatch(plan, patch)
    const compiled = compilePlan(
      plan,
      (canonical) => definitions.find((one) => isNamed(canonical, one)) as Definition | undefined,
    )
    return { title, differences: (language) => diffFromTemplate(template, { plan, compiled }, language) }
  })
}
