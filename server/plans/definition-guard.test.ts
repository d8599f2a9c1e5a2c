import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable } from '../db/pool.ts'
import { definitionGuard, type PlansFromSystems } from './definition-guard.ts'
import { plansOf, toPlanBook } from './plan-book.ts'

const URL = 'http://example.org/fhir/PlanDefinition/p'
const planThatIs = (status: PlanDefinition['status'] | undefined, change: Partial<PlanDefinition> = {}) =>
  ({ resourceType: 'PlanDefinition', id: 'p', url: URL, version: '1', status, ...change }) as Resource & PlanDefinition

const by = (actor: string): Access => ({ actor, clientId: 'app', scopes: [] })
const ACTORS = { person: by('Practitioner/p'), system: by('Client/s'), ours: engineAccess('pathways') }
/** Of plans nothing else is looked up. */
const NO_DATABASE = null as unknown as Queryable

/** How a write ends by which a plan becomes what it is to be: the first that is said against it, or nothing. */
async function said(who: keyof typeof ACTORS, from: PlansFromSystems, before: Resource | undefined, after: Resource) {
  const guard = definitionGuard(from)
  try {
    if (before) await guard.admit(NO_DATABASE, { access: ACTORS[who], before, after })
    else guard.admitNew(ACTORS[who], after)
    return 'stored'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return [error.status, ...(error.issues[0]?.expression ?? [])].join(' ')
  }
}

const BY_ACTS = '422 PlanDefinition.status'
test.each([
  ['ours', 'draft', undefined, 'active', 'stored'],
  ['ours', 'draft', 'draft', 'active', 'stored'],
  ['system', 'active', undefined, 'active', 'stored'],
  ['system', 'draft', undefined, 'active', BY_ACTS],
  ['person', 'active', undefined, 'active', BY_ACTS],
  ['system', 'active', 'draft', 'active', BY_ACTS],
  ['system', 'draft', 'draft', 'active', BY_ACTS],
  ['system', 'draft', 'unknown', 'active', BY_ACTS],
  ['person', 'draft', 'unknown', 'active', BY_ACTS],
  ['system', 'active', 'retired', 'active', 'stored'],
  ['system', 'draft', 'retired', 'active', BY_ACTS],
  ['person', 'active', 'retired', 'active', BY_ACTS],
  ['system', 'draft', 'active', 'retired', 'stored'],
  ['person', 'draft', 'active', 'retired', 'stored'],
  ['system', 'draft', undefined, 'draft', 'stored'],
] as const)(
  'a plan from %s, where systems may bring %s ones, from %s to %s: %s',
  async (who, from, was, is, outcome) => {
    expect(await said(who, from, was && planThatIs(was), planThatIs(is))).toBe(outcome)
  },
)

test('whoever is refused is told at once what stands against the plan, with the element', async () => {
  const action: PlanDefinition['action'] = [
    {
      ...{ id: 'a', definitionCanonical: 'http://x/elsewhere' },
      condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression: '1 +' } }],
      trigger: [{ type: 'data-added' }, { type: 'periodic', timingTiming: { repeat: { period: 0, periodUnit: 'd' } } }],
    },
  ]
  const write = () =>
    definitionGuard('draft').admitNew(ACTORS.system, planThatIs('active', { version: undefined as never, action }))
  const refusal = await Promise.resolve()
    .then(write)
    .catch((error: unknown) => error as Refusal)
  const told = refusal instanceof Refusal ? refusal.issues : []
  expect(told.map(({ expression }) => expression?.[0])).toEqual([
    'PlanDefinition.status',
    'PlanDefinition.version',
    'PlanDefinition.action[0].condition[0].expression.expression',
    'PlanDefinition.action[0].trigger[0].data',
    'PlanDefinition.action[0].trigger[1].timing.repeat.period',
    'PlanDefinition.relatedArtifact',
    // One for each silence that nobody owns.
    ...Array.from({ length: 5 }, () => 'PlanDefinition.extension'),
  ])
  expect(told.every(({ code, severity }) => code === 'business-rule' && severity === 'error')).toBe(true)
})

test('a version that passed no gate governs nobody, whatever its status says; one that was in force still does', () => {
  const carePlan = {
    ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/a' } },
    instantiatesCanonical: [`${URL}|1`],
  } as CarePlan
  const governs = (...versions: PlanDefinition[]) => plansOf(carePlan, toPlanBook(versions)).plans.length === 1
  expect(governs(planThatIs('retired'))).toBe(false)
  expect(governs(planThatIs('unknown'), planThatIs('draft'))).toBe(false)
  expect(governs(planThatIs('active'))).toBe(true)
  expect(governs(planThatIs('retired'), planThatIs('active'), planThatIs('draft'))).toBe(true)
})
