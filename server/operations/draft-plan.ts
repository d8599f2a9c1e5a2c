import type { PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { type Draft, draftOf, type Naming } from '../lifecycle/draft.ts'
import { canonicalOf, casesOf, isNamed } from '../lifecycle/named-definitions.ts'
import { compareVersions, nextVersion, VERSION_PARTS, type VersionPart } from '../lifecycle/semver.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { Change, Version } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import { oneOf } from './one-of.ts'
import type { Operation, Parameter } from './operation.ts'
import { type PlanRead, readPlan } from './plan-reading.ts'

const WITH: Parameter = {
  name: 'with',
  type: 'canonical',
  min: 0,
  max: '*',
  documentation: 'A definition that the plan names and that is to be changed with it. Its cases always are.',
}
const RETURN: Parameter = {
  name: 'return',
  type: 'PlanDefinition',
  min: 1,
  max: '1',
  documentation: 'The draft. What is drafted with it is stored beside it, under the same version.',
}

/**
 * PlanDefinition/{id}/$draft: the next version of a plan, to be worked on; the one that is in force stays as it is.
 * @throws Refusal required (a plan without url or version), value (a `with` that the plan does not name; a version that is not the
 *   later one), conflict (there is such a version already)
 */
export const draftPlanDefinition: Operation = {
  code: 'draft',
  title: 'Draft the next version of a plan',
  description: 'Copies a plan, its cases and the definitions asked for as drafts of the next version.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  in: [
    {
      name: 'part',
      type: 'code',
      min: 0,
      max: '1',
      documentation: 'Which part of the version is raised: major, minor (if none is given) or patch.',
    },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'The version itself, instead.' },
    WITH,
  ],
  out: [RETURN],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, draftPlanDefinition)
    const part = oneOf(given.text('part') ?? 'minor', 'part', VERSION_PARTS)
    const read = await readPlan(exchange, rooms)
    const { url, version: next } = nextOf(read.plan, part, given.text('version'))
    const naming = (of: Resource): Naming => ({ url: String(of.url), version: next })
    const definitions = await definitionsToCopy(read, given.texts('with'))
    const draft = draftOf(read.plan, {
      relation: 'predecessor',
      naming: { url, version: next },
      definitions: definitions.map((definition) => ({ definition, naming: naming(definition) })),
      now: rooms.now(),
    })
    return created(await storeDraft(exchange, rooms, draft))
  },
}

/**
 * How the version after this one is named.
 * @param asked the version itself, instead of one that is raised by its part
 * @throws Refusal required (a plan without url or version), value (one that is no later one)
 */
export function nextOf(
  { url, version }: PlanDefinition,
  part: VersionPart,
  asked: string | undefined,
): { url: string; version: string } {
  if (!url || !version) {
    const missing = url ? 'version' : 'url'
    throw refuse(
      'required',
      `A plan is versioned by its url and version; this one has no ${missing}.`,
      `PlanDefinition.${missing}`,
    )
  }
  const next = asked ?? nextVersion(version, part)
  if (compareVersions(next, version) <= 0) {
    throw refuse('value', `The version after ${version} is a later one, not ${next}.`, 'version')
  }
  return { url, version: next }
}

/**
 * PlanDefinition/{id}/$clone: a plan of one's own that begins as a copy, and says from which version it comes.
 * @throws Refusal as `$draft` does
 */
export const clonePlanDefinition: Operation = {
  code: 'clone',
  title: 'Clone a plan',
  description: 'Copies a plan with its cases as the first draft of another plan.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  in: [
    { name: 'url', type: 'uri', min: 1, max: '1', documentation: 'Of the new plan.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Of the new plan; 0.1.0 if none is given.' },
    { name: 'title', type: 'string', min: 0, max: '1', documentation: 'Of the new plan.' },
    { name: 'name', type: 'string', min: 0, max: '1', documentation: 'Of the new plan.' },
  ],
  out: [RETURN],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, clonePlanDefinition)
    const url = given.text('url') ?? ''
    const read = await readPlan(exchange, rooms)
    if (url === read.plan.url)
      throw refuse('value', 'A clone has a url of its own; $draft makes the next version.', 'url')
    const version = given.text('version') ?? '0.1.0'
    const [cases] = await definitionsToCopy(read, [])
    const library = `${url.replace('/PlanDefinition/', '/Library/')}-cases`
    const draft = draftOf(read.plan, {
      relation: 'derived-from',
      naming: { url, version, title: given.text('title'), name: given.text('name') },
      definitions: cases ? [{ definition: cases, naming: { url: library, version } }] : [],
      now: rooms.now(),
    })
    return created(await storeDraft(exchange, rooms, draft))
  },
}

/** The plan's cases, and the named definitions that are asked for. @throws Refusal value */
async function definitionsToCopy({ plan, definitions, reader }: PlanRead, asked: string[]): Promise<Resource[]> {
  const found = asked.map((canonical) => {
    const definition = [...definitions.values()].find((one) => isNamed(canonical, one))
    if (!definition) throw refuse('value', `${canonicalOf(plan)} does not name ${canonical}.`, 'with')
    return definition
  })
  const casesCanonical = casesOf(plan)
  const cases = casesCanonical && (await reader.findDefinition(casesCanonical, ['Library'], true))
  return [...new Set([...(cases ? [cases] : []), ...found])]
}

/** All of the draft or nothing. Two that draft the same version at once wait for each other, and the second is refused. */
export async function storeDraft(exchange: Exchange, rooms: Rooms, { plan, definitions }: Draft): Promise<Version> {
  const { access } = exchange
  const drafts = [plan as unknown as Resource, ...definitions].map(
    (one) => rooms.validate(one, one.resourceType).resource,
  )
  const queries = drafts.map((one) => versionQuery(rooms, one))
  const version = await rooms.store.transact(async (inside) => {
    await inside.lockCriteria(queries)
    for (const [i, query] of queries.entries()) {
      if ((await inside.search(access, query)).matches.length === 0) continue
      const canonical = canonicalOf(drafts[i] as Resource)
      throw refuse(
        'conflict',
        `There is a ${query.type} ${canonical} already; work on that one, or name another version.`,
        'version',
      )
    }
    const changes = drafts.map((resource): Change => ({ interaction: 'create', resource }))
    return (await inside.writeAll(access, changes))[0]
  })
  if (!version) throw new Error('a draft was not written')
  return version
}

const created = (version: Version): Reply => ({ status: 201, version, located: true })

const versionQuery = ({ definitions }: Rooms, { resourceType, url, version }: Resource): SearchQuery =>
  parseSearch(
    definitions,
    resourceType,
    new URLSearchParams({ url: String(url), version: String(version), _count: '1' }),
    'strict',
  )
