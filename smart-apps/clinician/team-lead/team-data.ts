import type { Bundle, CarePlan, MeasureReport, Observation, PlanDefinition, Resource, Task } from '@medplum/fhirtypes'
import { OPEN_STATUSES } from '../../../server/core/decide/task/task-status.ts'
import { type FhirClient, nextLink, ofType, type Query } from '../../fhir/client.ts'
import { ADHERENCE_DAYS } from './figures.ts'

const DAY_MILLIS = 86_400_000
const PAGE = 500
/** More would keep whoever asks waiting; that it is cut is told. */
const READ_COUNT_MAX = 5_000

/** What was read, and whether there is more of it than is counted. */
export type Read<T> = { found: T[]; isCut: boolean }

async function readAll<T extends Resource['resourceType']>(
  fhir: FhirClient,
  type: T,
  query: Query,
  signal: AbortSignal,
): Promise<Read<Extract<Resource, { resourceType: T }>>> {
  const found: Extract<Resource, { resourceType: T }>[] = []
  let bundle: Bundle = await fhir.search(type, { ...query, _count: PAGE }, signal)
  for (;;) {
    found.push(...ofType(bundle, type))
    const next = nextLink(bundle)
    if (!next) return { found, isCut: false }
    if (found.length >= READ_COUNT_MAX) return { found, isCut: true }
    bundle = await fhir.page(next, signal)
  }
}

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MILLIS)

const COUNTED =
  'status,priority,businessStatus,code,identifier,owner,extension,authoredOn,executionPeriod,lastModified,restriction'

export const readOpen = (fhir: FhirClient, signal: AbortSignal): Promise<Read<Task>> =>
  readAll(fhir, 'Task', { status: [...OPEN_STATUSES].join(), _elements: COUNTED }, signal)

export const readDone = (fhir: FhirClient, since: Date, signal: AbortSignal): Promise<Read<Task>> =>
  readAll(
    fhir,
    'Task',
    { status: 'completed', 'authored-on': `ge${since.toISOString()}`, _sort: '-authored-on', _elements: COUNTED },
    signal,
  )

/** @property names what teams are called, by their reference  @property shared those that are not of one patient, by name */
export type Teams = { names: ReadonlyMap<string, string>; shared: readonly { reference: string; name: string }[] }

export async function readTeams(fhir: FhirClient, signal: AbortSignal): Promise<Teams> {
  const { found } = await readAll(fhir, 'CareTeam', { _elements: 'name,subject' }, signal)
  const teams = found.map(({ id, name, subject }) => ({ reference: `CareTeam/${id}`, name: name ?? '', subject }))
  return {
    names: new Map(teams.map(({ reference, name }) => [reference, name])),
    shared: teams
      .filter(({ name, subject }) => name !== '' && !subject)
      .sort((one, other) => one.name.localeCompare(other.name, 'nb')),
  }
}

export type Pathway = PlanDefinition & { id: string }
/** The plans in force that somebody is followed by. */
export async function readPathways(fhir: FhirClient, signal: AbortSignal): Promise<Pathway[]> {
  const [plans, carePlans] = await Promise.all([
    readAll(fhir, 'PlanDefinition', { status: 'active', _elements: 'url,title,version' }, signal),
    readAll(fhir, 'CarePlan', { status: 'active,on-hold', _elements: 'instantiatesCanonical' }, signal),
  ])
  const followed = new Set(
    carePlans.found.flatMap(
      ({ instantiatesCanonical }) => instantiatesCanonical?.map((one) => one.split('|')[0]) ?? [],
    ),
  )
  return plans.found.filter((plan): plan is Pathway => followed.has(plan.url))
}

export type Rates = { report: MeasureReport; plan: PlanDefinition }
/** @param about.team `CareTeam/7`; undefined: all */
export async function readRates(
  fhir: FhirClient,
  plan: string,
  { since, team }: { since: Date; team: string | undefined },
  signal: AbortSignal,
): Promise<Rates> {
  const [report, stored] = await Promise.all([
    fhir.operation<MeasureReport>(
      `PlanDefinition/${plan}/$rule-rates`,
      [
        { name: 'start', valueInstant: since.toISOString() },
        ...(team ? [{ name: 'team', valueReference: { reference: team } }] : []),
      ],
      { signal },
    ),
    fhir.read('PlanDefinition', plan, signal),
  ])
  return { report, plan: stored }
}

export type Followed = { carePlans: CarePlan[]; observations: Observation[]; isCut: boolean }

export async function readFollowed(fhir: FhirClient, now: Date, signal: AbortSignal): Promise<Followed> {
  const since = daysBefore(now, ADHERENCE_DAYS).toISOString()
  const [carePlans, observations] = await Promise.all([
    readAll(
      fhir,
      'CarePlan',
      { status: 'active', _elements: 'status,subject,period,instantiatesCanonical,careTeam' },
      signal,
    ),
    readAll(
      fhir,
      'Observation',
      { category: 'vital-signs', date: `ge${since}`, _elements: 'subject,effective' },
      signal,
    ),
  ])
  return {
    ...{ carePlans: carePlans.found, observations: observations.found },
    isCut: carePlans.isCut || observations.isCut,
  }
}

export async function readForecasts(fhir: FhirClient, now: Date, signal: AbortSignal): Promise<MeasureReport[]> {
  const query = {
    measure: 'http://fylgje.no/fhir/Measure/workload-forecast',
    date: `ge${daysBefore(now, 21).toISOString()}`,
  }
  return (await readAll(fhir, 'MeasureReport', query, signal)).found
}
