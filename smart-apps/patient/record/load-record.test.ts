import { expect, test } from '@jest/globals'
import type { Bundle, Resource } from '@medplum/fhirtypes'
import type { FhirClient, Query } from '../../fhir/client.ts'
import { loadRecord } from './load-record.ts'
import type { OwnRecord } from './record.ts'

const PLAN = 'http://example.no/PlanDefinition/plan'
const FORM = 'http://example.no/Questionnaire/form'

/** A server that has these. @returns what was asked of it last, by type, and what was read */
async function loaded(found: readonly object[]): Promise<{ queries: Record<string, Query>; record: OwnRecord }> {
  const queries: Record<string, Query> = {}
  const fhir = {
    read: async () => ({ resourceType: 'Patient', id: 'line' }),
    search: async (type: string, query: Query): Promise<Bundle> => {
      queries[type] = query
      const entry = (found as Resource[]).filter(({ resourceType }) => resourceType === type)
      return { resourceType: 'Bundle', type: 'searchset', entry: entry.map((resource) => ({ resource })) }
    },
  } as unknown as FhirClient
  const record = await loadRecord(fhir, 'line', undefined, new Date('2026-11-20T08:00:00Z'))
  return { queries, record }
}

test('definitions are asked for by their urls', async () => {
  const { queries } = await loaded([
    { resourceType: 'CarePlan', instantiatesCanonical: [`${PLAN}|1.0.0`] },
    { resourceType: 'PlanDefinition', url: PLAN, version: '1.0.0', action: [{ definitionCanonical: `${FORM}|2.0.0` }] },
  ])
  expect([queries.PlanDefinition, queries.Questionnaire]).toMatchObject([{ url: PLAN }, { url: FORM }])
})

test('who follows no plan is sent none of those that the server has', async () => {
  const { queries } = await loaded([{ resourceType: 'PlanDefinition', url: PLAN, status: 'active' }])
  const types = Object.keys(queries)
  expect(types).toContain('CarePlan')
  expect(types.filter((type) => /Definition|Questionnaire$/.test(type))).toEqual([])
})

test.each([
  ['a form that teaches is looked for as far back as it was answered', ['display', 'display'], `lt2026-08-22`, 1],
  ['one that only asks is not', ['display', 'string'], undefined, 0],
])('%s', async (_, types, authored, count) => {
  const item = [{ linkId: '1', type: 'group', item: types.map((type, i) => ({ linkId: `1.${i}`, type })) }]
  const { queries, record } = await loaded([
    { resourceType: 'CarePlan', instantiatesCanonical: [`${PLAN}|1.0.0`] },
    { resourceType: 'PlanDefinition', url: PLAN, version: '1.0.0', action: [{ definitionCanonical: FORM }] },
    { resourceType: 'Questionnaire', url: FORM, item },
    { resourceType: 'QuestionnaireResponse', questionnaire: FORM },
  ])
  const { questionnaire, ...asked } = queries.QuestionnaireResponse ?? {}
  expect(record.readBefore).toHaveLength(count)
  if (authored) expect([questionnaire, asked.authored]).toEqual([FORM, authored])
  else expect(questionnaire).toBeUndefined()
})
