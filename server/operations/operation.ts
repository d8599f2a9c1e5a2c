import type { OperationDefinition } from '@medplum/fhirtypes'
import type { ScopeLetter } from '../access/scopes.ts'
import { operationCanonical } from '../core/decide/plan/vocabulary.ts'
import { type Told, toldIn, words } from '../core/decide/words/told.ts'
import type { Handler, Route } from '../exchange.ts'
import { exampleText } from './examples/example-text.ts'
import { EXAMPLES } from './examples/examples.ts'
import { OPERATION_TITLES } from './operation-titles.ts'

export type ParameterType =
  | 'string'
  | 'code'
  | 'uri'
  | 'canonical'
  | 'id'
  | 'boolean'
  | 'integer'
  | 'date'
  | 'dateTime'
  | 'instant'
  | 'decimal'
  | 'Coding'
  | 'CodeableConcept'
  | 'Meta'
  | 'Quantity'
  | 'Reference'
  | 'Period'
  | 'Resource'
  | (string & {})

export type Parameter = {
  name: string
  type?: ParameterType
  min: number
  max: '1' | '*'
  documentation: string
  /** Of one that has no value of its own. */
  part?: Parameter[]
}

/** A parameter that may be left out; with `*`, one that may come several times. */
export const part = (
  name: string,
  type: ParameterType,
  documentation: string,
  max: Parameter['max'] = '1',
): Parameter => ({
  ...{ name, type, min: 0, max, documentation },
})

/** The same of one that is made of parts. */
export const parts = (name: string, max: Parameter['max'], documentation: string, part: Parameter[]): Parameter => ({
  ...{ name, min: 0, max, documentation, part },
})

/** What an operation is called, where it stands, and what it takes and gives. Routes, metadata and OperationDefinitions come from it. */
export type Operation = {
  /** Without the `$`. */
  code: string
  title: string
  description: string
  /** Resource types; `Resource` for every type. */
  resource: string[]
  on: ('system' | 'type' | 'instance')[]
  /** Only by POST, since it changes something. */
  affectsState?: boolean
  /** The SMART scope letter that the caller needs for the type. What it reaches beyond that is for each operation to ask the store. */
  letter: ScopeLetter
  in: Parameter[]
  out: Parameter[]
  /** Not one of R4's. */
  isOwn?: boolean
  /** There is no such operation outside of a demo. */
  isDemoOnly?: boolean
  /** What is sent to it may be anything: it judges that itself. */
  takesAnything?: boolean
  /** It takes a type's search parameters too. */
  takesSearch?: boolean
  handler: Handler
}

const HL7 = 'http://hl7.org/fhir/OperationDefinition'

/** `Patient-everything`, as the ids of R4's own definitions. */
export const definitionId = ({ resource, code }: Operation, type = resource[0]): string => `${type}-${code}`

/** What an operation is called in each language. */
export function titleOf(operation: Operation): Told {
  const [nb, nn] = OPERATION_TITLES[definitionId(operation)] ?? [operation.title, operation.title]
  return words(nb, nn, operation.title)
}

/** Of each operation and type; stored at the start, so that they are read, searched and counted as any definition is. */
export const definitionsOf = (operations: Operation[]): OperationDefinition[] =>
  operations.flatMap((operation) => operation.resource.map((type) => toDefinition(operation, type)))

/** Each place of the operation, by GET unless it changes something, and by POST. */
export function routesOf(operation: Operation): Route[] {
  const methods = operation.affectsState ? (['POST'] as const) : (['GET', 'POST'] as const)
  return pathsOf(operation).flatMap((path) =>
    methods.map((method) => ({
      ...{ method, path, handler: toHandler(operation), interaction: 'operation' },
      // What has no type in its path is judged part by part.
      letter: path.startsWith('$') ? undefined : operation.letter,
      ...(operation.isDemoOnly ? { isDemoOnly: true } : {}),
    })),
  )
}

/** A body is validated as a stored resource would be, what is inside Parameters too, so that no operation meets what R4 does not have. */
function toHandler({ handler, takesAnything }: Operation): Handler {
  if (takesAnything) return handler
  return async (exchange, rooms) => {
    const type = (exchange.body as { resourceType?: unknown } | null | undefined)?.resourceType
    const isKnown = typeof type === 'string' && rooms.definitions.resourceTypes.has(type)
    return handler(isKnown ? { ...exchange, body: rooms.validate(exchange.body, type).resource } : exchange, rooms)
  }
}

/** Below the base, as the routes have them: `Task/:id/$claim`. */
export function pathsOf({ resource, on, code }: Operation): string[] {
  const types = resource.map((type) => (type === 'Resource' ? ':type' : type))
  return [
    ...(on.includes('system') ? [`$${code}`] : []),
    ...(on.includes('type') ? types.map((type) => `${type}/$${code}`) : []),
    ...(on.includes('instance') ? types.map((type) => `${type}/:id/$${code}`) : []),
  ]
}

/** https://hl7.org/fhir/R4/operationdefinition.html */
export function toDefinition(operation: Operation, type: string): OperationDefinition {
  const id = definitionId(operation, type)
  return {
    resourceType: 'OperationDefinition',
    id,
    url: operationCanonical(id),
    version: '4.0.1',
    name: operation.title.replace(/[^A-Za-z0-9]/g, ''),
    ...toldIn('en', 'title', titleOf(operation)),
    status: 'active',
    kind: 'operation',
    description: operation.description,
    affectsState: operation.affectsState ?? false,
    code: operation.code,
    ...commentOf(operation),
    // R4's definition, of which this one holds what is supported here.
    ...(operation.isOwn ? {} : { base: `${HL7}/${id}` }),
    resource: [type as 'Patient'],
    system: operation.on.includes('system'),
    type: operation.on.includes('type'),
    instance: operation.on.includes('instance'),
    parameter: [
      ...operation.in.map((parameter) => used(parameter, 'in')),
      ...operation.out.map((parameter) => used(parameter, 'out')),
    ] as OperationDefinition['parameter'],
  }
}

/** R4 has no element for examples; its comment is for how an operation is used. */
function commentOf(operation: Operation): { comment?: string } {
  const examples = EXAMPLES[definitionId(operation)] ?? []
  return examples.length > 0 ? { comment: examples.map((one) => exampleText(one, '#')).join('\n\n') } : {}
}

type Used = Parameter & { use: 'in' | 'out' }

const used = (parameter: Parameter, use: Used['use']): Used => ({
  ...parameter,
  use,
  ...(parameter.part ? { part: parameter.part.map((one) => used(one, use)) } : {}),
})
