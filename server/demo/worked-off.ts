import type { CodeableConcept, Task } from '@medplum/fhirtypes'
import { FINDING, TASK_OUTPUT } from '../core/decide/plan/vocabulary.ts'
import { toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { type OutcomeCode, taskCode, taskOutcome, triageColour } from '../core/decide/words/coded-words.ts'
import { type Told, toldAs, toldConcept } from '../core/decide/words/told.ts'
import { createRandom, type Random } from './random.ts'
import { DEMO_SEED, type DemoPatient, PLAN_LIMITS, subjectOf } from './roster.ts'
import { type Occasion, timelineOf } from './timeline.ts'
import { messageKey } from './vital-signs.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** What lies outside within so many days of a Task was part of the same worsening. */
const APART_DAYS = 4
/** What is of the last days is for the engine, which makes the list of today. */
const UNTIL_DAYS = 6
/** Within these hours somebody looks at once; what comes else waits for the morning. */
const OPEN = { from: 8 * 60, to: 15 * 60 }
const DEADLINE_MINUTES = { red: 30, yellow: 8 * 60 } as const

const NURSES = [
  { reference: 'Practitioner/demo-nurse', display: 'Kari Nordlys' },
  { reference: 'Practitioner/demo-nurse-2', display: 'Jonas Kveldsbris' },
] as const

type Ending = { outcome: OutcomeCode; note: string; isDeterioration: boolean }
const ENDINGS: Record<'red' | 'yellow' | 'artefact', readonly Ending[]> = {
  red: [
    {
      outcome: 'treated',
      note: 'Ringte. Tungpusten siden i går; har startet prednisolonkuren.',
      isDeterioration: true,
    },
    { outcome: 'doctor', note: 'Tungpusten i hvile. Avklart med lungelege; kur startet.', isDeterioration: true },
    { outcome: 'referred', note: 'Forvirret og sliten i telefonen. Sendt til legevakt.', isDeterioration: true },
  ],
  yellow: [
    { outcome: 'advised', note: 'Litt mer hoste enn vanlig. Råd om hvile og inhalasjon.', isDeterioration: true },
    { outcome: 'no-action', note: 'Føler seg som vanlig. Måler igjen i morgen.', isDeterioration: false },
    { outcome: 'treated', note: 'Følger gul sone i egenbehandlingsplanen.', isDeterioration: true },
  ],
  artefact: [{ outcome: 'artefact', note: 'Kalde fingre; som vanlig på ny måling.', isDeterioration: false }],
}

/**
 * What the team has dealt with in the patient's 90 days: a Task for each worsening and each value that nobody believed, as the rules of the
 * plan would have made them, with who ended it, when and how. Nothing of the last days, and nothing for Line, whose first Task is whoever
 * tries the demo to make.
 */
export function workedOff(patient: DemoPatient, plan: string, now: Date): Task[] {
  if (patient.slug === 'line') return []
  const random = createRandom(DEMO_SEED).fork(patient.slug).fork('worked-off')
  const tasks: Task[] = []
  let last = 0
  for (const occasion of timelineOf(patient, now).occasions) {
    if (now.getTime() - occasion.at.getTime() < UNTIL_DAYS * DAY_MS) break
    const found = findingOf(patient, occasion)
    if (!found || occasion.at.getTime() - last < APART_DAYS * DAY_MS) continue
    last = occasion.at.getTime()
    tasks.push(toTask(patient, plan, occasion.at, found, random))
  }
  return tasks
}

type Finding = { zone: 'red' | 'yellow'; value: number; limit: number; isArtefact: boolean }

function findingOf({ limits = PLAN_LIMITS }: DemoPatient, { vitals, artefact }: Occasion): Finding | undefined {
  const value = artefact ?? vitals.spo2
  const { redBelow, yellowBelow } = limits
  if (value < redBelow) return { zone: 'red', value, limit: redBelow, isArtefact: artefact !== undefined }
  if (value < yellowBelow) return { zone: 'yellow', value, limit: yellowBelow, isArtefact: false }
  return undefined
}

function toTask(patient: DemoPatient, plan: string, at: Date, found: Finding, random: Random): Task {
  const { zone, value, limit, isArtefact } = found
  const { outcome, note, isDeterioration } = random.pick(ENDINGS[isArtefact ? 'artefact' : zone])
  const owner = random.pick(NURSES)
  const begun = beginsAt(at)
  const minutes = zone === 'red' ? random.integer(3, 38) : random.integer(12, 420)
  const end = new Date(begun.getTime() + minutes * MINUTE_MS)
  const subject = subjectOf(patient)
  const reading = messageKey(subject, 'spo2', at)
  const why: Told = {
    nb: `SpO2 ${value} %, ${zone === 'red' ? 'rød' : 'gul'} grense ${limit} %`,
    nn: `SpO2 ${value} %, ${zone === 'red' ? 'raud' : 'gul'} grense ${limit} %`,
    en: `SpO2 ${value} %, ${zone} limit ${limit} %`,
  }
  const action = zone === 'red' ? 'spo2-red' : 'spo2-yellow'
  return {
    ...{ resourceType: 'Task', id: `demo-${patient.slug}-done-${toOsloClock(at).date}` },
    identifier: [
      {
        system: FINDING,
        value: `${plan.split('|')[0]}|${action}|Patient/demo-${patient.slug}|Observation/${reading}/_history/1`,
      },
    ],
    instantiatesCanonical: plan,
    ...{ status: 'completed', intent: 'order', priority: zone === 'red' ? 'stat' : 'urgent' },
    statusReason: taskOutcome(outcome),
    businessStatus: triageColour(zone),
    code: taskCode('assess-measurement'),
    ...toldAs('description', WANTED[zone]),
    focus: { reference: `Observation/${reading}` },
    for: subject,
    authoredOn: toOsloDateTime(at),
    lastModified: toOsloDateTime(end),
    owner,
    reasonCode: toldConcept(why),
    note: [{ time: toOsloDateTime(end), text: note, authorReference: owner }],
    executionPeriod: { start: toOsloDateTime(begun), end: toOsloDateTime(end) },
    restriction: {
      period: {
        start: toOsloDateTime(at),
        end: toOsloDateTime(new Date(begun.getTime() + DEADLINE_MINUTES[zone] * MINUTE_MS)),
      },
    },
    output: [{ type: DETERIORATION, valueBoolean: isDeterioration }],
  }
}

const WANTED: Record<'red' | 'yellow', Told> = {
  red: {
    nb: 'Ring pasienten nå og vurder tilstanden.',
    nn: 'Ring pasienten no og vurder tilstanden.',
    en: 'Call the patient now and assess how they are.',
  },
  yellow: {
    nb: 'Ta kontakt i dag og følg med på neste måling.',
    nn: 'Ta kontakt i dag og følg med på neste måling.',
    en: 'Make contact today and watch the next measurement.',
  },
}
const DETERIORATION: CodeableConcept = { coding: [{ system: TASK_OUTPUT, code: 'deterioration' }] }

/** At once while somebody is there, else when the next day begins: nobody watches at night. */
function beginsAt(at: Date): Date {
  const { minuteOfDay } = toOsloClock(at)
  if (minuteOfDay >= OPEN.from && minuteOfDay < OPEN.to) return at
  const minutes = (OPEN.from - minuteOfDay + 24 * 60) % (24 * 60)
  return new Date(at.getTime() + minutes * MINUTE_MS)
}
