import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Observation, PlanDefinition } from '@medplum/fhirtypes'
import { createRandom } from '../../server/demo/random.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { redSpo2, usualSpo2 } from '../caller/measurements.ts'
import { admitPatients, findCopdPlan } from '../caller/patients.ts'
import { readEngineFigures, untilEngineRests } from './engine-figures.ts'
import { transactionOf } from './stored-measurements.ts'
import type { Bench, Result } from './workload.ts'

const PATIENT_COUNT = 10_000
const PLAN_COUNT = 5
/** More than one core evaluates in the time that is measured. */
const OBSERVATIONS_PER_SECOND = 5_000
/** Most measurements are as they should be. */
const RED_SHARE = 0.01
const BUNDLE_COUNT = 100
/** Seldom, for telling its metrics takes the worker some milliseconds. */
const LOOK_MILLIS = 200
/** How long the worker may take for all of them. */
const PATIENCE_MILLIS = 120_000

const HOW = [
  `${PATIENT_COUNT} patients, each enrolled in one of ${PLAN_COUNT} active plans; one in ${1 / RED_SHARE} measurements is red.`,
  'The measurements are stored while no engine runs; then one worker process (one thread of JavaScript), which answers no callers, works them off.',
  'ops_per_s: measurement × plan evaluations in which a rule was woken and all that came of it was committed: its triage resource, its decision record, and its Task if it is red;',
  'what the engine reads of its own changes meanwhile is not counted.',
  'evaluated_per_s: the same evaluations by the time that the evaluating alone took, facts in, decision with triage, explanation and digest out: what one core would evaluate if it read and wrote nothing.',
  'server_cores is what that process used of the processor.',
].join(' ')

/** How many triggers one worker evaluates in a second. */
export async function triggers({ door, own, seconds, say, measured }: Bench): Promise<Result> {
  if (!own) throw new Error('this workload starts its server again')
  const caller = new Caller(door)
  const plans = await storePlans(caller)
  say(`enrolling ${PATIENT_COUNT} patients in ${plans.length} plans`)
  const patients: string[] = []
  for (const plan of plans) {
    patients.push(...(await admitPatients(caller, { count: PATIENT_COUNT / PLAN_COUNT, purpose: 'Regelbenken', plan })))
  }
  await untilEngineRests(own.baseUrl)
  await own.startAgain({ ROLE: 'api' })
  const count = OBSERVATIONS_PER_SECOND * seconds
  say(`storing ${count} measurements`)
  const redCount = await storeMeasurements(new Caller(door), patients, count)
  await own.startAgain({ ROLE: 'worker' })
  const result = await measured(async () => {
    const [from, startedAt] = [await readEngineFigures(own.baseUrl), performance.now()]
    let to = from
    const deadline = startedAt + PATIENCE_MILLIS
    while (to.decisions < count && performance.now() < deadline) {
      await sleep(LOOK_MILLIS)
      to = await readEngineFigures(own.baseUrl)
    }
    const elapsed = (performance.now() - startedAt) / 1000
    const evaluated = to.decisions - from.decisions
    return {
      ops_per_s: Number((evaluated / elapsed).toFixed(1)),
      errors: Math.abs(count - to.decisions) + Math.abs(redCount - to.tasks),
      count: evaluated,
      evaluated_per_s: Number((evaluated / (to.decidingSeconds - from.decidingSeconds)).toFixed(1)),
      events_per_s: Number(((to.events - from.events) / elapsed).toFixed(1)),
      red_tasks: to.tasks,
      seconds: Number(elapsed.toFixed(2)),
    }
  })
  await own.startAgain({})
  return { ...result, patients: patients.length, plans: plans.length, measured: HOW }
}

/** The COPD plan, and others like it under names of their own. @returns canonicals */
async function storePlans(caller: Caller): Promise<string[]> {
  const copd = await findCopdPlan(caller)
  const [url = ''] = copd.split('|')
  const path = `PlanDefinition?url=${encodeURIComponent(url)}&status=active`
  const found = expectJson<Bundle<PlanDefinition>>(await caller.call({ method: 'GET', path }), 200)
  const plan = found.entry?.[0]?.resource
  const others: string[] = []
  for (let number = 1; plan && number < PLAN_COUNT; number++) {
    const other = { ...plan, id: `bench-plan-${number}`, url: `${url}-bench-${number}`, name: `Bench${number}` }
    const body = JSON.stringify(other)
    expectJson(await caller.call({ method: 'PUT', path: `PlanDefinition/${other.id}`, body }), 200, 201)
    others.push(`${other.url}|${other.version}`)
  }
  return [copd, ...others]
}

/** @returns how many patients have a red one */
async function storeMeasurements(caller: Caller, patients: string[], count: number): Promise<number> {
  const random = createRandom('bench/triggers')
  const begin = Date.now()
  const red = new Set<string>()
  for (let from = 0; from < count; from += BUNDLE_COUNT) {
    const observations = Array.from({ length: Math.min(BUNDLE_COUNT, count - from) }, (_, i): Observation => {
      const number = from + i
      const subject = patients[(number * 7) % patients.length] ?? ''
      const measured = { subject, message: `trigger-${number}`, at: new Date(begin + number) }
      const isRed = random.happens(RED_SHARE)
      if (isRed) red.add(`${number} ${subject}`)
      return isRed ? redSpo2(random, measured) : healthySpo2(usualSpo2(random, measured))
    })
    expectJson(await caller.call({ method: 'POST', path: '', body: transactionOf(observations) }), 200)
  }
  caller.close()
  return red.size
}

/** No limit of any plan is touched. */
const healthySpo2 = (observation: Observation): Observation => ({
  ...observation,
  valueQuantity: { ...observation.valueQuantity, value: Math.max(94, observation.valueQuantity?.value ?? 0) },
})
