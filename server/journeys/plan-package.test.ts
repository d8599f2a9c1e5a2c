import { gunzipSync, gzipSync } from 'node:zlib'
import type { Binary, Bundle, Parameters, PlanDefinition } from '@medplum/fhirtypes'
import request from 'supertest'
import { copdDefinition } from '../demo/copd-pathway.ts'
import { nextVersion } from '../lifecycle/semver.ts'
import { readTar, writeTar } from '../lifecycle/tar.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string
beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
/** What a draft of the plan that is shipped is called. */
const NEXT = nextVersion(String(copdDefinition().version), 'minor')
const importing = (binary: object) =>
  send('post', 'PlanDefinition/$import-package').send({
    resourceType: 'Parameters',
    parameter: [{ name: 'package', resource: { resourceType: 'Binary', contentType: 'application/gzip', ...binary } }],
  })
const referencesIn = ({ parameter = [] }: Parameters, name: string): string[] =>
  parameter.flatMap((one) => (one.name === name ? (one.valueReference?.reference ?? []) : []))
const filesOf = ({ data = '' }: Binary) =>
  new Map(readTar(gunzipSync(Buffer.from(data, 'base64'))).map(({ name, content }) => [name, content.toString()]))

test('a plan leaves with all that it names, and comes in again as a draft whose cases pass', async () => {
  const { body: draft } = await send('post', 'PlanDefinition/copd/$draft').expect(201)
  const { body } = await send('get', `PlanDefinition/${draft.id}/$export-package`).expect(200)
  const files = filesOf(body as Binary)
  expect(JSON.parse(files.get('package/package.json') ?? '')).toMatchObject({
    name: 'no.fylgje.plan.copd',
    version: NEXT,
    fhirVersions: ['4.0.1'],
  })
  const index = JSON.parse(files.get('package/.index.json') ?? '') as { files: { filename: string }[] }
  expect(index.files.map(({ filename }) => `package/${filename}`).every((name) => files.has(name))).toBe(true)
  expect([...files.keys()].filter((name) => name.includes('ActivityDefinition')).length).toBeGreaterThan(3)
  expect([...files.values()].join('')).not.toContain('versionId')

  expect(files.has('package/other/signed-bundle.json')).toBe(true)

  // All of it is here: nothing is stored twice.
  const same = (await importing(body).expect(200)).body as Parameters
  expect(referencesIn(same, 'created')).toEqual([])
  expect(referencesIn(same, 'plan')).toEqual([`PlanDefinition/${draft.id}`])

  // What is gone comes again, under an id of this server.
  await send('delete', `PlanDefinition/${draft.id}`).expect(204)
  const again = (await importing(body).expect(200)).body as Parameters
  const [plan = ''] = referencesIn(again, 'plan')
  expect(referencesIn(again, 'created')).toEqual([plan])
  expect((await send('get', plan)).body).toMatchObject({ status: 'draft', version: NEXT, url: draft.url })
  expect((await send('get', `${plan}/$test`)).body.parameter[0]).toEqual({ name: 'passed', valueBoolean: true })

  // Another content under the same name is nobody's mistake to hide.
  const here = (await send('get', plan)).body as PlanDefinition
  await send('put', plan)
    .send({ ...here, title: 'Other' })
    .expect(200)
  const refused = await importing(body)
  expect([refused.status, refused.body.issue[0].code, refused.body.issue[0].expression]).toEqual([
    ...[409, 'conflict', ['PlanDefinition.title']],
  ])
})

test('a package says who has signed it; what was changed since is refused, and so is what a stranger signs', async () => {
  const { body: bundle } = await send('get', 'PlanDefinition/copd/$export-package?form=bundle').expect(200)
  const { signature } = bundle as Bundle
  expect(signature?.who).toEqual({ identifier: { system: 'urn:ietf:rfc:3986', value: server.baseUrl } })
  const header = JSON.parse(
    Buffer.from(
      Buffer.from(signature?.data ?? '', 'base64')
        .toString()
        .split('.')[0] ?? '',
      'base64url',
    ).toString(),
  )
  const { body: published } = await request(server.baseUrl).get('/auth/package-keys').expect(200)
  expect(published.keys).toEqual([expect.objectContaining({ kid: header.kid, alg: 'ES256' })])
  expect(published.keys[0]).not.toHaveProperty('d')

  const taken = (await send('post', 'PlanDefinition/$import-package').send(bundle).expect(200)).body as Parameters
  expect(taken.parameter?.[1]).toEqual({ name: 'signedBy', valueUri: server.baseUrl })
  expect(referencesIn(taken, 'created')).toEqual([])

  const [first, ...others] = (bundle as Bundle).entry ?? []
  const altered = { ...bundle, entry: [{ ...first, resource: { ...first?.resource, title: 'Other' } }, ...others] }
  const stranger = {
    ...bundle,
    signature: { ...signature, who: { identifier: { value: 'https://stranger.example' } } },
  }
  for (const [sent, element] of [
    [altered, 'data'],
    [stranger, 'who'],
  ] as const) {
    const { status, body } = await send('post', 'PlanDefinition/$import-package').send(sent)
    expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([
      ...[422, 'business-rule', [`Bundle.signature.${element}`]],
    ])
  }
})

test.each([
  ['another form', 'get', 'PlanDefinition/copd/$export-package?form=zip', undefined, 'value', 'form'],
  [
    'neither package nor bundle',
    'post',
    'PlanDefinition/$import-package',
    { resourceType: 'Parameters' },
    'required',
    'package',
  ],
] as const)('%s is refused', async (_what, method, path, sent, code, expression) => {
  const { status, body } = await (sent ? send(method, path).send(sent) : send(method, path))
  expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([400, code, [expression]])
})

const packed = (...resources: object[]) => ({
  data: gzipSync(
    writeTar(
      resources.map((resource, i) => ({ name: `package/${i}.json`, content: Buffer.from(JSON.stringify(resource)) })),
      new Date(0),
    ),
  ).toString('base64'),
})
const PLAN = { resourceType: 'PlanDefinition', id: 'p', url: 'http://x/p', version: '1', status: 'active' }

test.each([
  ['no archive', { data: Buffer.from('nothing').toString('base64') }, 400],
  ['no tar', { data: gzipSync(Buffer.alloc(600, 'x')).toString('base64') }, 400],
  ['no data', {}, 400],
  ['no plan', packed({ resourceType: 'Library', id: 'l' }), 400],
  ['two plans', packed(PLAN, { ...PLAN, id: 'q', url: 'http://x/q' }), 400],
  ['what is no resource', packed(PLAN, { name: 'x' }), 400],
  ['a plan without its version', packed({ ...PLAN, version: undefined }), 400],
  ['more than a pathway can be', { data: gzipSync(Buffer.alloc(40 * 1024 * 1024)).toString('base64') }, 400],
])('%s is refused', async (_what, binary, status) => {
  const answer = await importing(binary)
  expect([answer.status, answer.body.issue[0].code, answer.body.issue[0].expression]).toEqual([
    status,
    'value',
    ['package'],
  ])
})

test('a package of a plan in force is a draft here, to be approved here', async () => {
  const { body } = await importing(packed({ ...PLAN, url: 'http://x/foreign', approvalDate: '2020-01-01' })).expect(200)
  const { body: plan } = await send('get', referencesIn(body, 'plan')[0] ?? '').expect(200)
  expect([plan.status, plan.approvalDate]).toEqual(['draft', undefined])
})
