import { type GraphQLFieldMap, GraphQLObjectType, type GraphQLObjectTypeConfig } from 'graphql'
import type { Resource } from '../core/fhir/resource.ts'
import type { QueryContext } from './reading.ts'

type Fields = GraphQLFieldMap<Resource, QueryContext>

/**
 * A resource type: its elements, and the searches for what refers to it. The fields of those are shared by all types that they lead
 * back to, since a copy for each would be a quarter of a million objects.
 */
export class ResourceObject extends GraphQLObjectType<Resource, QueryContext> {
  private readonly searchesBack: () => Fields
  private all: Fields | undefined

  constructor(config: GraphQLObjectTypeConfig<Resource, QueryContext>, searchesBack: () => Fields) {
    super(config)
    this.searchesBack = searchesBack
  }

  override getFields(): Fields {
    this.all ??= { ...super.getFields(), ...this.searchesBack() }
    return this.all
  }
}
