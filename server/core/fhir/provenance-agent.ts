import type { ProvenanceAgent } from '@medplum/fhirtypes'

const TYPE = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'
const DISPLAY = { author: 'Author', verifier: 'Verifier' } as const

/**
 * Who has done something, and as what. A person is told by reference; a client and this server itself are no resources, and are told by
 * their names.
 * @param actor as in Access and events: `Practitioner/kari`, `Client/demo-service`, `Device/plan-engine`
 * @see https://hl7.org/fhir/R4/provenance-definitions.html#Provenance.agent
 */
export function provenanceAgent(actor: string, code: keyof typeof DISPLAY = 'author'): ProvenanceAgent {
  const [type = '', value = ''] = actor.split('/')
  const system = NAMES.get(type)
  return {
    type: { coding: [{ system: TYPE, code, display: DISPLAY[code] }] },
    who: system ? { identifier: { system, value }, display: value } : { reference: actor },
  }
}

const NAMES = new Map([
  ['Client', 'urn:ietf:rfc:6749:client_id'],
  ['Device', 'http://fylgje.no/fhir/NamingSystem/device'],
])
