import type { Resource } from '../core/fhir/resource.ts'
import { packResources } from '../lifecycle/fhir-package.ts'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { withSnapshot } from './with-snapshot.ts'

const MANIFEST = {
  name: 'no.fylgje.guide',
  version: '1.0.0',
  description: 'Profiles, extensions, codes and identifiers of Fylgje: digital home monitoring in Norway',
  title: 'Fylgje implementation guide',
  author: 'Fylgje',
  license: 'Apache-2.0',
  fhirVersions: ['4.0.1'],
  type: 'fhir.ig',
  canonical: 'http://fylgje.no/fhir',
  dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
}

/** The definitions as a FHIR package that validators and other servers load: profiles with their snapshots, examples beside them. */
export function packGuide(guide: GuideDefinitions): Promise<Buffer> {
  const resources = guide.all.map((one) => withSnapshot(guide, one) as unknown as Resource)
  const beside = guide.examples.map((one) => ({ name: `package/example/${fileOf(one)}.json`, value: one }))
  return packResources(MANIFEST, { resources, beside }, dateOf(guide))
}

/** Of the newest definition: the same content is the same package, byte by byte, whenever it is asked for. */
const dateOf = (guide: GuideDefinitions): Date =>
  new Date(
    guide.all
      .map(({ date }) => date ?? '')
      .sort()
      .at(-1) ?? 0,
  )
