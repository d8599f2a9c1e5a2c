import { expect, test } from '@jest/globals'
import type { Bundle, Resource } from '@medplum/fhirtypes'
import type { FhirClient, Query } from '../../fhir/client.ts'
import { loadRecord } from './load-record.ts'

const PLAN = 'http://example.no/PlanDefinition/plan'
const FORM = 'http://example.no/Questionnaire/form'

/** A server that has these. @returns what was asked of it, by type */
async function asked(found: readonly object[]): Promise<Record<string, Query>> {
  const queries: Record<string, Query> = {}
  const fhir = {
    read: async () => ({ resourceType: 'Patient', id: 'line' }),
    search: async (type: string, query: Query): Promise<Bundle> => {
      queries[type] = query
      const entry = (found as Resource[]).filter(({ resourceType }) => resourceType === type)
      return { resourceType: 'Bundle', type: 'searchset', entry: entry.map((resource) => ({ resource })) }
    },
  } as unknown as FhirClient
  await loadRecord(fhir, 'line', undefined, new Date('2026-11-20T08:00:00Z'))
  return queries
}

test('definitions are asked for by their urls', async () => {
  const queries = await asked([
    { resourceType: 'CarePlan', instantiatesCanonical: [`${PLAN}|1.0.0`] },
    { resourceType: 'PlanDefinition', url: PLAN, version: '1.0.0', action: [{ definitionCanonical: `${FORM}|2.0.0` }] },
  ])
  expect([queries.PlanDefinition, queries.Questionnaire]).toMatchObject([{ url: PLAN }, { url: FORM }])
})

test('who follows no plan is sent none of those that the server has', async () => {
  const types = Object.keys(await asked([{ resourceType: 'PlanDefinition', url: PLAN, status: 'active' }]))
  expect(types).toContain('CarePlan')
  expect(types.filter((type) => /Definition|Questionnaire$/.test(type))).toEqual([])
})
