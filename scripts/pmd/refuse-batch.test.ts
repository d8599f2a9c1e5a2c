import type { Bundle, BundleEntry, Observation } from '@medplum/fhirtypes'
import { MEASURES } from '../../server/senders/measures.ts'
import { type Placed, toEntry, toWithdrawal } from '../../server/senders/pmd/entry.ts'
import { faultsInBundle, faultsInEntry } from './refuse-batch.ts'

const UCUM = 'http://unitsofmeasure.org'
const PLACED: Placed = {
  ...{ organization: '312229544', municipality: '0301', bundleType: 'batch' },
  patient: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' },
}
const zone = (code: string, low: number, unit: string) => ({
  low: { value: low, unit, system: UCUM, code: unit },
  type: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code, display: code }] },
  text: `under ${low}`,
})
const observations = MEASURES.map(({ loinc, unit, parts }, i): Observation => {
  const quantity = { value: 90 + i, unit, system: UCUM, code: unit }
  return {
    ...{ resourceType: 'Observation', id: `o${i}`, status: 'final', subject: { reference: 'Patient/line' } },
    code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
    ...{ effectiveDateTime: '2026-03-02T07:55:00+01:00', issued: '2026-03-02T07:55:30Z' },
    interpretation: [{ text: 'Lav' }],
    note: [{ text: 'Etter trapp' }],
    device: { reference: 'Device/d' },
    performer: [{ reference: 'Patient/line' }],
    ...(parts
      ? {
          component: parts.map((part) => ({
            code: { coding: [{ system: 'http://loinc.org', code: part.loinc }] },
            valueQuantity: quantity,
            referenceRange: [zone('red', 80, unit)],
          })),
        }
      : { valueQuantity: quantity, referenceRange: [zone('yellow', 90, unit), zone('red', 88, unit)] }),
  }
})
const [SPO2 = {} as Observation] = observations.filter(({ code }) => code.coding?.[0]?.code === '2708-6')
const faults = (entry: BundleEntry, type: Bundle['type'] = 'batch') => faultsInEntry(entry, type, 'real')

test.each(observations.map((one) => [String(one.code.coding?.[0]?.code), one] as const))(
  '%s is taken when it is new, in the place of what it was, in a collection, and as void',
  (_code, one) => {
    expect(faults(toEntry(one, PLACED))).toEqual([])
    expect(faults(toEntry(one, { ...PLACED, place: 'Observation/17' }))).toEqual([])
    expect(faults(toEntry(one, { ...PLACED, bundleType: 'collection' }), 'collection')).toEqual([])
    const gone = toWithdrawal(one, { ...PLACED, place: 'Observation/17' })
    expect(faults(gone)).toEqual([])
    expect(JSON.stringify(gone)).not.toMatch(/"value":\d/)
  },
)

test('zones go as reference ranges under the national code, and what is said about the value does not', () => {
  const { resource } = toEntry(SPO2, PLACED)
  expect(resource.referenceRange?.map(({ low, type }) => [low?.value, type?.coding?.[0]])).toEqual([
    [90, { system: 'http://ehelse.no/fhir/CodeSystem/vkp-triage-v090', code: 'Y' }],
    [88, { system: 'http://ehelse.no/fhir/CodeSystem/vkp-triage-v090', code: 'R' }],
  ])
  expect(JSON.stringify(resource)).not.toMatch(/Lav|trapp|Device|Patient\//)
})

test('the zones of the parts of a blood pressure go with the parts', () => {
  const pressure = observations.find(({ component }) => component) as Observation
  const { component = [] } = toEntry(pressure, PLACED).resource
  expect(component.map(({ referenceRange }) => referenceRange?.[0]?.low?.value)).toEqual([80, 80])
})

test('one measurement has the same name in each version and one of its own for each organisation', () => {
  const first = toEntry(SPO2, PLACED)
  expect(toWithdrawal(SPO2, PLACED).fullUrl).toBe(first.fullUrl)
  expect(first.resource.identifier?.[0]?.value).toBe(first.fullUrl)
  expect(toEntry(SPO2, { ...PLACED, organization: '999999999' }).fullUrl).not.toBe(first.fullUrl)
})

/** Sets what stands at a path; undefined takes it away. */
function set(path: string, value: unknown): (entry: BundleEntry) => BundleEntry {
  return (entry) => {
    const copy = structuredClone(entry) as unknown as Record<string, unknown>
    const names = path.split('.')
    const last = names.pop() as string
    const parent = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
    if (value === undefined) delete parent[last]
    else parent[last] = value
    return copy as unknown as BundleEntry
  }
}

test.each([
  ['an interpretation', 'resource.interpretation', [{ text: 'Lav' }], 'Observation.interpretation'],
  ['no municipality', 'resource.meta', undefined, 'Observation.meta.tag'],
  ['no identifier', 'resource.identifier', undefined, 'Observation.identifier'],
  ['an empty text', 'resource.code.text', '', 'Observation.code.text'],
  ['the weight of a misprint', 'resource.code.coding.0.code', '29563-7', 'Observation.code'],
  ['https://loinc.org', 'resource.code.coding.0.system', 'https://loinc.org', 'Observation.code'],
  ['no SNOMED CT', 'resource.code.coding.1', { system: 'x', code: 'y' }, 'Observation.code'],
  ['another unit', 'resource.valueQuantity.code', 'mm[Hg]', 'Observation.value'],
  [
    'our own code of a zone',
    'resource.referenceRange.0.type.coding.0.code',
    'yellow',
    'Observation.referenceRange.type',
  ],
  ['a person as performer', 'resource.performer', [{ reference: 'Patient/line' }], 'Observation.performer'],
  ['a reference to the patient', 'resource.subject.reference', 'Patient/line', 'Observation.subject.identifier'],
  [
    'a number of another EHR',
    'resource.subject.identifier.system',
    'http://cosdoc/lopenummer',
    'Observation.subject.identifier',
  ],
  ['a made-up number', 'resource.subject.identifier.value', '13916900216', 'Observation.subject.identifier'],
  ['a DELETE', 'request.method', 'DELETE', 'Bundle.entry.request.method'],
  ['another place', 'request.url', 'Patient', 'Bundle.entry.request.url'],
  ['a value of what is void', 'resource.status', 'entered-in-error', 'Observation.dataAbsentReason'],
] as const)('%s is refused, with where it is', (_case, path, value, expression) =>
  expect(faults(set(path, value)(toEntry(SPO2, PLACED))).map((one) => one.expression)).toContain(expression),
)

const BUNDLE = { resourceType: 'Bundle', type: 'batch', meta: toEntry(SPO2, PLACED).resource.meta }
test.each([
  ['as it should be', { ...BUNDLE, entry: [toEntry(SPO2, PLACED)] }, []],
  ['of another type', { ...BUNDLE, type: 'transaction', entry: [toEntry(SPO2, PLACED)] }, ['Bundle.type']],
  ['with an object for a list', { ...BUNDLE, entry: toEntry(SPO2, PLACED) }, ['Bundle.entry']],
  ['with one twice', { ...BUNDLE, entry: [toEntry(SPO2, PLACED), toEntry(SPO2, PLACED)] }, ['Bundle.entry.fullUrl']],
  ['without a municipality', { ...BUNDLE, meta: {}, entry: [toEntry(SPO2, PLACED)] }, ['Bundle.meta.tag']],
  ['that is none', undefined, ['Bundle']],
] as const)('a Bundle %s', (_case, bundle, expressions) =>
  expect(faultsInBundle(bundle).map(({ expression }) => expression)).toEqual(expressions),
)
