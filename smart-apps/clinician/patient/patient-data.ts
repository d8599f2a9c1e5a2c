import type {
  Bundle,
  CarePlan,
  CareTeam,
  Encounter,
  Goal,
  Media,
  MedicationStatement,
  Observation,
  Patient,
  PlanDefinition,
  Provenance,
  Questionnaire,
  QuestionnaireResponse,
  RelatedPerson,
} from '@medplum/fhirtypes'
import { type FhirClient, isPartlyClosed, nextLink, ofType } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'
import { PICTURE_ELEMENTS } from '../../fhir/pictures.ts'
import { grantsOf, type StoredConsent, type StoredKin } from '../../sharing/grants.ts'
import { nameOf } from '../../ui/person.ts'
import { withoutAccess } from '../access/granted.ts'
import type { StoredTask } from '../worklist/row.ts'
import { readPlanVersions } from './plan-versions.ts'

const DAY_MILLIS = 86_400_000
const PAGE = 1000
/** What a chart can show without lag; of somebody who has more, the newest. */
export const MEASUREMENT_COUNT_MAX = 10_000

export type StoredPatient = Patient & { id: string }

/** Who it is, by whom followed, and whether something of the record is closed to who asks. */
export type Person = Care & { patient: StoredPatient }

/** By whom somebody is followed, and how. */
export type Care = {
  carePlans: (CarePlan & { id: string })[]
  teams: CareTeam[]
  /** Those of next of kin who may see something now. */
  kin: RelatedPerson[]
  /** The plans that the CarePlans follow, in several versions where there are some. */
  plans: PlanDefinition[]
  isPartlyClosed: boolean
  /** What could not be read although the rest could. */
  missing: ('kin' | 'plans')[]
}

const FOLLOWED = 'active,on-hold'

export async function readPerson(fhir: FhirClient, id: string, signal: AbortSignal): Promise<Person> {
  const [patient, care] = await Promise.all([readPatient(fhir, id, signal), readCare(fhir, id, signal)])
  return { patient, ...care }
}

export const readPatient = (fhir: FhirClient, id: string, signal: AbortSignal): Promise<StoredPatient> =>
  fhir.read('Patient', id, signal) as Promise<StoredPatient>

export async function readCare(fhir: FhirClient, id: string, signal: AbortSignal): Promise<Care> {
  const followed = async () => {
    const query = { patient: id, status: FOLLOWED, _include: 'CarePlan:care-team', _count: 50 }
    const plans = await fhir.search('CarePlan', query, signal)
    const carePlans = ofType(plans, 'CarePlan')
    return { plans, carePlans, definitions: await readPlans(fhir, carePlans) }
  }
  const [{ plans, carePlans, definitions }, known, consents] = await Promise.all([
    followed(),
    orMissing(fhir.search('RelatedPerson', { patient: id, _count: 50 }, signal)),
    orMissing(fhir.search('Consent', { patient: id, status: 'active', _count: 100 }, signal)),
  ])
  const kin = known && consents && withAccess(ofType(known, 'RelatedPerson'), ofType(consents, 'Consent'))
  return {
    carePlans,
    teams: ofType(plans, 'CareTeam'),
    kin: kin ?? [],
    plans: definitions ?? [],
    missing: [...(kin ? [] : (['kin'] as const)), ...(definitions ? [] : (['plans'] as const))],
    isPartlyClosed: isPartlyClosed(plans),
  }
}

function withAccess(known: StoredKin[], consents: StoredConsent[]): RelatedPerson[] {
  const without = new Set(withoutAccess(known, grantsOf(consents, known, new Date())))
  return known.filter((one) => one.active !== false && !without.has(one))
}

async function readPlans(fhir: FhirClient, carePlans: readonly CarePlan[]): Promise<PlanDefinition[] | undefined> {
  const urls = new Set(
    carePlans.flatMap((one) => one.instantiatesCanonical?.map((url) => url.split('|', 1)[0] ?? '') ?? []),
  )
  if (urls.size === 0) return []
  return orMissing(readPlanVersions(fhir, [...urls]))
}

export type Measured = Observed & Beside

/** @property isCut there are more, older ones */
export type Observed = { observations: Observation[]; isCut: boolean }

/** What stands on the same axis of time as what was measured. */
export type Beside = {
  medications: MedicationStatement[]
  encounters: Encounter[]
  /** That the patient has sent, without their bytes. */
  pictures: StoredPicture[]
  /** What could not be read although the measurements could. */
  missing: ('medications' | 'encounters' | 'pictures')[]
}

/** @param dayCount back from now; undefined: from the beginning */
export async function readMeasured(
  fhir: FhirClient,
  patient: string,
  dayCount: number | undefined,
  signal: AbortSignal,
): Promise<Measured> {
  const [observed, beside] = await Promise.all([
    readObserved(fhir, patient, dayCount, signal),
    readBeside(fhir, patient, signal),
  ])
  return { ...observed, ...beside }
}

export async function readBeside(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Beside> {
  const [medications, encounters, pictures] = await Promise.all([
    orMissing(fhir.search('MedicationStatement', { patient, status: 'active,completed,stopped', _count: 50 }, signal)),
    orMissing(fhir.search('Encounter', { patient, _count: 50, _sort: '-date' }, signal)),
    readPictures(fhir, patient, signal),
  ])
  return {
    medications: medications ? ofType(medications, 'MedicationStatement') : [],
    encounters: encounters ? ofType(encounters, 'Encounter') : [],
    pictures: pictures ?? [],
    missing: [
      ...(medications ? [] : (['medications'] as const)),
      ...(encounters ? [] : (['encounters'] as const)),
      ...(pictures ? [] : (['pictures'] as const)),
    ],
  }
}

/** Only what a chart is drawn from is sent. */
const DRAWN =
  'status,identifier,code,effective,value,component,interpretation,referenceRange,device,performer,note,subject'

/** More than these, the newest, stand with their messages alone. */
const PICTURE_COUNT_MAX = 100

/** The pictures that the patient has sent, without their bytes; undefined where they could not be read. */
const readPictures = async (
  fhir: FhirClient,
  patient: string,
  signal: AbortSignal,
): Promise<StoredPicture[] | undefined> => {
  const query = { patient, _sort: '-_lastUpdated', _count: PICTURE_COUNT_MAX, _elements: PICTURE_ELEMENTS }
  const found = await orMissing(fhir.search('Media', query, signal))
  return found && ofType(found, 'Media')
}
export type StoredPicture = Media & { id: string }

/** @param dayCount as of readMeasured */
export async function readObserved(
  fhir: FhirClient,
  patient: string,
  dayCount: number | undefined,
  signal: AbortSignal,
): Promise<Observed> {
  const since = dayCount && new Date(Date.now() - dayCount * DAY_MILLIS).toISOString()
  const observations: Observation[] = []
  let bundle: Bundle = await fhir.search(
    'Observation',
    {
      patient,
      category: 'vital-signs',
      ...(since ? { date: `ge${since}` } : {}),
      _sort: '-date',
      _count: PAGE,
      _elements: DRAWN,
    },
    signal,
  )
  for (;;) {
    observations.push(...ofType(bundle, 'Observation'))
    const next = nextLink(bundle)
    if (!next) return { observations, isCut: false }
    if (observations.length >= MEASUREMENT_COUNT_MAX) return { observations, isCut: true }
    bundle = await fhir.page(next, signal)
  }
}

export async function readTasks(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<StoredTask[]> {
  // What the patient is asked to do is theirs; here is what was asked of the staff.
  return ofType(await fhir.search('Task', { patient, _sort: '-authored-on', _count: 60 }, signal), 'Task').filter(
    ({ owner }) => !owner?.reference?.startsWith('Patient/'),
  )
}

/** @property missing of the forms themselves, which say what was asked, and of the pictures what did not come */
export type Answered = {
  responses: (QuestionnaireResponse & { id: string })[]
  forms: Questionnaire[]
  /** That came with what was measured or answered, without their bytes. */
  pictures: StoredPicture[]
  missing: ('questions' | 'pictures')[]
}

export async function readAnswers(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Answered> {
  const query = { patient, status: 'completed,amended', _sort: '-authored', _count: 30 }
  const [found, pictures] = await Promise.all([
    fhir.search('QuestionnaireResponse', query, signal),
    readPictures(fhir, patient, signal),
  ])
  const responses = ofType(found, 'QuestionnaireResponse')
  const urls = [
    ...new Set(responses.flatMap(({ questionnaire }) => (questionnaire ? [questionnaire.split('|', 1)[0] ?? ''] : []))),
  ]
  const known = { responses, pictures: pictures ?? [] }
  const without = pictures ? [] : (['pictures'] as const)
  if (urls.length === 0) return { ...known, forms: [], missing: [...without] }
  const forms = await orMissing(fhir.search('Questionnaire', { url: urls.join(','), _count: 60 }, signal))
  return {
    ...{ ...known, forms: forms ? ofType(forms, 'Questionnaire') : [] },
    missing: [...(forms ? [] : (['questions'] as const)), ...without],
  }
}

/**
 * @property names what those who set them are called, by reference
 * @property isPartial who set them and why did not come
 */
export type Agreed = {
  goals: (Goal & { id: string })[]
  provenances: Provenance[]
  names: ReadonlyMap<string, string>
  isPartial: boolean
}

/** A person's own limits, and who set these when and why. */
export async function readAgreed(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Agreed> {
  const goals = ofType(await fhir.search('Goal', { patient, _sort: '-_lastUpdated', _count: 60 }, signal), 'Goal')
  if (goals.length === 0) return { goals, provenances: [], names: new Map(), isPartial: false }
  const target = goals.map(({ id }) => `Goal/${id}`).join(',')
  const found = await orMissing(
    fhir.search('Provenance', { target, _count: 200, _include: 'Provenance:agent' }, signal),
  )
  if (!found) return { goals, provenances: [], names: new Map(), isPartial: true }
  const people = (['Practitioner', 'Patient', 'RelatedPerson'] as const).flatMap((type) => ofType(found, type))
  const names = people.flatMap(({ resourceType, id, name }) => {
    const said = nameOf(name)
    return said ? [[`${resourceType}/${id}`, said] as const] : []
  })
  return { goals, provenances: ofType(found, 'Provenance'), names: new Map(names), isPartial: false }
}
