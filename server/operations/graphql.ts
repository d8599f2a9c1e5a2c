import { randomUUID } from 'node:crypto'
import type { GraphQLError } from 'graphql'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import { outcomeOf, Refusal, refuse, STATUS, toOutcome } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { GraphQLRequest } from '../graphql/execute.ts'
import type { Reading } from '../graphql/reading.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Version } from '../store/store.ts'
import type { Operation } from './operation.ts'

/**
 * $graphql at the system and at an instance. The answer is GraphQL's own JSON, whatever format is asked for.
 * @see https://hl7.org/fhir/R4/graphql.html
 */
export const graphql: Operation = {
  code: 'graphql',
  title: 'Query with GraphQL',
  description:
    'Reads exactly what a query selects: of a resource, of those that it refers to or that refer to it, or of what a search finds.',
  resource: ['Resource'],
  on: ['system', 'instance'],
  letter: 'r',
  takesAnything: true,
  in: [
    { name: 'query', type: 'string', min: 1, max: '1', documentation: 'The query, in GraphQL.' },
    { name: 'operationName', type: 'string', min: 0, max: '1', documentation: 'Which of several operations is meant.' },
    { name: 'variables', type: 'string', min: 0, max: '1', documentation: 'The values of variables, a JSON object.' },
  ],
  out: [
    { name: 'result', type: 'Binary', min: 1, max: '1', documentation: 'application/json with data, errors or both.' },
  ],
  handler: runGraphQL,
}

/**
 * @returns 400 with GraphQL's errors for a query that cannot be executed; else 200, with errors beside what could be read
 * @throws Refusal required, value (no query), too-costly; not-found and deleted (the instance)
 */
async function runGraphQL({ access, type, id, query, body }: Exchange, rooms: Rooms): Promise<Reply> {
  // Its library is loaded by whoever queries first: two hundred modules, which most processes never need.
  const { executeQuery, readRequest } = await import('../graphql/execute.ts')
  const request = readRequest(body === undefined ? fromUrl(query) : fromBody(body))
  const root = id === '' ? undefined : await readResource(rooms.store.read(access, type, id))
  const { data, errors } = await executeQuery(rooms.definitions, request, readingFor(access, rooms, root), root)
  const told = errors?.map((error) => tell(error, rooms))
  return {
    status: data === undefined ? STATUS.invalid : 200,
    text: stringifyJson({ ...(told && { errors: told }), ...(data === undefined ? {} : { data }) }),
    isPlainJson: true,
  }
}

/** Every read and search of the query, by the same scopes and the same doors as those of REST. */
function readingFor(
  access: Exchange['access'],
  { store, definitions, baseUrl }: Rooms,
  root: Resource | undefined,
): Reading {
  const searchOf = async (type: string, params: URLSearchParams) => {
    if (!permits(access, type, 's')) throw notPermitted(type, 's')
    return store.search(access, parseSearch(definitions, type, params, 'strict'))
  }
  return {
    baseUrl,
    async read(type, id, versionId) {
      if (root?.resourceType === type && root.id === id && versionId === undefined) return root
      if (!definitions.resourceTypes.has(type)) throw refuse('not-found', `R4 has no resource type "${type}".`)
      if (!permits(access, type, 'r')) throw notPermitted(type, 'r')
      return readResource(
        versionId === undefined ? store.read(access, type, id) : store.readVersion(access, type, id, versionId),
      )
    },
    async search(type, params) {
      const { matches, next } = await searchOf(type, params)
      return { resources: matches.map(toResource), ...(next === undefined ? {} : { next }) }
    },
    async count(type, params) {
      return (await searchOf(type, new URLSearchParams([...params, ['_summary', 'count']]))).total ?? 0
    },
  }
}

const toResource = ({ text = '{}' }: Pick<Version, 'text'>): Resource => parseJson(text) as Resource
const readResource = async (version: Promise<Version>): Promise<Resource> => toResource(await version)

/** A Parameters resource says the same as GraphQL's JSON. */
function fromBody(body: unknown): unknown {
  const { resourceType, parameter } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters') return body
  const values = (Array.isArray(parameter) ? parameter : []) as { name?: string; valueString?: string }[]
  return withVariables(Object.fromEntries(values.map(({ name = '', valueString }) => [name, valueString])))
}

const fromUrl = (query: URLSearchParams) =>
  withVariables(
    Object.fromEntries(['query', 'operationName', 'variables'].map((name) => [name, query.get(name) ?? undefined])),
  )

function withVariables({ variables, ...rest }: Record<string, string | undefined>): Partial<GraphQLRequest> {
  return { ...rest, ...(variables ? { variables: parseJson(variables) as GraphQLRequest['variables'] } : {}) }
}

/** One of GraphQL's errors, with the OperationOutcome that REST would give. https://hl7.org/fhir/R4/graphql.html#errors */
function tell(error: GraphQLError, { reportFault }: Rooms) {
  const { message, locations, path, originalError } = error
  const outcome = outcomeIn(error, reportFault)
  const isFault = originalError !== undefined && !(originalError instanceof Refusal)
  return {
    message: isFault ? (outcome.issue[0]?.diagnostics ?? '') : message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { resource: outcome },
  }
}

function outcomeIn({ message, originalError, path }: GraphQLError, reportFault: Rooms['reportFault']) {
  if (originalError instanceof Refusal) return outcomeOf(originalError.issues)
  if (originalError === undefined) {
    const expression = [path ? path.join('.').replace(/\.(\d+)(?=\.|$)/g, '[$1]') : 'query']
    return outcomeOf([{ severity: 'error', code: 'invalid', diagnostics: message, expression }])
  }
  const requestId = randomUUID()
  reportFault(originalError, requestId)
  return toOutcome(originalError, requestId).outcome
}
