import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestScript, TestScriptSetupActionAssert, TestScriptSetupActionOperation } from '@medplum/fhirtypes'

/** A case of the kit: a TestScript of R4, of which the part that is named here is understood, and nothing else is let by. */
export type Case = { name: string; script: TestScript; steps: Step[] }

/** One thing that is done or looked at, in its place. */
export type Step = { part: 'setup' | 'test' | 'teardown'; test: string } & (
  | { operation: TestScriptSetupActionOperation; assert?: never }
  | { assert: TestScriptSetupActionAssert; operation?: never }
)

/** A case that cannot be run as it stands: it is told of, and not run in part. */
export class NotUnderstood extends Error {}

const CASES = join(import.meta.dirname, 'cases')

/** @param only the beginning of names, such as `fhir/` or `fylgje/documents` */
export function readCases(only = '', folder = CASES): Case[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file.replace(/\.json$/, ''), join(folder, file)] as const)
    .filter(([name]) => name.startsWith(only))
    .map(([name, path]) => toCase(name, JSON.parse(readFileSync(path, 'utf8')) as TestScript))
}

const SCRIPT = new Set([
  ...['resourceType', 'id', 'url', 'version', 'name', 'title', 'status', 'date', 'publisher', 'description', 'meta'],
  ...['contained', 'fixture', 'variable', 'setup', 'test', 'teardown'],
])
const OPERATION = new Set([
  ...['type', 'resource', 'label', 'description', 'accept', 'contentType', 'encodeRequestUrl', 'method', 'params'],
  ...['requestHeader', 'responseId', 'sourceId', 'url'],
])
const ASSERT = new Set([
  ...['label', 'description', 'response', 'responseCode', 'resource', 'headerField', 'expression', 'operator', 'value'],
  ...['contentType', 'sourceId', 'warningOnly'],
])
const FIXTURE = new Set(['id', 'autocreate', 'autodelete', 'resource'])
const VARIABLE = new Set(['name', 'description', 'expression', 'headerField', 'sourceId', 'defaultValue'])

/** @throws NotUnderstood where the script says something that the runner would pass over */
export function toCase(name: string, script: TestScript): Case {
  if (script.resourceType !== 'TestScript')
    throw new NotUnderstood(`${name} is a ${script.resourceType}, and no TestScript`)
  mustKnow(name, 'TestScript', script, SCRIPT)
  for (const fixture of script.fixture ?? []) {
    mustKnow(name, 'fixture', fixture, FIXTURE)
    if (fixture.autocreate || fixture.autodelete)
      throw new NotUnderstood(`${name}: fixtures are not created by themselves; write an operation`)
    if (!fixture.resource?.reference?.startsWith('#'))
      throw new NotUnderstood(`${name}: the fixture ${fixture.id} must be contained`)
  }
  for (const variable of script.variable ?? []) mustKnow(name, 'variable', variable, VARIABLE)
  const steps: Step[] = [
    ...stepsOf(name, 'setup', 'setup', script.setup?.action ?? []),
    ...(script.test ?? []).flatMap(({ name: test = 'test', action }) => stepsOf(name, 'test', test, action)),
    ...stepsOf(name, 'teardown', 'teardown', script.teardown?.action ?? []),
  ]
  return { name, script, steps }
}

type Action = { operation?: TestScriptSetupActionOperation; assert?: TestScriptSetupActionAssert }

function stepsOf(name: string, part: Step['part'], test: string, actions: Action[]): Step[] {
  return actions.map((action): Step => {
    const { operation, assert } = action
    mustKnow(name, `${part} action`, action, new Set(['operation', 'assert']))
    if (operation) {
      mustKnow(name, 'operation', operation, OPERATION)
      methodOf(name, operation)
      return { part, test, operation }
    }
    if (!assert) throw new NotUnderstood(`${name}: an action of ${test} does nothing`)
    mustKnow(name, 'assert', assert, ASSERT)
    if (assert.operator && !OPERATORS.has(assert.operator))
      throw new NotUnderstood(`${name}: the operator ${assert.operator} is not known`)
    return { part, test, assert }
  })
}

function mustKnow(name: string, what: string, value: object, known: ReadonlySet<string>): void {
  const unknown = Object.keys(value).filter((key) => !known.has(key))
  if (unknown.length > 0)
    throw new NotUnderstood(`${name}: ${what} has ${unknown.join(', ')}, which the runner does not know`)
}

export const OPERATORS: ReadonlySet<string> = new Set([
  'equals',
  'notEquals',
  'in',
  'notIn',
  'contains',
  'notContains',
  'empty',
  'notEmpty',
  'greaterThan',
  'lessThan',
])

const METHODS: Record<string, string> = {
  ...{
    read: 'GET',
    vread: 'GET',
    search: 'GET',
    history: 'GET',
    capabilities: 'GET',
    create: 'POST',
    transaction: 'POST',
    batch: 'POST',
  },
  ...{ update: 'PUT', updateCreate: 'PUT', patch: 'PATCH', delete: 'DELETE' },
}

/** What is sent: the method that is written, or the one of its type. @throws NotUnderstood */
export function methodOf(name: string, { type, method }: TestScriptSetupActionOperation): string {
  const found = method?.toUpperCase() ?? METHODS[type?.code ?? '']
  if (!found) throw new NotUnderstood(`${name}: the operation ${type?.code ?? '(none)'} needs its method`)
  return found
}

/** Searches, and those operations of which we know that they change nothing that stays. */
const READS_BY_POST = new RegExp(
  `_search(?:\\?.*)?$|\\$(?:${[
    ...['validate', 'validate-code', 'expand', 'lookup', 'subsumes', 'translate', 'everything', 'lastn', 'stats'],
    ...['match', 'meta', 'diff', 'docref', 'data-requirements', 'document', 'pdf', 'sent-messages'],
  ].join('|')})(?:\\?.*)?$`,
)
/** An operation that is asked by GET may change nothing; but one leaves a job and its files. */
const LEAVES_BY_GET = /\$export(?:\?.*)?$/

/** @param path may have its parameters */
export function isWriting(method: string, path: string): boolean {
  if (method === 'GET') return LEAVES_BY_GET.test(path)
  return method !== 'POST' || !READS_BY_POST.test(path) || /[?&]persist=true/.test(path)
}

/** What a case writes, as `POST Patient`: for who decides whether to run it. */
export const writesOf = ({ name, steps }: Case): string[] => [
  ...new Set(
    steps.flatMap(({ operation }) => {
      if (!operation) return []
      const method = methodOf(name, operation)
      const path = operation.url ?? `${operation.resource ?? ''}${operation.params ?? ''}`
      return isWriting(method, path) ? [`${method} ${path || '(Bundle)'}`] : []
    }),
  ),
]
