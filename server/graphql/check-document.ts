import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  FieldsOnCorrectTypeRule,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  VariablesInAllowedPositionRule,
  validate,
  visit,
} from 'graphql'
import { VALUE } from './scalars.ts'

/**
 * What a document has that the schema does not allow. Beside GraphQL's own rules two of R4: below a resource of any type a field of
 * some type may stand without a fragment, and a value may come from a variable of any scalar type.
 */
export function documentErrors(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, RULES)
}

const RULES = specifiedRules.map((rule) => {
  if (rule === FieldsOnCorrectTypeRule) return fieldsOfSomeResource
  return rule === VariablesInAllowedPositionRule ? variablesInPosition : rule
})

function fieldsOfSomeResource(context: ValidationContext): ASTVisitor {
  const standard = FieldsOnCorrectTypeRule(context) as { Field(node: FieldNode): void }
  return {
    Field(node) {
      const parent = context.getParentType()
      const schema = context.getSchema()
      if (isInterfaceType(parent) && schema.getPossibleTypes(parent).some((type) => hasField(schema, type, node)))
        return
      standard.Field(node)
    },
  }
}

/** Whether the type has the field, and all that is selected below it. */
function hasField(schema: GraphQLSchema, parent: GraphQLObjectType, { name, selectionSet }: FieldNode): boolean {
  if (name.value === '__typename') return true
  const field = parent.getFields()[name.value]
  if (!field) return false
  const type = getNamedType(field.type)
  if (isScalarType(type)) return selectionSet === undefined
  // Below another resource of any type it is checked by itself.
  return selectionSet !== undefined && (!isObjectType(type) || hasAll(schema, type, selectionSet))
}

function hasAll(schema: GraphQLSchema, type: GraphQLObjectType, { selections }: SelectionSetNode): boolean {
  return selections.every((one) => one.kind !== Kind.FIELD || hasField(schema, type, one))
}

/**
 * A Value takes whatever the variable is of. Where a value is needed, as in `@include(if: $is)`, the variable need not be declared so,
 * since R4's own examples do not: that it has one is seen when the query runs. All else is GraphQL's rule.
 */
function variablesInPosition(context: ValidationContext): ASTVisitor {
  const withoutValues: ValidationContext = Object.create(context, {
    getRecursiveVariableUsages: {
      value: (operation: OperationDefinitionNode) =>
        context
          .getRecursiveVariableUsages(operation)
          .filter(({ type }) => type === undefined || getNamedType(type) !== VALUE)
          .map((usage) => ({ ...usage, type: usage.type && getNullableType(usage.type) })),
    },
  })
  return VariablesInAllowedPositionRule(withoutValues)
}

/**
 * `resource(type: Patient) { active }` as `resource(type: Patient) { ... on Patient { active } }`, so that what is selected is checked
 * against the type that it can only be.
 */
export function withTypedReferences(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): DocumentNode {
  return visit(document, {
    Field: {
      leave(node) {
        const given =
          node.name.value === 'resource' ? node.arguments?.find(({ name }) => name.value === 'type') : undefined
        const type = given && typeGiven(given.value, variables)
        if (type === undefined || !node.selectionSet) return undefined
        const bare = node.selectionSet.selections.filter(({ kind }) => kind === Kind.FIELD)
        const rest = node.selectionSet.selections.filter(({ kind }) => kind !== Kind.FIELD)
        if (bare.length === 0) return undefined
        const typed = {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type, loc: given?.value.loc } },
          selectionSet: { ...node.selectionSet, selections: bare },
        } as const
        return { ...node, selectionSet: { ...node.selectionSet, selections: [typed, ...rest] } }
      },
    },
  }) as DocumentNode
}

function typeGiven(value: { kind: Kind }, variables: Readonly<Record<string, unknown>>): string | undefined {
  const node = value as { kind: Kind; value?: string; name?: { value: string } }
  if (node.kind === Kind.STRING || node.kind === Kind.ENUM) return node.value
  const named = node.kind === Kind.VARIABLE ? variables[node.name?.value ?? ''] : undefined
  return typeof named === 'string' ? named : undefined
}
