import type { FhirClient } from '../../fhir/client.ts'
import {
  detailsOf,
  type JournalResource,
  lookInJournal,
  readJournals,
  sinceOf,
  statusesOf,
  titleOf,
  toFoundInJournal,
  wordOf,
} from './journal-data.ts'

const of = (resource: object) => resource as JournalResource

test('what was found is read: what is missing, and how much was of others', () => {
  const allergy = of({ resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' } })
  expect(
    toFoundInJournal({
      resourceType: 'Parameters',
      parameter: [
        { name: 'organization', valueString: '312229544' },
        { name: 'found', resource: allergy },
        { name: 'more', valueBoolean: true },
        { name: 'of-others', valueInteger: 2 },
        { name: 'missing', part: [{ name: 'part', valueCode: 'Condition' }] },
        { name: 'missing', part: [{ name: 'part', valueCode: 'Something' }] },
        { name: 'incomplete', valueCode: 'CarePlan' },
        { name: 'incomplete', valueCode: 'Something' },
      ],
    }),
  ).toEqual({
    ...{ organization: '312229544', found: [allergy], hasMore: true, ofOthersCount: 2, missing: ['Condition'] },
    incomplete: ['CarePlan'],
  })
  expect(toFoundInJournal({ resourceType: 'Parameters' })).toEqual({
    ...{ organization: '', found: [], hasMore: false, ofOthersCount: 0, missing: [], incomplete: [] },
  })
})

test('the EHR that is named is asked, and which there are is asked of this server', async () => {
  const asked: unknown[] = []
  const operation = async (path: string, parameters?: unknown) => {
    asked.push(path, parameters)
    return { resourceType: 'Parameters', parameter: [{ name: 'organization', valueString: '312229544' }] }
  }
  const fhir = { operation } as unknown as FhirClient
  expect(await readJournals(fhir, 'a b', new AbortController().signal)).toEqual(['312229544'])
  await lookInJournal(fhir, 'a b', '312229544')
  expect(asked).toEqual([
    ...['Patient/a%20b/$journal-status', undefined],
    ...['Patient/a%20b/$journal', [{ name: 'organization', valueString: '312229544' }]],
  ])
})

test.each([
  ['Penicillin', { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' } }],
  ['KOLS', { resourceType: 'Condition', code: { coding: [{ code: 'R95' }, { display: 'KOLS' }] } }],
  ['R95', { resourceType: 'Condition', code: { coding: [{ code: 'R95' }] } }],
  ['Tiotropium', { resourceType: 'MedicationStatement', medicationCodeableConcept: { text: 'Tiotropium' } }],
  ['Tiotropium', { resourceType: 'MedicationStatement', medicationReference: { display: 'Tiotropium' } }],
  [
    'Tiotropium',
    {
      ...{ resourceType: 'MedicationStatement', medicationReference: { reference: '#m' } },
      contained: [{ resourceType: 'Medication', id: 'm', code: { text: 'Tiotropium' } }],
    },
  ],
  ['Tiltaksplan', { resourceType: 'CarePlan', title: 'Tiltaksplan' }],
  ['Behandlingsplan', { resourceType: 'CarePlan', category: [{ text: 'Behandlingsplan' }] }],
  ['–', { resourceType: 'CarePlan' }],
  ['–', { resourceType: 'MedicationStatement' }],
])('%s is called so', (title, resource) => expect(titleOf(of(resource))).toBe(title))

test.each([
  [['Utslett'], { resourceType: 'AllergyIntolerance', reaction: [{ manifestation: [{ text: 'Utslett' }] }] }],
  [['1 morgen'], { resourceType: 'MedicationStatement', dosage: [{ text: '1 morgen' }, {}] }],
  [['Tilsyn'], { resourceType: 'CarePlan', activity: [{ detail: { description: 'Tilsyn' } }, {}] }],
  [[], { resourceType: 'Condition' }],
])('what belongs to it: %s', (details, resource) => expect(detailsOf(of(resource))).toEqual(details))

test.each([
  ['2026-01-15', { resourceType: 'CarePlan', period: { start: '2026-01-15' } }],
  ['2026', { resourceType: 'MedicationStatement', effectivePeriod: { start: '2026' } }],
  ['2019-05', { resourceType: 'Condition', onsetDateTime: '2019-05', recordedDate: '2020-01-01' }],
  [undefined, { resourceType: 'AllergyIntolerance' }],
])('since %s', (since, resource) => expect(sinceOf(of(resource))).toBe(since))

const coded = (code: string) => ({ coding: [{ code }] })
test.each([
  [['over'], { resourceType: 'CarePlan', status: 'completed' }],
  [['onHold'], { resourceType: 'CarePlan', status: 'on-hold' }],
  [[], { resourceType: 'CarePlan', status: 'active' }],
  [[], { resourceType: 'CarePlan', status: 'toString' }],
  [['over'], { resourceType: 'MedicationStatement', status: 'not-taken' }],
  [['onHold'], { resourceType: 'MedicationStatement', status: 'on-hold' }],
  [['intended'], { resourceType: 'MedicationStatement', status: 'intended' }],
  [[], { resourceType: 'MedicationStatement', status: 'active' }],
  [['over'], { resourceType: 'Condition', clinicalStatus: coded('resolved') }],
  [['over'], { resourceType: 'Condition', abatementDateTime: '2020' }],
  [['over'], { resourceType: 'Condition', abatementString: 'i fjor' }],
  [['refuted'], { resourceType: 'Condition', clinicalStatus: coded('active'), verificationStatus: coded('refuted') }],
  [['unconfirmed'], { resourceType: 'Condition', verificationStatus: coded('provisional') }],
  [[], { resourceType: 'Condition', verificationStatus: coded('confirmed') }],
  [['refuted', 'over'], allergyOf('refuted', 'inactive')],
  [[], { resourceType: 'AllergyIntolerance' }],
])('it is told to be %j: %j', (statuses, resource) => expect(statusesOf(of(resource))).toEqual(statuses))

function allergyOf(verified: string, clinical: string) {
  return { resourceType: 'AllergyIntolerance', verificationStatus: coded(verified), clinicalStatus: coded(clinical) }
}

test('that nothing is registered is said of a part alone that came, and of which nothing was left out', () => {
  const looked = (rest: object) => ({ ...toFoundInJournal({ resourceType: 'Parameters' }), ...rest })
  expect(wordOf('Condition', looked({}))).toBe('none')
  expect(wordOf('Condition', looked({ found: [{ resourceType: 'Condition' }] }))).toBeUndefined()
  expect(wordOf('Condition', looked({ incomplete: ['Condition'] }))).toBe('partIncomplete')
  expect(wordOf('Condition', looked({ incomplete: ['CarePlan'], missing: ['Condition'] }))).toBe('partMissing')
})
