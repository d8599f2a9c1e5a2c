import type { ActivityDefinition, Library, Parameters, PlanDefinition } from '@medplum/fhirtypes'
import request from 'supertest'
import { activityDefinition, copdDefinition } from '../demo/copd-pathway.ts'
import { nextVersion } from '../lifecycle/semver.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

const { url: COPD, version = '' } = copdDefinition()
const SHIPPED = `${COPD}|${version}`
const NEXT = nextVersion(version, 'minor')

let server: RunningServer
let token: string
beforeAll(async () => {
  server = await startServer({ env: { PLANS_FROM_SYSTEMS: 'draft' } })
  token = await server.token()
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'put' | 'post' | 'patch' | 'delete', path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${token}`)
    .type(method === 'patch' ? 'application/json-patch+json' : 'application/fhir+json')
const read = async <T>(path: string): Promise<T> => (await send('get', path).expect(200)).body as T
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })

describe('what is in force does not change', () => {
  const COPD = 'PlanDefinition/copd'
  const title = [{ op: 'replace', path: '/title', value: 'Other' }]

  test.each(['PlanDefinition/copd', 'ActivityDefinition/respond-to-red', 'Library/copd-cases'])(
    '%s: by no way to write',
    async (path) => {
      const [type = '', id = ''] = path.split('/')
      const stored = await read<{ title?: string }>(path)
      const changed = { ...stored, title: 'Other' }
      const transaction = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry })
      const query = `${type}?url=http://fylgje.no/fhir/${type}/${id}`
      const ways = [
        await send('put', path).send(changed),
        await send('put', query).send(changed),
        await send('patch', path).send(title),
        await send('patch', query).send(title),
        await send('delete', path),
        await send('post', '').send(transaction({ request: { method: 'PUT', url: path }, resource: changed })),
        await send('post', '').send(transaction({ request: { method: 'DELETE', url: path } })),
      ]
      expect(ways.map(({ status, body }) => [status, body.issue?.[0]?.code])).toEqual(
        ways.map(() => [422, 'business-rule']),
      )
      expect(ways[0]?.body.issue[0].expression).toEqual([`${type}.title`])
      const batch = { ...transaction({ request: { method: 'PUT', url: path }, resource: changed }), type: 'batch' }
      const { body } = await send('post', '').send(batch).expect(200)
      expect(body.entry[0].response.status).toMatch(/^422/)
      expect(await read(path)).toEqual(stored)
    },
  )

  test('the same again, and a label, are no change', async () => {
    const stored = await read<PlanDefinition>(COPD)
    await send('put', COPD).send(stored).expect(200)
    const tag = { name: 'meta', valueMeta: { tag: [{ system: 'http://x', code: 'reviewed' }] } }
    await send('post', `${COPD}/$meta-add`).send(parameters(tag)).expect(200)
  })

  test('a definition that no plan in force names changes freely', async () => {
    const own = { resourceType: 'Questionnaire', id: 'free', url: 'http://x/Questionnaire/free', status: 'active' }
    await send('put', 'Questionnaire/free').send(own).expect(201)
    await send('put', 'Questionnaire/free')
      .send({ ...own, title: 'Other' })
      .expect(200)
    await send('delete', 'Questionnaire/free').expect(204)
  })
})

test('no plan comes into force by being written, by whichever way; whoever tries is told what it lacks', async () => {
  const draft = { resourceType: 'PlanDefinition', id: 'sent', url: 'http://x/sent', version: '1', status: 'draft' }
  const active = { ...draft, status: 'active' }
  const path = 'PlanDefinition/sent'
  const query = 'PlanDefinition?url=http://x/sent'
  const entry = (method: string, url: string) => ({
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: [{ request: { method, url }, resource: active }],
  })
  const asNew = [
    await send('put', path).send(active),
    await send('put', query).send(active),
    await send('post', 'PlanDefinition').send(active),
    await send('post', '').send(entry('PUT', path)),
    await send('post', '').send(entry('POST', 'PlanDefinition')),
  ]
  await send('put', path).send(draft).expect(201)
  const patch = [{ op: 'replace', path: '/status', value: 'active' }]
  const asChanged = [
    await send('put', path).send(active),
    await send('patch', path).send(patch),
    await send('patch', query).send(patch),
    await send('post', '').send(entry('PUT', path)),
  ]
  const kept = (await send('get', path)).body.status
  await send('delete', path).expect(204)
  const answers = [...asNew, ...asChanged, await send('put', path).send(active)]
  expect(answers.map(({ status, body }) => [status, body.issue?.[0]?.code])).toEqual(
    answers.map(() => [422, 'business-rule']),
  )
  const expressions = answers[0]?.body.issue.map(({ expression }: { expression: string[] }) => expression[0])
  expect(expressions.slice(0, 3)).toEqual([
    ...['PlanDefinition.status', 'PlanDefinition.relatedArtifact', 'PlanDefinition.extension'],
  ])
  expect([kept, (await send('get', path)).status]).toEqual(['draft', 410])
})

const AT = 'PlanDefinition.relatedArtifact'
const OTHER = 'http://fylgje.no/fhir/PlanDefinition/heart-failure'

describe('the next version', () => {
  test('is a draft with its cases and what was asked for, and is tested by them', async () => {
    const [red, yellow] = ['respond-to-red', 'respond-to-yellow'].map((id) => activityDefinition(id)) as [
      ActivityDefinition,
      ActivityDefinition,
    ]
    // Under the version of the plan, whatever its own was.
    const next = `${red.url}|${NEXT}`
    const { body } = await send('post', 'PlanDefinition/copd/$draft')
      .send(parameters({ name: 'with', valueCanonical: `${red.url}|${red.version}` }))
      .expect(201)
    const draft = body as PlanDefinition
    expect(draft).toMatchObject({ url: 'http://fylgje.no/fhir/PlanDefinition/copd', version: NEXT, status: 'draft' })
    expect(versionsIn(draft)).toMatchObject([
      { type: 'predecessor', resource: SHIPPED },
      { label: 'cases', resource: `http://fylgje.no/fhir/Library/copd-cases|${NEXT}` },
    ])
    expect(JSON.stringify(draft)).toContain(next)
    expect(JSON.stringify(draft)).toContain(`${yellow.url}|${yellow.version}`)

    const report = (await send('get', `PlanDefinition/${draft.id}/$test`).expect(200)).body as Parameters
    expect(report.parameter?.[0]).toEqual({ name: 'passed', valueBoolean: true })
    const rules = report.parameter?.filter(({ name }) => name === 'rule').map(({ part }) => part?.slice(1))
    expect(rules?.length).toBeGreaterThan(10)
    expect(rules?.flat().every((part) => part?.valueBoolean)).toBe(true)

    // A limit is moved: the cases that know the old one fail, and say what came.
    const moved = JSON.parse(JSON.stringify(draft).replace('"value":88', '"value":80')) as PlanDefinition
    await send('put', `PlanDefinition/${draft.id}`).send(moved).expect(200)
    const failing = (await send('get', `PlanDefinition/${draft.id}/$test`).expect(200)).body as Parameters
    expect(failing.parameter?.[0]).toEqual({ name: 'passed', valueBoolean: false })
    expect(JSON.stringify(failing)).toContain('tasks[0]')

    // The same version cannot be drafted twice.
    const again = await send('post', 'PlanDefinition/copd/$draft')
    expect([again.status, again.body.issue[0].code]).toEqual([409, 'conflict'])
    await send('post', 'PlanDefinition/copd/$draft')
      .send(parameters({ name: 'part', valueCode: 'major' }))
      .expect(201)

    const active = await send('put', `PlanDefinition/${draft.id}`).send({ ...draft, status: 'active' })
    expect([active.status, active.body.issue[0].expression]).toEqual([422, ['PlanDefinition.status']])
  })

  test('is drafted once, however many ask at the same time', async () => {
    const ask = parameters({ name: 'version', valueString: '7.0.0' })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send('post', 'PlanDefinition/copd/$draft').send(ask)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)])
  })

  test('a clone is another plan that says where it comes from', async () => {
    const url = 'http://x/PlanDefinition/local-copd'
    const { body } = await send('post', 'PlanDefinition/copd/$clone')
      .send(parameters({ name: 'url', valueUri: url }, { name: 'title', valueString: 'KOLS i Bodø' }))
      .expect(201)
    expect(body).toMatchObject({ url, version: '0.1.0', title: 'KOLS i Bodø', status: 'draft' })
    expect(body.relatedArtifact[0]).toEqual({
      type: 'derived-from',
      resource: SHIPPED,
    })
    const cases = await send('get', `Library?url=http://x/Library/local-copd-cases&version=0.1.0`).expect(200)
    expect((cases.body.entry[0].resource as Library).content?.length).toBeGreaterThan(20)
    const { body: report } = await send('get', `PlanDefinition/${body.id}/$test`).expect(200)
    expect(report.parameter[0].valueBoolean).toBe(true)
  })

  describe('a hospital’s plan against its region’s template', () => {
    const REGION = 'http://fylgje.no/fhir/PlanDefinition/copd|0.9.0'
    let hospital: string
    const draft = (plan: PlanDefinition, id: string, more: object, change: (text: string) => string) =>
      send('put', `PlanDefinition/${id}`)
        .send({ ...JSON.parse(change(JSON.stringify(plan))), id, status: 'draft', ...more })
        .expect(201)
    type Told = Record<'kind' | 'about' | 'change' | 'before' | 'after', string>
    const told = (parts: Parameters['parameter'] = []) =>
      parts
        .filter(({ name }) => name === 'difference')
        .map(
          ({ part = [] }) =>
            Object.fromEntries(part.map((one) => [one.name, one.valueCode ?? one.valueString])) as Told,
        )

    beforeAll(async () => {
      const plan = await read<PlanDefinition>('PlanDefinition/copd')
      await draft(plan, 'region-copd', { version: '0.9.0' }, (text) => text.replace('"value":88', '"value":87'))
      const cloned = await send('post', 'PlanDefinition/region-copd/$clone')
        .send(parameters({ name: 'url', valueUri: 'http://x/PlanDefinition/hospital-copd' }))
        .expect(201)
      hospital = `PlanDefinition/${cloned.body.id}`
      const local = JSON.parse(JSON.stringify(cloned.body).replace('"value":87', '"value":85'))
      await send('put', hospital)
        .send({ ...local, title: 'KOLS i Tromsø', _title: undefined })
        .expect(200)
      await draft(plan, 'later-copd', { version: '0.9.1', relatedArtifact: undefined }, (text) => text)
    })

    test('what the hospital says otherwise is told, and what the region has changed since, with what is in both', async () => {
      const { parameter = [] } = await read<Parameters>(`${hospital}/$diff`)
      expect(parameter.slice(0, 2)).toEqual([
        { name: 'from', valueCanonical: REGION },
        { name: 'to', valueCanonical: 'http://x/PlanDefinition/hospital-copd|0.1.0' },
      ])
      const limit = { kind: 'limit', about: expect.stringMatching(/^SpO2 red low/), change: 'changed' }
      expect(told(parameter)).toEqual([
        {
          kind: 'plan',
          about: 'title',
          change: 'changed',
          before: expect.stringContaining('KOLS'),
          after: 'KOLS i Tromsø',
        },
        { ...limit, before: '<87 %', after: '<85 %' },
      ])
      const newer = parameter.find(({ name }) => name === 'newer')?.part ?? []
      expect(newer[0]).toEqual({ name: 'version', valueCanonical: SHIPPED })
      expect(told(newer)).toEqual([{ ...limit, before: '<87 %', after: '<88 %' }])
      expect(newer.filter(({ name }) => name === 'both')).toEqual([
        { name: 'both', valueString: told(newer)[0]?.about },
      ])
    })

    test('it may be held against any other', async () => {
      const { parameter = [] } = await read<Parameters>(`${hospital}/$diff?from=${encodeURIComponent(SHIPPED)}`)
      expect(told(parameter).map(({ before }) => before)).toContain('<88 %')
      expect(parameter.some(({ name }) => name === 'newer')).toBe(false)
    })

    test('put on the region’s newer version, it takes what that has changed and keeps what it says itself', async () => {
      const { body } = await send('post', `${hospital}/$refine`).expect(200)
      const [{ resource }, ...conflicts] = body.parameter
      expect(resource).toMatchObject({
        ...{ url: 'http://x/PlanDefinition/hospital-copd', version: '0.2.0', status: 'draft', title: 'KOLS i Tromsø' },
      })
      expect(versionsIn(resource)).toMatchObject([
        { type: 'predecessor', resource: 'http://x/PlanDefinition/hospital-copd|0.1.0' },
        { type: 'derived-from', resource: SHIPPED },
        { type: 'composed-of', resource: 'http://x/Library/hospital-copd-cases|0.2.0' },
      ])
      // The same limit was changed in both: ours is kept, and told.
      expect(JSON.stringify(resource)).toContain('"value":85')
      expect(conflicts).toHaveLength(1)
      expect(conflicts[0].part.slice(0, 2)).toEqual([
        { name: 'about', valueString: expect.stringMatching(/^goal /) },
        { name: 'element', valueString: 'target' },
      ])
      await send('get', 'Library?url=http://x/Library/hospital-copd-cases&version=0.2.0').expect(200)
      const again = await send('post', `${hospital}/$refine`)
      expect([again.status, again.body.issue[0].code]).toEqual([409, 'conflict'])
    })

    test.each([
      ['against nothing, by a plan from nowhere', 'get', 'later', '$diff', [400, 'required', 'from']],
      ['against one that is not here', 'get', 'hospital', '$diff?from=http://x/none', [404, 'not-found', 'from']],
      ['on a template, by a plan from nowhere', 'post', 'later', '$refine', [422, 'business-rule', AT]],
      ['on one that is not here', 'post', 'hospital', '$refine?template=http://x/none', [404, 'not-found', 'template']],
      ['on another plan', 'post', 'hospital', `$refine?template=${OTHER}`, [400, 'value', 'template']],
      ['as no later version', 'post', 'hospital', '$refine?version=0.0.1', [400, 'value', 'version']],
    ] as const)('%s, it is refused', async (_what, method, whose, asked, expected) => {
      const plan = whose === 'hospital' ? hospital : 'PlanDefinition/later-copd'
      const { body, status } = await send(method, `${plan}/${asked}`)
      expect([status, body.issue[0].code, ...body.issue[0].expression]).toEqual(expected)
    })
  })

  test.each([
    ['a part that is none', '$draft', [{ name: 'part', valueCode: 'micro' }], 400, 'value', 'part'],
    ['a definition that is not named', '$draft', [{ name: 'with', valueCanonical: 'http://x' }], 400, 'value', 'with'],
    ['a clone without its url', '$clone', [{ name: 'version', valueString: '1' }], 400, 'required', 'url'],
    [
      'a clone of the same url',
      '$clone',
      [{ name: 'url', valueUri: 'http://fylgje.no/fhir/PlanDefinition/copd' }],
      ...([400, 'value', 'url'] as const),
    ],
    ['a parameter that is none', '$test', [{ name: 'dance', valueString: 'x' }], 400, 'not-supported', 'dance'],
  ] as const)('%s is refused', async (_what, operation, given, status, code, expression) => {
    const { body, status: is } = await send('post', `PlanDefinition/copd/${operation}`).send(parameters(...given))
    expect([is, body.issue[0].code, body.issue[0].expression]).toEqual([status, code, [expression]])
  })

  test('a plan without cases, or without a version, is told what it lacks', async () => {
    const plan = { resourceType: 'PlanDefinition', id: 'bare', status: 'draft', url: 'http://x/PlanDefinition/bare' }
    await send('put', 'PlanDefinition/bare').send(plan).expect(201)
    const tested = await send('get', 'PlanDefinition/bare/$test')
    expect([tested.status, tested.body.issue[0].expression]).toEqual([404, ['PlanDefinition.relatedArtifact']])
    const drafted = await send('post', 'PlanDefinition/bare/$draft')
    expect([drafted.status, drafted.body.issue[0].expression]).toEqual([400, ['PlanDefinition.version']])
  })
})

/** Of what a plan names, the versions it comes from and its cases. */
const versionsIn = ({ relatedArtifact = [] }: PlanDefinition) =>
  relatedArtifact.filter(({ resource = '' }) => /\/PlanDefinition\/|-cases\|/.test(resource))
