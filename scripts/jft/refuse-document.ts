import type { Bundle, BundleEntry, Composition, DetectedIssue, Observation, Resource } from '@medplum/fhirtypes'
import { type Fault, fault } from '../helseid/stand-in.ts'

// What JFT and VKP refuse, as far as it is known, judged from what comes over the wire alone: nothing of the server's own mapping is used here.

export type Environment = 'real' | 'synthetic'

const CODES = 'http://ehelse.no/fhir/CodeSystem'
const PROFILES = 'http://ehelse.no/fhir/StructureDefinition'
const PEOPLE = ['1', '2', '3'].map((one) => `urn:oid:2.16.578.1.12.4.1.4.${one}`)
/** Elements that are lists wherever they stand in these documents. */
const LISTS = new Set([
  ...[
    'entry',
    'category',
    'author',
    'event',
    'section',
    'coding',
    'profile',
    'implicated',
    'component',
    'item',
    'answer',
    'note',
  ],
  ...['referenceRange', 'interpretation', 'extension'],
])
const ALERTS = new Set(['5.1', '5.2.1', '5.2.2', '5.2.3', '5.3', '5.3.1', '5.3.2'])
const EVENTS = new Set(['0', '1', '3', '4', '5', '6', '7', '8', '9', '10'])
const SECTIONS = new Set(['1', '1.1', '1.2', '1.3', '2'])
const NAMES: Record<string, string> = {
  Composition: `${PROFILES}/vkp-Composition-v090`,
  DetectedIssue: `${PROFILES}/vkp-DetectedIssue-v090`,
  // As its publisher spells it.
  QuestionnaireResponse: `${PROFILES}/vkp-QuestionnaireReponse-v090`,
}

/** Every fault of a document; none for one that is taken. */
export function faultsIn(value: unknown, environment: Environment): Fault[] {
  if (typeof value !== 'object' || value === null || (value as Resource).resourceType !== 'Bundle')
    return [fault('2.4', 'A Bundle is expected.', 'Bundle')]
  const faults = [...shapeOf(value, 'Bundle')]
  // What is no list where one is expected cannot be looked into.
  if (faults.length > 0) return faults
  const bundle = value as Bundle
  return [...ofBundle(bundle), ...ofEntries(bundle, environment)]
}

function* shapeOf(value: unknown, path: string, name = ''): Generator<Fault> {
  if (value === '') yield fault('2.4', 'An empty text.', path)
  if (value === null) yield fault('2.4', 'null.', path)
  if (isList(path, name) && !Array.isArray(value)) yield fault('2.4', 'A list is expected.', path)
  if (typeof value !== 'object' || value === null) return
  const parts = Object.entries(value)
  if (parts.length === 0) yield fault('2.4', 'Nothing in it.', path)
  for (const [key, one] of parts) {
    if (Array.isArray(value)) yield* shapeOf(one, `${path}[${key}]`)
    else {
      const type = (value as { resourceType?: string }).resourceType
      yield* shapeOf(one, `${type ?? path}.${key}`, key)
    }
  }
}

/** The author of a DetectedIssue is one; the code of an event is a list, though a code elsewhere is none. */
const isList = (path: string, name: string): boolean =>
  (LISTS.has(name) && path !== 'DetectedIssue.author') || /^Composition\.event\[\d+\]\.code$/.test(path)

function* ofBundle({ type, identifier, timestamp, entry = [] }: Bundle): Generator<Fault> {
  if (type !== 'document') yield fault('2.4', 'type is document.', 'Bundle.type')
  if (!identifier?.system || !identifier.value)
    yield fault('2.4', 'bdl-9: an identifier with system and value.', 'Bundle.identifier')
  if (!timestamp || Number.isNaN(Date.parse(timestamp))) yield fault('2.4', 'bdl-10: a timestamp.', 'Bundle.timestamp')
  if (entry[0]?.resource?.resourceType !== 'Composition')
    yield fault('2.4', 'bdl-11: the first entry is a Composition.', 'Bundle.entry[0]')
  for (const [i, { fullUrl = '' }] of entry.entries())
    if (!/^urn:uuid:[0-9a-f-]{36}$/.test(fullUrl)) yield fault('2.4', 'A urn:uuid.', `Bundle.entry[${i}].fullUrl`)
}

function* ofEntries(bundle: Bundle, environment: Environment): Generator<Fault> {
  const entries: BundleEntry[] = bundle.entry ?? []
  const urls = new Set(entries.map(({ fullUrl }) => fullUrl))
  for (const [, to] of JSON.stringify(bundle).matchAll(/"reference":"([^"]*)"/g))
    if (!urls.has(to)) yield fault('2.4', `${to} is not in the document.`, 'Bundle.entry')
  for (const { resource } of entries) {
    const { resourceType } = resource as Resource
    const profile = NAMES[resourceType]
    if (profile && !resource?.meta?.profile?.includes(profile))
      yield fault('2.4', `${profile} is expected.`, `${resourceType}.meta.profile`)
    if (resourceType === 'Composition') yield* ofComposition(resource as Composition)
    if (resourceType === 'DetectedIssue') yield* ofIssue(resource as DetectedIssue)
    if (resourceType === 'Observation') yield* ofObservation(resource as Observation)
  }
  yield* ofPeople(entries, environment)
}

function* ofComposition({
  status,
  type,
  category,
  event,
  section,
  date,
  title,
  author,
}: Composition): Generator<Fault> {
  if (status !== 'final') yield fault('2.4', 'final.', 'Composition.status')
  const [coding] = type?.coding ?? []
  if (coding?.system !== 'http://loinc.org' || coding.code !== '34133-9')
    yield fault('2.4', 'LOINC 34133-9.', 'Composition.type')
  if (!hasCode(category?.[0], `${CODES}/vkp-composition-category-v090`, (code) => code === '1' || code === '2'))
    yield fault('2.4', 'A category.', 'Composition.category')
  if (!date || !title || !author?.[0]) yield fault('2.4', 'date, title and author.', 'Composition')
  for (const [i, one] of (event ?? []).entries()) {
    if (
      !hasCode(one.code?.[0], `${CODES}/vkp-composition-event-v090`, (code) => EVENTS.has(code)) ||
      !one.period?.start
    )
      yield fault('2.4', 'A known code and period.start.', `Composition.event[${i}]`)
  }
  if (!event?.length) yield fault('2.4', 'At least one event.', 'Composition.event')
  for (const [i, one] of (section ?? []).entries()) {
    if (!hasCode(one.code, `${CODES}/vkp-composition-section-v090`, (code) => SECTIONS.has(code)))
      yield fault('2.4', 'A known section.', `Composition.section[${i}].code`)
    if (one.text && one.text.status !== 'additional' && one.text.status !== 'generated')
      yield fault('2.4', 'additional or generated.', `Composition.section[${i}].text.status`)
  }
}

function* ofIssue({ code, severity, patient }: DetectedIssue): Generator<Fault> {
  if (!hasCode(code, `${CODES}/vkp-alert-code-v090`, (one) => ALERTS.has(one)))
    yield fault('2.4', 'A known alert.', 'DetectedIssue.code')
  if (severity !== undefined && !['high', 'moderate', 'low'].includes(severity))
    yield fault('2.4', 'high, moderate or low.', 'DetectedIssue.severity')
  if (!patient) yield fault('2.4', 'A patient.', 'DetectedIssue.patient')
}

function* ofObservation({ code, category, valueQuantity }: Observation): Generator<Fault> {
  const codings = code.coding ?? []
  if (codings.some(({ system }) => system?.startsWith('https://loinc')))
    yield fault('2.4', 'http://loinc.org.', 'Observation.code')
  if (codings.some((one) => one.code === '29563-7')) yield fault('2.4', 'Weight is 29463-7.', 'Observation.code')
  if (!category?.length) yield fault('2.4', 'A category.', 'Observation.category')
  if (valueQuantity && valueQuantity.system !== 'http://unitsofmeasure.org')
    yield fault('2.4', 'UCUM.', 'Observation.value')
}

/** One person, by a national number that fits the environment. */
function* ofPeople(entries: BundleEntry[], environment: Environment): Generator<Fault> {
  const found = entries.flatMap(({ resource }) => {
    const { subject, patient } = (resource ?? {}) as {
      subject?: { identifier?: Person }
      patient?: { identifier?: Person }
    }
    const person = subject?.identifier ?? patient?.identifier
    return person ? [person] : []
  })
  if (found.length < entries.length) yield fault('2.1', 'Everybody is named by an identifier.', 'Bundle.entry')
  if (new Set(found.map(({ value }) => value)).size > 1)
    yield fault('2.1', 'One document is about one person.', 'Composition.subject')
  const [first] = found
  if (!first || !PEOPLE.includes(first.system ?? '') || !/^\d{11}$/.test(first.value ?? ''))
    yield fault('2.1', 'A fødselsnummer, D-number or FH-number.', 'Composition.subject.identifier')
  else if (isMadeUp(first.value ?? '') !== (environment === 'synthetic'))
    yield fault('2.1', 'Real and synthetic numbers are not mixed.', 'Composition.subject.identifier')
}
type Person = { system?: string; value?: string }

/** Tenor, Norsk helsenett and Dolly add to the month. */
const isMadeUp = (number: string): boolean => Number(number.slice(2, 4)) > 12

type Coded = { coding?: { system?: string; code?: string }[] }
const hasCode = (concept: Coded | undefined, system: string, isKnown: (code: string) => boolean): boolean =>
  (concept?.coding ?? []).some((one) => one.system === system && isKnown(one.code ?? ''))
