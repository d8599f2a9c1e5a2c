import { DirectiveLocation, GraphQLDirective, GraphQLNonNull, GraphQLString, specifiedDirectives } from 'graphql'

const onField = (name: string, description: string) =>
  new GraphQLDirective({ name, description, locations: [DirectiveLocation.FIELD] })

/** What R4 adds to GraphQL, so that an answer can be a table. https://hl7.org/fhir/R4/graphql.html#directives */
export const DIRECTIVES = [
  ...specifiedDirectives,
  onField('flatten', 'What is selected below stands in the parent, each field a list of all its values.'),
  onField('singleton', 'Below a field that is flattened: one value instead of a list; several are an error.'),
  onField('first', 'Only the first of a list.'),
  new GraphQLDirective({
    name: 'slice',
    description: 'With flatten: each field bears the value of the path in its name, such as given.official.',
    locations: [DirectiveLocation.FIELD],
    args: {
      path: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'FHIRPath in the element, or $index for its place in the list.',
      },
    },
  }),
]
