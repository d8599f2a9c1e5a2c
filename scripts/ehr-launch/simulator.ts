import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MILLIS_MAX = 60_000

export type Simulator = { iss: string; stop(): void }

/**
 * Starts SMART Health IT's launcher from a folder where somebody has put it: a checkout with its packages installed
 * (https://github.com/smart-on-fhir/smart-launcher-v2).
 * @param fhirServer the open server behind it, whose resources it shows; without a path
 */
export async function startSimulator(folder: string, port: number, fhirServer: string): Promise<Simulator> {
  const address = `http://127.0.0.1:${port}`
  const program = [join(folder, 'node_modules/ts-node/dist/bin.js'), '--skipProject', '--transpile-only']
  const child = spawn(process.execPath, [...program, 'backend/index.ts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) },
      ...{ SECRET: crypto.randomUUID(), PICKER_ORIGIN: 'self' },
      ...{ FHIR_SERVER_R4: fhirServer, FHIR_SERVER_R3: '', FHIR_SERVER_R2: '' },
    },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const iss = `${address}/v/r4/fhir`
  const until = performance.now() + START_MILLIS_MAX
  while (!(await isThere(`${iss}/.well-known/smart-configuration`))) {
    if (child.exitCode !== null || performance.now() > until) {
      child.kill()
      throw new Error(`The simulator in ${folder} does not start. ${said}`)
    }
    await sleep(200)
  }
  return { iss, stop: () => void child.kill() }
}

const isThere = (address: string) =>
  fetch(address).then(
    ({ ok }) => ok,
    () => false,
  )
