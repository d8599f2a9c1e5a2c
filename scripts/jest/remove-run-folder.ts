import { rm } from 'node:fs/promises'

export default async function removeRunFolder(): Promise<void> {
  const folder = process.env.FYLGJE_RUN_FOLDER
  if (folder) await rm(folder, { recursive: true, force: true })
}
