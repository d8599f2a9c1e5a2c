import { setTimeout as sleep } from 'node:timers/promises'
import type { CarePlan, Parameters } from '@medplum/fhirtypes'
import type { Answer } from '../caller/answer.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { ConnectionLost } from '../caller/connection.ts'
import { findCopdPlan } from '../caller/patients.ts'
import { transactionOf } from './stored-measurements.ts'
import type { Bench, Result } from './workload.ts'

const DAY_MILLIS = 86_400_000
const DAYS = 90
const BUNDLE_COUNT = 100
const LOOK_MILLIS = 250

const HOW = [
  `The stored Observations of ${DAYS} days, all patients enrolled in the COPD plan, played through that plan by $simulate as a job.`,
  'ops_per_s: measurements and changes played in a second, from the call to the result; errors: patients that could not be played.',
  '--stored 1000000 --patients 2000 for a million.',
].join(' ')

/** How fast stored history is played through a plan. */
export async function simulation({ door, stored, say, measured }: Bench): Promise<Result> {
  const caller = new Caller(door)
  say(`enrolling ${stored.patients.length} patients`)
  const plan = await findCopdPlan(caller)
  const began = new Date(Date.now() - (DAYS + 1) * DAY_MILLIS).toISOString()
  for (let from = 0; from < stored.patients.length; from += BUNDLE_COUNT) {
    const carePlans = stored.patients
      .slice(from, from + BUNDLE_COUNT)
      .map((patient) => toCarePlan(patient, plan, began))
    expectJson(await caller.call({ method: 'POST', path: '', body: transactionOf(carePlans) }), 200)
  }
  const result = await measured(async () => {
    const startedAt = performance.now()
    const parameters = await simulate(door, say)
    const seconds = (performance.now() - startedAt) / 1000
    const numberOf = (name: string) => parameters.parameter?.find((one) => one.name === name)?.valueInteger ?? 0
    const tasks = parameters.parameter
      ?.find(({ name }) => name === 'tasks')
      ?.part?.find(({ name }) => name === 'simulated')
    return {
      ops_per_s: Number((numberOf('happened') / seconds).toFixed(1)),
      errors: parameters.parameter?.filter(({ name }) => name === 'failure').length ?? 0,
      count: numberOf('happened'),
      decisions: numberOf('decisions'),
      tasks: tasks?.valueInteger,
      patients: numberOf('patients'),
      seconds: Number(seconds.toFixed(2)),
    }
  })
  caller.close()
  return { ...result, measured: HOW }
}

/** It goes on while nobody looks, so whoever has lost the connection looks again. */
async function simulate(door: Bench['door'], say: Bench['say']): Promise<Parameters> {
  const caller = new Caller(door)
  const get = async (path: string): Promise<Answer> => {
    for (;;) {
      try {
        return await caller.call({ method: 'GET', path })
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
        say(error.message)
        await sleep(LOOK_MILLIS)
      }
    }
  }
  const start = new Date(Date.now() - DAYS * DAY_MILLIS).toISOString()
  const path = `PlanDefinition/copd/$simulate?start=${start}&clock=measured`
  const begun = await caller.call({ method: 'GET', path, headers: ['prefer: respond-async'] })
  expectJson(begun, 202)
  const place = begun.headers.get('content-location')
  if (!place) throw new Error('$simulate did not say where its state is')
  for (;;) {
    const answer = await get(place)
    if (answer.status !== 202) {
      const { output } = expectJson<{ output: { url: string }[] }>(answer, 200)
      const parameters = expectJson<Parameters>(await get(String(output[0]?.url)), 200)
      caller.close()
      return parameters
    }
    say(answer.headers.get('x-progress') ?? '')
    await sleep(LOOK_MILLIS)
  }
}

const toCarePlan = (patient: string, plan: string, start: string): CarePlan => ({
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  instantiatesCanonical: [plan],
  subject: { reference: patient },
  period: { start },
})
