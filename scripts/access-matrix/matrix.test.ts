import { runMatrix } from './matrix.ts'

/** Another one each run (scripts/jest/begin-run.ts); the name of the test tells it. */
const seed = Number(process.env.PROPERTY_SEED)

test(`the server gives each caller what the model gives, and no more (seed ${seed})`, async () => {
  const { differences, probes } = await runMatrix(seed, 300)
  expect(probes).toBe(300)
  expect(differences).toEqual([])
}, 600_000)
