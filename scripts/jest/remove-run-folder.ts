import { rm } from 'node:fs/promises'
import { endSharedServers } from '../../server/journeys/harness/share-server.ts'

export default async function removeRunFolder(): Promise<void> {
  const folder = process.env.FYLGJE_RUN_FOLDER
  if (!folder) return
  await endSharedServers(folder)
  await rm(folder, { recursive: true, force: true })
}
