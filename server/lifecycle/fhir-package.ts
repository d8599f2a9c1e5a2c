import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { stringifyJson } from '../core/fhir/json.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type TarFile, writeTar } from './tar.ts'

export type PackageManifest = { name: string; version: string; [member: string]: unknown }

/**
 * A FHIR package: an npm archive with a manifest, an index, and a file for each resource.
 * @param beside files that are no part of its content, by their path in the archive, such as `package/example/Patient-line.json`
 * @param now    of the files, and the manifest's `date`
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export async function packResources(
  manifest: PackageManifest,
  { resources, beside = [] }: { resources: Resource[]; beside?: { name: string; value: unknown }[] },
  now: Date,
): Promise<Buffer> {
  const index = { 'index-version': 2, files: resources.map(indexed) }
  const dated = { ...manifest, date: now.toISOString().replace(/\D/g, '').slice(0, 14) }
  const packed: TarFile[] = [
    { name: 'package/package.json', content: text(dated) },
    { name: 'package/.index.json', content: text(index) },
    ...resources.map((one) => ({ name: `package/${fileOf(one)}`, content: text(one) })),
    ...beside.map(({ name, value }) => ({ name, content: text(value) })),
  ]
  return promisify(gzip)(writeTar(packed, now)) as Promise<Buffer>
}

function indexed(resource: Resource) {
  const { resourceType, id, url, version, kind, type } = resource
  return {
    filename: fileOf(resource),
    ...{ resourceType, id, url, version, kind },
    ...(typeof type === 'string' ? { type } : {}),
  }
}

/** Names that npm and every file system take. */
const fileOf = ({ resourceType, id }: Resource): string => `${resourceType}-${id}.json`

const text = (value: unknown): Buffer => Buffer.from(`${stringifyJson(value, 2)}\n`)
