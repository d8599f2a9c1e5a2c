import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ClinicianApp, openClinicianApp } from './harness/clinician-app.ts'

// One server and one browser for all the screens: what each is to do stands in a file of its own in clinician/, found by its name.

const FOLDER = join(import.meta.dirname, 'clinician')
type Story = { tell: (app: () => ClinicianApp) => void }
const STORIES = await Promise.all(
  readdirSync(FOLDER)
    .sort()
    .map(async (file) => ({ name: file.replace(/\.ts$/, ''), story: (await import(`./clinician/${file}`)) as Story })),
)

let app: ClinicianApp
beforeAll(async () => {
  app = await openClinicianApp()
})
afterAll(() => app?.dispose())
afterEach(() => app?.rest())

describe.each(STORIES)('$name', ({ story }) => story.tell(() => app))
