import { GraphQLBoolean, GraphQLInt, GraphQLScalarType, GraphQLString, Kind, type ValueNode } from 'graphql'

/**
 * What an argument about the data is compared with: a word, a string, a number, true or false. R4 writes codes and ids without quotes
 * (`Patient(id: example)`), and a variable may be of any scalar type.
 */
export const VALUE = new GraphQLScalarType<string, string>({
  name: 'Value',
  description: 'A code, id, date, string, number or boolean. Quotes may be left out where GraphQL can read it without.',
  coerceInputValue: toText,
  coerceInputLiteral: (node) => {
    const text = textOf(node)
    if (text === undefined) throw new TypeError('A single value is expected, not a list or an object.')
    return text
  },
})

function toText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new TypeError('A string, a number, true or false is expected.')
}

function textOf(node: ValueNode): string | undefined {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.INT:
    case Kind.FLOAT:
      return node.value
    case Kind.BOOLEAN:
      return String(node.value)
    default:
      return undefined
  }
}

const scalars = new Map<string, GraphQLScalarType>([
  ['boolean', GraphQLBoolean],
  ['string', GraphQLString],
  // R4's three kinds of integers all fit into 32 bits.
  ...['integer', 'positiveInt', 'unsignedInt'].map((type) => [type, GraphQLInt] as const),
])

/** The scalar of a primitive type of R4: GraphQL's own where it is the same, else one under R4's name. */
export function scalarOf(type: string): GraphQLScalarType {
  const known = scalars.get(type)
  if (known) return known
  const scalar = new GraphQLScalarType({ name: type, specifiedByURL: `http://hl7.org/fhir/R4/datatypes.html#${type}` })
  scalars.set(type, scalar)
  return scalar
}
