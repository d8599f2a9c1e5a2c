import { runMatrix } from './matrix.ts'

const given = process.env.PROPERTY_SEED ?? '20261122'
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given)

test(`the server gives each caller what the model gives, and no more (seed ${seed})`, async () => {
  const { differences, probes } = await runMatrix(seed, 300)
  expect(probes).toBe(300)
  expect(differences).toEqual([])
}, 600_000)
