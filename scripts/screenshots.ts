// Takes the pictures of docs/screenshots from a server that it starts with fresh demo data. `node scripts/screenshots.ts`; those of one app
// alone: `node scripts/screenshots.ts patient`; some of them: `node scripts/screenshots.ts clinician-sent patient-learn`.
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChromium } from '../server/journeys/harness/chromium.ts'
import { startServer } from '../server/journeys/harness/start-server.ts'
import { CLINICIAN_PICTURES } from './screenshots/clinician.ts'
import { GUIDE_PICTURES } from './screenshots/guide.ts'
import { PATIENT_PICTURES } from './screenshots/patient.ts'
import { openStartPage, START_PICTURES } from './screenshots/start.ts'

const FOLDER = join(import.meta.dirname, '../docs/screenshots')
const PICTURES = [...START_PICTURES, ...CLINICIAN_PICTURES, ...PATIENT_PICTURES, ...GUIDE_PICTURES]

/** How the names begin of those that are wanted. One that cannot be taken leaves the others, and is told at the end. */
const [, , ...wanted] = process.argv
const isWanted = (name: string) => wanted.length === 0 || wanted.some((begin) => name.startsWith(begin))
const server = await startServer({ dataDir: await mkdtemp(join(tmpdir(), 'fylgje-screenshots-')) })
const browser = await openChromium()
try {
  await mkdir(FOLDER, { recursive: true })
  for (const { name, options, path, before } of PICTURES.filter((picture) => isWanted(picture.name))) {
    const context = await browser.newContext({
      locale: 'nb-NO',
      timezoneId: 'Europe/Oslo',
      reducedMotion: 'reduce',
      ...options,
    })
    try {
      const page = await context.newPage()
      if (path) await page.goto(`${server.baseUrl}/${path}`)
      else await openStartPage(page, server)
      await before?.(page, server)
      // The pointer would leave its hover in the picture.
      await page.mouse.move(0, 0)
      await page.screenshot({ path: join(FOLDER, `${name}.png`) })
      console.log(`docs/screenshots/${name}.png`)
    } catch (error) {
      console.error(`${name} is as it was:`, error)
      process.exitCode = 1
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.dispose()
}
