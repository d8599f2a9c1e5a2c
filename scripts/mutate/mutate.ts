/**
 * Sends resources that were generated from the definitions, and mutations of them, to a server of its own, and looks for what must
 * not be: a 5xx, a refusal without an OperationOutcome, or a stored resource that `$validate` calls invalid.
 *
 *   node scripts/mutate/mutate.ts --count 10000 --seed 1
 *   --examples FOLDER   NDJSON files of resources that are mutated too
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { JsonObject } from '../../server/core/fhir/resource.ts'
import { newDataDir } from '../../server/db/test-template.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { startServer } from '../../server/journeys/harness/start-server.ts'
import { DEMO_CLIENT, openDoor } from '../caller/door.ts'
import { sendMutated } from './send-mutated.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    examples: { type: 'string' },
  },
})

const examplesIn = (folder: string): JsonObject[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as JsonObject)
    .map(({ id: _id, ...rest }) => rest)

const server = await startServer({ dataDir: await newDataDir() })
try {
  const tally = await sendMutated({
    definitions: loadDefinitions(),
    door: await openDoor(server.baseUrl, DEMO_CLIENT),
    count: Number(values.count),
    seed: Number(values.seed),
    ...(values.examples ? { examples: examplesIn(values.examples) } : {}),
    onProgress: ({ sent, stored, faults }) => console.error(`${sent} sent, ${stored} stored, ${faults.length} faults`),
  })
  console.log(JSON.stringify({ ...tally, faults: tally.faults.length, seed: Number(values.seed) }))
  for (const fault of tally.faults.slice(0, 20)) console.log(JSON.stringify(fault))
  process.exitCode = tally.faults.length > 0 ? 1 : 0
} finally {
  await server.dispose()
}
