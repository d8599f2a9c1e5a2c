/**
 * Runs the public cases that stand beside the checkout against a server of its own, and writes docs/conformance.md.
 *
 *   node scripts/conformance/conformance.ts [--only search,patch] [--list]
 *   --list   prints what failed and is not explained, instead of writing the page
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { newDataDir } from '../../server/db/test-template.ts'
import { startServer } from '../../server/journeys/harness/start-server.ts'
import { readDeviations, unexplained, unneeded } from './deviations.ts'
import { conformancePage } from './report.ts'
import { hasCases, runCases } from './run-cases.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean', default: false } } })

if (!hasCases()) {
  console.error('The public cases do not stand beside this checkout (../shared/conformance); there is nothing to run.')
  process.exit(1)
}
const server = await startServer({ dataDir: await newDataDir() })
try {
  const results = await runCases(server.fhir, await server.token(), values.only?.split(',') ?? [])
  const deviations = readDeviations()
  for (const line of unexplained(results, deviations)) console.log(line)
  if (!values.list) {
    writeFileSync(join(import.meta.dirname, '../../docs/conformance.md'), conformancePage(results, deviations))
    for (const one of unneeded(results, deviations)) console.log(`no longer needed: ${one}`)
  }
} finally {
  await server.dispose()
}
