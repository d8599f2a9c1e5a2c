import { engineAccess } from '../access/engine-access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Change, Store } from '../store/store.ts'
import { demoCare } from './care.ts'
import { copdDefinition } from './copd-pathway.ts'
import { datesSince, dayId, dayOf } from './days-since.ts'
import { demoEnrolment } from './enrolment.ts'
import { demoHomeVisit } from './home-visit.ts'
import { demoKin } from './kin.ts'
import { withLimitRanges } from './limit-ranges.ts'
import { demoOrders } from './orders.ts'
import { demoOrganizations } from './organizations.ts'
import { demoPatientResources } from './patients.ts'
import { patientsOfOthers } from './patients-of-others.ts'
import { recordBefore } from './record-before.ts'
import { type DemoPatient, demoPatients } from './roster.ts'
import { diaryOf } from './symptom-diary.ts'
import { type Occasion, timelineOf } from './timeline.ts'
import { observationsOf } from './vital-signs.ts'
import { workedOff } from './worked-off.ts'

export type Seeding = {
  store: Store
  now: Date
  /** Moves the engine past all that is written so far, so that history raises no Tasks. The engine must not run yet. */
  skipEvents: () => Promise<void>
  log: (line: string) => void
}

/** Events, and later the patients' logs, say that this was the demo. */
const DEMO_ACCESS = engineAccess('demo-data')

/** Who has a login, and opens the app of patients. */
const LOGGED_IN = 'line'

/** How many changes go in one transaction. */
const CHANGES_MAX = 400

/**
 * Demo data, once per database. Killed halfway it goes on where it was: a patient is there with all their history or not at
 * all, and enrolment, the last step, is one transaction. The engine then finds the plans and today's measurements, and
 * makes the Tasks of the first day itself. Called again on a later day, it adds what the patients have measured since.
 * @returns how many resources were written; 0 when all were there
 */
export async function seedDemo(seeding: Seeding): Promise<number> {
  const seededAt = await whenWritten(seeding, 'CarePlan', 'demo-line-kols')
  return seededAt ? addDaysSince(seeding, seededAt) : seedFirst(seeding)
}

async function seedFirst(seeding: Seeding): Promise<number> {
  const { store, skipEvents, log } = seeding
  const patients = demoPatients()
  const plan = copdPlan()
  let count = 0
  const write = async (resources: Resource[]) => {
    await store.writeAll(DEMO_ACCESS, resources.map(toChange))
    count += resources.length
  }
  await write([...demoOrganizations(), ...patientsOfOthers()].map(toResource))
  for (const batch of batchesOf(await missing(seeding, patients), (patient) => historyOf(patient, plan, seeding.now))) {
    await write(batch)
    log(`demo data: ${count} resources`)
  }
  await skipEvents()
  await write(patients.flatMap((patient) => todayOf(patient, plan, seeding.now)))
  return count
}

/** The demo goes on: the days since it was seeded, a day to a transaction, for all but the silent. */
async function addDaysSince(seeding: Seeding, seededAt: Date): Promise<number> {
  const { store, now, log } = seeding
  const patients = demoPatients().filter(({ story }) => story !== 'silent')
  const [line] = patients
  if (!line) return 0
  const missing: string[] = []
  for (const date of datesSince(seededAt, now)) {
    if (await whenWritten(seeding, 'Observation', dayId(line, date, 'spo2'))) break
    missing.unshift(date)
  }
  let count = 0
  for (const date of missing) {
    const day = patients.flatMap((patient) => dayOf(patient, date, now)).map(toResource)
    await store.writeAll(DEMO_ACCESS, day.map(toChange))
    count += day.length
    log(`demo data: ${count} measurements of the days since`)
  }
  return count
}

/** Canonical of the plan in which the patients are enrolled, with the version that this server ships. */
function copdPlan(): string {
  const { url, version } = copdDefinition()
  return `${url}|${version}`
}

/** All demo data at once, in the order of writing. */
export const demoResources = (patients: DemoPatient[], plan: string, now: Date): Resource[] => [
  ...[...demoOrganizations(), ...patientsOfOthers()].map(toResource),
  ...patients.flatMap((patient) => historyOf(patient, plan, now)),
  ...patients.flatMap((patient) => todayOf(patient, plan, now)),
]

/** Everything of a patient that the engine need not look at. */
function historyOf(patient: DemoPatient, plan: string, now: Date): Resource[] {
  const { occasions } = timelineOf(patient, now)
  const dealtWith = workedOff(patient, plan, now)
  const earlier = patient.story === 'silent' ? occasions : occasions.slice(0, -1)
  return [
    ...demoPatientResources(patient).map(toResource),
    ...demoKin(patient, now).map(toResource),
    ...earlier.flatMap((occasion) => measured(patient, occasion)),
    ...dealtWith.map(toResource),
    ...recordBefore(patient, dealtWith, now).map(toResource),
    ...demoHomeVisit(patient, now).map(toResource),
  ]
}

/** The plan and the last measurement: what the engine is to see. */
function todayOf(patient: DemoPatient, plan: string, now: Date): Resource[] {
  const last = patient.story === 'silent' ? undefined : timelineOf(patient, now).occasions.at(-1)
  return [
    ...demoEnrolment(patient, plan, now).map(toResource),
    ...(patient.slug === LOGGED_IN ? [...demoOrders(patient, now), ...demoCare(patient, now)].map(toResource) : []),
    ...(last ? measured(patient, last) : []),
  ]
}

const measured = (patient: DemoPatient, occasion: Occasion): Resource[] => [
  ...withLimitRanges(patient, observationsOf(patient, occasion).map(toResource), occasion.at),
  ...diaryOf(patient, occasion).map(toResource),
]

/** Patients' resources, several patients to a transaction, none divided between two. */
function* batchesOf(patients: DemoPatient[], resourcesOf: (patient: DemoPatient) => Resource[]): Generator<Resource[]> {
  let batch: Resource[] = []
  for (const patient of patients) {
    batch.push(...resourcesOf(patient))
    if (batch.length < CHANGES_MAX) continue
    yield batch
    batch = []
  }
  if (batch.length) yield batch
}

async function missing(seeding: Seeding, patients: DemoPatient[]): Promise<DemoPatient[]> {
  const written = await Promise.all(patients.map(({ slug }) => whenWritten(seeding, 'Patient', `demo-${slug}`)))
  return patients.filter((_, i) => !written[i])
}

/** When a resource of the demo was last written; someone who deleted it does not want it back, so that counts too. */
async function whenWritten({ store, now }: Seeding, type: string, id: string): Promise<Date | undefined> {
  try {
    return new Date((await store.read(DEMO_ACCESS, type, id)).lastUpdated)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.status === 410 ? now : undefined
  }
}

const toChange = (resource: Resource): Change => ({ interaction: 'update', resource, id: String(resource.id) })

/** The types of @medplum/fhirtypes are interfaces, the store takes records. */
const toResource = (resource: { resourceType: string; id?: string }): Resource => ({ ...resource })
