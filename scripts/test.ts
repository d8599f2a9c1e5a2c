// Runs every test, or those whose paths are given, and says as its very last line how it went: `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What we read of jest's --json. https://jestjs.io/docs/cli#--json */
type JestResult = {
  numPassedTests: number
  numFailedTests: number
  /** Suites that did not get as far as a test: a syntax error, a missing import, a failed beforeAll of the file. */
  numRuntimeErrorTestSuites: number
}

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'fylgje-jest-'))
const resultFile = join(folder, 'result.json')
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    // Journeys start servers and databases of their own. One more than there are cores here: some wait for a clock, and the others have
    // their turn meanwhile; more than that only make each other wait.
    '--maxWorkers=3',
    '--json',
    `--outputFile=${resultFile}`,
    ...process.argv.slice(2),
  ],
  // With --json jest prints the result on stdout too; what a person reads comes on stderr.
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
)
const { passed, failed } = readResult()
rmSync(folder, { recursive: true, force: true })
// A run that fails without a failed test, such as one that found no tests, is a failure too.
const faults = status !== 0 && failed === 0 ? 1 : failed
process.stderr.write('\n')
process.stdout.write(`${passed} passed, ${faults} failed\n`)
process.exitCode = faults ? 1 : 0

function readResult(): { passed: number; failed: number } {
  try {
    const result = JSON.parse(readFileSync(resultFile, 'utf8')) as JestResult
    return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites }
  } catch {
    return { passed: 0, failed: 1 }
  }
}
