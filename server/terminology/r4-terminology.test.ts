import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openR4Terminology, type R4Terminology } from './r4-terminology.ts'

const GENDER = 'http://hl7.org/fhir/administrative-gender'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-terminology-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The whole of it, as text. */
const allOf = async (terminology: R4Terminology) =>
  Promise.all(
    (['CodeSystem', 'ValueSet', 'ConceptMap'] as const).map(async (type) => [...(await terminology.all(type))]),
  )

/** The thread writes when it has answered. */
async function keptIn(path: string): Promise<string> {
  for (;;) {
    const name = (await readdir(path)).find((one) => one.endsWith('.v8'))
    if (name) return join(path, name)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('what an earlier start has kept is what the package says', async () => {
  const first = await allOf(openR4Terminology(folder))
  await keptIn(folder)
  const second = openR4Terminology(folder)
  expect(await allOf(second)).toEqual(first)
  expect(JSON.parse(String(await second.find('CodeSystem', GENDER)))).toMatchObject({
    url: GENDER,
    content: 'complete',
  })
  expect(await second.find('CodeSystem', 'http://example.org/none')).toBeUndefined()
})

test('a file that has been cut short, or is something else, is not believed', async () => {
  const first = await allOf(openR4Terminology(folder))
  const file = await keptIn(folder)
  await truncate(file, 100_000)
  expect(await allOf(openR4Terminology(folder))).toEqual(first)
  await writeFile(file, 'no terminology')
  expect(await allOf(openR4Terminology(folder))).toEqual(first)
})

test('without a place to keep it, the package is read each time', async () => {
  const closed = join(folder, 'file')
  await writeFile(closed, '')
  expect(await openR4Terminology(closed).find('CodeSystem', GENDER)).toContain(GENDER)
})
