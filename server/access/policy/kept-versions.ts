import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeptPolicy } from './kept-policy.ts'

/** Every version that has been in force, a file each, which is written once. They go where the program goes, so a server knows those of before it. */
export const VERSIONS = join(import.meta.dirname, 'versions')

/** Oldest first. */
export async function keptVersions(): Promise<string[]> {
  const files = await readdir(VERSIONS)
  const versions = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
  return versions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
}

/** @returns undefined where no such version has been in force */
export async function findVersion(version: string): Promise<KeptPolicy | undefined> {
  if (!(await keptVersions()).includes(version)) return undefined
  return JSON.parse(await readFile(join(VERSIONS, `${version}.json`), 'utf8')) as KeptPolicy
}
