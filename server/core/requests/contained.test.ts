import type { ActivityDefinition, PlanDefinition } from '@medplum/fhirtypes'
import { applyPlan } from '../apply/apply.ts'
import type { Resource } from '../fhir/resource.ts'
import { containedFor, withLocalIds } from './contained.ts'

const inner = (id: string, to?: string) => ({
  resourceType: 'Basic',
  id,
  ...(to ? { to: { reference: `#${to}` } } : {}),
})
const request = (to: string): Resource => ({ resourceType: 'Task', focus: { reference: to } })

test('a dynamicValue changes what a request brings along, and not that of another', () => {
  const bring: ActivityDefinition = {
    ...{ resourceType: 'ActivityDefinition', url: 'http://e.org/bring', status: 'active', kind: 'MedicationRequest' },
    contained: [{ resourceType: 'Medication', id: 'm', status: 'active' }],
    productReference: { reference: '#m' },
  }
  const expression = { language: 'text/fhirpath' as const, expression: "'inactive'" }
  const dynamicValue = [{ path: 'medicationReference.resolve().status', expression }]
  const named = { definitionCanonical: 'http://e.org/bring' }
  const plan: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: 'http://e.org/p', status: 'active' },
    action: [
      { id: 'a', ...named, dynamicValue },
      { id: 'b', ...named },
    ],
  }
  const facts = { context: {}, variables: {}, data: [], find: () => bring as unknown as Resource, now: new Date() }
  const contained = (applyPlan({ plan, subject: { resourceType: 'Patient', id: 'p' }, ...facts }).contained ??
    []) as Resource[]
  expect(contained.filter(({ resourceType }) => resourceType === 'OperationOutcome')).toEqual([])
  expect(contained.flatMap(({ resourceType, status }) => (resourceType === 'Medication' ? [status] : []))).toEqual([
    ...['inactive', 'active'],
  ])
  const requests = contained.filter(({ resourceType }) => resourceType === 'MedicationRequest')
  expect(requests.some((one) => 'contained' in one)).toBe(false)
})

test.each([
  ['nothing else', '#a', [inner('a'), inner('b')], ['a']],
  ['what it leads to', '#a', [inner('a', 'b'), inner('b', 'c'), inner('c')], ['a', 'b', 'c']],
  ['a circle once', '#a', [inner('a', 'b'), inner('b', 'a')], ['a', 'b']],
  ['nothing of what stands elsewhere', 'Basic/a', [inner('a')], []],
])('a request brings along %s', (_name, to, contained, ids) => {
  const found = containedFor(request(to), [{ resourceType: 'ActivityDefinition', contained }])
  expect(found.map(({ id }) => id)).toEqual(ids)
})

test('ids change where they are referred to, and nowhere else', () => {
  const given = { reference: '#a', note: '#a', other: { reference: '#b' } }
  const newId = (id: string) => (id === 'a' ? 'x' : id)
  expect(withLocalIds(given, newId)).toEqual({ reference: '#x', note: '#a', other: { reference: '#b' } })
})

test('one activity twice in a plan brings its product along twice, each under an id of its own', () => {
  const activity: ActivityDefinition = {
    ...{ resourceType: 'ActivityDefinition', url: 'http://example.org/a', status: 'active', kind: 'MedicationRequest' },
    productReference: { reference: '#med' },
    contained: [{ resourceType: 'Medication', id: 'med', code: { text: 'citalopram' } }],
  }
  const plan: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: 'http://example.org/p', status: 'active' },
    action: [{ definitionCanonical: activity.url }, { definitionCanonical: activity.url }],
  }
  const carePlan = applyPlan({
    ...{ plan, subject: { resourceType: 'Patient', id: 'p1' }, context: {}, variables: {}, data: [] },
    find: () => activity as unknown as Resource,
    now: new Date('2026-11-22T12:00:00Z'),
  })
  const contained = carePlan.contained as Resource[]
  const ids = contained.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const requests = contained.filter(({ resourceType }) => resourceType === 'MedicationRequest')
  const products = requests.map((one) => (one.medicationReference as { reference: string }).reference)
  expect(new Set(products).size).toBe(2)
  for (const product of products) expect(ids).toContain(product.slice(1))
})
