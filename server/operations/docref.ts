import type { CarePlan, Coding, Composition, DocumentReference } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { permits } from '../access/reach.ts'
import { bundleText, links } from '../core/fhir/bundle-text.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import { offeredDocuments } from '../documents/offered.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { CLOSING } from '../lifecycle/final-summary.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { findAll } from './find-all.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'
import { languageOf } from './plan-documents.ts'
import { toldWhole } from './report-parts.ts'

/**
 * DocumentReference/$docref: the documents of a patient, those that are filed and those that are made when they are fetched.
 * @throws Refusal forbidden (scope), value
 * @see https://hl7.org/fhir/us/core/OperationDefinition-docref.html, and the same of the International Patient Access guide
 */
export const docref: Operation = {
  code: 'docref',
  title: 'Find documents',
  description:
    'The documents of a patient that the caller may see: those that are filed, and those that are made when they are fetched (the plan, a summary of the period asked about, the final report). By the dates of the care that they tell of. With neither start nor end the newest filed document of each type.',
  resource: ['DocumentReference'],
  on: ['type'],
  letter: 's',
  isOwn: true,
  in: [
    { name: 'patient', type: 'id', min: 1, max: '1', documentation: 'Id of the patient; Patient/1 is understood too.' },
    part('start', 'dateTime', 'Care from then on.'),
    part('end', 'dateTime', 'Care until then.'),
    part('type', 'string', 'A code, or system|code, of DocumentReference.type. Several mean any of them.', '*'),
    part('on-demand', 'boolean', 'True: only what is made when it is fetched. Both where it is left out or false.'),
    part('profile', 'canonical', 'Only documents that say that they follow this profile.', '*'),
    part('language', 'code', 'Of the documents that are made; what Accept-Language says where it is left out.'),
  ],
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'A searchset of DocumentReferences.' }],
  async handler(exchange, rooms) {
    const { access, query } = exchange
    const { baseUrl } = rooms
    const given = readGiven(exchange, docref)
    const patient = (given.text('patient') ?? '').replace(/^.*Patient\//, '')
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(patient))
      throw refuse('value', 'patient must be the id of a Patient.', 'patient')
    const care = careAsked(given)
    const isWanted = (document: DocumentReference) =>
      isOfType(document, given.texts('type')) &&
      isOfProfile(document, given.texts('profile')) &&
      overlaps(document, care)
    const filed = given.flag('on-demand') ? [] : await filedDocuments(rooms, access, patient)
    const wanted = filed.filter(isWanted)
    const found = care ? wanted : newestOfEachType(wanted)
    const offered = (await offers(exchange, rooms, patient, given)).filter(isWanted)
    const self = `${baseUrl}/DocumentReference/$docref${query.size > 0 ? `?${query}` : ''}`
    return {
      status: 200,
      text: bundleText({ type: 'searchset', total: found.length + offered.length, link: links({ self }) }, [
        ...found.map((one) => entry(`${baseUrl}/DocumentReference/${one.id}`, one)),
        ...offered.map((one) => entry(one.masterIdentifier?.value ?? '', one)),
      ]),
    }
  },
}

const entry = (fullUrl: string, resource: DocumentReference) =>
  JSON.stringify({ fullUrl, resource, search: { mode: 'match' } })

const filedDocuments = async (rooms: Rooms, access: Access, patient: string): Promise<DocumentReference[]> =>
  (await findAll(rooms, access, 'DocumentReference', {
    ...{ patient: `Patient/${patient}`, status: 'current', _sort: '-date' },
  })) as unknown as DocumentReference[]

/** What can be made for this caller: a document that would be refused when it is fetched is not offered. */
async function offers(exchange: Exchange, rooms: Rooms, patient: string, given: Given): Promise<DocumentReference[]> {
  const { access } = exchange
  if (!permits(access, 'CarePlan', 's')) return []
  const carePlans = (await findAll(rooms, access, 'CarePlan', {
    patient: `Patient/${patient}`,
  })) as unknown as CarePlan[]
  const may = (...types: string[]) => types.every((type) => permits(access, type, 's'))
  const reports = may('Composition')
    ? await findAll(rooms, access, 'Composition', { patient: `Patient/${patient}`, identifier: `${CLOSING}|` })
    : []
  const told = await Promise.all(reports.map((one) => carePlanTold(rooms, access, one as unknown as Composition)))
  const reported = new Set(told.flat())
  return carePlans
    .filter(({ status }) => status !== 'entered-in-error' && status !== 'draft')
    .flatMap((carePlan) =>
      offeredDocuments({
        ...{ carePlan, baseUrl: rooms.baseUrl, language: languageOf(exchange, given), now: rooms.now() },
        ...{ start: given.text('start'), end: given.text('end') },
        hasReport: reported.has(`CarePlan/${carePlan.id}`),
        mayPlan: may('Goal', 'ServiceRequest'),
        maySummary: may('Goal', 'Observation', 'Task'),
      }),
    )
}

/** The CarePlan of a report, where it would be told to this caller. */
const carePlanTold = (rooms: Rooms, access: Access, report: Composition): Promise<string[]> =>
  toldWhole(rooms, access, report).then(
    () => [report.identifier?.value ?? ''],
    (error: unknown) => {
      if (error instanceof Refusal) return []
      throw error
    },
  )

type Care = { low: string; high: string }

function careAsked(given: Given): Care | undefined {
  const [start, end] = [given.text('start'), given.text('end')].map((text) => text && parseDateInterval(text))
  if (!start && !end) return undefined
  const care = { low: (start || undefined)?.low ?? '', high: (end || undefined)?.high ?? '9999' }
  if (care.high < care.low) throw refuse('value', 'end must not be before start.', 'end')
  return care
}

/** By the care that it tells of; by its own date, where it does not say. */
function overlaps({ context, date }: DocumentReference, care: Care | undefined): boolean {
  if (!care) return true
  const { start = date, end } = context?.period ?? { end: date }
  const low = start ? (parseDateInterval(start)?.low ?? '') : ''
  const high = end ? (parseDateInterval(end)?.high ?? '9999') : '9999'
  return low < care.high && high > care.low
}

function isOfType({ type }: DocumentReference, wanted: string[]): boolean {
  const tokens = wanted.flatMap((text) => text.split(','))
  if (tokens.length === 0) return true
  return (type?.coding ?? []).some(({ system, code }) =>
    tokens.some((token) => (token.includes('|') ? token === `${system ?? ''}|${code}` : token === code)),
  )
}

const isOfProfile = ({ meta }: DocumentReference, wanted: string[]): boolean =>
  wanted.length === 0 || wanted.some((profile) => meta?.profile?.includes(profile))

/** They come newest first. */
function newestOfEachType(documents: DocumentReference[]): DocumentReference[] {
  const keyOf = ({ type }: DocumentReference) => {
    const [{ system, code } = {} as Coding] = type?.coding ?? []
    return `${system}|${code}`
  }
  return [...Map.groupBy(documents, keyOf).values()].flatMap(([newest]) => newest ?? [])
}
