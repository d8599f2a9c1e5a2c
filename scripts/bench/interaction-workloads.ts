import { createRandom } from '../../server/demo/random.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { usualSpo2 } from '../caller/measurements.ts'
import { type Bench, type Result, runClosed, type Workload } from './workload.ts'

const CONCURRENCY = 16
/** Resources that updates and patches take turns at: many enough that two rarely meet. */
const TARGET_COUNT = 500

/** Interactions beside create, read and search. */
export const INTERACTION_WORKLOADS: Workload[] = [
  { name: 'update-16', run: update },
  { name: 'json-patch-16', run: jsonPatch },
  { name: 'everything-16', needsStored: true, run: everything },
  { name: 'validate-16', run: validate },
]

const random = createRandom('bench/interactions')

const someSpo2 = ({ stored }: Bench, message: string) =>
  usualSpo2(random, { subject: random.pick(stored.patients), message, at: new Date() })

async function update(bench: Bench): Promise<Result> {
  const targets = await storeTargets(bench, 'update')
  return runClosed(bench, {
    concurrency: CONCURRENCY,
    once: (caller) => {
      const id = random.pick(targets)
      const body = JSON.stringify({ ...someSpo2(bench, id), id })
      return caller.call({ method: 'PUT', path: `Observation/${id}`, body })
    },
    isRight: ({ status }) => status === 200,
  })
}

async function jsonPatch(bench: Bench): Promise<Result> {
  const targets = await storeTargets(bench, 'patch')
  return runClosed(bench, {
    concurrency: CONCURRENCY,
    once: (caller) => {
      const value = random.integer(90, 99)
      return caller.call({
        method: 'PATCH',
        path: `Observation/${random.pick(targets)}`,
        body: JSON.stringify([{ op: 'replace', path: '/valueQuantity/value', value }]),
        contentType: 'application/json-patch+json',
      })
    },
    isRight: ({ status }) => status === 200,
  })
}

function everything(bench: Bench): Promise<Result> {
  return runClosed(bench, {
    concurrency: CONCURRENCY,
    once: (caller) =>
      caller.call({ method: 'GET', path: `${random.pick(bench.stored.patients)}/$everything?_count=50` }),
    isRight: ({ status, body }) => status === 200 && body.includes('"searchset"'),
  })
}

function validate(bench: Bench): Promise<Result> {
  return runClosed(bench, {
    concurrency: CONCURRENCY,
    once: (caller) =>
      caller.call({ method: 'POST', path: 'Observation/$validate', body: JSON.stringify(someSpo2(bench, 'validate')) }),
    isRight: ({ status, body }) => status === 200 && !body.includes('"severity":"error"'),
  })
}

/** Observations with ids of our own. @returns the ids */
async function storeTargets(bench: Bench, purpose: string): Promise<string[]> {
  const ids = Array.from({ length: TARGET_COUNT }, (_, number) => `bench-${purpose}-${number}`)
  const caller = new Caller(bench.door)
  const entry = ids.map((id) => ({
    resource: { ...someSpo2(bench, id), id },
    request: { method: 'PUT', url: `Observation/${id}` },
  }))
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
  expectJson(await caller.call({ method: 'POST', path: '', body }), 200)
  caller.close()
  return ids
}
