import type { Bundle, Signature } from '@medplum/fhirtypes'
import {
  decodeProtectedHeader,
  FlattenedSign,
  type FlattenedVerifyGetKey,
  flattenedVerify,
  importJWK,
  type JWK,
} from 'jose'
import { CANONICAL_DOCUMENT, toCanonicalJson } from '../core/fhir/canonical-json.ts'
import { refuse } from '../core/fhir/outcome.ts'

const FORMAT = 'application/jose'
const TARGET_FORMAT = `application/fhir+json;canonicalization=${CANONICAL_DOCUMENT}`
/** Says that whoever signs is where it comes from. https://hl7.org/fhir/R4/valueset-signature-type.html */
const SOURCE = {
  system: 'urn:iso-astm:E1762-95:2013',
  code: '1.2.840.10065.1.12.1.14',
  display: 'Source Signature',
}
/** Asymmetric alone. R4 asks for SHA-256, which we sign with; longer is no weaker. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519']

/** Who signs: an address by which others know this server, and a private key that it publishes the other half of. */
export type Signer = { issuer: string; key: JWK; when: Date }

/**
 * The Bundle with its signature: a detached JWS (RFC 7515, appendix F) over its canonical JSON without id, meta and signature.
 * @see https://hl7.org/fhir/R4/signatures.html
 */
export async function signBundle(bundle: Bundle, { issuer, key, when }: Signer): Promise<Bundle> {
  const alg = key.alg ?? 'ES256'
  const sigT = when.toISOString()
  const { protected: header, signature } = await new FlattenedSign(signedBytes(bundle))
    .setProtectedHeader({ alg, ...(key.kid ? { kid: key.kid } : {}), iss: issuer, sigT })
    .sign(await importJWK(key, alg))
  return {
    ...bundle,
    signature: {
      type: [SOURCE],
      when: sigT,
      who: { identifier: { system: 'urn:ietf:rfc:3986', value: issuer } },
      targetFormat: TARGET_FORMAT,
      sigFormat: FORMAT,
      data: Buffer.from(`${header}..${signature}`).toString('base64'),
    },
  }
}

/** By whom a Bundle says that it was signed; to be believed when its signature was verified with a key of theirs. */
export const issuerOf = ({ who }: Signature): string | undefined => who?.identifier?.value

/**
 * Holds the signature against the Bundle as it is now.
 * @param key finds the key that the header names; what it throws is thrown on
 * @throws Refusal not-supported (another kind of signature), value (no such signature); JOSEError where it does not fit
 */
export async function verifyBundle(bundle: Bundle, signature: Signature, key: FlattenedVerifyGetKey): Promise<void> {
  const { sigFormat, targetFormat = TARGET_FORMAT } = signature
  if (sigFormat !== FORMAT)
    throw refuse(
      'not-supported',
      `A package is signed by a JWS, ${FORMAT}, not ${sigFormat}.`,
      'Bundle.signature.sigFormat',
    )
  if (targetFormat.replaceAll(/\s/g, '') !== TARGET_FORMAT)
    throw refuse(
      'not-supported',
      `What is signed is ${TARGET_FORMAT}, not ${targetFormat}.`,
      'Bundle.signature.targetFormat',
    )
  const { header, mac } = partsOf(signature.data)
  const bytes = signedBytes(bundle)
  // RFC 7797: a signer may have signed the bytes themselves instead of their base64url.
  const payload = header.b64 === false ? bytes : Buffer.from(bytes).toString('base64url')
  await flattenedVerify({ protected: mac.header, payload, signature: mac.signature }, key, { algorithms: ALGORITHMS })
  if (header.sigT !== undefined && header.sigT !== signature.when)
    throw refuse('business-rule', `It was signed at ${header.sigT}, not ${signature.when}.`, 'Bundle.signature.when')
}

function partsOf(data = '') {
  const text = Buffer.from(data, 'base64').toString('latin1')
  const [, header, signature] = /^([\w-]+)\.\.([\w-]+)$/.exec(text) ?? []
  try {
    if (header && signature) return { header: decodeProtectedHeader({ protected: header }), mac: { header, signature } }
  } catch {
    // Told below, as all that is no JWS.
  }
  throw refuse('value', 'The data must be a detached JWS (header..signature) in base64.', 'Bundle.signature.data')
}

function signedBytes({ id: _id, meta: _meta, signature: _signature, ...signed }: Bundle): Uint8Array {
  return new TextEncoder().encode(toCanonicalJson(signed))
}
