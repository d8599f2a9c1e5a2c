import { setTimeout } from 'node:timers/promises'
import { startMatrixHouse } from './house.ts'
import { createModel } from './model.ts'
import { type Answer, FORM_NAMES, LASTING_FORMS, makeProbe, type Probe } from './probes.ts'
import { createRandom } from './random.ts'
import { makeWorld } from './world.ts'

export type Difference = {
  form: string
  caller: string
  path: string
  expected: unknown
  found: unknown
  status: number
}
export type MatrixResult = { seed: number; probes: number; differences: Difference[]; byForm: Record<string, number> }

/** How many are under way at once. */
const TOGETHER = 16

/**
 * Asks a server with a generated world, and compares each answer with the model's.
 * @param seed what the world and the questions come of
 */
export async function runMatrix(
  seed: number,
  probeCount: number,
  told: (text: string) => void = () => {},
): Promise<MatrixResult> {
  const now = new Date()
  const world = makeWorld(seed, now)
  const basis = { world, model: createModel(world, now), random: createRandom(seed + 1), letIn: new Set<string>() }
  const house = await startMatrixHouse(() => world.callers)
  const result: MatrixResult = { seed, probes: 0, differences: [], byForm: {} }
  try {
    await house.fill(world)
    const probes = Array.from({ length: probeCount }, (_, i) =>
      makeProbe(basis, FORM_NAMES[i % FORM_NAMES.length] ?? ''),
    )
    for (const asked of inTurn(probes)) {
      for (let from = 0; from < asked.length; from += TOGETHER) {
        const together = asked.slice(from, from + TOGETHER)
        const answers = await Promise.all(together.map((probe) => ask(house.fhir, probe)))
        for (const [i, probe] of together.entries()) note(result, probe, answers[i] as Answer)
        if (result.probes % 2_000 < TOGETHER) told(`${result.probes} probes, ${result.differences.length} differences`)
      }
    }
    return result
  } finally {
    await house.stop()
  }
}

/** What leaves nothing behind first, all in one. */
function inTurn(probes: Probe[]): Probe[][] {
  const isOf = (forms: string[]) => probes.filter(({ form }) => forms.includes(form))
  const others = FORM_NAMES.filter((form) => !LASTING_FORMS.includes(form))
  return [isOf(others), ...LASTING_FORMS.map((form) => isOf([form]))]
}

async function ask(fhir: string, probe: Probe): Promise<Answer> {
  const { caller, method, path, body, ifMatch, ifNoneExist, prefer } = probe
  const response = await fetch(`${fhir}${path === '' ? '' : path.startsWith('?') ? path : `/${path}`}`, {
    method,
    headers: {
      authorization: `Bearer ${encodeURIComponent(caller.name)}`,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist }),
      ...(prefer === undefined ? {} : { prefer }),
      ...(body === undefined ? {} : { 'content-type': contentTypeOf(method, path) }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.status === 202) return takeOut(String(response.headers.get('content-location')), probe)
  // Where there was nothing to delete, nothing is told.
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] }
}

function contentTypeOf(method: Probe['method'], path: string): string {
  if (method === 'PATCH') return 'application/json-patch+json'
  return path === '$graphql' ? 'application/json' : 'application/fhir+json'
}

const POLL_MILLIS = 300

/** What an export has in its files, as a search would give it. */
async function takeOut(job: string, { caller }: Probe): Promise<Answer> {
  const headers = { authorization: `Bearer ${encodeURIComponent(caller.name)}` }
  for (;;) {
    const response = await fetch(job, { headers })
    if (response.status === 202) {
      await setTimeout(POLL_MILLIS)
      continue
    }
    const { output = [] } = (await response.json()) as { output?: { url: string }[] }
    const files = await Promise.all(output.map(async ({ url }) => (await fetch(url, { headers })).text()))
    const lines = files.flatMap((file) => file.split('\n').filter((line) => line !== ''))
    const entry = lines.map((line) => ({ resource: JSON.parse(line), search: { mode: 'match' } }))
    return { status: response.status, body: { entry } }
  }
}

function note(result: MatrixResult, probe: Probe, answer: Answer): void {
  result.probes += 1
  result.byForm[probe.form] = (result.byForm[probe.form] ?? 0) + 1
  const found = answer.status >= 500 ? `status ${answer.status}` : probe.read(answer)
  if (JSON.stringify(found) === JSON.stringify(probe.expected)) return
  const { form, caller, path, expected } = probe
  result.differences.push({
    ...{ form, path, expected, found, status: answer.status },
    caller: `${caller.name} (${caller.actor}, ${caller.scope}${caller.patient ? `, ${caller.patient}` : ''})`,
  })
}
