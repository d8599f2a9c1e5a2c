import type { DocumentReference, Parameters } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { criticalTitle, look, mayRaise, toFound, writersOf } from './kjernejournal-data.ts'
import { reactionsOf } from './looked-up.ts'

const DOCUMENT: DocumentReference = {
  ...{ resourceType: 'DocumentReference', status: 'current', content: [{ attachment: {} }] },
  contained: [
    { resourceType: 'Practitioner', id: 'p', name: [{ given: ['Berit'], family: 'Fjell' }] },
    { resourceType: 'Organization', id: 'o', name: 'Sykehuset' },
  ],
  author: [{ reference: '#p' }, { reference: '#o' }, { reference: '#gone' }],
}
const ANSWER: Parameters = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'document',
      part: [
        { name: 'reference', resource: DOCUMENT },
        { name: 'document', valueString: '1' },
        { name: 'community', valueString: '2' },
        { name: 'repository', valueString: '3' },
      ],
    },
    { name: 'document', part: [{ name: 'reference', resource: DOCUMENT }] },
    { name: 'blocked', valueInteger: 2 },
    { name: 'more', valueBoolean: true },
    { name: 'incomplete', valueCode: 'documents' },
    {
      name: 'missing',
      part: [
        { name: 'part', valueCode: 'critical-information' },
        { name: 'reason', valueString: 'down' },
      ],
    },
  ],
}

test('what was found is read: which documents can be opened, how many are blocked, what is missing', () =>
  expect(toFound(ANSWER)).toEqual({
    documents: [
      { reference: DOCUMENT, name: { document: '1', community: '2', repository: '3' } },
      { reference: DOCUMENT },
    ],
    ...{ critical: [], blockedCount: 2, hasMore: true, incomplete: ['documents'] },
    missing: [{ part: 'critical-information', reason: 'down' }],
  }))

test('nothing found is nothing', () =>
  expect(toFound({ resourceType: 'Parameters' })).toEqual({
    ...{ documents: [], critical: [], blockedCount: 0, hasMore: false, incomplete: [], missing: [] },
  }))

test.each([
  ['consent', false, 'TREAT', 'consent'],
  ['consent', true, 'TREAT', 'raised-consent'],
  ['exception', false, 'TREAT', 'exception'],
  ['exception', true, 'TREAT', 'exception'],
  ['emergency', true, 'ETREAT', 'raised-emergency'],
] as const)('by %s, raised %s: %s on %s', async (ground, isRaised, purpose, basis) => {
  const asked: unknown[] = []
  const operation = async (path: string, parameters: unknown) => {
    asked.push(path, parameters)
    return { resourceType: 'Parameters' }
  }
  await look({ operation } as unknown as FhirClient, 'a', { ground, isRaised })
  expect(asked).toEqual([
    'Patient/a/$kjernejournal',
    [
      { name: 'purpose', valueCode: purpose },
      { name: 'basis', valueCode: basis },
    ],
  ])
  expect(mayRaise(ground)).toBe(ground !== 'exception')
})

test('who wrote it, and where, is told as far as the document says it', () => {
  expect(writersOf(DOCUMENT)).toEqual(['Berit Fjell', 'Sykehuset'])
  expect(writersOf({ ...DOCUMENT, author: [], custodian: { display: 'Helse Vest' } })).toEqual(['Helse Vest'])
})

test('critical information is told in its own words, with its reactions', () => {
  const allergy = {
    ...{ resourceType: 'AllergyIntolerance' as const, patient: {} },
    code: { coding: [{ code: 'J01CE02', display: 'Fenoksymetylpenicillin' }] },
    reaction: [
      { manifestation: [{ text: 'Anafylaksi' }, { coding: [{ code: '39579001' }, { display: 'Utslett' }] }] },
      { manifestation: [{ coding: [{ code: '271807003' }] }] },
    ],
  }
  expect(criticalTitle(allergy)).toBe('Fenoksymetylpenicillin')
  expect(reactionsOf(allergy)).toEqual(['Anafylaksi', 'Utslett', '271807003'])
  expect(criticalTitle({ resourceType: 'Condition', subject: {} })).toBe('–')
})
