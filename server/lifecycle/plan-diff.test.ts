import type { PlanDefinition } from '@medplum/fhirtypes'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { toldAs } from '../core/decide/words/told.ts'
import { diffPlans } from './plan-diff.ts'

const relative = (value: number) => ({
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/limit',
      extension: [
        { url: 'zone', valueCode: 'red' },
        { url: 'side', valueCode: 'high' },
        { url: 'relativeTo', valueCode: 'baseline' },
      ],
    },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' },
  detailQuantity: { value, comparator: '>' as const, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
})
const planOf = (version: string, value: number, ...action: NonNullable<PlanDefinition['action']>) =>
  compilePlan(
    {
      ...{ resourceType: 'PlanDefinition', url: 'http://x/p', version, status: 'active', action },
      goal: [{ description: { text: 'Vekt' }, target: [relative(value)] }],
    },
    () => undefined,
  )
const call = { id: 'call', ...toldAs('title', { nb: 'Ring', nn: 'Ring no', en: 'Call' }) }

test.each([
  ['nb', 'Ring', '>1,5 kg fra grunnverdi', '>2 kg fra grunnverdi'],
  ['nn', 'Ring no', '>1,5 kg frå grunnverdi', '>2 kg frå grunnverdi'],
  ['en', 'Call', '>1.5 kg from the baseline', '>2 kg from the baseline'],
] as const)(
  'what is not the same in two versions is told in the language of who asks: %s',
  (language, title, before, after) => {
    expect(diffPlans(planOf('1', 1.5), planOf('2', 2, call), language)).toEqual([
      { kind: 'rule', about: 'call', change: 'added', after: title },
      { kind: 'limit', about: 'Vekt red high relative', change: 'changed', before, after },
    ])
  },
)
