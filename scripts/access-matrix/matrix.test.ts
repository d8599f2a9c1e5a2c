import { runMatrix } from './matrix.ts'

/** Another one each run, told when it begins (scripts/jest/begin-run.ts). */
const seed = Number(process.env.MATRIX_SEED)

test('the server gives each caller what the model gives, and no more', async () => {
  const { differences, probes } = await runMatrix(seed, 300)
  expect(probes).toBe(300)
  expect({ seed, differences }).toEqual({ seed, differences: [] })
}, 600_000)
