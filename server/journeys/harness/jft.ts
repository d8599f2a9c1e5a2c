import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Bundle } from '@medplum/fhirtypes'
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

/** JFT and its HelseID, in a process of their own. */
export type Jft = {
  url: string
  issuer: string
  taken(): Promise<TakenDocument[]>
  /** How it behaves. @param next what comes first, one after the other */
  behave(standing: string, ...next: string[]): Promise<void>
  stop(): Promise<void>
}

/** @param clientJwk the public key of the server that will call, by which HelseID knows it */
export async function startJft(clientJwk: JWK): Promise<Jft> {
  const node = join(ROOT, 'node_modules/.bin/node')
  const child = spawn(node, ['--no-warnings', 'scripts/jft.ts', JSON.stringify(clientJwk)], {
    ...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const { url, issuer } = JSON.parse(await firstLine(child, () => said)) as { url: string; issuer: string }
  return {
    ...{ url, issuer },
    taken: async () => (await (await fetch(`${url}/control/received`)).json()) as TakenDocument[],
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
    child.once('close', (code) => reject(new Error(`JFT ended with ${code}: ${said()}`)))
    if (child.stdout) createInterface(child.stdout).once('line', resolve)
  })
}
