import type { CarePlan, Composition, Goal, Observation, Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { instantAt } from '../core/decide/plan/data-requirement.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { CLOSING } from '../lifecycle/final-summary.ts'
import { periodSummary } from '../lifecycle/period-summary.ts'
import { planDocument, titleIn } from '../lifecycle/plan-document.ts'
import { said, section } from '../lifecycle/summary-sections.ts'
import { SUMMARY_WORDS } from '../lifecycle/summary-words.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { findAll } from './find-all.ts'
import { ReaderThen } from './reader-then.ts'
import { toldWhole } from './report-parts.ts'

export const DOCUMENT_KINDS = ['plan', 'summary', 'final'] as const
export type DocumentKind = (typeof DOCUMENT_KINDS)[number]

/** @param start dates, of a summary */
export type DocumentAsked = { kind: DocumentKind; start?: string | undefined; end?: string | undefined }

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
 * @throws Refusal not-found; forbidden (a scope that the document needs); value (the period); business-rule (no report before the end)
 */
export async function documentOf(rooms: Rooms, access: Access, id: string, asked: DocumentAsked): Promise<Documented> {
  const { store } = rooms
  const carePlan = parsed<CarePlan>((await store.read(access, 'CarePlan', id)).text)
  const patientId = carePlan.subject.reference?.split('/').at(-1) ?? ''
  const patient = await readIfOpen<Patient>(rooms, access, `Patient/${patientId}`)
  const isPartial = (await store.ties(access, [patientId])).closedBy.length > 0
  const { composition, sources } = await compositionOf(rooms, access, carePlan, asked)
  const told = isPartial && asked.kind !== 'final' ? withNotice(composition) : composition
  return { composition: told, patient, carePlan, sources: [carePlan as unknown as Resource, ...sources], isPartial }
}

type Made = Pick<Documented, 'composition' | 'sources'>

async function compositionOf(
  rooms: Rooms,
  access: Access,
  carePlan: CarePlan,
  { kind, start, end }: DocumentAsked,
): Promise<Made> {
  const reference = `CarePlan/${carePlan.id}`
  const patient = carePlan.subject.reference ?? ''
  const now = rooms.now()
  const find = (type: string, criteria: Record<string, string>) => {
    if (!permits(access, type, 's')) throw notPermitted(type, 's')
    return findAll(rooms, access, type, criteria)
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
  const period = periodOf(carePlan, now, start, end)
  const [from, until] = [Date.parse(period.start), Date.parse(period.end)]
  const isIn = (at: number) => at >= from && at <= until
  const [observations, tasks] = await Promise.all([
    find('Observation', { patient, date: `ge${period.start}`, _sort: 'date' }),
    find('Task', { patient, 'based-on': reference, 'authored-on': `ge${period.start}`, _sort: 'authored-on' }),
  ])
  const measured = observations.filter((one) => isIn(instantAt(one, 'effective')))
  const made = tasks.filter((one) => isIn(instantAt(one, 'authoredOn')))
  const title = [titleIn(carePlan, plan, 'nb'), plan?.version].filter(Boolean).join(' ')
  const composition = periodSummary({
    ...{ carePlan, plan: title, now, period, goals: goals as unknown as Goal[] },
    ...{ observations: measured as unknown as Observation[], tasks: made as unknown as Task[] },
  })
  return { composition, sources: [...goals, ...measured, ...made] }
}

/** From the beginning of the plan until now, unless it is said otherwise. */
function periodOf(carePlan: CarePlan, now: Date, start: string | undefined, end: string | undefined) {
  const [from, until] = [intervalOf('start', start ?? carePlan.period?.start), intervalOf('end', end)]
  const period = {
    start: from?.low ?? carePlan.meta?.lastUpdated ?? now.toISOString(),
    end: until?.high ?? now.toISOString(),
  }
  if (period.end < period.start) throw refuse('value', 'end must not be before start.', 'end')
  return period
}

function intervalOf(name: string, text: string | undefined) {
  if (text === undefined) return undefined
  const interval = parseDateInterval(text)
  if (!interval) throw refuse('value', `${name} must be a date, not ${text}.`, name)
  return interval
}

async function namesOf(rooms: Rooms, access: Access, { careTeam = [] }: CarePlan): Promise<string[]> {
  const names = await Promise.all(
    careTeam.map(async ({ reference = '', display }) => {
      const team = await readIfOpen<{ name?: string } & Resource>(rooms, access, reference)
      return team?.name ?? display
    }),
  )
  return names.flatMap((name) => name ?? [])
}

/** Undefined for what is not there, or not the caller's to see. */
export async function readIfOpen<T>(
  { store }: Pick<Rooms, 'store'>,
  access: Access,
  reference: string,
): Promise<T | undefined> {
  const [, type = '', id = ''] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? []
  if (type === '') return undefined
  try {
    return parsed<T>((await store.read(access, type, id)).text)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const parsed = <T>(text: string | undefined): T => JSON.parse(text ?? '{}') as T

/** A document that leaves something out says so, and not what. */
const withNotice = (composition: Composition): Composition => ({
  ...composition,
  section: [section(SUMMARY_WORDS.closed, said(SUMMARY_WORDS.closedText), []), ...(composition.section ?? [])],
})

/** Whoever wrote a document, as people say it. */
export async function authorName(rooms: Rooms, access: Access, { author }: Composition): Promise<string> {
  const [first] = author
  const person = await readIfOpen<{ name?: { text?: string; given?: string[]; family?: string }[] | string }>(
    rooms,
    access,
    first?.reference ?? '',
  )
  const name = person?.name
  if (typeof name === 'string') return name
  const [{ text, given = [], family } = {}] = name ?? []
  return text ?? ([...given, family].filter(Boolean).join(' ') || (first?.display ?? first?.reference ?? ''))
}
