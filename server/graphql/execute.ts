import {
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { inTurns } from '../turns.ts'
import { documentErrors, withTypedReferences } from './check-document.ts'
import { beginningAt, withoutRoot } from './instance-query.ts'
import { checkSize, RESOURCE_COUNT_MAX, TOKEN_COUNT_MAX, tooCostly } from './limits.ts'
import type { QueryContext, Reading } from './reading.ts'
import { schemaOf } from './schema.ts'
import { type Shaping, shapeAnswer, usesShaping } from './shape.ts'

/** What is sent. https://hl7.org/fhir/R4/graphql.html and https://graphql.org/learn/serving-over-http/ */
export type GraphQLRequest = {
  query: string
  operationName?: string
  variables: Record<string, unknown>
}

/** Errors without data: nothing was executed. Data with errors: what could be read, and what could not. */
export type Answer = { data?: Record<string, unknown> | null; errors?: readonly GraphQLError[] }

/**
 * Answers a query from what `reading` may see.
 * @param root the resource that the query begins in; without one it is a query of the system
 * @throws Refusal too-costly for a query that is too large
 */
export async function executeQuery(
  definitions: Definitions,
  request: GraphQLRequest,
  reading: Reading,
  root?: Resource,
): Promise<Answer> {
  const { query, operationName, variables } = request
  const parsed = parsedQuery(query)
  if (parsed instanceof GraphQLError) return { errors: [parsed] }
  checkSize(parsed)
  const typed = withTypedReferences(parsed, variables)
  const document = root ? beginningAt(root, typed) : typed
  const schema = await schemaOf(definitions)
  const errors = documentErrors(schema, document)
  if (errors.length > 0) return { errors }
  const operation = getOperationAST(document, operationName)
  if (!operation) return { errors: [new GraphQLError(whichOperation(operationName))] }

  const contextValue = contextOf(reading)
  const result = await execute({
    ...{ schema, document, contextValue },
    variableValues: variables,
    operationName: operation.name?.value ?? null,
  })
  const answer: Answer = {
    ...('data' in result && { data: result.data }),
    ...(result.errors && { errors: result.errors }),
  }
  const shaping = { fragments: fragmentsOf(document), slices: contextValue.slices }
  const shaped = usesShaping(query) ? shapedAnswer(answer, operation, shaping) : answer
  return root ? withoutRoot(shaped) : shaped
}

function shapedAnswer(answer: Answer, operation: OperationDefinitionNode, shaping: Shaping): Answer {
  if (!answer.data) return answer
  try {
    return { ...answer, data: shapeAnswer(answer.data, operation, shaping) }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { data: null, errors: [...(answer.errors ?? []), error] }
  }
}

function parsedQuery(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: TOKEN_COUNT_MAX })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    if (error.message.includes('tokens')) {
      throw tooCostly(`The query has more than ${TOKEN_COUNT_MAX} words and signs.`)
    }
    return error
  }
}

const whichOperation = (name: string | undefined): string =>
  name === undefined
    ? 'The query has several operations; operationName must say which is meant.'
    : `The query has no operation "${name}".`

const fragmentsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])))

/** Counts what is brought together, so that a search in a search cannot collect the whole store. */
function contextOf(reading: Reading): QueryContext {
  let resourceCount = 0
  const take = (count: number) => {
    resourceCount += count
    if (resourceCount > RESOURCE_COUNT_MAX) {
      throw tooCostly(`The query brings together more than ${RESOURCE_COUNT_MAX} resources.`)
    }
  }
  const context: QueryContext = {
    ...reading,
    slices: new Map(),
    containers: new WeakMap(),
    async read(type, id, versionId) {
      take(1)
      const resource = await reading.read(type, id, versionId)
      noteContainer(resource, context)
      return resource
    },
    async search(type, params) {
      const page = await reading.search(type, params)
      take(page.resources.length)
      await inTurns(page.resources, (resource) => noteContainer(resource, context))
      return page
    },
  }
  return context
}

/** Remembers the resource around each reference in it, where it contains what they may lead to. */
function noteContainer(resource: Resource, { containers }: QueryContext): void {
  if (!('contained' in resource)) return
  const note = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    containers.set(value, resource)
    Object.values(value).forEach(note)
  }
  note(resource)
}

/** @throws Refusal invalid, required for a body that is no request */
export function readRequest(body: unknown): GraphQLRequest {
  const { query, operationName, variables } = (body ?? {}) as Record<string, unknown>
  if (typeof query !== 'string' || query.trim() === '') {
    throw refuse(
      'required',
      'A query is needed: {"query": "{ … }"} as application/json, or the text as application/graphql.',
      'query',
    )
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw refuse('value', 'operationName must be a string.', 'operationName')
  }
  if (variables !== undefined && variables !== null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw refuse('value', 'variables must be an object.', 'variables')
  }
  return {
    query,
    ...(operationName ? { operationName } : {}),
    variables: (variables ?? {}) as Record<string, unknown>,
  }
}
