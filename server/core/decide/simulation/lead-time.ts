import type { Encounter, MedicationRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { instantAt } from '../plan/data-requirement.ts'
import { TASK_OUTPUT } from '../plan/vocabulary.ts'
import type { Counts } from './tally.ts'

/**
 * What shows that somebody did become worse. `admission`: an Encounter as an inpatient or in an emergency. `antibiotic`: a
 * prescription of an antibiotic or of cortisone tablets (ATC J01, H02AB), with which exacerbations of COPD are treated. `confirmed`:
 * whoever closed a Task said in its output that it was real.
 */
export const DETERIORATIONS = ['admission', 'antibiotic', 'confirmed'] as const
export type Deterioration = (typeof DETERIORATIONS)[number]

/** The type in which each is found. */
export const DETERIORATION_TYPE: Record<Deterioration, string> = {
  admission: 'Encounter',
  antibiotic: 'MedicationRequest',
  confirmed: 'Task',
}

/** Task.output.type: with `valueBoolean` true, what the Task was about was real. */
const CONFIRMED = { system: TASK_OUTPUT, code: 'deterioration' }

const ADMITTED: ReadonlySet<string> = new Set(['IMP', 'ACUTE', 'NONAC', 'EMER', 'OBSENC'])
const TREATED = /^(?:J01|H02AB)/

/** How long before it a warning counts as being of it. */
const DAYS_BEFORE_MAX = 14
const DAY = 86_400_000

/** When the resource shows a deterioration of one of these kinds; undefined where it shows none. */
export function deteriorationAt(resource: Resource, kinds: ReadonlySet<Deterioration>): number | undefined {
  const at = markAt(resource, kinds)
  return at === undefined || Number.isNaN(at) ? undefined : at
}

function markAt(resource: Resource, kinds: ReadonlySet<Deterioration>): number | undefined {
  switch (resource.resourceType) {
    case 'Encounter': {
      const { class: kind, status } = resource as unknown as Encounter
      const isAdmission = ADMITTED.has(kind?.code ?? '') && status !== 'cancelled' && status !== 'entered-in-error'
      return kinds.has('admission') && isAdmission ? periodStart(resource) : undefined
    }
    case 'MedicationRequest': {
      const { medicationCodeableConcept, status } = resource as unknown as MedicationRequest
      const isTreated = medicationCodeableConcept?.coding?.some(({ code }) => TREATED.test(code ?? ''))
      const isMeant = status !== 'cancelled' && status !== 'entered-in-error' && status !== 'draft'
      return kinds.has('antibiotic') && isTreated && isMeant ? instantAt(resource, 'authoredOn') : undefined
    }
    case 'Task': {
      const { output = [], authoredOn } = resource as unknown as Task
      const isConfirmed = output.some(
        ({ type, valueBoolean }) => valueBoolean === true && type?.coding?.some(({ code }) => code === CONFIRMED.code),
      )
      return kinds.has('confirmed') && isConfirmed ? Date.parse(authoredOn ?? '') : undefined
    }
    default:
      return undefined
  }
}

const periodStart = ({ period }: Resource): number =>
  Date.parse((period as { start?: string } | undefined)?.start ?? '')

/** A Task as far as it warns of something. */
export type Warning = { at: Date; rule: string; side: keyof Counts }

/** How a rule did: of how many deteriorations it warned, how many days before, and how many Tasks that cost. */
export type LeadTime = {
  tasks: Counts
  warned: Counts
  /** Days from the first warning to the deterioration, of each that was warned of. */
  days: { [side in keyof Counts]: number[] }
}

/**
 * Holds the warnings of one patient against what happened to them, rule by rule, and adds it up.
 * @param marks when the patient became worse, in milliseconds; those nearer to each other than two weeks are one
 * @returns how many deteriorations there were
 */
export function noteLeadTimes(into: Map<string, LeadTime>, warnings: Warning[], marks: number[]): number {
  const apart = marks
    .toSorted((one, other) => one - other)
    .filter((mark, i, all) => i === 0 || mark - (all[i - 1] ?? 0) > DAYS_BEFORE_MAX * DAY)
  for (const { rule, side } of warnings) leadTimeOf(into, rule).tasks[side] += 1
  for (const mark of apart) {
    const before = warnings.filter(({ at }) => at.getTime() <= mark && mark - at.getTime() <= DAYS_BEFORE_MAX * DAY)
    for (const [key, own] of Map.groupBy(before, ({ rule, side }) => `${side} ${rule}`)) {
      const side = key.startsWith('simulated ') ? 'simulated' : 'actual'
      const first = Math.min(...own.map(({ at }) => at.getTime()))
      const found = leadTimeOf(into, key.slice(side.length + 1))
      found.warned[side] += 1
      found.days[side].push((mark - first) / DAY)
    }
  }
  return apart.length
}

function leadTimeOf(into: Map<string, LeadTime>, rule: string): LeadTime {
  const known = into.get(rule) ?? {
    tasks: { simulated: 0, actual: 0 },
    warned: { simulated: 0, actual: 0 },
    days: { simulated: [], actual: [] },
  }
  into.set(rule, known)
  return known
}
