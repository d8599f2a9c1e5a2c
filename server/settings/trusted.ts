import { z } from 'zod'
import { isOrigin, webAddress } from './shapes.ts'

/** A key of ours at somebody else's. */
export const privateJwk = z.looseObject({
  kty: z.enum(['RSA', 'EC']),
  kid: z.string().min(1),
  alg: z.string().min(1),
  d: z.string().min(1),
})

const publicJwk = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']), kid: z.string().min(1) })
  .refine((jwk) => jwk.d === undefined)

const hookClient = z.strictObject({ issuer: webAddress, jwksUri: webAddress })
const ehr = {
  ...{ issuer: webAddress, fhirBase: webAddress, clientId: z.string().min(1), jwksUri: webAddress },
  cdsHooks: hookClient.optional(),
}

/** An EHR of another vendor that launches our apps: it says for which patient, or it is said here that none needs to be said. */
export const trustedEhr = z.union([
  z.strictObject({ ...ehr, introspectionUri: webAddress }),
  z.strictObject({ ...ehr, patients: z.literal('any-shown') }),
])

/** A FHIR server that our apps may be launched from, and as whom they are known there. */
export const appIssuer = z.strictObject({
  iss: webAddress,
  clientId: z.string().regex(/^\S+$/),
  apps: z
    .array(z.enum(['clinician', 'patient']))
    .min(1)
    .optional(),
  scope: z.string().min(1).optional(),
  origins: z.array(z.string().refine(isOrigin)).optional(),
  signsInFramed: z.boolean().optional(),
})

/** Whose signed packages are believed, with their keys or where these are. */
export const packageIssuer = z.union([
  z.strictObject({ issuer: webAddress, jwksUri: webAddress }),
  z.strictObject({ issuer: webAddress, jwks: z.strictObject({ keys: z.array(publicJwk).min(1) }) }),
])

const SMART_SCOPE = '(user|system)/(\\*|[A-Z][A-Za-z]*)\\.(?=[cruds])c?r?u?d?s?(\\?\\S+)?'

/** This server as an API of HelseID. */
export const helseIdApi = z.strictObject({
  audience: z.string().regex(/^\S+$/),
  scopes: z
    .record(z.string().regex(/^\S+$/), z.string().regex(new RegExp(`^${SMART_SCOPE}( ${SMART_SCOPE})*$`)))
    .refine((scopes) => Object.keys(scopes).length > 0),
  attest: z.enum(['required', 'accepted']).optional(),
})

/** As whom patients find this server in an app. */
export const brand = z.strictObject({
  name: z.string().min(1),
  website: webAddress,
  logo: webAddress.optional(),
  portal: z.strictObject({ name: z.string().min(1), url: webAddress }).optional(),
})

/** What all national services that are told of something have in common. */
const receiving = {
  organization: z.string().regex(/^\d{9}$/),
  url: webAddress,
  sourceSystem: z.string().regex(/^\S(.{0,98}\S)?$/),
  numbers: z.enum(['real', 'synthetic']).default('real'),
  timeoutSeconds: z.int().min(1).max(120).default(30),
}
const scope = z.string().regex(/^\S+$/)

const coding = z.strictObject({ system: z.string().min(1), code: z.string().min(1), display: z.string().optional() })

/** A national service that is told of what happens here, for one organisation. */
export const sender = z.discriminatedUnion('receiver', [
  z.strictObject({
    receiver: z.literal('jft'),
    ...receiving,
    readUrl: webAddress.optional(),
    scope: scope.default('nhn:jft/api'),
  }),
  z.strictObject({
    receiver: z.literal('pmd'),
    ...receiving,
    scope,
    municipality: z.string().regex(/^\d{4}$/),
    bundle: z.enum(['batch', 'collection']).default('batch'),
  }),
  z.strictObject({
    receiver: z.literal('mhd'),
    ...receiving,
    scope,
    facilityType: coding,
    practiceSetting: coding,
  }),
])

/** Kjernejournal, where health personnel look things up. */
export const kjernejournal = z.strictObject({
  documentsUrl: webAddress,
  criticalInformationUrl: webAddress,
  portalSessionUrl: webAddress,
  laboratoryUrl: webAddress.optional(),
  portalUrl: webAddress,
  sourceSystem: z.string().regex(/^\S(.{1,98}\S)$/),
  healthcareService: z.string().regex(/^[A-Z0-9]{1,8}$/),
  law: z.enum(['helsepersonelloven', 'kjernejournalforskriften']).default('helsepersonelloven'),
  numbers: z.enum(['real', 'synthetic']).default('real'),
  timeoutSeconds: z.int().min(1).max(120).default(20),
})

/** The hub's names of services that a municipality gives: response centre, alarm at home, tracking, medicine dispensers, digital supervision, home monitoring. */
const SERVICE_CODES = ['rt', 'ta', 'gps', 'md', 'dt', 'dho'] as const

/** The EHR of an organisation, which is asked through the hub as a client of its own at HelseID. */
export const journal = z.strictObject({
  organization: z.string().regex(/^\d{9}$/),
  url: webAddress,
  clientId: z.string().min(1),
  key: privateJwk,
  serviceCodes: z.array(z.enum(SERVICE_CODES)).min(1).default(['dho']),
  numbers: z.enum(['real', 'synthetic']).default('real'),
  timeoutSeconds: z.int().min(1).max(120).default(20),
})
