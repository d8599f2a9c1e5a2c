import type { Resource } from '../core/fhir/resource.ts'
import { mustBeInOwnName } from './in-own-name.ts'

const BASE = 'http://localhost/fhir'
const KIN = { actor: 'RelatedPerson/maja' }
const own = { reference: 'RelatedPerson/maja', display: 'Maja' }
const patient = { reference: 'Patient/line' }
const judged = (actor: string, resource: object) => () =>
  mustBeInOwnName({ actor, clientId: 'app', scopes: [] }, resource as Resource, BASE)

test.each([
  [{ resourceType: 'Observation', subject: patient, performer: [own] }],
  [{ resourceType: 'Observation', subject: patient }],
  [{ resourceType: 'Observation', performer: [{ reference: `${BASE}/RelatedPerson/maja` }] }],
  [{ resourceType: 'QuestionnaireResponse', subject: patient, source: own, author: { reference: 'Device/tablet' } }],
  [{ resourceType: 'Communication', subject: patient, sender: own, note: [{ text: 'x', authorReference: own }] }],
])('next of kin add in their own name: %j', (resource) => expect(judged(KIN.actor, resource)).not.toThrow())

test.each([
  [{ resourceType: 'Observation', performer: [own, patient] }, 'Observation.performer[1]'],
  [{ resourceType: 'QuestionnaireResponse', source: patient }, 'QuestionnaireResponse.source'],
  [{ resourceType: 'QuestionnaireResponse', source: own, author: patient }, 'QuestionnaireResponse.author'],
  [{ resourceType: 'Communication', sender: { reference: 'Practitioner/kari' } }, 'Communication.sender'],
  [{ resourceType: 'Communication', sender: { reference: 'RelatedPerson/other' } }, 'Communication.sender'],
  // Whoever is named by words, a number or within reads as anybody.
  [{ resourceType: 'Communication', sender: { display: 'Line Danser' } }, 'Communication.sender'],
  [{ resourceType: 'Communication', sender: { reference: '#line' } }, 'Communication.sender'],
  [
    { resourceType: 'Communication', sender: { reference: 'http://elsewhere/fhir/RelatedPerson/maja' } },
    'Communication.sender',
  ],
  [
    { resourceType: 'Observation', note: [{ text: 'x', authorReference: patient }] },
    'Observation.note[0].authorReference',
  ],
])('and not in another’s: %j', (resource, path) => {
  let refusal: unknown
  try {
    judged(KIN.actor, resource)()
  } catch (error) {
    refusal = error
  }
  expect(refusal).toMatchObject({ issues: [{ code: 'business-rule', expression: [path] }] })
})

test('of others it is no matter here', () => {
  for (const actor of ['Patient/line', 'Practitioner/kari', 'Client/ehr'])
    expect(judged(actor, { resourceType: 'Communication', sender: { reference: 'Patient/other' } })).not.toThrow()
})
