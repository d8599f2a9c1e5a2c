import { createRandom } from '../../server/demo/random.ts'
import { SPO2 } from '../caller/measurements.ts'
import { accessDecision } from './access-decision.ts'
import { auditCost } from './audit-cost.ts'
import { bulkExport } from './bulk-export.ts'
import { clinicianApp } from './clinician-app.ts'
import { HEAVY_WORKLOADS } from './heavy-workloads.ts'
import { INTERACTION_WORKLOADS } from './interaction-workloads.ts'
import { observationToTask } from './observation-to-task.ts'
import { patientApp } from './patient-app.ts'
import { protectedAddresses } from './protected-addresses.ts'
import { SEARCH_WORKLOADS } from './search-workloads.ts'
import { senders } from './senders.ts'
import { simulation } from './simulation.ts'
import { someMeasurement, transactionOf } from './stored-measurements.ts'
import { subscriptionNotice } from './subscription-notice.ts'
import { timersDue } from './timers-due.ts'
import { triggers } from './triggers.ts'
import { type Bench, type Result, runClosed, type Workload } from './workload.ts'

const DAY_MILLIS = 24 * 3600 * 1000

/** Every workload that there is, in the order in which they run. */
export const WORKLOADS: Workload[] = [
  { name: 'create-1', run: (bench) => create(bench, 1) },
  { name: 'create-16', run: (bench) => create(bench, 16) },
  { name: 'create-64', run: (bench) => create(bench, 64) },
  { name: 'read-64', needsStored: true, run: (bench) => read(bench, 64) },
  { name: 'search-16', needsStored: true, run: (bench) => search(bench, 16) },
  { name: 'search-64', needsStored: true, run: (bench) => search(bench, 64) },
  { name: 'transaction-20', run: (bench) => transaction(bench, 16, 20) },
  { name: 'transaction-100', run: (bench) => transaction(bench, 4, 100) },
  ...SEARCH_WORKLOADS,
  ...INTERACTION_WORKLOADS,
  ...HEAVY_WORKLOADS,
  { name: 'observation-to-task', run: observationToTask(0.1) },
  { name: 'observation-to-task-all-red', run: observationToTask(1) },
  { name: 'subscription-notice', run: subscriptionNotice },
  { name: 'timers-due', run: timersDue },
  { name: 'simulation', needsStored: true, run: simulation },
  { name: 'access-decision', needsOwn: true, run: accessDecision },
  { name: 'audit-cost', needsOwn: true, run: auditCost },
  { name: 'protected-addresses', needsOwn: true, run: protectedAddresses },
  { name: 'bulk-export', needsOwn: true, needsStored: true, run: bulkExport },
  { name: 'clinician-app', run: clinicianApp },
  { name: 'patient-app', run: patientApp },
  { name: 'senders', needsOwn: true, run: senders },
  // Last: it stores plans and people of its own.
  { name: 'triggers', needsOwn: true, run: triggers },
]

/** A full POST: parsed, validated, indexed, stored, synced, and the whole resource sent back. */
function create(bench: Bench, concurrency: number): Promise<Result> {
  const random = createRandom(`bench/create-${concurrency}`)
  let number = 0
  return runClosed(bench, {
    concurrency,
    once: (caller) => {
      const observation = someMeasurement(random, bench.stored.patients, `create-${concurrency}-${number++}`)
      return caller.call({ method: 'POST', path: 'Observation', body: JSON.stringify(observation) })
    },
    isRight: ({ status }) => status === 201,
  })
}

async function read(bench: Bench, concurrency: number): Promise<Result> {
  const random = createRandom('bench/read')
  const { observationIds, count } = bench.stored
  return {
    ...(await runClosed(bench, {
      concurrency,
      once: (caller) => caller.call({ method: 'GET', path: `Observation/${random.pick(observationIds)}` }),
      isRight: ({ status, body }) => status === 200 && body.includes('"Observation"'),
    })),
    stored: count,
  }
}

/** What every screen asks: one patient's measurements of one kind since some day, newest first. */
async function search(bench: Bench, concurrency: number): Promise<Result> {
  const random = createRandom('bench/search')
  const { count, patients } = bench.stored
  const code = encodeURIComponent(`http://loinc.org|${SPO2}`)
  let entryCount = 0
  let answerCount = 0
  const result = await runClosed(bench, {
    concurrency,
    once: (caller) => {
      const since = new Date(Date.now() - random.integer(20, 90) * DAY_MILLIS).toISOString().slice(0, 10)
      const patient = random.pick(patients)
      const path = `Observation?patient=${patient}&code=${code}&date=ge${since}&_sort=-date&_count=20`
      return caller.call({ method: 'GET', path })
    },
    isRight: ({ status, body }) => {
      // Parsed now and then only: what is counted is that answers are not empty.
      if (answerCount++ % 100 === 0) entryCount += entriesIn(body)
      return status === 200 && body.includes('"searchset"')
    },
  })
  return {
    ...result,
    stored: count,
    entries_per_answer: Math.round(entryCount / Math.ceil(answerCount / 100)),
  }
}

const entriesIn = (body: Buffer) => (JSON.parse(body.toString()) as { entry?: unknown[] }).entry?.length ?? 0

function transaction(bench: Bench, concurrency: number, entryCount: number): Promise<Result> {
  const random = createRandom('bench/transaction')
  let number = 0
  return runClosed(bench, {
    concurrency,
    once: (caller) => {
      const observations = Array.from({ length: entryCount }, () =>
        someMeasurement(random, bench.stored.patients, `transaction-${number++}`),
      )
      return caller.call({ method: 'POST', path: '', body: transactionOf(observations) })
    },
    isRight: ({ status, body }) => status === 200 && body.includes('"transaction-response"'),
  })
}
