import type { Bundle, BundleEntry, Observation } from '@medplum/fhirtypes'
import { type Fault, fault } from '../helseid/stand-in.ts'

// What the service for measurements refuses, as far as it is known, judged from what comes over the wire alone: nothing of the server's own
// mapping is used here.

export type Environment = 'real' | 'synthetic'
const PEOPLE = ['1', '2', '3'].map((one) => `urn:oid:2.16.578.1.12.4.1.4.${one}`)
const ORGANIZATION = 'urn:oid:2.16.578.1.12.4.1.4.101'
const MUNICIPALITY = 'urn:oid:2.16.578.1.12.4.1.1.3402'
const UCUM = 'http://unitsofmeasure.org'
/** The unit of each measure, by LOINC; of blood pressure the parts have one. */
const UNITS: Readonly<Record<string, string | undefined>> = {
  ...{ '8867-4': '/min', '85354-9': undefined, '2708-6': '%', '9279-1': '/min', '8310-5': 'Cel', '29463-7': 'kg' },
  '15074-8': 'mmol/L',
}
const PARTS = new Set(['8480-6', '8462-4'])
const ZONES = new Set(['R', 'O', 'Y', 'G', 'B', 'BL', 'NR'])
const STATUSES = new Set(['final', 'amended', 'corrected', 'entered-in-error'])

/** What is wrong with the Bundle as a whole: nothing of it is taken then. */
export function faultsInBundle(value: unknown): Fault[] {
  const bundle = value as Bundle | undefined
  if (bundle?.resourceType !== 'Bundle') return [fault('2.4', 'A Bundle is expected.', 'Bundle')]
  if (bundle.type !== 'batch' && bundle.type !== 'collection')
    return [fault('2.4', 'type is batch or collection.', 'Bundle.type')]
  if (!Array.isArray(bundle.entry) || bundle.entry.length === 0)
    return [fault('2.4', 'A list of entries is expected.', 'Bundle.entry')]
  const faults: Fault[] = []
  if (!bundle.meta?.tag?.some(isMunicipality))
    faults.push(fault('2.4', 'The municipality, by four digits.', 'Bundle.meta.tag'))
  const urls = bundle.entry.map(({ fullUrl }) => fullUrl)
  for (const [i, url] of urls.entries())
    if (!/^urn:uuid:[0-9a-f-]{36}$/.test(url ?? ''))
      faults.push(fault('2.4', 'A urn:uuid.', `Bundle.entry[${i}].fullUrl`))
  if (new Set(urls).size < urls.length) faults.push(fault('2.4', 'Each once.', 'Bundle.entry.fullUrl'))
  return faults
}

const isMunicipality = ({ system, code }: { system?: string; code?: string }): boolean =>
  system === MUNICIPALITY && /^\d{4}$/.test(code ?? '')

/** What is wrong with one entry: the others are taken. */
export function faultsInEntry(
  { resource, request }: BundleEntry,
  type: Bundle['type'],
  environment: Environment,
): Fault[] {
  if (resource?.resourceType !== 'Observation') return [fault('2.4', 'Observations and nothing else.', 'Bundle.entry')]
  return [
    ...ofRequest(request, resource, type),
    ...emptyIn(resource, 'Observation'),
    ...ofObservation(resource, environment),
  ]
}

function* ofRequest(request: BundleEntry['request'], { id }: Observation, type: Bundle['type']): Generator<Fault> {
  if (type === 'collection') {
    if (request) yield fault('2.4', 'A collection asks for nothing.', 'Bundle.entry.request')
    return
  }
  if (request?.method !== 'POST' && request?.method !== 'PUT')
    yield fault('2.4', 'POST or PUT.', 'Bundle.entry.request.method')
  if (request?.method === 'POST' && request.url !== 'Observation')
    yield fault('2.4', 'Observation.', 'Bundle.entry.request.url')
  if (request?.method === 'PUT' && (!id || request.url !== `Observation/${id}`))
    yield fault('2.4', 'Observation/ and the id of the resource.', 'Bundle.entry.request.url')
}

function* emptyIn(value: unknown, path: string): Generator<Fault> {
  if (value === '' || value === null) yield fault('2.4', 'Empty.', path)
  if (typeof value !== 'object' || value === null) return
  const parts = Object.entries(value)
  if (parts.length === 0) yield fault('2.4', 'Nothing in it.', path)
  for (const [name, one] of parts) yield* emptyIn(one, `${path}.${name}`)
}

function* ofObservation(observation: Observation, environment: Environment): Generator<Fault> {
  const { status, code, subject, identifier, category, interpretation, performer = [], valueQuantity } = observation
  const { component, referenceRange = [], dataAbsentReason, meta } = observation
  const at = (path: string, text: string) => fault('2.4', text, `Observation.${path}`)
  if (!STATUSES.has(status)) yield at('status', 'A measurement that was made.')
  if (!meta?.tag?.some(isMunicipality)) yield at('meta.tag', 'The municipality, by four digits.')
  if (!identifier?.[0]?.system || !identifier[0].value) yield at('identifier', 'An identifier with system and value.')
  if (!category?.some(({ coding }) => coding?.some((one) => one.code === 'vital-signs')))
    yield at('category', 'vital-signs.')
  const loinc = code.coding?.find(({ system }) => system === 'http://loinc.org')?.code ?? ''
  if (!(loinc in UNITS)) yield at('code', 'A known measure by LOINC.')
  if (!code.coding?.some(({ system }) => system === 'http://snomed.info/sct')) yield at('code', 'SNOMED CT beside it.')
  if (!observation.effectiveDateTime && !observation.effectivePeriod) yield at('effective', 'When it was measured.')
  // The service interprets nothing, and takes no interpretation.
  if (interpretation) yield at('interpretation', 'None.')
  for (const one of performer)
    if (one.reference || one.identifier?.system !== ORGANIZATION || !/^\d{9}$/.test(one.identifier.value ?? ''))
      yield at('performer', 'An organisation by its number.')
  const isVoid = status === 'entered-in-error'
  if (isVoid !== (dataAbsentReason !== undefined))
    yield at('dataAbsentReason', 'Where there is no value, and only there.')
  const values = component ? component.map((one) => one.valueQuantity) : [valueQuantity]
  for (const one of isVoid ? [] : values)
    if (one?.value === undefined || one.system !== UCUM || one.code !== (UNITS[loinc] ?? 'mm[Hg]'))
      yield at('value', `A number in ${UNITS[loinc] ?? 'mm[Hg]'}.`)
  for (const one of component ?? [])
    if (!one.code.coding?.some((coding) => PARTS.has(coding.code ?? ''))) yield at('component.code', 'A known part.')
  for (const { type } of [...referenceRange, ...(component ?? []).flatMap((one) => one.referenceRange ?? [])])
    if (type && !type.coding?.some((one) => ZONES.has(one.code ?? ''))) yield at('referenceRange.type', 'A zone.')
  const { system = '', value = '' } = subject?.identifier ?? {}
  if (subject?.reference || !PEOPLE.includes(system) || !/^\d{11}$/.test(value))
    yield fault('2.1', 'A fødselsnummer, D-number or FH-number.', 'Observation.subject.identifier')
  else if (Number(value.slice(2, 4)) > 12 !== (environment === 'synthetic'))
    yield fault('2.1', 'Real and synthetic numbers are not mixed.', 'Observation.subject.identifier')
}
