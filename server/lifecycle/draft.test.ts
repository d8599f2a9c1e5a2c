import type { PlanDefinition } from '@medplum/fhirtypes'
import { draftOf } from './draft.ts'

const PLAN: PlanDefinition = { resourceType: 'PlanDefinition', url: 'http://x/p', version: '1.0.0', status: 'active' }

test.each([
  ['2026-11-22T22:59:59Z', '2026-11-22'],
  ['2026-11-22T23:00:00Z', '2026-11-23'],
  ['2026-07-01T22:00:00Z', '2026-07-02'],
])('a draft that is made at %s is of %s, the day that it is in Norway', (now, date) => {
  const naming = { url: 'http://x/p', version: '1.1.0' }
  const { plan } = draftOf(PLAN, { relation: 'predecessor', naming, definitions: [], now: new Date(now) })
  expect(plan).toMatchObject({ status: 'draft', version: '1.1.0', date })
})
