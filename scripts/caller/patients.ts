import type { Bundle, BundleEntry, CarePlan, Patient } from '@medplum/fhirtypes'
import { type Caller, expectJson } from './caller.ts'

const COPD = 'http://fylgje.no/fhir/PlanDefinition/copd'
/** Patients to a Bundle. */
const GROUP_COUNT = 50

/** @returns the canonical of the active COPD plan, with its version */
export async function findCopdPlan(caller: Caller): Promise<string> {
  const path = `PlanDefinition?url=${encodeURIComponent(COPD)}&status=active`
  const { entry } = expectJson<Bundle>(await caller.call({ method: 'GET', path }), 200)
  const plan = entry?.[0]?.resource
  if (plan?.resourceType !== 'PlanDefinition') throw new Error(`the server has no active plan ${COPD}`)
  return `${plan.url}|${plan.version}`
}

export type Admission = {
  count: number
  /** Part of each one's name, so that a person who looks sees where they come from. */
  purpose: string
  /** Canonical of the plan in which they are enrolled; none: they are not. */
  plan?: string
  /** Who follows them: `Organization/demo-fjordvik`. */
  unit?: string
}

/** Patients of the caller's own, by transactions. @returns `Patient/…` of each */
export async function admitPatients(caller: Caller, { count, purpose, plan, unit }: Admission): Promise<string[]> {
  const references: string[] = []
  while (references.length < count) {
    const first = references.length
    const numbers = Array.from({ length: Math.min(GROUP_COUNT, count - first) }, (_, i) => first + i)
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: numbers.flatMap((number) => entriesOf(number, { purpose, plan, unit })),
    }
    const answer = await caller.call({ method: 'POST', path: '', body: JSON.stringify(bundle) })
    const { entry = [] } = expectJson<Bundle>(answer, 200)
    for (const { response } of entry) {
      const reference = /(Patient\/[^/]+)\/_history/.exec(response?.location ?? '')?.[1]
      if (reference) references.push(reference)
    }
    if (references.length < first + numbers.length) throw new Error('the answer does not say where the patients are')
  }
  return references
}

type About = { purpose: string; plan: string | undefined; unit: string | undefined }

function entriesOf(number: number, { purpose, plan, unit }: About): BundleEntry[] {
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`
  const patient: Patient = {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family: purpose, given: [`Nummer ${number}`] }],
    gender: number % 2 ? 'female' : 'male',
    birthDate: `${1935 + (number % 40)}-0${1 + (number % 9)}-1${number % 10}`,
    ...(unit && { managingOrganization: { reference: unit } }),
  }
  const entries: BundleEntry[] = [{ fullUrl, resource: patient, request: { method: 'POST', url: 'Patient' } }]
  if (!plan) return entries
  const carePlan: CarePlan = {
    resourceType: 'CarePlan',
    instantiatesCanonical: [plan],
    status: 'active',
    intent: 'plan',
    title: 'Digital hjemmeoppfølging ved KOLS',
    subject: { reference: fullUrl },
    period: { start: new Date().toISOString() },
  }
  return [...entries, { resource: carePlan, request: { method: 'POST', url: 'CarePlan' } }]
}
