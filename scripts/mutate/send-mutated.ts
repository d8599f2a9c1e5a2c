import fc from 'fast-check'
import type { Definitions } from '../../server/definitions/definitions.ts'
import type { JsonObject } from '../../server/fhir/resource.ts'
import { Caller, type Door } from '../caller/caller.ts'
import { mutated } from './mutation.ts'
import { resourceOf } from './valid-resource.ts'

export type Tally = {
  sent: number
  stored: number
  refused: number
  /** What must not be: a fault of the server, an answer that is no OperationOutcome, or something stored that it calls invalid. */
  faults: { input: string; status: number; answer: string }[]
}

export type SendOptions = {
  definitions: Definitions
  door: Door
  count: number
  seed: number
  /** Resources to mutate beside the generated ones. */
  examples?: JsonObject[]
  onProgress?: (tally: Tally) => void
}

const CALLERS = 8

/** Sends generated resources, as they are and mutated, and looks at every answer. */
export async function sendMutated({
  definitions,
  door,
  count,
  seed,
  examples = [],
  onProgress,
}: SendOptions): Promise<Tally> {
  const tally: Tally = { sent: 0, stored: 0, refused: 0, faults: [] }
  const inputs = inputsOf(definitions, count, seed, examples)
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      const caller = new Caller(door)
      for (let next = inputs.next(); !next.done; next = inputs.next()) {
        await sendOne(caller, next.value, tally)
        if (tally.sent % 500 === 0) onProgress?.(tally)
      }
      caller.close()
    }),
  )
  return tally
}

function* inputsOf(
  definitions: Definitions,
  count: number,
  seed: number,
  examples: JsonObject[],
): Generator<JsonObject> {
  const types = [...definitions.resourceTypes].sort()
  const perType = Math.ceil(count / types.length)
  let left = count
  for (const [i, type] of types.entries()) {
    const generated = resourceOf(definitions, type)
    const own = examples.filter(({ resourceType }) => resourceType === type)
    const base = own.length > 0 ? fc.oneof(generated, fc.constantFrom(...own)) : generated
    const inputs = fc.oneof({ weight: 1, arbitrary: base }, { weight: 4, arbitrary: mutated(base) })
    for (const input of fc.sample(inputs, { numRuns: Math.min(perType, left), seed: seed + i })) yield input
    left -= perType
    if (left <= 0) return
  }
}

async function sendOne(caller: Caller, input: JsonObject, tally: Tally): Promise<void> {
  const type =
    typeof input.resourceType === 'string' && /^[A-Za-z]+$/.test(input.resourceType) ? input.resourceType : 'Basic'
  const body = JSON.stringify(input)
  const { status, body: answered } = await caller.call({ method: 'POST', path: type, body })
  tally.sent += 1
  const answer = answered.toString()
  const fault = () => tally.faults.push({ input: body.slice(0, 4000), status, answer: answer.slice(0, 1000) })
  if (status === 201) {
    tally.stored += 1
    const judged = await caller.call({ method: 'POST', path: `${type}/$validate`, body: answer })
    const verdict = judged.body.toString()
    if (judged.status !== 200 || /"severity":"(error|fatal)"/.test(verdict)) {
      tally.faults.push({ input: body.slice(0, 4000), status: judged.status, answer: verdict.slice(0, 1000) })
    }
    return
  }
  tally.refused += 1
  if (status < 400 || status >= 500 || !answer.startsWith('{"resourceType":"OperationOutcome"')) fault()
}
