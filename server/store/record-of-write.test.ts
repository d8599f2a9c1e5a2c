import { engineAccess } from '../access/engine-access.ts'
import { FINDING, TRIAGE } from '../core/decide/plan/vocabulary.ts'
import { recordOfWrite } from './record-of-write.ts'
import type { Row } from './statements.ts'

const COPD = 'http://fylgje.no/fhir/PlanDefinition/copd'
const causeOf = (resource: { resourceType: string }, access = engineAccess('plan-engine')) => {
  const row = {
    ...{ access, interaction: 'create', type: resource.resourceType, id: '1', version: 1 },
    ...{ text: JSON.stringify(resource), index: { patient: 'line' } },
  } as unknown as Row
  const { plan, decision } = recordOfWrite(row)
  return { plan, decision }
}
const task = {
  resourceType: 'Task',
  identifier: [{ system: FINDING, value: `${COPD}|spo2-red|Patient/line|Observation/1` }],
  instantiatesCanonical: `${COPD}|1.0.0`,
}

test.each([
  [task, `${COPD}|1.0.0`, task.identifier[0]?.value],
  [
    {
      resourceType: 'ClinicalImpression',
      identifier: [{ system: TRIAGE, value: `${COPD}|CarePlan/c|Observation/1` }],
      protocol: [`${COPD}|1.0.0`],
    },
    `${COPD}|1.0.0`,
    `${COPD}|CarePlan/c|Observation/1`,
  ],
  [{ resourceType: 'CarePlan', instantiatesCanonical: [COPD], status: 'completed' }, COPD, undefined],
  [{ resourceType: 'Basic' }, undefined, undefined],
])('what the engine writes names its plan and its decision: %j', (resource, plan, decision) =>
  expect(causeOf(resource)).toEqual({ plan, decision }),
)

test('what a person writes is the person’s own decision', () => {
  const nurse = { actor: 'Practitioner/kari', clientId: 'app', scopes: [] }
  expect(causeOf(task, nurse)).toEqual({ plan: undefined, decision: undefined })
})
