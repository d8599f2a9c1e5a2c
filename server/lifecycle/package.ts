import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { readTar, type TarFile, writeTar } from './tar.ts'

/** Unpacked, no pathway is larger; a small archive may unpack to a very large one. */
const UNPACKED_BYTES_MAX = 32 * 1024 * 1024

/**
 * A plan with all that it names as a FHIR package: an npm archive that others can load, with `npm run load` here.
 * @param now of the package
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export async function packPlan(plan: PlanDefinition, definitions: Resource[], now: Date): Promise<Buffer> {
  const resources = [plan as unknown as Resource, ...definitions]
  const files = resources.map((resource) => ({ name: fileOf(resource), content: text(withoutVersion(resource)) }))
  const index = {
    'index-version': 2,
    files: resources.map((one) => {
      const { resourceType, id, url, version, kind, type } = one
      return {
        filename: fileOf(one),
        resourceType,
        id,
        url,
        version,
        kind,
        ...(typeof type === 'string' ? { type } : {}),
      }
    }),
  }
  const packed: TarFile[] = [
    { name: 'package/package.json', content: text(manifestOf(plan, now)) },
    { name: 'package/.index.json', content: text(index) },
    ...files.map(({ name, content }) => ({ name: `package/${name}`, content })),
  ]
  return promisify(gzip)(writeTar(packed, now)) as Promise<Buffer>
}

/**
 * The resources of such a package.
 * @throws Refusal value for what is no package, or holds no plan, or several
 */
export async function unpackPlan(archive: Buffer): Promise<{ plan: Resource; definitions: Resource[] }> {
  const files = await unpack(archive)
  const resources = files
    .filter(({ name }) => /^package\/[^/]+\.json$/.test(name) && !/\/(?:package|\.index)\.json$/.test(name))
    .map(({ name, content }) => parse(name, content))
  const plans = resources.filter(({ resourceType }) => resourceType === 'PlanDefinition')
  // A plan within a plan is named by the other; the one that nobody names is what the package is about.
  const whole = resources.map((one) => JSON.stringify(one))
  const outermost = plans.filter((plan) => {
    const canonical = `${plan.url}|${plan.version}`
    return whole.every((other, i) => resources[i] === plan || !other.includes(canonical))
  })
  const [plan] = outermost
  if (!plan || outermost.length > 1) {
    throw refuse(
      'value',
      `A package of a plan holds one PlanDefinition that no other names, not ${outermost.length}.`,
      'package',
    )
  }
  return { plan, definitions: resources.filter((one) => one !== plan) }
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
    const value = JSON.parse(content.toString()) as unknown
    if (typeof value === 'object' && value !== null && typeof (value as Resource).resourceType === 'string')
      return value as Resource
  } catch {
    // Told below, as all that is no resource.
  }
  throw refuse('value', `${name} in the package is no resource.`, 'package')
}

function manifestOf({ url = '', version, title, name, publisher, description }: PlanDefinition, now: Date) {
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
    date: now.toISOString().replace(/\D/g, '').slice(0, 14),
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  }
}

/** Names that npm and every file system take. */
const fileOf = ({ resourceType, id }: Resource): string => `${resourceType}-${id}.json`

/** Which version it was in our store is nobody else's business. */
function withoutVersion({ meta, ...rest }: Resource): Resource {
  const { profile } = meta ?? {}
  return profile ? { ...rest, meta: { profile } } : rest
}

const text = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)
