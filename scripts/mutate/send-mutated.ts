import fc from 'fast-check'
import type { JsonObject } from '../../server/core/fhir/resource.ts'
import type { Definitions } from '../../server/definitions/definitions.ts'
import type { Door } from '../caller/caller.ts'
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
      for (let next = inputs.next(); !next.done; next = inputs.next()) {
        if (await sendOne(door, next.value, tally)) onProgress?.(tally)
      }
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

/** @returns whether it is time to tell how far we are */
async function sendOne(door: Door, input: JsonObject, tally: Tally): Promise<boolean> {
  const type =
    typeof input.resourceType === 'string' && /^[A-Za-z]{1,64}$/.test(input.resourceType) ? input.resourceType : 'Basic'
  const body = JSON.stringify(input)
  const { status, answer } = await post(door, type, body)
  tally.sent += 1
  const isMilestone = tally.sent % 500 === 0
  const fault = (found: { status: number; answer: string }) => {
    tally.faults.push({ input: body.slice(0, 4000), status: found.status, answer: found.answer.slice(0, 1000) })
  }
  if (status === 201) {
    tally.stored += 1
    const verdict = await post(door, `${type}/$validate`, answer)
    if (verdict.status !== 200 || /"severity":"(error|fatal)"/.test(verdict.answer)) fault(verdict)
    return isMilestone
  }
  tally.refused += 1
  if (status < 400 || status >= 500 || !answer.startsWith('{"resourceType":"OperationOutcome"'))
    fault({ status, answer })
  return isMilestone
}

async function post(
  { fhirBase, authorization }: Door,
  path: string,
  body: string,
): Promise<{ status: number; answer: string }> {
  const response = await fetch(`${fhirBase.href.replace(/\/$/, '')}/${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/fhir+json' },
    body,
  })
  return { status: response.status, answer: await response.text() }
}
