import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Bundle, BundleEntry, PlanDefinition } from '@medplum/fhirtypes'
import { parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type PackageManifest, packResources } from './fhir-package.ts'
import { resourcesOf } from './package-bundle.ts'
import { readTar, type TarFile } from './tar.ts'

/** Unpacked, no pathway is larger; a small archive may unpack to a very large one. */
const UNPACKED_BYTES_MAX = 32 * 1024 * 1024

/** The Bundle that was signed, without its resources, which are files of the archive. Loaders of packages do not look in this folder. */
const SIGNED_BUNDLE = 'package/other/signed-bundle.json'

/**
 * A plan with all that it names as a FHIR package: an npm archive that others can load, with `npm run load` here.
 * @param bundle the plan first, each entry with its fullUrl; signed or not
 * @param now of the package
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export async function packPlan(bundle: Bundle, now: Date): Promise<Buffer> {
  const resources = resourcesOf(bundle)
  const beside = bundle.signature ? [{ name: SIGNED_BUNDLE, value: withoutResources(bundle) }] : []
  return packResources(manifestOf(resources[0] as unknown as PlanDefinition), { resources, beside }, now)
}

/**
 * Such a package as the Bundle that it was made of; without a signature, the resources in the order of the archive.
 * @throws Refusal value for what is no package, and where the resources are not those that were signed
 */
export async function unpackPlan(archive: Buffer): Promise<Bundle> {
  const files = await unpack(archive)
  const resources = files
    .filter(({ name }) => /^package\/[^/]+\.json$/.test(name) && !/\/(?:package|\.index)\.json$/.test(name))
    .map(({ name, content }) => ({ name, resource: parse(name, content) }))
  const signed = files.find(({ name }) => name === SIGNED_BUNDLE)
  if (signed) return withResources(parse(signed.name, signed.content) as unknown as Bundle, resources)
  const entry = resources.map(({ resource }) => ({ resource }) as unknown as BundleEntry)
  return { resourceType: 'Bundle', type: 'collection', entry }
}

const withoutResources = (bundle: Bundle): object => ({
  ...bundle,
  entry: bundle.entry?.map(({ resource: _, ...rest }) => rest),
})

/** Each entry gets the file that its fullUrl names. What was left out of the signature, or of the archive, was not signed so. */
function withResources(bundle: Bundle, files: { name: string; resource: Resource }[]): Bundle {
  const left = new Map(files.map(({ name, resource }) => [name, resource]))
  const entry = (Array.isArray(bundle.entry) ? bundle.entry : []).map((one) => {
    const [type, id] = String(one.fullUrl).split('/').slice(-2)
    const name = `package/${type}-${id}.json`
    const resource = left.get(name)
    if (!resource)
      throw refuse('value', `The package was signed with ${one.fullUrl}, which it does not hold.`, 'package')
    left.delete(name)
    return { ...one, resource: resource as unknown as BundleEntry['resource'] } as BundleEntry
  })
  const [unsigned] = left.keys()
  if (unsigned)
    throw refuse('value', `The package holds ${unsigned}, which was not there when it was signed.`, 'package')
  return { ...bundle, entry }
}

async function unpack(archive: Buffer): Promise<TarFile[]> {
  try {
    const unpacked = (await promisify(gunzip)(archive, {
      maxOutputLength: UNPACKED_BYTES_MAX,
    } as never)) as unknown as Buffer
    return readTar(unpacked)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw refuse('value', `The package cannot be unpacked: ${problem}`, 'package')
  }
}

function parse(name: string, content: Buffer): Resource {
  try {
    const value = parseJson(content.toString())
    if (typeof value === 'object' && value !== null && typeof (value as Resource).resourceType === 'string')
      return value as Resource
  } catch {
    // Told below, as all that is no resource.
  }
  throw refuse('value', `${name} in the package is no resource.`, 'package')
}

function manifestOf({ url = '', version, title, name, publisher, description }: PlanDefinition): PackageManifest {
  const last = url.slice(url.lastIndexOf('/') + 1).toLowerCase()
  return {
    name: `no.fylgje.plan.${last.replace(/[^a-z0-9.-]/g, '-')}`,
    version: version ?? '0.0.0',
    description: description ?? title ?? name ?? last,
    title: title ?? name,
    author: publisher ?? 'unknown',
    fhirVersions: ['4.0.1'],
    type: 'fhir.ig',
    canonical: url,
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  }
}
