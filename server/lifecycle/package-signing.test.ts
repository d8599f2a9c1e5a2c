import { gunzipSync, gzipSync } from 'node:zlib'
import type { Bundle, Signature } from '@medplum/fhirtypes'
import { exportJWK, FlattenedSign, generateKeyPair, type JWK } from 'jose'
import { toCanonicalJson } from '../core/fhir/canonical-json.ts'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import type { Refusal } from '../core/fhir/outcome.ts'
import { packPlan, unpackPlan } from './package.ts'
import { bundlePlan } from './package-bundle.ts'
import { createPackageSigning, type PackageIssuer } from './package-signing.ts'
import { readTar, writeTar } from './tar.ts'

const WHEN = new Date('2026-03-05T12:00:00Z')
const PLAN = { resourceType: 'PlanDefinition', id: 'p', url: 'http://x/p', version: '1.0.0', status: 'active' }
const LIBRARY = { resourceType: 'Library', id: 'l', url: 'http://x/l', version: '1.0.0', status: 'active', type: {} }
const BUNDLE = bundlePlan(PLAN as never, [LIBRARY], 'https://them.example/fhir', WHEN)

const newKey = async (kid: string, alg = 'ES256') => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const [key, open] = [await exportJWK(privateKey), await exportJWK(publicKey)]
  return { key: { ...key, kid, alg } as JWK, published: { ...open, kid, alg } as JWK }
}
const THEIRS = await newKey('theirs')
const OURS = await newKey('ours')
const NOBODYS = await newKey('nobodys')
const ANOTHER = await newKey('theirs')

type Server = {
  issuer?: string
  key?: JWK
  published?: JWK[]
  trusted?: PackageIssuer[]
  isRequired?: boolean
  fetch?: typeof fetch
}
const server = ({
  issuer = 'https://us.example',
  key = OURS.key,
  published = [OURS.published],
  trusted = [],
  isRequired = false,
  fetch = unreachable,
}: Server = {}) =>
  createPackageSigning({
    ...{ issuer, trusted, isRequired, fetch: fetch as never },
    keys: { signing: async () => key as never, published: async () => published as never },
  })
const unreachable = async () => {
  throw new TypeError('fetch failed')
}
const them = (key = THEIRS.key) => server({ issuer: 'https://them.example', key }).sign(BUNDLE, WHEN)
const TRUSTING: Server = { trusted: [{ issuer: 'https://them.example', jwks: { keys: [THEIRS.published] } }] }
const refusedBy = async (to: Server, bundle: Bundle | Promise<Bundle>) => {
  const error = (await server(to)
    .verify(await bundle)
    .catch((thrown: unknown) => thrown)) as Refusal
  return [error.issues?.[0]?.code, error.issues?.[0]?.expression]
}

test('what is signed holds here and where its issuer is trusted, by a key that is known or fetched', async () => {
  const own = server()
  expect(await own.verify(await own.sign(BUNDLE, WHEN))).toBe('https://us.example')
  expect(await server(TRUSTING).verify(await them())).toBe('https://them.example')
  const asked: string[] = []
  const remote = server({
    trusted: [{ issuer: 'https://them.example', jwksUri: 'https://them.example/auth/package-keys' }],
    fetch: async (url) => {
      asked.push(String(url))
      return Response.json({ keys: [THEIRS.published] })
    },
  })
  expect([await remote.verify(await them()), asked]).toEqual([
    ...['https://them.example', ['https://them.example/auth/package-keys']],
  ])
})

test('a copy may have another id and meta, whitespace and order; not another word', async () => {
  const { entry, signature, ...rest } = await them()
  const copied = {
    id: 'here',
    meta: { versionId: '7' },
    signature,
    entry: JSON.parse(JSON.stringify(entry, undefined, 2)),
    ...rest,
  }
  expect(await server(TRUSTING).verify(copied as Bundle)).toBe('https://them.example')
  const other = { ...copied, entry: [{ ...entry?.[0], resource: { ...PLAN, title: 'Other' } }, entry?.[1]] } as Bundle
  expect(await refusedBy(TRUSTING, other)).toEqual(['business-rule', ['Bundle.signature.data']])
  expect(await refusedBy(TRUSTING, { ...copied, entry: entry?.slice(0, 1) } as Bundle)).toEqual([
    ...['business-rule', ['Bundle.signature.data']],
  ])
})

test('the precision of a decimal is signed too', async () => {
  const withDose = (value: string) =>
    parseJson(stringifyJson(BUNDLE).replace('"type":{}', `"type":{"x":${value}}`)) as Bundle
  const signed = await server().sign(withDose('1.50'), WHEN)
  const arrived = parseJson(stringifyJson(signed)) as Bundle
  expect(await server().verify(arrived)).toBe('https://us.example')
  const changed = { ...withDose('1.5'), signature: signed.signature } as Bundle
  expect(await refusedBy({}, changed)).toEqual(['business-rule', ['Bundle.signature.data']])
})

test('a signer may sign the bytes themselves (RFC 7797)', async () => {
  const bytes = new TextEncoder().encode(toCanonicalJson(BUNDLE))
  const { protected: header, signature } = await new FlattenedSign(bytes)
    .setProtectedHeader({ alg: 'ES256', kid: 'theirs', b64: false, crit: ['b64'] })
    .sign(THEIRS.key)
  const signed = await them()
  const data = Buffer.from(`${header}..${signature}`).toString('base64')
  expect(await server(TRUSTING).verify({ ...signed, signature: { ...signed.signature, data } as Signature })).toBe(
    'https://them.example',
  )
})

const changed = (change: Partial<Signature>) => async () => {
  const signed = await them()
  return { ...signed, signature: { ...signed.signature, ...change } as Signature }
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
test.each<[string, Server, () => Promise<Bundle>, string, string]>([
  [
    'nobody has signed, where that is required',
    { ...TRUSTING, isRequired: true },
    async () => BUNDLE,
    'business-rule',
    'signature',
  ],
  ['somebody has signed who is not trusted', {}, them, 'business-rule', 'signature.who'],
  ['names nobody', TRUSTING, changed({ who: {} }), 'business-rule', 'signature.who'],
  [
    'says that we have signed it',
    TRUSTING,
    changed({ who: { identifier: { value: 'https://us.example' } } }),
    'business-rule',
    'signature.data',
  ],
  [
    'is signed with a key that its issuer does not have',
    TRUSTING,
    () => them(NOBODYS.key),
    'business-rule',
    'signature.data',
  ],
  ['is signed with another key of the same name', TRUSTING, () => them(ANOTHER.key), 'business-rule', 'signature.data'],
  [
    'says another time than was signed',
    TRUSTING,
    changed({ when: '2027-01-01T00:00:00Z' }),
    'business-rule',
    'signature.when',
  ],
  ['is signed in another way', TRUSTING, changed({ sigFormat: 'image/png' }), 'not-supported', 'signature.sigFormat'],
  [
    'is signed over something else',
    TRUSTING,
    changed({ targetFormat: 'application/fhir+xml' }),
    'not-supported',
    'signature.targetFormat',
  ],
  ['has no JWS', TRUSTING, changed({ data: base64('nothing') }), 'value', 'signature.data'],
  [
    'has a JWS without algorithm',
    TRUSTING,
    changed({ data: base64(`${Buffer.from('{"alg":"none"}').toString('base64url')}..x`) }),
    'value',
    'signature.data',
  ],
  [
    'cannot be held against keys that are away',
    { trusted: [{ issuer: 'https://them.example', jwksUri: 'https://them.example/k' }] },
    them,
    'transient',
    'signature.who',
  ],
])('a package that %s is refused', async (_what, to, bundle, code, element) => {
  expect(await refusedBy(to, bundle())).toEqual([code, [`Bundle.${element}`]])
})

test('where it is not required, nobody need have signed', async () => {
  expect(await server().verify(BUNDLE)).toBeUndefined()
})

describe('as an archive', () => {
  const repacked = async (change: (files: Map<string, string>) => void) => {
    const archive = await packPlan(await them(), WHEN)
    const files = new Map(readTar(gunzipSync(archive)).map(({ name, content }) => [name, content.toString()]))
    change(files)
    const parts = [...files].map(([name, content]) => ({ name, content: Buffer.from(content) }))
    return gzipSync(writeTar(parts, WHEN))
  }
  test('it is the Bundle that was signed', async () => {
    const bundle = await unpackPlan(await packPlan(await them(), WHEN))
    expect(bundle).toEqual({ ...BUNDLE, signature: bundle.signature })
    expect(await server(TRUSTING).verify(bundle)).toBe('https://them.example')
  })
  test('a file that was changed no longer fits the signature', async () => {
    const archive = await repacked((files) =>
      files.set('package/Library-l.json', JSON.stringify({ ...LIBRARY, title: 'x' })),
    )
    expect(await refusedBy(TRUSTING, unpackPlan(archive))).toEqual(['business-rule', ['Bundle.signature.data']])
  })
  test.each<[string, (files: Map<string, string>) => void]>([
    ['a file too few', (files) => files.delete('package/Library-l.json')],
    ['a file too many', (files) => files.set('package/Library-m.json', JSON.stringify({ ...LIBRARY, id: 'm' }))],
  ])('with %s it is refused', async (_what, change) => {
    await expect(repacked(change).then(unpackPlan)).rejects.toMatchObject({
      issues: [{ code: 'value', expression: ['package'] }],
    })
  })
  test('without its signature it is one that nobody has signed', async () => {
    const archive = await repacked((files) => files.delete('package/other/signed-bundle.json'))
    expect(await refusedBy({ ...TRUSTING, isRequired: true }, unpackPlan(archive))).toEqual([
      'business-rule',
      ['Bundle.signature'],
    ])
  })
})
