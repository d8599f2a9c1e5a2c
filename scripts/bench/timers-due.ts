import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import { Caller, expectJson } from '../caller/caller.ts'
import { admitPatients } from '../caller/patients.ts'
import { readTasksSince } from '../caller/tasks.ts'
import { untilEngineRests } from './engine-figures.ts'
import { Latencies } from './latencies.ts'
import { transactionOf } from './stored-measurements.ts'
import type { Bench, Result } from './workload.ts'

const DUE_PER_SECOND = 500
/** Timers that wait meanwhile, those that fall due among them. */
const PENDING_COUNT = 100_000
const REQUESTS_PER_PATIENT = 20
const BUNDLE_COUNT = 100
/** From the first of the due requests that is stored until the first is due, beside what storing them takes. */
const LEAD_MILLIS = 20_000
/** How long the last Tasks may take before they count as missing. */
const PATIENCE_MILLIS = 15_000
const YEAR_MILLIS = 365 * 24 * 3600 * 1000

const HOW = [
  `${DUE_PER_SECOND} requests to measure fall due each second, without grace, while all others wait; nothing comes, so each becomes a Task.`,
  'p50_ms … max_ms: from the moment when it was due until Task.meta.lastUpdated, which is set just before the commit.',
].join(' ')

/** How late durable timers ring: many are due while very many wait. */
export async function timersDue({ door, seconds, say, measured }: Bench): Promise<Result> {
  const caller = new Caller(door)
  const dueCount = DUE_PER_SECOND * seconds
  say(`setting ${PENDING_COUNT} timers`)
  const patients = await admitPatients(caller, {
    count: Math.ceil(PENDING_COUNT / REQUESTS_PER_PATIENT),
    purpose: 'Urbenken',
  })
  const patientOf = (number: number) => patients[Math.floor(number / REQUESTS_PER_PATIENT) % patients.length] ?? ''
  await storeRequests(caller, PENDING_COUNT - dueCount, (number) =>
    request(patientOf(number), Date.now() + YEAR_MILLIS + number),
  )
  // What is measured is how timers ring, not how they are set.
  await untilEngineRests(door.fhirBase)
  const startedAt = Date.now()
  // The time that storing them takes comes on top; it is not known before.
  const firstDue = startedAt + LEAD_MILLIS + dueCount * 4
  const due = (number: number) => Math.round(firstDue + (number * 1000) / DUE_PER_SECOND)
  const references = await storeRequests(caller, dueCount, (number) =>
    request(patientOf(number * REQUESTS_PER_PATIENT + number), due(number)),
  )
  const leadMillis = firstDue - Date.now()
  await sleep(Math.max(0, leadMillis))
  const result = await measured(async () => {
    await sleep(seconds * 1000)
    const tasks = await untilAllFound(caller, new Date(startedAt), references)
    return summary(
      references.map((reference, number) => ({ reference, dueAt: due(number) })),
      tasks,
      seconds,
    )
  })
  caller.close()
  return { ...result, seconds, pending: PENDING_COUNT, due_per_s: DUE_PER_SECOND, lead_ms: leadMillis, measured: HOW }
}

const request = (subject: string, dueAt: number): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' },
  subject: { reference: subject },
  occurrenceDateTime: new Date(dueAt).toISOString(),
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/occurrence-policy',
      extension: [{ url: 'grace', valueDuration: { value: 0, system: 'http://unitsofmeasure.org', code: 's' } }],
    },
  ],
})

/** @returns `ServiceRequest/…` of each, in order */
async function storeRequests(
  caller: Caller,
  count: number,
  make: (number: number) => ServiceRequest,
): Promise<string[]> {
  const references: string[] = []
  while (references.length < count) {
    const length = Math.min(BUNDLE_COUNT, count - references.length)
    const requests = Array.from({ length }, (_, i) => make(references.length + i))
    const answer = await caller.call({ method: 'POST', path: '', body: transactionOf(requests) })
    const { entry = [] } = expectJson<{ entry?: { response?: { location?: string } }[] }>(answer, 200)
    references.push(
      ...entry.map(({ response }) => /(ServiceRequest\/[^/]+)\/_history/.exec(response?.location ?? '')?.[1] ?? ''),
    )
  }
  return references
}

async function untilAllFound(caller: Caller, since: Date, references: string[]): Promise<Task[]> {
  const deadline = Date.now() + PATIENCE_MILLIS
  for (;;) {
    const tasks = await readTasksSince(caller, since)
    const found = new Set(tasks.map(({ focus }) => focus?.reference))
    if (Date.now() > deadline || references.every((reference) => found.has(reference))) return tasks
    await sleep(500)
  }
}

function summary(wanted: { reference: string; dueAt: number }[], tasks: Task[], seconds: number): Result {
  const tasksOf = Map.groupBy(tasks, ({ focus }) => focus?.reference)
  const late = new Latencies()
  let [missing, twice, early] = [0, 0, 0]
  for (const { reference, dueAt } of wanted) {
    const own = tasksOf.get(reference) ?? []
    const lastUpdated = own[0]?.meta?.lastUpdated
    if (own.length > 1) twice++
    if (!lastUpdated) missing++
    else {
      const millis = Date.parse(lastUpdated) - dueAt
      if (millis < 0) early++
      late.add(millis)
    }
  }
  return {
    ops_per_s: Number((late.count / seconds).toFixed(1)),
    ...late.summary(),
    errors: missing + twice + early,
    count: late.count,
    tasks_missing: missing,
    tasks_twice: twice,
    tasks_early: early,
  }
}
