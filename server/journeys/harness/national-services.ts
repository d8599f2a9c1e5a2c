import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Bundle, Observation } from '@medplum/fhirtypes'
import type { JWK } from 'jose'

const ROOT = join(import.meta.dirname, '../../..')

/** What the receiver has taken, each document once; `times` is how often it came. */
export type TakenDocument = {
  id: string
  identifier: string
  organization: string
  times: number
  status: string
  bundle: Bundle
}

/** A stand-in of a national service, in a process of its own. */
export type NationalService<T> = {
  url: string
  taken(): Promise<T[]>
  /** How it behaves. @param next what comes first, one after the other */
  behave(standing: string, ...next: string[]): Promise<void>
  stop(): Promise<void>
}
/** With the HelseID that all of them ask. */
export type Jft = NationalService<TakenDocument> & { issuer: string }
/** A measurement as it was taken: each version that said something new. */
export type TakenMeasurement = { id: string; organization: string; times: number; versions: Observation[] }

/** @param clientJwk the public key of the server that will call, by which HelseID knows it */
export const startJft = (clientJwk: JWK, environment: Environment = 'real') =>
  startService<TakenDocument>('jft', JSON.stringify(clientJwk), 'fylgje-helseid', environment) as Promise<Jft>

/** @param issuer of the HelseID of a JFT that was started */
export const startPmd = (issuer: string, environment: Environment = 'real') =>
  startService<TakenMeasurement>('pmd', issuer, environment)

/** Whether its patients are people, or made for tests. */
type Environment = 'real' | 'synthetic'

/** @param given what its script is started with; its first line says where it is */
export async function startService<T>(name: string, ...given: string[]): Promise<NationalService<T>> {
  const node = join(ROOT, 'node_modules/.bin/node')
  const child = spawn(node, ['--no-warnings', `scripts/${name}.ts`, ...given], {
    ...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const told = JSON.parse(await firstLine(child, () => `${name}: ${said}`)) as { url: string }
  const { url } = told
  return {
    ...told,
    taken: async () => (await (await fetch(`${url}/control/received`)).json()) as T[],
    async behave(standing, ...next) {
      const body = JSON.stringify({ standing, next })
      await fetch(`${url}/control/moods`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

function firstLine(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`A national service ended with ${code}: ${said()}`)))
    if (child.stdout) createInterface(child.stdout).once('line', resolve)
  })
}
