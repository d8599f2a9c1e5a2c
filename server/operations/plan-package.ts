import type { Bundle, Library, PlanDefinition } from '@medplum/fhirtypes'
import { stringifyJson } from '../core/fhir/json.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { changedElements } from '../lifecycle/frozen.ts'
import { canonicalOf, casesOf } from '../lifecycle/named-definitions.ts'
import { packPlan, unpackPlan } from '../lifecycle/package.ts'
import { bundlePlan, planAmong, resourcesOf } from '../lifecycle/package-bundle.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { Change, StoreTransaction } from '../store/store.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { readPlan } from './plan-reading.ts'

const CONTENT_TYPE = 'application/gzip'

/**
 * PlanDefinition/{id}/$export-package: the plan, all that it names and its cases, as others can load and run them, signed by this server.
 * @throws Refusal not-found, deleted; value for another form
 */
export const exportPlanPackage: Operation = {
  code: 'export-package',
  title: 'Export a plan as a package',
  description:
    'The plan, the definitions that it names and its cases, signed by this server (a detached JWS over the canonical JSON; keys at /auth/package-keys): a FHIR package (npm, .tgz) in a Binary, or a Bundle.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'form', type: 'code', min: 0, max: '1' },
      documentation: 'npm (an archive in a Binary) or bundle. Unsaid: npm.',
    },
  ],
  out: [{ name: 'return', type: 'Resource', min: 1, max: '1', documentation: 'The archive, or the Bundle.' }],
  async handler(exchange, rooms) {
    const form = readGiven(exchange, exportPlanPackage).text('form') ?? 'npm'
    if (form !== 'npm' && form !== 'bundle') throw refuse('value', `form is npm or bundle, not ${form}.`, 'form')
    const { plan, definitions, reader } = await readPlan(exchange, rooms)
    const canonical = casesOf(plan)
    const cases = canonical && (await reader.findDefinition(canonical, ['Library'], true))
    const all = [...new Set([...definitions.values(), ...(cases ? [cases as Resource & Library] : [])])]
    const now = rooms.now()
    const signed = await rooms.packageSigning.sign(bundlePlan(plan, all, rooms.baseUrl, now), now)
    if (form === 'bundle') return { status: 200, text: stringifyJson(signed) }
    const archive = await packPlan(signed, now)
    const binary = { resourceType: 'Binary', contentType: CONTENT_TYPE, data: archive.toString('base64') }
    return { status: 200, text: JSON.stringify(binary) }
  },
}

/**
 * PlanDefinition/$import-package: what such a package holds, as drafts: who follows it here is approved here. What is here already is left as
 * it is.
 * @throws Refusal value (no package), conflict (another content under the same url and version), what is not valid, and what
 *   PackageSigning.verify refuses
 */
export const importPlanPackage: Operation = {
  code: 'import-package',
  title: 'Import a plan from a package',
  description:
    'Stores the plan of a package, the definitions that it names and its cases, as drafts to be approved here. Its signature must be of this server or of an issuer that is trusted (PACKAGE_ISSUERS).',
  resource: ['PlanDefinition'],
  on: ['type'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  in: [
    { name: 'package', type: 'Binary', min: 0, max: '1', documentation: 'The archive (.tgz), in a Binary.' },
    { name: 'bundle', type: 'Bundle', min: 0, max: '1', documentation: 'Instead of it, the package as a Bundle.' },
  ],
  out: [
    { name: 'plan', type: 'Reference', min: 1, max: '1', documentation: 'The plan.' },
    {
      name: 'signedBy',
      type: 'uri',
      min: 0,
      max: '1',
      documentation: 'Who has signed it; the signature was verified.',
    },
    { name: 'created', type: 'Reference', min: 0, max: '*', documentation: 'What was stored, as drafts.' },
    { name: 'unchanged', type: 'Reference', min: 0, max: '*', documentation: 'What was here already.' },
  ],
  async handler(exchange, rooms) {
    const bundle = await packageGiven(readGiven(exchange, importPlanPackage))
    const signer = await rooms.packageSigning.verify(bundle)
    const { plan, definitions } = planAmong(resourcesOf(bundle))
    // What is named comes before what names it.
    const drafts = [...definitions, plan].map((one) => toDraft(rooms, one))
    const stored = await store(exchange, rooms, drafts)
    const reference = ({ type, id }: Stored) => ({ reference: `${type}/${id}` })
    const [last] = stored.slice(-1)
    return parametersReply([
      ...(last ? [{ name: 'plan', valueReference: reference(last) }] : []),
      ...(signer ? [{ name: 'signedBy', valueUri: signer }] : []),
      ...stored.filter(({ isNew }) => isNew).map((one) => ({ name: 'created', valueReference: reference(one) })),
      ...stored.filter(({ isNew }) => !isNew).map((one) => ({ name: 'unchanged', valueReference: reference(one) })),
    ])
  },
}

async function packageGiven(given: Given): Promise<Bundle> {
  if (given.has('package') === given.has('bundle'))
    throw refuse('required', '$import-package needs a package or a bundle, and not both.', 'package')
  const bundle = given.resource('bundle', 'Bundle') as (Resource & Bundle) | undefined
  if (bundle) return bundle
  const { data } = (given.resource('package', 'Binary') ?? {}) as { data?: string }
  if (!data) throw refuse('value', 'package is a Binary with its data.', 'package')
  return unpackPlan(Buffer.from(data, 'base64'))
}

/** Its own id is of another server; approval is of this one. @throws Refusal when it is not valid, or has no canonical */
function toDraft({ validate }: Rooms, resource: Resource): Resource {
  const { id: _id, approvalDate: _approval, ...rest } = resource as Resource & Partial<PlanDefinition>
  const { resourceType, url, version } = resource
  if (typeof url !== 'string' || typeof version !== 'string') {
    throw refuse('value', `${resourceType}/${resource.id} in the package has no url and version.`, 'package')
  }
  return validate({ ...rest, status: 'draft' }, resourceType).resource
}

type Stored = { type: string; id: string; isNew: boolean }

async function store({ access }: Exchange, rooms: Rooms, drafts: Resource[]): Promise<Stored[]> {
  const queries = drafts.map((one) => versionQuery(rooms, one))
  return rooms.store.transact(async (inside) => {
    await inside.lockCriteria(queries)
    const found = await findAll(inside, access, queries)
    const issues = drafts.flatMap((draft, i) => conflictOf(draft, found[i]))
    if (issues.length > 0) throw new Refusal(issues)
    const fresh = drafts.filter((_, i) => !found[i])
    const written = await inside.writeAll(
      access,
      fresh.map((resource): Change => ({ interaction: 'create', resource })),
    )
    return drafts.map((draft, i): Stored => {
      const here = found[i]
      const id = here ? String(here.id) : String(written[fresh.indexOf(draft)]?.id)
      return { type: draft.resourceType, id, isNew: !here }
    })
  })
}

async function findAll(
  inside: StoreTransaction,
  access: Exchange['access'],
  queries: SearchQuery[],
): Promise<(Resource | undefined)[]> {
  const found: (Resource | undefined)[] = []
  for (const query of queries) {
    const [match] = (await inside.search(access, query)).matches
    found.push(match && (JSON.parse(match.text ?? '{}') as Resource))
  }
  return found
}

/** The same but for its status is the same; whoever has approved it here has done so. */
function conflictOf(draft: Resource, here: Resource | undefined): Issue[] {
  if (!here) return []
  const changed = changedElements(here, draft).filter((name) => !['status', 'date', 'approvalDate'].includes(name))
  if (changed.length === 0) return []
  const diagnostics = `${draft.resourceType} ${canonicalOf(draft)} is here already, with another ${changed.join(', ')}; $clone gives it a url of its own.`
  return [{ severity: 'error', code: 'conflict', diagnostics, expression: [`${draft.resourceType}.${changed[0]}`] }]
}

const versionQuery = ({ definitions }: Rooms, { resourceType, url, version }: Resource): SearchQuery =>
  parseSearch(
    definitions,
    resourceType,
    new URLSearchParams({ url: String(url), version: String(version), _count: '1' }),
    'strict',
  )
