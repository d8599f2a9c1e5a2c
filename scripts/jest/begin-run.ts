// What is done once before the test files of a run: their folder is made, and the seed is chosen that the access matrix has its world of.
import makeRunFolder from './run-folder.ts'

/** 32 bits, as fast-check takes it. */
const SEED_COUNT = 2 ** 31

export default async function beginRun(): Promise<void> {
  const { PROPERTY_SEED: given = 'random' } = process.env
  const seed = given === 'random' ? Math.floor(Math.random() * SEED_COUNT) : Number(given)
  if (!Number.isInteger(seed)) throw new Error(`PROPERTY_SEED is a whole number or random, not ${given}.`)
  process.env.MATRIX_SEED = String(seed)
  process.stderr.write(`The access matrix has its world of PROPERTY_SEED=${seed}, which repeats it.\n`)
  await makeRunFolder()
}
