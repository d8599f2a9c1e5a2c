import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  type GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedOutputType,
  type GraphQLResolveInfo,
  GraphQLString,
  getDirectiveValues,
} from 'graphql'
import { literalOf, rawNumber } from '../core/fhir/json.ts'
import { DIRECTIVES } from './directives.ts'
import { type ListArguments, selectElements, sliceNames } from './element-list.ts'
import { pathText } from './path-text.ts'
import type { QueryContext } from './reading.ts'
import { type ReferenceArguments, resolveReference } from './resolve-reference.ts'
import { scalarOf, VALUE } from './scalars.ts'

export type Field = GraphQLFieldConfig<Record<string, unknown>, QueryContext>

type ListOf = { name: string; path: string; args: GraphQLFieldConfigArgumentMap }

/** A list of elements, with the arguments that say which of them are wanted. */
export function listField(type: GraphQLNamedOutputType, { name, path, args }: ListOf): Field {
  return {
    type: new GraphQLList(type),
    args: {
      ...args,
      fhirpath: { type: GraphQLString, description: 'FHIRPath that is true of the elements that are wanted.' },
      _offset: { type: GraphQLInt },
      _count: { type: GraphQLInt },
    },
    resolve(source, given: ListArguments, { slices }, info) {
      const list = source[name]
      if (!Array.isArray(list)) return undefined
      const selected = Object.keys(given).length === 0 ? list : selectElements(list, given, path)
      const slicePath = slicePathOf(info)
      if (slicePath !== undefined) slices.set(pathText(info.path), sliceNames(selected, slicePath, path))
      return selected
    },
  }
}

const SLICE = DIRECTIVES.find(({ name }) => name === 'slice')

/** Here, where the elements are still whole: what is sliced by is seldom selected. */
function slicePathOf({ fieldNodes: [node], variableValues }: GraphQLResolveInfo): string | undefined {
  if (!node?.directives?.length || !SLICE) return undefined
  return getDirectiveValues(SLICE, node, variableValues)?.path as string | undefined
}

/** `Reference.resource`: what it refers to. */
export const resolvedField = (anyResource: GraphQLInterfaceType): Field => ({
  type: anyResource,
  args: {
    optional: { type: GraphQLBoolean, description: 'Nothing instead of an error when it cannot be found.' },
    type: { type: VALUE, description: 'Nothing when it is of another type.' },
  },
  resolve: (source, args: ReferenceArguments, context) => resolveReference(source, args, context),
})

/** With the precision that was sent: 1.00 stays 1.00. */
export const decimalField = (name: string): Field => ({
  type: scalarOf('decimal'),
  resolve: (source) => exactly(source, name),
})

function exactly(source: Record<string, unknown>, name: string): unknown {
  const literal = literalOf(source, name)
  return literal === undefined ? source[name] : rawNumber(literal)
}
