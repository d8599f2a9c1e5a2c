import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One public case, as the runner judged it. `optional-failed` is SHOULD-level or ambiguous in R4. */
export type CaseResult = {
  folder: string
  suite: string
  id: string
  status: 'passed' | 'failed' | 'optional-failed' | 'skipped'
  reason?: string
}

/** The public cases beside the checkout, where somebody has put them. Nothing of them is part of this project. */
export const CASES_FOLDER = join(import.meta.dirname, '../../../shared/conformance')
export const hasCases = (): boolean => existsSync(join(CASES_FOLDER, 'runner', 'run.mjs'))

/**
 * Runs the public cases against a started server.
 * @param folders some of them, such as `interactions`; all when left out
 */
export async function runCases(fhirBase: string, token: string, folders: string[] = []): Promise<CaseResult[]> {
  const work = await mkdtemp(join(tmpdir(), 'fylgje-conformance-'))
  try {
    // The runner needs fhirpath; it takes ours.
    await cp(join(CASES_FOLDER, 'runner'), join(work, 'runner'), { recursive: true })
    await symlink(join(import.meta.dirname, '../../node_modules'), join(work, 'runner', 'node_modules'))
    const report = join(work, 'report.json')
    const only = folders.length > 0 ? ['--only', folders.join(',')] : []
    await run([
      join(work, 'runner', 'run.mjs'),
      ...['--base', fhirBase, `--token=${token}`, '--dir', CASES_FOLDER, '--json', report, '--timeout', '60'],
      ...only,
    ])
    return (JSON.parse(await readFile(report, 'utf8')) as { results: CaseResult[] }).results
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function run(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the runner ended with ${code}: ${said}`))))
  })
}
