import { setTimeout as sleep } from 'node:timers/promises'
import type { Task } from '@medplum/fhirtypes'
import { FINDING, TASK_INPUT } from '../../server/core/decide/plan/vocabulary.ts'
import { colourIn } from '../../server/core/decide/words/coded-words.ts'
import type { Caller } from '../caller/caller.ts'
import { readTasksSince } from '../caller/tasks.ts'
import type { Written } from './ledger.ts'

type Wanted = { red: Written[]; since: Date; patienceMillis: number }

/** Each red measurement that is stored must be evidence in exactly one red Task, and no finding may have two Tasks. */
export async function checkTasks(
  caller: Caller,
  { red, since, patienceMillis }: Wanted,
): Promise<{ violations: string[]; redTaskCount: number }> {
  const references = red.flatMap(({ reference }) => reference ?? [])
  const deadline = Date.now() + patienceMillis
  const tasks = await untilComplete(caller, references, since, deadline)
  const evidence = evidenceOf(tasks)
  return {
    violations: [
      ...references.flatMap((reference) => {
        const count = evidence.get(reference)?.length ?? 0
        return count === 1 ? [] : [`${count === 0 ? 'no Task' : `${count} Tasks`} for the red ${reference}`]
      }),
      ...foundTwice(tasks),
    ],
    redTaskCount: tasks.filter(isRed).length,
  }
}

async function untilComplete(caller: Caller, references: string[], since: Date, deadline: number): Promise<Task[]> {
  for (;;) {
    const tasks = await readTasksSince(caller, since)
    const evidence = evidenceOf(tasks)
    if (references.every((reference) => evidence.has(reference)) || Date.now() >= deadline) return tasks
    await sleep(500)
  }
}

/** `Observation/…` → the red Tasks that rest on it, once for each time that they name it. */
function evidenceOf(tasks: Task[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const task of tasks.filter(isRed)) {
    for (const { type, valueReference } of task.input ?? []) {
      const isEvidence = type?.coding?.some(({ system, code }) => system === TASK_INPUT && code === 'evidence')
      const reference = valueReference?.reference?.split('/_history/')[0]
      if (isEvidence && reference) found.set(reference, [...(found.get(reference) ?? []), task.id ?? ''])
    }
  }
  return found
}

/** One finding, one Task; and a patient has one open Task of a rule, which later evidence joins. */
function foundTwice(tasks: Task[]): string[] {
  const open = tasks.filter(({ status }) => status === 'requested')
  return [
    ...several(tasks, findingOf).map(([finding, count]) => `${count} Tasks for the finding ${finding}`),
    ...several(open, causeOf).map(([cause, count]) => `${count} open Tasks for ${cause}`),
  ]
}

function several(tasks: Task[], keyOf: (task: Task) => string | undefined): [string, number][] {
  return [...Map.groupBy(tasks, keyOf)].flatMap(([key, same]) => (key && same.length > 1 ? [[key, same.length]] : []))
}

const findingOf = (task: Task) => task.identifier?.find(({ system }) => system === FINDING)?.value

/** Plan, action and subject: the finding without its event. */
const causeOf = (task: Task) => findingOf(task)?.split('|').slice(0, 3).join('|')

const isRed = ({ businessStatus }: Task) => colourIn(businessStatus) === 'red'
