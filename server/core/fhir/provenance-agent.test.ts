import { provenanceAgent } from './provenance-agent.ts'

test.each([
  ['Practitioner/kari', { reference: 'Practitioner/kari' }],
  ['Client/ehr', { identifier: { system: 'urn:ietf:rfc:6749:client_id', value: 'ehr' }, display: 'ehr' }],
  ['Device/plan-engine', { identifier: { value: 'plan-engine' }, display: 'plan-engine' }],
])('%s is told so', (actor, who) => {
  expect(provenanceAgent(actor)).toMatchObject({ type: { coding: [{ code: 'author', display: 'Author' }] }, who })
  expect(provenanceAgent(actor, 'verifier').type?.coding?.[0]?.code).toBe('verifier')
})
