import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'

const PROFILES = 'http://hl7.org/fhir/smart-app-launch/StructureDefinition'

/** What User-access Brands ask beyond R4, each rule by its element. https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html */
const RULES: Record<string, [type: string, element: ElementDefinition[]]> = {
  'user-access-brands-bundle': [
    'Bundle',
    [
      { path: 'Bundle.type', fixedCode: 'collection' },
      { path: 'Bundle.timestamp', min: 1 },
      { path: 'Bundle.entry', min: 1 },
    ],
  ],
  'user-access-brand': [
    'Organization',
    [
      { path: 'Organization.name', min: 1 },
      { path: 'Organization.telecom', min: 1, max: '1' },
      { path: 'Organization.telecom.system', min: 1, fixedCode: 'url' },
    ],
  ],
  'user-access-endpoint': [
    'Endpoint',
    [
      { path: 'Endpoint.extension', min: 1 },
      { path: 'Endpoint.connectionType.code', min: 1, fixedCode: 'hl7-fhir-rest' },
      { path: 'Endpoint.name', min: 1 },
      { path: 'Endpoint.contact', min: 1 },
      { path: 'Endpoint.contact.system', min: 1 },
    ],
  ],
}

/** To be stored where a Bundle of brands is validated: what names these profiles is then judged by them. */
export const BRAND_PROFILES = Object.entries(RULES).map(
  ([id, [type, element]]): StructureDefinition => ({
    ...{ resourceType: 'StructureDefinition', id, url: `${PROFILES}/${id}`, name: 'Brand', status: 'active', type },
    ...{ fhirVersion: '4.0.1', kind: 'resource', abstract: false, derivation: 'constraint' },
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    differential: { element: [{ id: type, path: type }, ...element.map((one) => ({ ...one, id: one.path ?? '' }))] },
  }),
)
