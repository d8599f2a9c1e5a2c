import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CarePlan, Condition, Encounter, PlanDefinition } from '@medplum/fhirtypes'
import { compileFhirPath } from '../../server/core/fhirpath/evaluate.ts'

const plan = JSON.parse(readFileSync(join(import.meta.dirname, 'plan-definition-offer.json'), 'utf8')) as PlanDefinition
const isOffered = compileFhirPath(plan.action?.[0]?.condition?.[0]?.expression?.expression ?? '')
const NOW = new Date('2026-11-23T10:00:00Z')
const LINE = { reference: 'Patient/line' }
const J441 = [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J44.1' }]

type Facts = { conditions?: Condition[]; encounters?: Encounter[]; followed?: CarePlan[] }
const offered = ({ conditions = [], encounters = [], followed = [] }: Facts) =>
  isOffered({}, { conditions, encounters, followed }, NOW)[0] === true

const admission = (status: Encounter['status'], end?: string): Encounter => ({
  ...{ resourceType: 'Encounter', status, class: { code: 'IMP' }, subject: LINE, reasonCode: [{ coding: J441 }] },
  period: { start: '2026-11-01T08:00:00Z', ...(end ? { end } : {}) },
})

test.each<[string, Encounter, boolean]>([
  ['one that lasts', admission('in-progress'), true],
  ['one on leave', admission('onleave'), true],
  ['one that ended ten days ago', admission('finished', '2026-11-13T12:00:00Z'), true],
  ['one that ended today, by its day alone', admission('finished', '2026-11-23'), true],
  ['one that ended long ago', admission('finished', '2026-10-01T12:00:00Z'), false],
  ['one that is planned', admission('planned', '2026-12-20T12:00:00Z'), false],
  ['one that was cancelled', admission('cancelled', '2026-11-13T12:00:00Z'), false],
  ['one that was entered in error', admission('entered-in-error', '2026-11-13T12:00:00Z'), false],
  ['one whose end is yet to come', admission('finished', '2026-12-20T12:00:00Z'), false],
])('an admission with COPD: %s: %s', (_case, encounter, expected) => {
  expect(offered({ encounters: [encounter] })).toBe(expected)
})

test('nobody is offered it whose plan for COPD runs', () => {
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: LINE },
    instantiatesCanonical: ['http://fylgje.no/fhir/PlanDefinition/copd|1.1.0'],
  }
  expect(offered({ encounters: [admission('in-progress')], followed: [carePlan] })).toBe(false)
})
