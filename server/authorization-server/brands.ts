import { hash } from 'node:crypto'
import type { Bundle, Endpoint, Extension, Organization } from '@medplum/fhirtypes'
import { Router } from 'express'
import type { Addresses } from './discovery.ts'

/** As whom people know this server when they look for it in an app. */
export type Brand = {
  name: string
  /** The site that people know; it is also what the brand is known by. */
  website: string
  logo?: string | undefined
  /** Where patients see their own. */
  portal?: { name: string; url: string } | undefined
}

/** Where the Bundle is, for everybody. */
export const brandsAddress = ({ baseUrl }: Pick<Addresses, 'baseUrl'>): string => `${baseUrl}/brands`

export const brandIdentifier = ({ website }: Brand) => ({ system: 'urn:ietf:rfc:3986', value: website })

const CORE = 'http://hl7.org/fhir/StructureDefinition'
const PROFILES = 'http://hl7.org/fhir/smart-app-launch/StructureDefinition'
const ENDPOINT = 'Endpoint/fylgje'

/**
 * The brand under which patients find this server in an app, and its one endpoint: a Bundle that every page may read.
 * @see https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html
 */
function brandsBundle(addresses: Addresses, brand: Brand, timestamp: Date): Bundle {
  const { baseUrl, fhirBase } = addresses
  const reference = { reference: ENDPOINT, display: `FHIR R4 of ${brand.name}` }
  const organization: Organization = {
    resourceType: 'Organization',
    id: 'fylgje',
    meta: { profile: [`${PROFILES}/user-access-brand`] },
    extension: [
      ...(brand.logo ? [of('organization-brand', [{ url: 'brandLogo', valueUrl: brand.logo }])] : []),
      of('organization-portal', [
        { url: 'portalName', valueString: brand.portal?.name ?? brand.name },
        { url: 'portalUrl', valueUrl: brand.portal?.url ?? baseUrl },
        { url: 'portalEndpoint', valueReference: reference },
      ]),
    ],
    identifier: [brandIdentifier(brand)],
    active: true,
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] }],
    name: brand.name,
    telecom: [{ system: 'url', value: brand.website }],
    endpoint: [reference],
  }
  const endpoint: Endpoint = {
    resourceType: 'Endpoint',
    id: 'fylgje',
    meta: { profile: [`${PROFILES}/user-access-endpoint`] },
    extension: [{ url: `${CORE}/endpoint-fhir-version`, valueCode: '4.0.1' }],
    status: 'active',
    connectionType: {
      ...{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'hl7-fhir-rest' },
    },
    name: reference.display,
    contact: [{ system: 'url', value: brand.website }],
    payloadType: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }] },
    ],
    address: fhirBase,
  }
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${PROFILES}/user-access-brands-bundle`] },
    type: 'collection',
    timestamp: timestamp.toISOString(),
    entry: [organization, endpoint].map((resource) => ({
      ...{ fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id}`, resource },
    })),
  }
}

const of = (name: string, extension: Extension[]): Extension => ({ url: `${CORE}/${name}`, extension })

/** GET /brands. The tag is the content's, so that all processes have the same. */
export function brandsRouter(addresses: Addresses, brand: Brand): Router {
  const bundle = brandsBundle(addresses, brand, new Date())
  const tag = `W/"${hash('sha256', JSON.stringify(bundle.entry)).slice(0, 16)}"`
  const router = Router()
  router.get('/brands', (req, res) => {
    res.set({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=3600', etag: tag })
    // Express would not: `fetch` says no-cache beside every If-None-Match that a program sets.
    if (req.headers['if-none-match'] === tag) return void res.status(304).end()
    res.type('application/fhir+json').send(JSON.stringify(bundle))
  })
  return router
}
