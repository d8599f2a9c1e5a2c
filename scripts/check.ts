// Checks types, lint and format, and that imports point down, all at the same time. Prints only what is wrong.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const inModules = (...path: string[]) => join(root, 'node_modules', ...path)

const CHECKS: { name: string; args: string[] }[] = [
  { name: 'types', args: [inModules('typescript', 'bin', 'tsc'), '-p', root] },
  { name: 'types of the apps', args: [inModules('typescript', 'bin', 'tsc'), '-p', join(root, 'smart-apps')] },
  {
    name: 'lint and format',
    args: [inModules('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', root],
  },
  {
    name: 'imports point down',
    args: [inModules('jest', 'bin', 'jest.js'), join(root, 'server', 'house.test.ts')],
  },
]

const results = await Promise.all(CHECKS.map(run))
for (const { name, output, seconds, ok } of results) {
  if (!ok) process.stdout.write(`\n${output.trim()}\n\n`)
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} · ${seconds.toFixed(1)} s\n`)
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1

type Result = { name: string; output: string; seconds: number; ok: boolean }

function run({ name, args }: (typeof CHECKS)[number]): Promise<Result> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('close', (code) => {
      resolve({ name, output, seconds: (performance.now() - startedAt) / 1000, ok: code === 0 })
    })
  })
}
