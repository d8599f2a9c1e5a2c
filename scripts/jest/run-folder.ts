// A folder for what the test files of one run share, such as the database that each server of a journey starts from.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default async function makeRunFolder(): Promise<void> {
  process.env.FYLGJE_RUN_FOLDER = await mkdtemp(join(tmpdir(), 'fylgje-run-'))
}
