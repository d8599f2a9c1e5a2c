import type { CarePlan, Composition, Goal, Observation, Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits, reachOf } from '../access/reach.ts'
import { createNames } from '../audit-trail/name-of.ts'
import { instantAt } from '../core/decide/plan/data-requirement.ts'
import { intervalOf } from '../core/decide/time/date-precision.ts'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import type { DocumentKind } from '../lifecycle/care-plan-document.ts'
import { CLOSING } from '../lifecycle/final-summary.ts'
import { labelledAs, labelsOf } from '../lifecycle/labels.ts'
import { said, section } from '../lifecycle/narrative-section.ts'
import { periodSummary } from '../lifecycle/period-summary.ts'
import { planDocument, titleIn } from '../lifecycle/plan-document.ts'
import { SUMMARY_WORDS } from '../lifecycle/summary-words.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import { type Criteria, findAll } from './find-all.ts'
import { isNarrowedAtAll } from './narrowed.ts'
import { ReaderThen } from './reader-then.ts'
import { toldWhole } from './report-parts.ts'

/** @param start dates, of a summary */
export type DocumentAsked = {
  kind: DocumentKind
  start?: string | undefined
  end?: string | undefined
  /** As a copy: refused where it would lack something that others may see. */
  isToBeKept?: boolean
}

export type Documented = {
  composition: Composition
  patient: Patient | undefined
  carePlan: CarePlan
  /** What it was made of, for its labels. */
  sources: Resource[]
  /** Whether something of the patient is closed to whoever asks, and so is not in it. */
  isPartial: boolean
}

/**
 * The document of a CarePlan, of what the caller may see of it now: the plan as agreed, what was in a period, or the report of its end.
 * @throws Refusal not-found; forbidden (a scope that the document needs); value (the period); business-rule (no report before the end, or a copy that
 * would lack something)
 */
export async function documentOf(rooms: Rooms, access: Access, id: string, asked: DocumentAsked): Promise<Documented> {
  const { store } = rooms
  const carePlan = JSON.parse((await store.read(access, 'CarePlan', id)).text ?? '{}') as CarePlan
  const patientId = carePlan.subject.reference?.split('/').at(-1) ?? ''
  const patient = await readIfOpen<Patient>(store, access, `Patient/${patientId}`)
  const isPartial = (await store.ties(access, [patientId])).closedBy.length > 0
  const made = await compositionOf(rooms, access, carePlan, asked)
  const sources = [carePlan as unknown as Resource, ...made.sources]
  if (asked.kind === 'final') return { composition: made.composition, patient, carePlan, sources, isPartial }
  // What is kept lacks nothing, which has been looked at.
  const isNarrowed = !asked.isToBeKept && MADE_OF[asked.kind].some((type) => isNarrowedAtAll(access, type))
  const composition = {
    ...made.composition,
    ...labelledAs(labelsOf(sources)),
    section: [
      ...(isPartial ? [CLOSED_NOTICE] : []),
      ...(isNarrowed ? [NARROWED_NOTICE] : []),
      ...(made.composition.section ?? []),
    ],
  }
  return { composition, patient, carePlan, sources, isPartial }
}

const MADE_OF = { plan: ['Goal', 'ServiceRequest'], summary: ['Goal', 'Observation', 'Task'] } as const

type Made = Pick<Documented, 'composition' | 'sources'>

const EVERYTHING = engineAccess('documents')

async function compositionOf(
  rooms: Rooms,
  access: Access,
  carePlan: CarePlan,
  { kind, start, end, isToBeKept = false }: DocumentAsked,
): Promise<Made> {
  const reference = `CarePlan/${carePlan.id}`
  const patient = carePlan.subject.reference ?? ''
  const now = rooms.now()
  const find = async (type: string, criteria: Criteria, isWanted: (one: Resource) => boolean = () => true) => {
    if (!permits(access, type, 's')) throw notPermitted(type, 's')
    const found = (await findAll(rooms, access, type, criteria)).filter(isWanted)
    if (isToBeKept && reachOf(access, type, 's').kind !== 'all') {
      const all = (await findAll(rooms, EVERYTHING, type, criteria)).filter(isWanted)
      if (all.length > found.length) throw incomplete()
    }
    return found
  }
  if (kind === 'final') {
    const [found] = await find('Composition', { patient, identifier: `${CLOSING}|${reference}` })
    if (!found)
      throw refuse('business-rule', `There is no final report of ${reference}: it is written when the plan has ended.`)
    return { composition: await toldWhole(rooms, access, found as unknown as Composition), sources: [found] }
  }
  const goalIds = (carePlan.goal ?? []).flatMap(({ reference: of }) => of?.split('/').at(-1) ?? [])
  const goals = goalIds.length > 0 ? await find('Goal', { patient, _id: goalIds.join(',') }) : []
  const [plan] = await new ReaderThen(access, rooms).plansOf(carePlan, now.toISOString())
  if (kind === 'plan') {
    const requests = await find('ServiceRequest', { patient, 'based-on': reference, status: 'active' })
    const composition = planDocument({
      ...{ carePlan, plan, now, goals: goals as unknown as Goal[], requests: requests as unknown as ServiceRequest[] },
      responsible: await namesOf(rooms, access, carePlan),
    })
    return { composition, sources: [...goals, ...requests] }
  }
  const { low, high } = spanOf(carePlan, now, start, end)
  const isIn = (path: string) => (one: Resource) => instantAt(one, path) >= low && instantAt(one, path) < high
  // A day more on each side: a search takes a date without a time for a day of UTC.
  const around = [`ge${new Date(low - DAY).toISOString()}`, `le${new Date(high + DAY).toISOString()}`]
  const ofPlan = { patient, 'based-on': reference }
  const [measured, made] = await Promise.all([
    find('Observation', { patient, date: around, _sort: 'date' }, isIn('effective')),
    find('Task', { ...ofPlan, 'authored-on': around, _sort: 'authored-on' }, isIn('authoredOn')),
  ])
  const title = [titleIn(carePlan, plan, 'nb'), plan?.version].filter(Boolean).join(' ')
  const period = { start: toOsloDateTime(new Date(low)), end: toOsloDateTime(new Date(high - 1)) }
  const composition = periodSummary({
    ...{ carePlan, plan: title, now, period, goals: goals as unknown as Goal[] },
    ...{ observations: measured as unknown as Observation[], tasks: made as unknown as Task[] },
  })
  return { composition, sources: [...goals, ...measured, ...made] }
}

const DAY = 86_400_000

/** Milliseconds [low, high), by days of Norway. From the beginning of the plan until now, unless it is said otherwise. */
function spanOf(carePlan: CarePlan, now: Date, start: string | undefined, end: string | undefined) {
  const from = start ?? carePlan.period?.start
  const low =
    from === undefined ? Date.parse(carePlan.meta?.lastUpdated ?? now.toISOString()) : daysOf('start', from).low
  const high = end === undefined ? now.getTime() + 1 : daysOf('end', end).high
  if (high <= low) throw refuse('value', 'end must not be before start.', 'end')
  return { low, high }
}

function daysOf(name: string, text: string) {
  // Which dates a calendar has is known there; when their days begin, here.
  if (!parseDateInterval(text)) throw refuse('value', `${name} must be a date, not ${text}.`, name)
  return intervalOf(text)
}

const incomplete = () =>
  refuse(
    'business-rule',
    'There is something that you may not see, or that is outside of your scopes, and a copy that is filed must not lack it. CarePlan/$document and $pdf tell what you may see.',
    'CarePlan',
  )

async function namesOf(rooms: Rooms, access: Access, { careTeam = [] }: CarePlan): Promise<string[]> {
  const names = await Promise.all(
    careTeam.map(async ({ reference = '', display }) => {
      const team = await readIfOpen<{ name?: string } & Resource>(rooms.store, access, reference)
      return team?.name ?? display
    }),
  )
  return names.flatMap((name) => name ?? [])
}

/** A document that leaves something out says so, and not what. */
const CLOSED_NOTICE = section(SUMMARY_WORDS.closed, said(SUMMARY_WORDS.closedText))
/** The same whatever is there: it does not tell that there is something. */
const NARROWED_NOTICE = section(SUMMARY_WORDS.narrowed, said(SUMMARY_WORDS.narrowedText))

/** Whoever wrote a document, as people say it. */
export async function authorName(rooms: Rooms, access: Access, { author }: Composition): Promise<string> {
  const [first] = author
  const findName = createNames((reference) => readIfOpen(rooms.store, access, reference))
  return (await findName(first?.reference ?? '')) ?? first?.display ?? first?.reference ?? ''
}
