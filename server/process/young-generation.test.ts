import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { commandOfWorker } from './young-generation.ts'

const START = ['--max-semi-space-size=6', '--heap-growing-percent=100']

test('a process that only works is started with a larger young generation, and all else as it was', () => {
  const command = commandOfWorker({ role: 'worker', execArgv: START, argv: ['node', 'server/main.ts', 'more'] })
  const expected = ['node', '--max-semi-space-size=16', '--heap-growing-percent=100', 'server/main.ts', 'more']
  expect(command).toEqual(expected)
})

test.each([
  ['one that answers callers too', 'all', START],
  ['one that answers callers alone', 'api', START],
  ['one without a role', undefined, START],
  ['one for which somebody has chosen another size', 'worker', ['--max-semi-space-size=32']],
  ['one that was started anew', 'worker', ['--max-semi-space-size=16', '--heap-growing-percent=100']],
  ['one that is started without a size', 'worker', []],
])('%s stays as it is', (_case, role, execArgv) => {
  expect(commandOfWorker({ role, execArgv, argv: ['node', 'server/main.ts'] })).toBeUndefined()
})

test.each([
  ['worker', '--max-semi-space-size=16'],
  ['all', '--max-semi-space-size=6'],
])('a process of the role %s runs with %s, under the number it was started with', (role, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'young-generation-'))
  const program = join(folder, 'program.mjs')
  const file = pathToFileURL(join(import.meta.dirname, 'young-generation.ts')).href
  const told = 'console.log(JSON.stringify([process.pid, process.execArgv[0], process.argv[2], process.env.GIVEN]))'
  writeFileSync(program, `import { beginAnewAsWorker } from '${file}'\nbeginAnewAsWorker()\n${told}\n`)
  try {
    const begun = spawnSync(process.execPath, [...START, program, 'more'], {
      env: { PATH: process.env.PATH, ROLE: role, GIVEN: 'given' },
      encoding: 'utf8',
    })
    expect(begun.stderr).toBe('')
    expect(JSON.parse(begun.stdout)).toEqual([begun.pid, expected, 'more', 'given'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
