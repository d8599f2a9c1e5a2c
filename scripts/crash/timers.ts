import { setTimeout as sleep } from 'node:timers/promises'
import type { CarePlan, CommunicationRequest, Composition, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Random } from '../../server/demo/random.ts'
import { type Caller, expectJson } from '../caller/caller.ts'
import { readSince } from '../caller/tasks.ts'

/**
 * Moments that will come while the server is killed, of each kind that a caller can set: a measurement that is missing, a reminder, the
 * marks of a Task, the end of a snooze, the end of an enrolment. What each must bring about, exactly once, is known beforehand.
 */
export type TimerKind = 'missing' | 'reminder' | 'marks' | 'snooze' | 'closing'
export type Planted = { kind: TimerKind; reference: string; dueAt: number }

const FYLGJE = 'http://fylgje.no/fhir'
/** Some before the kill, some while the server is down, some after. */
const DUE_MILLIS = { min: 1_200, max: 5_000 }
const KINDS: TimerKind[] = ['missing', 'reminder', 'marks', 'snooze', 'closing']
/** Once everything is there, so long is waited for what would come a second time. */
const SECOND_MILLIS = 1_500

type Planting = { patients: string[]; plan: string; random: Random; count: number }

/** Stores, in one transaction, `count` of each kind. @returns those whose moment came after they were stored: what is past then is not missed */
export async function plantTimers(caller: Caller, { patients, plan, random, count }: Planting): Promise<Planted[]> {
  const wanted = KINDS.flatMap((kind) => Array.from({ length: count }, () => kind)).map((kind) => {
    const dueAt = Date.now() + random.integer(DUE_MILLIS.min, DUE_MILLIS.max)
    return { kind, dueAt, resource: resourceOf(kind, random.pick(patients), new Date(dueAt).toISOString(), plan) }
  })
  const entry = wanted.map(({ resource }) => ({ resource, request: { method: 'POST', url: resource.resourceType } }))
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
  const answer = await caller.call({ method: 'POST', path: '', body })
  const stored = expectJson<{ entry: { response: { location: string; lastModified: string } }[] }>(answer, 200)
  return wanted.flatMap(({ kind, dueAt }, i) => {
    const { location = '', lastModified = '' } = stored.entry[i]?.response ?? {}
    const reference = /([A-Za-z]+\/[^/]+)\/_history/.exec(location)?.[1] ?? ''
    return Date.parse(lastModified) < dueAt ? [{ kind, dueAt, reference }] : []
  })
}

function resourceOf(kind: TimerKind, subject: string, due: string, plan: string): ServiceRequest | Task | CarePlan {
  const seconds = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: 's' })
  const request = (...policy: object[]): ServiceRequest => ({
    ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: subject } },
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' },
    occurrenceDateTime: due,
    extension: [{ url: `${FYLGJE}/StructureDefinition/occurrence-policy`, extension: policy as never }],
  })
  const task = (status: Task['status'], ...extension: object[]): Task => ({
    ...{ resourceType: 'Task', status, intent: 'order', priority: 'routine', for: { reference: subject } },
    ...{ description: 'Oppgave med frist', extension: extension as never },
  })
  const mark = (markKind: string, at: string) => ({
    url: `${FYLGJE}/StructureDefinition/task-mark`,
    extension: [
      ...[
        { url: 'kind', valueCode: markKind },
        { url: 'at', valueDateTime: at },
      ],
      { url: 'step', extension: [{ url: 'act', valueCode: 'notify' }] },
    ],
  })
  switch (kind) {
    case 'missing':
      return request({ url: 'grace', valueDuration: seconds(0) })
    case 'reminder':
      // It may still be measured for an hour, so the reminder is not over when the server was down at its moment.
      return request({ url: 'reminder', valueDuration: seconds(0) }, { url: 'grace', valueDuration: seconds(3600) })
    case 'marks':
      return task('requested', mark('goal', due), mark('deadline', new Date(Date.parse(due) + 700).toISOString()))
    case 'snooze':
      return task('on-hold', {
        url: `${FYLGJE}/StructureDefinition/snooze`,
        extension: [
          ...[
            { url: 'reason', valueString: 'Kjent' },
            { url: 'since', valueDateTime: new Date().toISOString() },
          ],
          ...[
            { url: 'until', valueDateTime: due },
            { url: 'from', valueCode: 'requested' },
          ],
          ...[
            { url: 'by', valueReference: { display: 'Sykepleier' } },
            { url: 'suppressed', valueUnsignedInt: 0 },
          ],
        ],
      })
    case 'closing':
      return {
        ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: subject } },
        ...{ instantiatesCanonical: [plan], period: { start: new Date().toISOString(), end: due } },
      }
  }
}

/** What each has brought about: exactly once, and not before its moment. Waits for what is not there yet. @returns violations */
export async function checkTimers(
  caller: Caller,
  { planted, since, patienceMillis }: { planted: Planted[]; since: Date; patienceMillis: number },
): Promise<string[]> {
  if (planted.length === 0) return []
  const deadline = Math.max(Date.now(), ...planted.map(({ dueAt }) => dueAt)) + patienceMillis
  for (;;) {
    const violations = await look(caller, planted, since)
    const isOver = Date.now() >= deadline || !violations.some((one) => one.startsWith('lost'))
    if (!isOver) {
      await sleep(500)
      continue
    }
    if (violations.length > 0) return violations
    await sleep(SECOND_MILLIS)
    return look(caller, planted, since)
  }
}

/** How many of something there are, and how many there must be. */
type Count = { what: string; found: number; expected: number }

/** What the server says now, found by what it is about. */
type Seen = {
  taskOf: Map<string, Task>
  carePlanOf: Map<string, CarePlan>
  /** Tasks by what was missed. */
  missing: Map<string | undefined, Task[]>
  /** Reminders and notices by what they are about. */
  told: Map<string | undefined, CommunicationRequest[]>
  summaries: Map<string | undefined, Composition[]>
}

const COUNTS: Record<TimerKind, (seen: Seen, planted: Planted) => Count[]> = {
  missing({ missing }, { reference, dueAt }) {
    const own = missing.get(reference) ?? []
    const moments = own.flatMap(({ input = [] }) => input.filter(({ valueDateTime }) => valueDateTime))
    const early = own.filter(({ authoredOn }) => Date.parse(authoredOn ?? '') < dueAt)
    return [
      { what: 'Tasks', found: own.length, expected: 1 },
      { what: 'moments', found: moments.length, expected: 1 },
      { what: 'Tasks before its time', found: early.length, expected: 0 },
    ]
  },
  reminder: ({ told }, { reference }) => [{ what: 'reminders', found: told.get(reference)?.length ?? 0, expected: 1 }],
  marks({ told, taskOf }, { reference }) {
    const passed = passedMarks(taskOf.get(reference))
    // The server may have been down at both moments: then both pass when it is back, and the same person is told once.
    const momentCount = Math.max(1, new Set(passed).size)
    return [
      { what: 'marks passed', found: passed.length, expected: 2 },
      { what: 'notices', found: told.get(reference)?.length ?? 0, expected: momentCount },
    ]
  },
  snooze({ taskOf }, { reference }) {
    const task = taskOf.get(reference)
    return [
      { what: 'ends', found: Number(task?.status === 'requested'), expected: 1 },
      { what: 'notes', found: task?.note?.length ?? 0, expected: 1 },
      { what: 'versions', found: Number(task?.meta?.versionId ?? 0), expected: 2 },
    ]
  },
  closing({ carePlanOf, summaries }, { reference }) {
    const carePlan = carePlanOf.get(reference)
    return [
      { what: 'ends', found: Number(carePlan?.status === 'completed'), expected: 1 },
      { what: 'versions', found: Number(carePlan?.meta?.versionId ?? 0), expected: 2 },
      { what: 'summaries', found: summaries.get(reference)?.length ?? 0, expected: 1 },
    ]
  },
}

async function look(caller: Caller, planted: Planted[], since: Date): Promise<string[]> {
  const tasks = await readSince<Task>(caller, 'Task', since)
  const carePlans = await readSince<CarePlan>(caller, 'CarePlan', since)
  const told = await readSince<CommunicationRequest>(caller, 'CommunicationRequest', since)
  const summaries = await readSince<Composition>(caller, 'Composition', since)
  const seen: Seen = {
    taskOf: new Map(tasks.map((task) => [`Task/${task.id}`, task])),
    carePlanOf: new Map(carePlans.map((carePlan) => [`CarePlan/${carePlan.id}`, carePlan])),
    missing: Map.groupBy(tasks, ({ focus }) => focus?.reference),
    told: Map.groupBy(told, ({ about }) => about?.[0]?.reference),
    summaries: Map.groupBy(summaries, ({ identifier }) => identifier?.value),
  }
  return planted.flatMap((one) =>
    COUNTS[one.kind](seen, one)
      .filter(({ found, expected }) => found !== expected)
      .map(({ what, found, expected }) => {
        const wrong = found < expected ? 'lost' : 'twice'
        return `${wrong}: ${found} ${what} of ${one.kind} ${one.reference}, due ${new Date(one.dueAt).toISOString()}`
      }),
  )
}

const passedMarks = (task: Task | undefined): string[] =>
  (task?.extension ?? [])
    .filter(({ url }) => url.endsWith('/task-mark'))
    .flatMap(({ extension }) => extension?.find(({ url }) => url === 'passed')?.valueDateTime ?? [])
