import type { CarePlan, PlanDefinition, PlanDefinitionAction, Resource } from '@medplum/fhirtypes'
import { type FhirClient, nextLink, ofType, type Query } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import { PICTURE_ELEMENTS } from '../../fhir/pictures.ts'
import { isReading } from '../learn/reading.ts'
import { type OwnRecord, RECORD_DAYS } from './record.ts'

const DAY_MILLIS = 86_400_000
const COUNT = 500
/** Somebody who measures ten times a day for 90 days; more is no list for a phone. */
const PAGE_COUNT_MAX = 4
const OPEN_TASKS = 'draft,requested,received,accepted,ready,in-progress,on-hold'

type Type = Resource['resourceType']
type Of<T extends Type> = Extract<Resource, { resourceType: T }>

/**
 * Reads the record anew. What is refused (a kind of data that has been closed, or that the token does not reach) is left as it was and
 * named in `missing`; the rest is shown.
 * @throws Unreachable, SessionOver: then nothing has changed
 */
export async function loadRecord(
  fhir: Pick<FhirClient, 'read' | 'search' | 'page'>,
  id: string,
  before: OwnRecord | undefined,
  now: Date,
): Promise<OwnRecord> {
  const missing: string[] = []
  const all = async <T extends Type>(type: T, query: Query, old: Of<T>[] = []): Promise<Of<T>[]> => {
    try {
      return await pages(fhir, type, query)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      missing.push(type)
      return old
    }
  }
  const firstDay = new Date(now.getTime() - RECORD_DAYS * DAY_MILLIS).toISOString().slice(0, 10)
  const since = `ge${firstDay}`
  const mine = { patient: id, _count: COUNT }
  const [patient, carePlans, goals, requests, tasks, observations, answers, triages, ...others] = await Promise.all([
    fhir.read('Patient', id),
    all('CarePlan', { ...mine, status: 'active,on-hold' }, before?.carePlans),
    all('Goal', mine, before?.goals),
    all('ServiceRequest', { ...mine, status: 'active' }, before?.requests),
    all('Task', { ...mine, status: OPEN_TASKS }, before?.tasks),
    all('Observation', { ...mine, date: since, _sort: '-date' }, before?.observations),
    all('QuestionnaireResponse', { ...mine, authored: since, _sort: '-authored' }, before?.answers),
    all('ClinicalImpression', { ...mine, date: since, _sort: '-date', _count: 200 }, before?.triages),
    all('Communication', { ...mine, _sort: '-sent', _count: 200 }, before?.communications),
    all('HealthcareService', { active: 'true' }, before?.services),
    all('Device', { ...mine, status: 'active' }, before?.devices),
    all('Appointment', { ...mine, date: `ge${now.toISOString().slice(0, 10)}` }, before?.appointments),
    all('MedicationStatement', { ...mine, status: 'active,intended,on-hold' }, before?.medicines),
    all('Media', { ...mine, _sort: '-_lastUpdated', _count: 200, _elements: PICTURE_ELEMENTS }, before?.pictures),
  ])
  const [communications, services, devices, appointments, medicines, pictures] = others
  /** Without a url to look for the server would give all that it has. */
  const named = async <T extends Type>(type: T, canonicals: readonly string[], old: Of<T>[] = []): Promise<Of<T>[]> => {
    const url = [...new Set(canonicals.map(withoutVersion))].join(',')
    return url === '' ? [] : all(type, { url, _count: COUNT }, old)
  }
  const ofCarePlans = carePlans.flatMap(({ instantiatesCanonical = [] }) => instantiatesCanonical)
  const plans = await named('PlanDefinition', ofCarePlans, before?.plans)
  const used = plansInForce(carePlans, plans)
  const inUse = [...used.flatMap(({ action = [] }) => action.flatMap(definitionsOf)), ...requests.flatMap(formsOf)]
  const of = (type: string) => inUse.filter((one) => one.includes(`/${type}/`))
  const [activities, questionnaires] = await Promise.all([
    named('ActivityDefinition', of('ActivityDefinition'), before?.activities),
    named('Questionnaire', of('Questionnaire'), before?.questionnaires),
  ])
  const teaching = questionnaires.filter(isReading).flatMap(({ url }) => url ?? [])
  const long = { ...mine, authored: `lt${firstDay}`, questionnaire: teaching.join(','), _elements: 'questionnaire' }
  const readBefore = teaching.length === 0 ? [] : await all('QuestionnaireResponse', long, before?.readBefore)
  return {
    ...{
      readAt: now.toISOString(),
      patient,
      carePlans,
      goals,
      plans: used,
      activities,
      questionnaires,
      requests,
      tasks,
    },
    ...{ observations, answers, triages, communications, services, devices, appointments, medicines, pictures },
    readBefore,
    missing: [...new Set(missing)],
  }
}

async function pages<T extends Type>(
  fhir: Pick<FhirClient, 'search' | 'page'>,
  type: T,
  query: Query,
): Promise<Of<T>[]> {
  let bundle: Parameters<typeof nextLink>[0] = await fhir.search(type, query)
  const found: Of<T>[] = ofType(bundle, type)
  for (let page = 1, next = nextLink(bundle); next && page < PAGE_COUNT_MAX; page++, next = nextLink(bundle)) {
    bundle = await fhir.page(next)
    found.push(...ofType(bundle, type))
  }
  return found
}

const withoutVersion = (canonical: string): string => canonical.split('|')[0] ?? canonical

/** The version that a CarePlan names; where it names none, the one that is active. */
function plansInForce(carePlans: readonly CarePlan[], plans: readonly PlanDefinition[]): PlanDefinition[] {
  return carePlans.flatMap(({ instantiatesCanonical = [] }) =>
    instantiatesCanonical.flatMap((canonical) => {
      const [url, version] = canonical.split('|')
      const ofUrl = plans.filter((plan) => plan.url === url)
      const found = ofUrl.find((plan) => plan.version === version) ?? ofUrl.find(({ status }) => status === 'active')
      return found ? [found] : []
    }),
  )
}

const definitionsOf = ({ definitionCanonical, action = [] }: PlanDefinitionAction): string[] => [
  ...(definitionCanonical ? [definitionCanonical] : []),
  ...action.flatMap(definitionsOf),
]

const formsOf = (resource: Resource): string[] =>
  'extension' in resource
    ? (resource.extension ?? []).flatMap(({ valueReference }) =>
        valueReference?.reference?.includes('/Questionnaire/') ? [valueReference.reference] : [],
      )
    : []
