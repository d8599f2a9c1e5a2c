import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.dispose())

const BENCH = new URL('../../scripts/bench/bench.ts', import.meta.url).pathname

async function bench(...args: string[]): Promise<Record<string, unknown>[]> {
  const fixed = ['--base', server.baseUrl, '--pid', String(server.pid), '--seconds', '1', '--warm', '0', '--json']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [BENCH, ...fixed, ...args])
  expect(stderr).toBe('')
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('the bench says what machine it is, then what each workload reached, against a server that is running', async () => {
  const names = ['create-1', 'read-64', 'search-64', 'transaction-20', 'observation-to-task']
  const [machine, ...results] = await bench('--stored', '1000', '--only', names.join(','))
  expect(machine).toMatchObject({ cpu_count: expect.any(Number), node: process.version, server: server.baseUrl })
  expect(results.map(({ workload }) => workload)).toEqual(names)
  for (const result of results) {
    expect(result).toMatchObject({ errors: 0, count: expect.any(Number), ops_per_s: expect.any(Number) })
    expect(result.count).toBeGreaterThan(0)
    expect(result.p50_ms).toBeLessThanOrEqual(Number(result.p95_ms))
    expect(result.p95_ms).toBeLessThanOrEqual(Number(result.p99_ms))
  }
  expect(results.at(-1)).toMatchObject({ tasks_missing: 0, tasks_twice: 0, tasks_needless: 0 })
})

test('a workload that there is not is refused by name', async () => {
  await expect(bench('--only', 'create-1000')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No workload create-1000'),
  })
})
