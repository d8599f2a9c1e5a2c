import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Observation, PlanDefinition, Task } from '@medplum/fhirtypes'
import { FINDING, TASK_INPUT } from '../../server/core/decide/plan/vocabulary.ts'
import { type Caller, expectJson } from '../caller/caller.ts'

/**
 * A plan whose alarms cost more than it promises, so that the server tells it, tries something quieter on what has happened, and drafts it:
 * some ten seconds of work in many transactions, in the midst of which it is killed.
 */
const URL = 'http://example.org/fhir/PlanDefinition/crash-loud'
const FYLGJE = 'http://fylgje.no/fhir'
const SPO2 = { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' }
const DAY = 86_400_000
/** Days on which its one patient had a yellow measurement, of which nothing came. */
const LOUD_DAYS = 12

/** Stores the plan, its patient, and what came of the last forty days. */
export async function plantBreach(caller: Caller): Promise<void> {
  const days = Array.from({ length: LOUD_DAYS }, (_, i) => new Date(Date.now() - (2 * i + 2) * DAY).toISOString())
  const subject = { reference: 'Patient/crash-loud' }
  const resources = [
    loudPlan(),
    { resourceType: 'Patient', id: 'crash-loud' },
    {
      ...{ resourceType: 'CarePlan', id: 'crash-loud', status: 'active', intent: 'plan', subject },
      ...{ instantiatesCanonical: [`${URL}|1.0.0`], period: { start: new Date(Date.now() - 40 * DAY).toISOString() } },
    },
    ...days.map((at, i) => measured(`crash-loud-${i}`, at)),
    ...days.map((at, i) => ({
      ...{ resourceType: 'Task', id: `crash-loud-${i}`, status: 'cancelled', intent: 'order', for: subject },
      identifier: [{ system: FINDING, value: `${URL}|yellow|Patient/crash-loud|Observation/crash-loud-${i}` }],
      ...{ instantiatesCanonical: `${URL}|1.0.0`, authoredOn: at, executionPeriod: { start: at, end: at } },
    })),
  ]
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
  expectJson(await caller.call({ method: 'POST', path: '', body }), 200)
}

function loudPlan(): PlanDefinition & { id: string } {
  const limit = (zone: string, value: number) => ({
    extension: [
      {
        url: `${FYLGJE}/StructureDefinition/limit`,
        extension: [
          { url: 'zone', valueCode: zone },
          { url: 'side', valueCode: 'low' },
        ],
      },
    ],
    measure: SPO2,
    detailQuantity: { value, comparator: '<' as const, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  })
  const rule = (colour: string) => ({
    ...{ id: colour, title: colour },
    code: [{ coding: [{ system: `${FYLGJE}/CodeSystem/triage-colour`, code: colour }] }],
    condition: [
      {
        kind: 'applicability' as const,
        expression: {
          language: 'text/fhirpath' as const,
          expression: `%limits.where(zone = '${colour}' and hit).exists()`,
        },
      },
    ],
  })
  return {
    ...{
      resourceType: 'PlanDefinition',
      id: 'crash-loud',
      url: URL,
      version: '1.0.0',
      status: 'active',
      title: 'Høylytt',
    },
    extension: [
      {
        url: `${FYLGJE}/StructureDefinition/alarm-budget`,
        extension: [{ url: 'tasksPer100PatientDays', valueDecimal: 4 }],
      },
    ],
    goal: [{ description: { text: 'O2' }, target: [limit('red', 88), limit('yellow', 92)] }],
    action: [
      {
        id: 'spo2',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior', valueCode: 'any' }],
        trigger: [
          { type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: SPO2.coding }] }] },
        ],
        action: [rule('red'), rule('yellow')],
      },
    ],
  }
}

const measured = (id: string, at: string): Observation & { id: string } => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: SPO2, subject: { reference: 'Patient/crash-loud' } },
  effectiveDateTime: at,
  valueQuantity: { value: 91, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})

/** One Task says that the alarms cost too much, and once what was tried; one draft at most. Waits for what is not there yet. @returns violations */
export async function checkTrials(caller: Caller, patienceMillis: number): Promise<string[]> {
  const deadline = Date.now() + patienceMillis
  for (;;) {
    const violations = await look(caller)
    if (violations.length === 0 || Date.now() >= deadline || !violations.some((one) => one.startsWith('lost')))
      return violations
    await sleep(500)
  }
}

async function look(caller: Caller): Promise<string[]> {
  const found = async <T>(path: string) =>
    (expectJson<Bundle>(await caller.call({ method: 'GET', path }), 200).entry ?? []).map(
      ({ resource }) => resource as unknown as T,
    )
  const tasks = await found<Task>('Task?code=alarm-budget-exceeded&focus=PlanDefinition/crash-loud')
  const drafts = await found<PlanDefinition>(`PlanDefinition?url=${encodeURIComponent(URL)}&status=draft`)
  const ends = tasks.flatMap(({ input = [] }) =>
    input.filter(({ type }) =>
      type.coding?.some(
        ({ system, code }) => system === TASK_INPUT && (code === 'trial-draft' || code === 'trial-outcome'),
      ),
    ),
  )
  return [
    ...differs('Tasks of a breach', tasks.length, 1),
    ...differs('ends of a trial', ends.length, 1),
    ...differs('drafts of a trial', drafts.length, 1),
  ]
}

const differs = (what: string, count: number, expected: number): string[] =>
  count === expected ? [] : [`${count < expected ? 'lost' : 'twice'}: ${count} ${what}`]
