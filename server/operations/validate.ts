import type { OperationOutcome } from '@medplum/fhirtypes'
import { permits } from '../access/reach.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import { parseJson } from '../core/fhir/json.ts'
import { type Issue, outcomeInforming, outcomeOf, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { Operation } from './operation.ts'
import { parseValidateParameters, type ValidateParameters } from './validate-parameters.ts'

/**
 * $validate on a type or an instance: every issue of a resource, as the server would judge it, and what the caller may not do
 * with it. Stores nothing. The scope asked for is read: at an instance without a body its content is looked at; at a type
 * nothing of any patient is.
 * @see https://hl7.org/fhir/R4/resource-operation-validate.html
 */
export const validate: Operation = {
  code: 'validate',
  title: 'Validate a resource',
  description:
    'Every issue that a resource has by R4 and by profiles, and whether the caller may do with it what is planned.',
  resource: ['Resource'],
  on: ['type', 'instance'],
  letter: 'r',
  takesAnything: true,
  in: [
    {
      name: 'resource',
      type: 'Resource',
      min: 0,
      max: '1',
      documentation: 'What is validated; at an instance, what is stored there when it is left out.',
    },
    {
      name: 'mode',
      type: 'code',
      min: 0,
      max: '1',
      documentation: 'What is planned: create, update, delete or profile.',
    },
    { name: 'profile', type: 'uri', min: 0, max: '*', documentation: 'Canonical of a profile to conform to.' },
  ],
  out: [
    {
      name: 'return',
      type: 'OperationOutcome',
      min: 1,
      max: '1',
      documentation: 'The issues, or that there are none.',
    },
  ],
  handler: runValidate,
}

/**
 * @returns 200 with an OperationOutcome also for what is not valid, since the operation itself has succeeded
 * @throws Refusal required (nothing to validate), not-found and deleted (an instance that is not there for this caller)
 */
async function runValidate(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const parameters = parseValidateParameters(exchange)
  const issues = [...(await contentIssues(exchange, parameters, rooms)), ...interactionIssues(exchange, parameters)]
  return { status: 200, text: JSON.stringify(outcomeOrAllWell(issues)) }
}

async function contentIssues(
  exchange: Exchange,
  { resource, mode, profiles }: ValidateParameters,
  { store, examine }: Rooms,
): Promise<Issue[]> {
  const { access, type, id } = exchange
  if (mode === 'delete' || mode === 'profile' || resource === undefined) {
    if (id === '')
      throw resource === undefined && mode !== 'delete'
        ? refuse('required', 'A resource is needed, as the body or as the parameter resource.', 'resource')
        : refuse('required', `The mode ${mode} is about an instance: ${type}/[id]/$validate.`, 'mode')
    const { text = '' } = await store.read(access, type, id)
    return mode === 'delete' ? [] : examine(parseJson(text), type, profiles)
  }
  return examine(resource, type, profiles)
}

const LETTERS = { create: 'c', update: 'u', delete: 'd' } as const

/** What stands against the interaction that is planned, beside the content. */
function interactionIssues({ access, type, id }: Exchange, { resource, mode }: ValidateParameters): Issue[] {
  if (mode === 'profile' || mode === undefined) return []
  const issues: Issue[] = []
  const letter: ScopeLetter = LETTERS[mode]
  if (!permits(access, type, letter))
    issues.push(error('forbidden', `The scopes of this access do not allow to ${mode} ${type}.`))
  const own = (resource as { id?: unknown } | undefined)?.id
  if (mode === 'update' && resource !== undefined && (own === undefined || (id !== '' && own !== id)))
    issues.push(error('invalid', `An update must hold the id of what it updates${id && `, "${id}"`}.`, `${type}.id`))
  if (mode === 'create' && id !== '')
    issues.push(error('business-rule', `A create gets its id from the server; ${type}/${id} is an update.`))
  return issues
}

const error = (code: Issue['code'], diagnostics: string, ...expression: string[]): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  ...(expression.length > 0 && { expression }),
})

/** R4: an OperationOutcome has at least one issue. */
const outcomeOrAllWell = (issues: Issue[]): OperationOutcome =>
  issues.length > 0 ? outcomeOf(issues) : outcomeInforming('No issues were found.')
