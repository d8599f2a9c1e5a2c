// Launches the clinician app from an EHR simulator that is not ours, SMART Health IT's launcher, in a real browser, in the frame of a
// page of another site, and in a window of its own: `node scripts/ehr-launch/run-app.ts FOLDER [first of three ports, 8445]`. FOLDER is
// the launcher, fetched by hand, with its packages (https://github.com/smart-on-fhir/smart-launcher-v2). Ends with 1 where a step fails.
import { createServer } from 'node:http'
import type { Frame, Page } from 'playwright-core'
import { openChromium } from '../../server/journeys/harness/chromium.ts'
import { startServer } from '../../server/journeys/harness/start-server.ts'
import { type Launched, launchCode } from './launch-code.ts'
import { openRecords } from './open-records.ts'
import { startSimulator } from './simulator.ts'

const [folder, firstPort = '8445'] = process.argv.slice(2)
if (!folder) {
  console.error('node scripts/ehr-launch/run-app.ts <folder of the launcher> [first port]')
  process.exit(2)
}
const [simulatorPort, recordsPort, ehrPort] = [0, 1, 2].map((i) => Number(firstPort) + i) as [number, number, number]
/** To browsers another site than localhost, where the app is. */
const EHR = `http://127.0.0.1:${ehrPort}`
const ISS = `http://127.0.0.1:${simulatorPort}/v/r4/fhir`

const isSame = (found: unknown, expected: unknown) => JSON.stringify(found) === JSON.stringify(expected)
function mustBe(step: string, found: unknown, expected: unknown): void {
  console.log(`${step}: ${JSON.stringify(found)}`)
  if (!isSame(found, expected)) throw new Error(`${step}: ${JSON.stringify(expected)} was expected`)
}

const server = await startServer({
  env: {
    APP_ISSUERS: JSON.stringify([{ iss: ISS, clientId: 'fylgje-at-ehr', signsInFramed: true }]),
    FRAME_ANCESTORS: EHR,
  },
})
const app = `${server.baseUrl}/apps/clinician/`
const records = await openRecords(recordsPort, server.fhir, await server.token())
const ehr = createServer((_req, res) => {
  res.setHeader('content-type', 'text/html; charset=utf-8')
  res.end('<!doctype html><title>Journal</title><iframe title="Fylgje" width="1240" height="640"></iframe>')
}).listen(ehrPort, '127.0.0.1')
let stopSimulator = () => {}
const browser = await openChromium()
try {
  const simulator = await startSimulator(folder, simulatorPort, records.address)
  stopSimulator = simulator.stop
  mustBe('the simulator is up', simulator.iss, ISS)
  const context = await browser.newContext({ locale: 'nb-NO', timezoneId: 'Europe/Oslo' })
  const launch = (given: Partial<Launched>, iss = ISS) => {
    const code = launchCode({ patient: 'demo-line', provider: 'demo-nurse', encounter: 'visit', ...given })
    return `${app}launch?${new URLSearchParams({ iss, launch: code })}`
  }
  const openFrame = async (page: Page, address: string): Promise<Frame> => {
    if (!page.url().startsWith(EHR)) await page.goto(EHR)
    const iframe = page.locator('iframe')
    await iframe.evaluate((element, src) => element.setAttribute('src', src), address)
    const frame = await (await iframe.elementHandle())?.contentFrame()
    if (!frame) throw new Error('the page of the EHR shows no frame')
    return frame
  }
  const shown = async (page: Page | Frame, name: string) => {
    await page.getByRole('heading', { level: 1, name }).waitFor()
    return page.evaluate(() => {
      const { patient, fhirUser, iss } = JSON.parse(sessionStorage.getItem('fylgje.session') ?? '{}')
      return { patient, fhirUser, iss, path: location.pathname }
    })
  }
  const expected = (patient: string) => ({
    ...{ patient, fhirUser: 'Practitioner/demo-nurse', iss: ISS },
    path: `/apps/clinician/patient/${patient}`,
  })

  const page = await context.newPage()
  const frame = await openFrame(page, launch({}))
  mustBe('launched in a frame of the EHR, without a click', await shown(frame, 'Line Danser'), expected('demo-line'))
  await frame.getByRole('navigation').getByRole('link', { name: 'Arbeidsliste' }).click()
  await frame.locator('.task-row').first().waitFor()
  mustBe('the worklist is there', (await frame.locator('.task-row').count()) > 0, true)

  const other = await context.newPage()
  await other.goto(launch({}))
  mustBe('launched in a window of its own', await shown(other, 'Line Danser'), expected('demo-line'))

  const next = await openFrame(page, launch({ patient: 'demo-fjellrev' }))
  mustBe('the EHR opens another patient', await shown(next, 'Arne Fjellrev'), expected('demo-fjellrev'))
  await other.reload()
  mustBe('the other window keeps its own', await shown(other, 'Line Danser'), expected('demo-line'))

  const refused = await openFrame(page, launch({ error: 'auth_invalid_scope' }))
  await refused.getByRole('heading', { name: 'Innloggingen lyktes ikke' }).waitFor()
  mustBe('an error of the EHR is told', await refused.locator('header.bar').count(), 0)

  const foreign = await openFrame(page, launch({}, ISS.replace(String(simulatorPort), '9')))
  await foreign.getByText('ikke godkjent for innlogging').waitFor()
  mustBe('an EHR that is not configured is refused', await foreign.locator('header.bar').count(), 0)
  console.log('every step went well')
} finally {
  stopSimulator()
  await browser.close()
  ehr.close()
  ehr.closeAllConnections()
  records.stop()
  await server.dispose()
}
