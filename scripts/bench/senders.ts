import { setTimeout as sleep } from 'node:timers/promises'
import type { EpisodeOfCare, Observation, Parameters, Patient, Resource, Task } from '@medplum/fhirtypes'
import { taskCode, taskInput } from '../../server/core/decide/words/coded-words.ts'
import { syntheticFnr } from '../../server/demo/fnr.ts'
import { syntheticOrganisasjonsnummer } from '../../server/demo/organisasjonsnummer.ts'
import { type NationalService, startJft, startPmd } from '../../server/journeys/harness/national-services.ts'
import { privateJwk } from '../../server/journeys/harness/signed-in-elsewhere.ts'
import { newClientKey } from '../../server/journeys/harness/smart-app.ts'
import { Caller, expectJson } from '../caller/caller.ts'
import { costBetween, cpuTime } from './cpu-time.ts'
import type { Bench, Result } from './workload.ts'

const PATIENT_COUNT = 100
/** Messages of each kind, spread over the patients: of one patient they go one after the other. */
const MESSAGE_COUNT = 1_000
const BUNDLE_COUNT = 100
/** Of Fjordvik kommune in the demo. */
const ORGANIZATION = syntheticOrganisasjonsnummer(2)
/** Longer than any wait between two attempts. */
const WAIT_MINUTES = 30
/** How long the last may take before they count as missing. */
const PATIENCE_MILLIS = 120_000

const HOW = [
  `While each receiver answers 500, ${MESSAGE_COUNT} alerts are closed and as many measurements come, of ${PATIENT_COUNT} patients; then it takes them, and the clock is put forward past every wait.`,
  'ops_per_s: alerts in a second from then until JFT has receipted the last, one document and one token check each; pmd_per_s: measurements, in batches of one patient’s.',
  'jft_cost, pmd_cost: processor time for each message meanwhile; of the figures those that a busy machine disturbs least.',
  'The receivers are processes beside the server: on a machine that it shares with them their time is in these figures.',
].join(' ')

/** How fast messages go out once a receiver that was down is there again. */
export async function senders(bench: Bench): Promise<Result> {
  const { door, own, say, measured } = bench
  if (!own) throw new Error('this workload starts the server again')
  const key = await newClientKey('PS256')
  const jft = await startJft(key.publicJwk, 'synthetic')
  const pmd = await startPmd(jft.issuer, 'synthetic')
  const caller = new Caller(door)
  try {
    const to = { organization: ORGANIZATION, sourceSystem: 'Fylgje', numbers: 'synthetic' }
    await own.startAgain({
      ...{ HELSEID_ISSUER: jft.issuer, HELSEID_CLIENT_ID: 'fylgje-helseid' },
      HELSEID_KEY: JSON.stringify(await privateJwk(key)),
      SENDERS: JSON.stringify([
        { ...to, receiver: 'jft', url: jft.url },
        { ...to, receiver: 'pmd', url: pmd.url, scope: 'nhn:pmd/api', municipality: '0301' },
      ]),
    })
    const run = `bench-${Date.now()}`
    await store(caller, PATIENT_COUNT * 2, (number) => followed(run, number))
    const drain = async (receiver: string, service: NationalService<unknown>, make: (number: number) => Resource) => {
      await service.behave('failing')
      await store(caller, MESSAGE_COUNT, make)
      await until(async () => (await counts(caller, receiver)).all >= MESSAGE_COUNT)
      say(`${MESSAGE_COUNT} messages wait for ${receiver}`)
      await service.behave('well')
      const [startedAt, usedBefore] = [performance.now(), cpuTime(own.pid)]
      await advance(caller)
      await until(async () => (await counts(caller, receiver)).arrived >= MESSAGE_COUNT)
      const [seconds, used] = [(performance.now() - startedAt) / 1000, cpuTime(own.pid)]
      const { all, arrived } = await counts(caller, receiver)
      const cost = usedBefore && used ? costBetween(usedBefore, used, arrived) : {}
      return { perSecond: Number((arrived / seconds).toFixed(1)), missing: all - arrived, arrived, cost }
    }
    const result = await measured(async () => {
      const alerts = await drain('jft', jft, (number) => closed(run, number))
      const taken = await jft.taken()
      return {
        ...{ ops_per_s: alerts.perSecond, operations: alerts.arrived, errors: alerts.missing, jft_cost: alerts.cost },
        twice: taken.filter(({ times }) => times > 1).length,
        out_of_order: outOfOrder(taken.map(({ bundle }) => JSON.stringify(bundle))),
      }
    })
    const measurements = await drain('pmd', pmd, (number) => measurement(run, number))
    return {
      ...result,
      pmd_per_s: measurements.perSecond,
      pmd_missing: measurements.missing,
      pmd_cost: measurements.cost,
      measured: HOW,
    }
  } finally {
    caller.close()
    await own.startAgain({ SENDERS: '[]' })
    await Promise.all([jft.stop(), pmd.stop()])
  }
}

/** A patient, and the enrolment by which the organisation follows them. */
function followed(run: string, number: number): Resource {
  const id = `${run}-${Math.floor(number / 2)}`
  const value = syntheticFnr('1950-01-01', 'female', Math.floor(number / 2))
  const patient: Patient = {
    ...{ resourceType: 'Patient', id },
    identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value }],
  }
  const episode: EpisodeOfCare = {
    ...{
      resourceType: 'EpisodeOfCare',
      id: `${id}-episode`,
      status: 'active',
      patient: { reference: `Patient/${id}` },
    },
    managingOrganization: { reference: 'Organization/demo-fjordvik' },
  }
  return number % 2 === 0 ? patient : episode
}

const patientOf = (run: string, number: number) => ({ reference: `Patient/${run}-${number % PATIENT_COUNT}` })

const closed = (run: string, number: number): Task => ({
  ...{ resourceType: 'Task', id: `${run}-closed-${number}`, status: 'completed', intent: 'order' },
  ...{ code: taskCode('carry-out'), for: patientOf(run, number), reasonCode: { text: `Tiltak nummer ${number}.` } },
  input: [{ type: taskInput('moment'), valueDateTime: '2026-03-02T08:00:00Z' }],
})

const measurement = (run: string, number: number): Observation => ({
  ...{ resourceType: 'Observation', id: `${run}-measured-${number}`, status: 'final', subject: patientOf(run, number) },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: '2026-03-02T08:00:00Z',
  valueQuantity: { value: 96, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})

async function store(caller: Caller, count: number, make: (number: number) => Resource): Promise<void> {
  for (let first = 0; first < count; first += BUNDLE_COUNT) {
    const length = Math.min(BUNDLE_COUNT, count - first)
    const entry = Array.from({ length }, (_, i) => make(first + i)).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
    expectJson(await caller.call({ method: 'POST', path: '', body }), 200)
  }
}

async function advance(caller: Caller): Promise<void> {
  const by = { value: WAIT_MINUTES, system: 'http://unitsofmeasure.org', code: 'min' }
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'by', valueDuration: by }] })
  expectJson(await caller.call({ method: 'POST', path: '$advance-clock', body }), 200)
}

/** How many messages there are to a receiver, and how many of them it has taken. */
async function counts(caller: Caller, receiver: string): Promise<{ all: number; arrived: number }> {
  const answer = await caller.call({ method: 'GET', path: '$sent-messages?count=1' })
  const { parameter = [] } = expectJson<Parameters>(answer, 200)
  const totals = parameter
    .filter(({ name }) => name === 'total')
    .map(({ part = [] }) => Object.fromEntries(part.map(({ name, ...value }) => [name, Object.values(value)[0]])))
    .filter((total) => total.receiver === receiver)
  const sum = (of: typeof totals) => of.reduce((all, { count }) => all + Number(count), 0)
  return {
    all: sum(totals),
    arrived: sum(totals.filter(({ state }) => state === 'accepted' || state === 'journaled')),
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS
  while (performance.now() < deadline && !(await isSo())) await sleep(100)
}

/** Of each patient, what came after something that was caused later. */
function outOfOrder(documents: string[]): number {
  const last = new Map<number, number>()
  let count = 0
  for (const text of documents) {
    const number = Number(/Tiltak nummer (\d+)/.exec(text)?.[1])
    const patient = number % PATIENT_COUNT
    if (number < (last.get(patient) ?? -1)) count++
    last.set(patient, number)
  }
  return count
}
