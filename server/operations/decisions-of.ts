import type { Decided } from '../core/decide/decision-record.ts'
import { addDays, fromOsloClock, toOsloClock } from '../core/decide/time/oslo-time.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { Version } from '../store/store.ts'
import type { Given } from './given-parameters.ts'
import type { Parameter } from './operation.ts'

/** The resources that decisions are about, other than the patient as a whole. */
export const DECIDED_ABOUT = ['Task', 'Observation', 'QuestionnaireResponse', 'ClinicalImpression']

/** Which decisions of a patient, for operations on Patient. */
export const WHICH: Parameter[] = [
  { name: 'plan', type: 'canonical', min: 0, max: '1', documentation: 'Only by this plan; with its version or any.' },
  {
    name: 'at',
    type: 'dateTime',
    min: 0,
    max: '1',
    documentation: 'A day, by Norwegian clocks, or a time: the hour that begins then. Today when left out.',
  },
]

/** Whose decisions are shown, and what it is that they are about. */
export type Asked = { decisions: Decided[]; version: Version; resource: Resource; patient: string | undefined }

/**
 * The decisions about the resource of the path, oldest first.
 * @throws Refusal not-found, also for what the caller may not read
 */
export async function decisionsOf(
  { access, type, id }: Exchange,
  rooms: Rooms,
  given: Given,
  countMax: number,
): Promise<Asked> {
  const version = await rooms.store.read(access, type, id)
  const resource = JSON.parse(version.text ?? '{}') as Resource
  const patient = type === 'Patient' ? id : patientOf(resource)
  if (type === 'Task') return { version, resource, patient, decisions: await rooms.decisions({ task: id }) }
  if (patient === undefined) return { version, resource, patient, decisions: [] }
  const plan =
    type === 'ClinicalImpression'
      ? text(listOf(resource.protocol)[0])
      : given.has('plan')
        ? given.text('plan')
        : undefined
  const which = {
    patient,
    countMax,
    ...(type === 'Patient' ? periodAsked(given.text('at'), rooms.now()) : { about: aboutOf(resource) }),
    ...(plan === undefined ? {} : { plan }),
  }
  return { version, resource, patient, decisions: await rooms.decisions(which) }
}

/** @throws Refusal value */
export function periodAsked(at: string | undefined, now: Date): { from: string; to: string } {
  const day = at ?? toOsloClock(now).date
  if (/^\d{4}-\d\d-\d\d$/.test(day)) {
    return { from: fromOsloClock(day, 0).toISOString(), to: fromOsloClock(addDays(day, 1), 0).toISOString() }
  }
  const instant = Date.parse(day)
  if (!day.includes('T') || Number.isNaN(instant)) {
    throw refuse('value', `at must be a day or a time, such as 2026-11-17 or 2026-11-17T08:00:00Z, not ${day}.`, 'at')
  }
  return { from: new Date(instant).toISOString(), to: new Date(instant + 3_600_000).toISOString() }
}

/** A triage is about what it investigates; all else is about itself. */
function aboutOf(resource: Resource): string {
  if (resource.resourceType !== 'ClinicalImpression') return `${resource.resourceType}/${resource.id}`
  const [investigation] = listOf(resource.investigation) as { item?: { reference?: string }[] }[]
  return investigation?.item?.[0]?.reference?.split('/_history/')[0] ?? ''
}

/** The id of the Patient that a resource is about. */
function patientOf({ subject, for: beneficiary }: Resource): string | undefined {
  const { reference } = (subject ?? beneficiary ?? {}) as { reference?: string }
  return /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference ?? '')?.[1]
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
