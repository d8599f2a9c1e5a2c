import type { Resource } from '../core/fhir/resource.ts'
import { textsOf } from './extract-text.ts'

const impression = (system: string, more: object = {}): Resource => ({
  ...{ resourceType: 'ClinicalImpression', status: 'completed', subject: { reference: 'Patient/1' } },
  ...{ code: { coding: [{ system, code: 'triage' }] }, summary: 'SpO2 96 %, ingen funn', ...more },
})
const OURS = 'http://fylgje.no/fhir/CodeSystem/assessment-kind'

test.each([
  ["a clinician's assessment", impression('http://example.org/kinds'), ['SpO2 96 %, ingen funn']],
  ["the engine's triage", impression(OURS), []],
  ['a measurement', { resourceType: 'Observation', code: { text: 'SpO2' } } as Resource, []],
])('%s has its words among what _content looks at, if people write it', (_name, resource, words) => {
  expect(textsOf(resource).map(({ text }) => text)).toEqual(words)
})

test('a narrative is text, whoever has written it', () => {
  const text = { status: 'generated', div: '<div>Rolig &aring;nding</div>' }
  expect(textsOf(impression(OURS, { text })).map(({ key }) => key)).toEqual([1, 2])
})
