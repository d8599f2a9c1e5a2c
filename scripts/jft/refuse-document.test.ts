import type { Bundle } from '@medplum/fhirtypes'
import { FINDING } from '../../server/core/decide/plan/vocabulary.ts'
import { taskCode, taskInput, triageColour } from '../../server/core/decide/words/coded-words.ts'
import { toDocument } from '../../server/senders/jft/document.ts'
import { faultsIn } from './refuse-document.ts'

const PERSON = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }
const document = (): Bundle =>
  toDocument({
    ...{ organization: '312229544', sourceSystem: 'Fylgje', cause: 'Task/t/_history/2', patient: PERSON },
    ...{ author: { identifier: { value: 'kari' } }, closedAt: '2026-03-02T09:00:00Z' },
    ...{ scores: [], triage: [], questionnaires: [] },
    task: {
      ...{ resourceType: 'Task', status: 'completed', intent: 'order', code: taskCode('assess-measurement') },
      ...{
        identifier: [{ system: FINDING, value: 'x' }],
        businessStatus: triageColour('red'),
        authoredOn: '2026-03-02T08:00:00Z',
      },
      ...{ reasonCode: { text: 'Vekt 70 kg' }, for: { reference: 'Patient/p' } },
      input: [{ type: taskInput('evidence'), valueReference: { reference: 'Observation/o/_history/1' } }],
    },
    evidence: [
      {
        ...{ resourceType: 'Observation', id: 'o', status: 'final', effectiveDateTime: '2026-03-02T07:00:00Z' },
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      },
    ],
  })

test('what this server sends is taken', () => expect(faultsIn(document(), 'real')).toEqual([]))

type Part = { [name: string]: unknown }
/** The text of the document with one thing put wrong, whatever types say of it. */
const wrong = (
  change: (parts: { bundle: Part; composition: Part; issue: Part; observation: Part }) => void,
): unknown => {
  const bundle = document() as unknown as Part
  const [composition, issue, observation] = (bundle.entry as unknown as { resource: Part }[]).map(
    ({ resource }) => resource,
  )
  change({ bundle, composition: composition as Part, issue: issue as Part, observation: observation as Part })
  return JSON.parse(JSON.stringify(bundle))
}
const set = (at: object, name: string, value: unknown) => void Object.assign(at, { [name]: value })

test.each<[string, Parameters<typeof wrong>[0], string]>([
  [
    '1: an object for a category',
    ({ composition }) => set(composition, 'category', { coding: [] }),
    'Composition.category',
  ],
  [
    '1: an object for the code of an event',
    ({ composition }) => set((composition.event as object[])[0] as object, 'code', { coding: [{ code: '0' }] }),
    'Composition.event[0].code',
  ],
  [
    '1: an object for what is implicated',
    ({ issue }) => set(issue, 'implicated', { reference: 'x' }),
    'DetectedIssue.implicated',
  ],
  ['2: an empty text', ({ issue }) => set(issue, 'severity', ''), 'DetectedIssue.severity'],
  ['2: an empty list', ({ composition }) => set(composition, 'section', []), 'Composition.section'],
  ['3: another canonical', ({ issue }) => set(issue, 'meta', { profile: ['http://x'] }), 'DetectedIssue.meta.profile'],
  [
    '4: the wrong code of weight',
    ({ observation }) => set(observation, 'code', { coding: [{ code: '29563-7' }] }),
    'Observation.code',
  ],
  [
    '5: LOINC by https',
    ({ observation }) => set(observation, 'code', { coding: [{ system: 'https://loinc.org', code: '29463-7' }] }),
    'Observation.code',
  ],
  [
    '6: a code of another table',
    ({ issue }) =>
      set(issue, 'code', { coding: [{ system: 'http://ehelse.no/fhir/CodeSystem/vkp-alert-code-v090', code: '7' }] }),
    'DetectedIssue.code',
  ],
  [
    '7: the code of the alert as type',
    ({ composition, issue }) => set(composition, 'type', issue.code),
    'Composition.type',
  ],
  [
    '11: a number of an EHR alone',
    ({ composition }) =>
      set(composition, 'subject', { identifier: { system: 'http://cosdoc.dips.no/lopenummer', value: '1' } }),
    'Composition.subject.identifier',
  ],
  [
    '13: two people',
    ({ issue }) => set(issue, 'patient', { identifier: { ...PERSON, value: '05073500186' } }),
    'Composition.subject',
  ],
  [
    '14: a reference that leads nowhere',
    ({ issue }) => set(issue, 'implicated', [{ reference: 'urn:uuid:x' }]),
    'Bundle.entry',
  ],
  ['another type of Bundle', ({ bundle }) => set(bundle, 'type', 'transaction'), 'Bundle.type'],
  ['no identifier', ({ bundle }) => set(bundle, 'identifier', undefined), 'Bundle.identifier'],
  ['no time', ({ bundle }) => set(bundle, 'timestamp', undefined), 'Bundle.timestamp'],
  [
    'no Composition first',
    ({ bundle }) => set(bundle, 'entry', (bundle.entry as unknown[]).slice(1)),
    'Bundle.entry[0]',
  ],
])('%s is refused, with where it is', (_case, change, expression) =>
  expect(faultsIn(wrong(change), 'real').map((fault) => fault.expression)).toContain(expression),
)

test('a real number is refused by an environment for made-up people', () =>
  expect(faultsIn(document(), 'synthetic')).toEqual([
    { code: '2.1', text: 'Real and synthetic numbers are not mixed.', expression: 'Composition.subject.identifier' },
  ]))
