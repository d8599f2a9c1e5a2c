import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { isSearchable } from '../search/parameters.ts'
import type { QueryContext } from './reading.ts'
import { VALUE } from './scalars.ts'

type Arguments = Record<string, string | number | string[] | null | undefined>
type Field = GraphQLFieldConfig<unknown, QueryContext, Arguments>

/** Of a list without `_count`. What is more than this is told as an error: a list that ends silently would look whole. */
const LIST_COUNT_MAX = 1000

/**
 * `PatientList` and `PatientConnection`: a search, at the top or, with `_reference`, for what refers to the resource around it.
 * @see https://hl7.org/fhir/R4/graphql.html#searching
 */
export function searchFieldsOf(definitions: Definitions, type: string, object: GraphQLObjectType): [string, Field][] {
  const args = argumentsOf(definitions, type)
  return [
    [
      `${type}List`,
      {
        type: new GraphQLList(object),
        args,
        resolve: (source, given, context) => list(type, paramsOf(definitions, type, given, source), context),
      },
    ],
    [
      `${type}Connection`,
      {
        type: connectionOf(type, object),
        args,
        resolve: (source, given, context) => connect(type, paramsOf(definitions, type, given, source), context),
      },
    ],
  ]
}

/** The types whose searches can lead to a resource of this type, by which of their parameters. */
export function reverseCodes(definitions: Definitions, source: string, target: string): string[] {
  return definitions
    .searchParameters(source)
    .filter(({ type, target: targets = [] }) => type === 'reference' && (targets as string[]).includes(target))
    .map(({ code }) => code ?? '')
}

function argumentsOf(definitions: Definitions, type: string): GraphQLFieldConfigArgumentMap {
  const searched = definitions
    .searchParameters(type)
    .filter(({ code }) => isSearchable(definitions, type, code ?? ''))
    .map(({ code, description }) => [
      toName(code ?? ''),
      { type: new GraphQLList(new GraphQLNonNull(VALUE)), description: firstLine(description) },
    ])
  return {
    ...Object.fromEntries(searched),
    _filter: { type: VALUE },
    _list: { type: VALUE },
    _sort: { type: VALUE },
    _count: { type: GraphQLInt },
    _cursor: { type: GraphQLString, description: 'From next of a connection.' },
    _reference: { type: VALUE, description: 'The parameter that leads to the resource around this search.' },
  }
}

const firstLine = (text: string | undefined) => text?.split('\n', 1)[0]?.trim() ?? null

/** GraphQL has no hyphen in names. */
const toName = (code: string) => code.replaceAll('-', '_')

function paramsOf(definitions: Definitions, type: string, args: Arguments, source: unknown): URLSearchParams {
  const codes = new Map(definitions.searchParameters(type).map(({ code = '' }) => [toName(code), code]))
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(args)) {
    if (value === null || value === undefined || name === '_reference') continue
    // A list says "any of these", as commas do in a URL.
    params.append(codes.get(name) ?? name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const around = aroundOf(source)
  if (around) params.append(...reverse(definitions, type, args._reference, around))
  else if (args._reference) {
    throw refuse(
      'value',
      '_reference is for a search inside a resource; at the top nothing is around it.',
      '_reference',
    )
  }
  return params
}

const aroundOf = (source: unknown) =>
  (source as { resourceType?: string } | undefined)?.resourceType && (source as Resource)

function reverse(definitions: Definitions, type: string, given: unknown, around: Resource): [string, string] {
  const codes = reverseCodes(definitions, type, around.resourceType)
  const code = codes.find((one) => toName(one) === toName(String(given ?? '')))
  if (code === undefined) {
    throw refuse(
      given ? 'value' : 'required',
      `_reference must say how ${type} refers to ${around.resourceType}: ${codes.map(toName).join(', ')}.`,
      '_reference',
    )
  }
  return [code, `${around.resourceType}/${around.id}`]
}

async function list(
  type: string,
  params: URLSearchParams,
  { search }: QueryContext,
): Promise<(Resource | Promise<Resource>)[]> {
  const isWhole = !params.has('_count')
  if (isWhole) params.append('_count', String(LIST_COUNT_MAX))
  const { resources, next } = await search(type, params)
  if (isWhole && next !== undefined) {
    throw refuse(
      'too-costly',
      `${type}List finds more than ${LIST_COUNT_MAX}; narrow the search, give _count, or page with ${type}Connection.`,
      '_count',
    )
  }
  return inWaves(resources)
}

/** What is selected of so many resources is written before others have their turn. */
const WAVE_COUNT = 50

/** The same items, each later wave of them in a turn of its own: a thousand resources would keep others waiting. */
function inWaves<Item>(items: Item[]): (Item | Promise<Item>)[] {
  let wave: Promise<unknown> = Promise.resolve()
  return items.map((item, i) => {
    if (i < WAVE_COUNT) return item
    if (i % WAVE_COUNT === 0) wave = wave.then(() => nextTurn())
    return wave.then(() => item)
  })
}

const PAGE_SIZE = 20

type Connection = {
  params: URLSearchParams
  type: string
  pagesize: number
  next: string | undefined
  edges: { mode: 'match'; resource: Resource | Promise<Resource> }[]
}

async function connect(type: string, params: URLSearchParams, { search }: QueryContext): Promise<Connection> {
  if (!params.has('_count')) params.append('_count', String(PAGE_SIZE))
  const { resources, next } = await search(type, params)
  const edges = inWaves(resources).map((resource) => ({ mode: 'match' as const, resource }))
  return { params, type, pagesize: Number(params.get('_count')), next, edges }
}

function connectionOf(type: string, object: GraphQLObjectType): GraphQLObjectType {
  const edge = new GraphQLObjectType({
    name: `${type}Edge`,
    fields: { mode: { type: VALUE }, score: { type: VALUE }, resource: { type: object } },
  })
  const place = { type: GraphQLString }
  return new GraphQLObjectType<Connection, QueryContext>({
    name: `${type}Connection`,
    fields: {
      count: {
        type: GraphQLInt,
        description: 'How many there are in all. Counted only when it is asked for.',
        resolve: ({ params }, _args, { count }) => count(type, withoutPage(params)),
      },
      // Pages begin after the last one seen, so that what is written meanwhile moves nothing; there is no number to skip.
      offset: { type: GraphQLInt },
      pagesize: { type: GraphQLInt },
      edges: { type: new GraphQLList(edge) },
      ...{ first: place, previous: place, next: place, last: place },
    },
  })
}

const withoutPage = (params: URLSearchParams): URLSearchParams =>
  new URLSearchParams([...params].filter(([name]) => !['_count', '_cursor', '_sort'].includes(name)))
