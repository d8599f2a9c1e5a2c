import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import { Browser } from '../harness/browser.ts'
import type { PatientApp } from '../harness/patient-app.ts'
import { answerPages, type Person, registerClient } from '../harness/smart-app.ts'
import { freePort } from '../harness/start-server.ts'

const SCRIPT = join(import.meta.dirname, '../../../scripts/patient-app-example.ts')

/** Apps of patients that are not ours, over the same API: the example in `docs/patient-apps.md`. */
export function tell(app: () => PatientApp): void {
  /** Runs the example, with somebody at the browser that it opens. @returns its lines, and how it ended */
  async function runExample(
    spo2: string,
    person: Person,
  ): Promise<{ lines: string[]; code: number | null; errors: string }> {
    const { baseUrl, fhir } = app().server
    const redirectUri = `http://127.0.0.1:${await freePort()}/`
    const { client_id } = await registerClient(baseUrl, {
      ...{ client_name: 'Min helseapp', token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] },
      ...{ redirect_uris: [redirectUri], scope: 'patient/*.rs patient/Observation.c' },
    })
    const env = { PATH: process.env.PATH, CLIENT_ID: client_id, REDIRECT_URI: redirectUri }
    const child = spawn(process.execPath, [SCRIPT, fhir, spo2], { env })
    const lines: string[] = []
    let errors = ''
    child.stderr.on('data', (text) => {
      errors += text
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    for await (const line of createInterface(child.stdout)) {
      lines.push(line)
      if (!line.startsWith('Open ')) continue
      const browser = new Browser()
      const { response, url } = await browser.open(line.slice('Open '.length), baseUrl)
      const end = await answerPages(browser, baseUrl, response, url, person)
      await fetch(end.url)
    }
    return { lines, code: await ended, errors }
  }

  test('another app signs a patient in, reads what is asked today, sends a measurement once and is told how it was judged', async () => {
    const { lines, code, errors } = await runExample('95', { account: 'demo-line' })
    expect([code, errors]).toEqual([0, ''])
    const [, ...told] = lines
    expect(told.some((line) => /^\d{4}-.* (?:due|open|planned|done|late|missing)$/.test(line))).toBe(true)
    const [sent, judged] = told.slice(-2)
    const id = /^Sent as Observation\/(\S+)$/.exec(sent ?? '')?.[1]
    expect(judged).toMatch(/^Judged: SpO2 95/)
    const [stored] = await app().search<Observation>(`Observation?_id=${id}`)
    expect(stored).toMatchObject({ subject: { reference: 'Patient/demo-line' }, valueQuantity: { value: 95 } })
  })

  test('a patient who refuses it the sending has sent nothing, and it is told why', async () => {
    const { code, errors } = await runExample('94', { account: 'demo-line', untick: ['Observation'] })
    expect(code).not.toBe(0)
    expect(errors).toMatch(/Observation: 403 \{"resourceType":"OperationOutcome"/)
    const found = await app().search<Observation>(
      'Observation?patient=demo-line&code=59408-5&_sort=-_lastUpdated&_count=1',
    )
    expect(found[0]?.valueQuantity?.value).not.toBe(94)
  })
}
