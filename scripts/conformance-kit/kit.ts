// Runs the cases of the conformance kit against a FHIR server, ours or yours, and says what each found. docs/conformance-kit.md tells how.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { requestToken } from '../caller/door.ts'
import { countsOf, lineOf, toJUnit } from './report.ts'
import { type Result, runCase, type Server } from './run-case.ts'
import { NotUnderstood, readCases, writesOf } from './test-script.ts'

const USAGE = `npm run conformance -- --base https://server/fhir [--token … | CLIENT_ID=… CLIENT_SECRET=…]
  --only fhir/       only cases whose name begins so
  --cases folder     cases of your own instead
  --dry-run          say what would be written, and do nothing
  --read-only        leave out the cases that write
  --json file        every result as JSON
  --junit file       every result as JUnit XML
  --timeout seconds  how long an answer is waited for (30)
Exit: 0 nothing failed, 1 something did, 2 it could not be run.`

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      base: { type: 'string' },
      token: { type: 'string' },
      only: { type: 'string' },
      cases: { type: 'string' },
      json: { type: 'string' },
      junit: { type: 'string' },
      timeout: { type: 'string', default: '30' },
      'dry-run': { type: 'boolean', default: false },
      'read-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || !values.base) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const all = readCases(values.only, values.cases)
  const cases = values['read-only'] ? all.filter((one) => writesOf(one).length === 0) : all
  if (cases.length === 0) {
    console.error(`There is no case whose name begins with ${values.only ?? ''}.`)
    return 2
  }
  const base = values.base.replace(/\/$/, '')
  console.log(`${cases.length} cases against ${base}. What is made is deleted again.`)
  for (const one of cases) console.log(`  ${one.name}: ${writesOf(one).join(', ') || 'reads only'}`)
  if (values['dry-run']) return 0
  const timeoutSeconds = Number(values.timeout)
  const server: Server = { base, token: values.token ?? (await tokenFor(base)), timeoutSeconds }
  const results: Result[] = []
  for (const one of cases) {
    const found = await runCase(one, server)
    for (const result of found) console.log(lineOf(result))
    results.push(...found)
  }
  const counts = countsOf(results)
  console.log(`${counts.pass} passed, ${counts.fail} failed, ${counts.warn} warned, ${counts.skip} skipped`)
  if (values.json) await writeFile(values.json, `${JSON.stringify({ base, counts, results }, null, 2)}\n`)
  if (values.junit) await writeFile(values.junit, toJUnit(results))
  return counts.fail > 0 ? 1 : 0
}

/** @returns undefined without a client: the server may be open */
async function tokenFor(base: string): Promise<string | undefined> {
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, SCOPE } = process.env
  if (!clientId || !clientSecret) return undefined
  return requestToken(base, { clientId, clientSecret }, SCOPE).catch((error: Error) => {
    throw new NotUnderstood(`There is no token: ${error.message}`)
  })
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof NotUnderstood ? error.message : error)
  return 2
})
