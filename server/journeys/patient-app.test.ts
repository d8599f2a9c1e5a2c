import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPatientApp, type PatientApp } from './harness/patient-app.ts'

// One server and one browser for all that patients do: each story stands in a file of its own in patient/, found by its name.

const FOLDER = join(import.meta.dirname, 'patient')
type Story = { tell: (app: () => PatientApp) => void }
const STORIES = await Promise.all(
  readdirSync(FOLDER)
    .sort()
    .map(async (file) => ({ name: file.replace(/\.ts$/, ''), story: (await import(`./patient/${file}`)) as Story })),
)

let app: PatientApp
beforeAll(async () => {
  app = await openPatientApp()
})
afterAll(() => app?.dispose())
afterEach(() => app?.rest())

describe.each(STORIES)('$name', ({ story }) => story.tell(() => app))
