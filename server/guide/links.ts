import { fileOf, type GuideDefinitions } from './definitions.ts'
import type { LinkTo } from './element-table.ts'
import { said } from './layout.ts'

/** Canonicals of R4 begin so, and its pages are there. */
const HL7 = 'http://hl7.org/fhir/'
const PAGES = 'https://hl7.org/fhir/R4/'

/** Types that do not stand on the page of datatypes. */
const ON_PAGES_WITH_OTHERS = new Map([
  ['Extension', 'extensibility.html'],
  ['Reference', 'references.html'],
  ['Meta', 'resource.html#Meta'],
  ['Narrative', 'narrative.html'],
  ['Resource', 'resource.html'],
  ['Dosage', 'dosage.html'],
  ['ElementDefinition', 'elementdefinition.html'],
  ...['Expression', 'DataRequirement', 'RelatedArtifact', 'TriggerDefinition', 'UsageContext', 'ContactDetail'].map(
    (name) => [name, `metadatatypes.html#${name}`] as const,
  ),
])

/** What people call code systems that others publish. */
export const SYSTEM_NAMES: ReadonlyMap<string, string> = new Map([
  ['http://loinc.org', 'LOINC'],
  ['http://snomed.info/sct', 'SNOMED CT'],
  ['urn:oid:2.16.578.1.12.4.1.1.7280', 'NLK'],
])

/** Where the page of a canonical is. @param resourceTypes of R4, which have a page each; datatypes share one */
export function linksOf(guide: GuideDefinitions, resourceTypes: ReadonlySet<string>): LinkTo {
  return (canonical) => {
    const [url = canonical] = canonical.split('|', 1)
    const own = guide.byUrl(url)
    if (own) return { href: `${fileOf(own)}.html`, title: 'title' in own ? said(own, 'title', 'en') : String(own.name) }
    const last = url.slice(url.lastIndexOf('/') + 1)
    return { href: pageOfHl7(url, last, resourceTypes), title: SYSTEM_NAMES.get(url) ?? last }
  }
}

function pageOfHl7(url: string, last: string, resourceTypes: ReadonlySet<string>): string {
  if (url.startsWith(`${HL7}ValueSet/`)) return `${PAGES}valueset-${last}.html`
  if (!url.startsWith(`${HL7}StructureDefinition/`)) return url
  if (resourceTypes.has(last)) return `${PAGES}${last.toLowerCase()}.html`
  const shared = ON_PAGES_WITH_OTHERS.get(last)
  if (shared) return PAGES + shared
  // Datatypes have no hyphen in their names, extensions have.
  return last.includes('-') ? `${PAGES}extension-${last}.html` : `${PAGES}datatypes.html#${last}`
}
