import { engineAccess } from '../access/engine-access.ts'
import { runCase } from '../core/decide/cases/play-case.ts'
import { allRules } from '../core/decide/plan/compile-plan.ts'
import { compileFhirPath } from '../core/fhirpath/evaluate.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from '../validation/validator.ts'
import { loadPathway, loadPathways, loadProfiles, pathwayNames } from './load-pathways.ts'
import { storePathways } from './store-pathways.ts'
import { startTestHouse } from './test-house.ts'

const validator = createValidator(loadDefinitions())
const errorsOf = (resource: { resourceType: string }) =>
  validator.validate(resource, resource.resourceType).filter(({ severity }) => severity === 'error')

test.each(loadPathways().map((resource) => [`${resource.resourceType}/${resource.id}`, resource] as const))(
  '%s is valid R4',
  (_name, resource) => expect(errorsOf(resource)).toEqual([]),
)

test('what is named comes before what names it', () => {
  const types = loadPathways().map(({ resourceType }) => resourceType)
  expect(types.indexOf('PlanDefinition')).toBeGreaterThan(types.lastIndexOf('ActivityDefinition'))
})

test.each(pathwayNames())(
  '%s: every condition parses, every activity is found, every number names its source',
  (name) => {
    const { plan } = loadPathway(name)
    for (const rule of allRules(plan.rules)) {
      for (const { expression } of rule.conditions) expect(() => compileFhirPath(expression)).not.toThrow()
      if (rule.action.definitionCanonical?.includes('/ActivityDefinition/')) expect(rule.activity).toBeDefined()
      if (rule.children.length === 0) expect(rule.action.documentation?.length).toBeGreaterThan(0)
    }
    for (const goal of plan.definition.goal ?? []) expect(goal.documentation?.length).toBeGreaterThan(0)
  },
)

test.each(loadPathway('copd').cases)('the Tasks of COPD case %s are valid R4', async (_name, given) => {
  for (const task of await runCase(loadPathway('copd').plan, given)) expect(errorsOf(task)).toEqual([])
})

test('profiles and pathways are stored once, and a later version that was made here stays', async () => {
  const house = await startTestHouse()
  try {
    const access = engineAccess('test')
    const storing = { db: house.pool, store: house.store, access }
    // The test house has the pathways already.
    expect(await storePathways(storing)).toBe(loadProfiles().length)
    expect(await storePathways(storing)).toBe(0)
    const plan = loadPathway('copd').plan.definition
    await house.put({ ...plan, version: '1.10.0', title: 'Our own' })
    expect(await storePathways(storing)).toBe(0)
    await house.put({ ...plan, version: '0.9.0' })
    expect(await storePathways(storing)).toBe(1)
    const { text } = await house.store.read(access, 'PlanDefinition', 'copd')
    expect(JSON.parse(text ?? '')).toMatchObject({ version: plan.version, title: plan.title })
    // Of the same version: what says something else is made ours again, what a label or the order of its elements says stays.
    await house.put({ ...plan, title: 'Our own' })
    expect(await storePathways(storing)).toBe(1)
    await house.put({ ...plan, title: undefined, meta: { tag: [{ system: 'http://example.org', code: 'ours' }] } })
    expect(await storePathways(storing)).toBe(1)
    const { title, ...others } = plan
    await house.put({ ...others, title, meta: { tag: [{ system: 'http://example.org', code: 'ours' }] } })
    expect(await storePathways(storing)).toBe(0)
    await house.store.write(access, { interaction: 'delete', type: 'PlanDefinition', id: 'copd' })
    expect(await storePathways(storing)).toBe(0)
    await expect(house.store.read(access, 'PlanDefinition', 'copd')).rejects.toMatchObject({ status: 410 })
  } finally {
    await house.stop()
  }
})
