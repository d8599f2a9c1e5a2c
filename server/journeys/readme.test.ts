import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bundle, Task } from '@medplum/fhirtypes'
import { settingsTable } from '../settings/settings.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

const README = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')

/** What stands in the README between `<!-- name -->` and `<!-- /name -->`. */
const section = (name: string): string =>
  README.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim() ?? ''

describe('the first measurement, as the README tells it', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.dispose())

  const run = async (): Promise<Task[]> => {
    const commands = section('curl')
      .replace(/^```sh\n|\n```$/g, '')
      .replaceAll('http://localhost:8080', server.baseUrl)
    const { stdout } = await promisify(execFile)('bash', ['-euc', commands])
    // The first answer is the Observation, the last one the Tasks.
    const bundle = JSON.parse(stdout.slice(stdout.indexOf('{"resourceType":"Bundle"'))) as Bundle<Task>
    return bundle.entry?.flatMap(({ resource }) => resource ?? []) ?? []
  }

  test('the commands make one red Task, and the same again joins it', async () => {
    const [task, ...others] = await run()
    expect(others).toEqual([])
    expect(task).toMatchObject({ status: 'requested', priority: 'stat', for: { reference: 'Patient/demo-line' } })
    expect(task?.businessStatus?.coding?.[0]?.code).toBe('red')
    expect(task?.reasonCode?.text).toBe('SpO2 84 %, rød grense 88 %')
    expect(task?.input).toHaveLength(1)

    const again = await run()
    expect(again.map(({ id }) => id)).toEqual([task?.id])
    expect(again[0]?.input).toHaveLength(2)
  })
})

test('the settings in the README are the settings that there are', () => {
  expect(section('settings')).toBe(settingsTable())
})

test('the commands in the README are the scripts that there are', async () => {
  const { scripts } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'))
  const told = [...README.matchAll(/^\| `npm (?:run )?([\w:]+)[^`]*` \|/gm)].map((match) => match[1])
  expect(told.sort()).toEqual(Object.keys(scripts).sort())
})
