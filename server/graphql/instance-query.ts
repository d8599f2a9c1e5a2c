import { type DocumentNode, type FieldNode, GraphQLError, Kind, OperationTypeNode } from 'graphql'
import type { Resource } from '../core/fhir/resource.ts'
import type { Answer } from './execute.ts'

const ROOT = 'root'

/** A query at an instance, `{ active }`, as one of the system: `{ root: Patient(id: "1") { active } }`. So there is one schema for both. */
export function beginningAt({ resourceType, id = '' }: Resource, document: DocumentNode): DocumentNode {
  const named = (value: string) => ({ kind: Kind.NAME, value }) as const
  const begin = { alias: named(ROOT), name: named(resourceType) }
  const value = { kind: Kind.STRING, value: id } as const
  const args = [{ kind: Kind.ARGUMENT, name: named('id'), value }] as const
  return {
    ...document,
    definitions: document.definitions.map((one) => {
      if (one.kind !== Kind.OPERATION_DEFINITION || one.operation !== OperationTypeNode.QUERY) return one
      const field: FieldNode = { kind: Kind.FIELD, ...begin, arguments: args, selectionSet: one.selectionSet }
      return { ...one, selectionSet: { ...one.selectionSet, selections: [field] } }
    }),
  }
}

/** What `beginningAt` put around the answer is taken away again. */
export function withoutRoot({ data, errors }: Answer): Answer {
  return {
    ...(data === undefined ? {} : { data: (data?.[ROOT] ?? null) as (Answer['data'] & {}) | null }),
    ...(errors && { errors: errors.map(belowRoot) }),
  }
}

function belowRoot(error: GraphQLError): GraphQLError {
  if (error.path?.[0] !== ROOT) return error
  const { nodes, path, originalError } = error
  return new GraphQLError(error.message, { nodes, path: path.slice(1), originalError })
}
