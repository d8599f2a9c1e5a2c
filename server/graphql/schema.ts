import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldMap,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedOutputType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLObjectTypeConfig,
  GraphQLSchema,
} from 'graphql'
import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'
import { typeIndex } from '../search/parameters.ts'
import { inTurns } from '../turns.ts'
import { DIRECTIVES } from './directives.ts'
import { decimalField, type Field, listField, resolvedField } from './element-fields.ts'
import type { QueryContext } from './reading.ts'
import { ResourceObject } from './resource-object.ts'
import { scalarOf, VALUE } from './scalars.ts'
import { reverseCodes, searchFieldsOf } from './search-fields.ts'

const schemas = new WeakMap<Definitions, Promise<GraphQLSchema>>()

/**
 * The schema of R4 as these definitions have it: made when first asked for, in about half a second of turns of others, and kept.
 * @see https://hl7.org/fhir/R4/graphql.html
 */
export function schemaOf(definitions: Definitions): Promise<GraphQLSchema> {
  const found = schemas.get(definitions) ?? buildSchema(definitions)
  schemas.set(definitions, found)
  return found
}

async function buildSchema(definitions: Definitions): Promise<GraphQLSchema> {
  const { system, resources } = buildTypes(definitions)
  // The search parameters of each type are compiled here, unless a search has done so before.
  await inTurns([...definitions.resourceTypes], (type) => typeIndex(definitions, type))
  await inTurns([...resources.values()], (object) => object.getFields())
  return new GraphQLSchema({
    query: system,
    types: [...resources.values()],
    directives: DIRECTIVES,
    // Made from R4's definitions, and looked at by a test; here it would only cost time.
    assumeValid: true,
  })
}

type Types = { system: GraphQLObjectType; resources: ReadonlyMap<string, GraphQLObjectType> }

function buildTypes(definitions: Definitions): Types {
  const objects = new Map<string, GraphQLObjectType>()
  const anyResource = new GraphQLInterfaceType({
    name: 'Resource',
    description: 'Any resource; what only some types have is selected after `... on Type`, or with the argument type.',
    resolveType: (value) => (value as Resource).resourceType,
    fields: () => ({ resourceType: { type: scalarOf('code') }, ...fieldsBelow('Resource') }),
  })
  const resources = new Map(
    [...definitions.resourceTypes].map((type) => [type, new ResourceObject(configOf(type), () => searchesBack(type))]),
  )
  const system: GraphQLObjectType = new GraphQLObjectType({
    name: 'Query',
    fields: () =>
      Object.fromEntries(
        [...resources].flatMap(([type, object]) => [
          readField(type, object),
          ...searchFieldsOf(definitions, type, object),
        ]),
      ),
  })

  function configOf(type: string): GraphQLObjectTypeConfig<Resource, QueryContext> {
    const fields = () => ({ resourceType: { type: scalarOf('code') }, ...fieldsBelow(type) })
    return { name: type, interfaces: () => [anyResource], fields: fields as never }
  }

  function searchesBack(type: string): GraphQLFieldMap<Resource, QueryContext> {
    const all = system.getFields()
    const sources = [...definitions.resourceTypes].filter(
      (source) => reverseCodes(definitions, source, type).length > 0,
    )
    const names = sources.flatMap((source) => [`${source}List`, `${source}Connection`])
    return Object.fromEntries(names.map((name) => [name, all[name]])) as GraphQLFieldMap<Resource, QueryContext>
  }

  function objectOf(key: string): GraphQLNamedOutputType {
    const resource = resources.get(key)
    if (resource) return resource
    if (key === 'Resource') return anyResource
    const known = objects.get(key)
    if (known) return known
    const object = new GraphQLObjectType({ name: nameOf(key), fields: () => fieldsBelow(key) as never })
    objects.set(key, object)
    return object
  }

  function fieldsBelow(key: string): Record<string, Field> {
    const children = [...childrenOf(definitions, key).values()]
    const fields = children.flatMap((child) => fieldsOf(key, child))
    return Object.fromEntries(key === 'Reference' ? [...fields, ['resource', resolvedField(anyResource)]] : fields)
  }

  function fieldsOf(key: string, child: Child): [string, Field][] {
    const { name, element, type, below, isPrimitive, isList } = child
    const path = `${key}.${element}`
    if (!isPrimitive) {
      const object = objectOf(below ?? 'Resource')
      if (!isList) return [[name, { type: object }]]
      return [[name, listField(object, { name, path, args: primitivesBelow(below ?? 'Resource') })]]
    }
    const beside: [string, Field] = [
      `_${name}`,
      { type: isList ? new GraphQLList(objectOf('Element')) : objectOf('Element') },
    ]
    if (isList) return [[name, listField(scalarOf(type), { name, path, args: {} })], beside]
    if (type !== 'decimal') return [[name, { type: scalarOf(type) }], beside]
    return [[name, decimalField(name)], beside]
  }

  /** Each can say which elements of the list are wanted. */
  function primitivesBelow(key: string): GraphQLFieldConfigArgumentMap {
    const primitives = [...childrenOf(definitions, key).values()].filter(({ isPrimitive }) => isPrimitive)
    return Object.fromEntries(primitives.map(({ name }) => [name, { type: VALUE }]))
  }

  return { system, resources }
}

/** `Patient.contact` → `PatientContact` */
const nameOf = (key: string): string =>
  key
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

const readField = (
  type: string,
  object: GraphQLObjectType,
): [string, GraphQLFieldConfig<unknown, QueryContext, { id: string }>] => [
  type,
  {
    type: object,
    args: { id: { type: new GraphQLNonNull(VALUE) } },
    resolve: (_source, { id }, { read }) => read(type, id),
  },
]
