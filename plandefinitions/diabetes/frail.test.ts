import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { textsIn } from '../../scripts/pathways/texts.ts'
import { compilePlan, type Definition } from '../../server/core/decide/plan/compile-plan.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { isNamed } from '../../server/lifecycle/named-definitions.ts'
import { runOne } from '../../server/lifecycle/plan-report.ts'
import { applyJsonPatch } from '../../server/patch/json-patch.ts'
import { loadPathway, resourcesOf } from '../../server/plans/load-pathways.ts'

const { plan, cases } = loadPathway('diabetes')
const { patch } = JSON.parse(readFileSync(join(import.meta.dirname, 'local/frail.json'), 'utf8')) as {
  patch: unknown[]
}
const definition = structuredClone(plan.definition)
applyJsonPatch(definition, patch)
const definitions = resourcesOf('diabetes')
const frail = compilePlan(
  definition,
  (canonical) => definitions.find((one) => isNamed(canonical, one)) as Definition | undefined,
)
const given = (name: string) => {
  const found = cases.find(([one]) => one === name)?.[1]
  if (!found) throw new Error(`there is no case ${name}`)
  return found
}

test('what is said to frail older people is there in nynorsk and English', () => {
  expect(textsIn(definition as unknown as Resource).untranslated).toEqual([])
})

test('who has no limits of their own is followed by those of frail older people, where the template finds more', async () => {
  const ownLimits = given('own-limits-frail')
  const { limits: _, ...patient } = ownLimits.patient
  const unlimited = { name: 'without limits', given: { ...ownLimits, patient } }
  expect((await runOne(frail, unlimited)).report.differences).toEqual([])
  expect((await runOne(plan, unlimited)).report.passed).toBe(false)
})

test('a dangerously low value is as red for them as for others', async () => {
  const red = cases.filter(([, { tasks }]) => tasks.some(({ rule }) => rule === 'very-low'))
  expect(red.length).toBeGreaterThan(0)
  for (const [name, one] of red) {
    const { played } = await runOne(frail, { name, given: one })
    const found = played.tasks.filter(({ priority }) => priority === 'stat' || priority === 'asap')
    expect([name, found.length > 0]).toEqual([name, true])
  }
})
