import { randomUUID } from 'node:crypto'
import type { Bundle, Resource, TestScriptSetupActionAssert, TestScriptSetupActionOperation } from '@medplum/fhirtypes'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { diagnosticsOf, holds, kindOf } from './judge.ts'
import { type Case, isWriting, methodOf, NotUnderstood } from './test-script.ts'

export type Server = { base: string; token?: string | undefined; timeoutSeconds: number }
export type Outcome = 'pass' | 'fail' | 'warn' | 'skip'
/** One test of a case: its first failure ends it, and with that of the setup all others. */
export type Result = { case: string; test: string; outcome: Outcome; message?: string; milliseconds: number }

type Answer = { status: number; headers: Headers; text: string; body: unknown }

/**
 * Runs one case, and deletes what it has made, whatever came of it.
 * @returns a result for each test, and one for what could not be deleted again
 */
export async function runCase(one: Case, server: Server): Promise<Result[]> {
  const running = new Running(one, server)
  const results: Result[] = []
  let isOver = false
  for (const [test, steps] of Map.groupBy(one.steps, (step) => `${step.part} ${step.test}`)) {
    const [{ part, test: name } = { part: 'test', test }] = steps
    const startedAt = performance.now()
    const told = (outcome: Outcome, message?: string): Result => ({
      ...{ case: one.name, test: name, outcome, milliseconds: Math.round(performance.now() - startedAt) },
      ...(message ? { message } : {}),
    })
    if (isOver && part === 'test') {
      results.push(told('skip', 'The setup has failed.'))
      continue
    }
    const warnings: string[] = []
    try {
      for (const { operation, assert } of steps) {
        if (operation) await running.operate(operation)
        else if (assert) {
          const wrong = running.look(assert)
          if (wrong && !assert.warningOnly) throw new Error(wrong)
          if (wrong) warnings.push(wrong)
        }
      }
      if (part === 'test' || warnings.length > 0)
        results.push(told(warnings.length > 0 ? 'warn' : 'pass', warnings.join('; ')))
    } catch (error) {
      isOver ||= part === 'setup'
      results.push(told('fail', error instanceof Error ? error.message : String(error)))
    }
  }
  const told = (message: string): Result => ({
    ...{ case: one.name, test: 'clean up', outcome: 'fail', message, milliseconds: 0 },
  })
  const [left, unanswered] = [await running.cleanUp(), running.unanswered]
  if (left.length > 0) results.push(told(`These are still there: ${left.join(', ')}`))
  if (unanswered.length > 0)
    results.push(told(`This was not answered, and what it made may still be there: ${unanswered.join(', ')}`))
  return results
}

class Elsewhere extends Error {}

class Running {
  private readonly one: Case
  private readonly server: Server
  private readonly answers = new Map<string, Answer>()
  /** What stands in the server because of the case, the newest last. */
  private readonly written: string[] = []
  /** What was to be written, and nobody knows whether it was. */
  readonly unanswered: string[] = []
  private readonly run = randomUUID()
  private newest: Answer | undefined

  constructor(one: Case, server: Server) {
    this.one = one
    this.server = server
  }

  async operate(operation: TestScriptSetupActionOperation): Promise<void> {
    const { url, resource = '', params = '', sourceId, responseId, requestHeader = [] } = operation
    const method = methodOf(this.one.name, operation)
    const path = this.fill(url ?? `${resource}${params}`)
    const headers = this.headersFor(operation.accept)
    for (const { field, value } of requestHeader) headers.set(this.fill(field ?? ''), this.fill(value ?? ''))
    const body = sourceId === undefined ? undefined : this.fixture(sourceId, idIn(method, path))
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', typeOf(operation.contentType))
    const answer = await this.send(method, path, headers, body).catch((error: unknown) => {
      // It may have been done all the same.
      if (isWriting(method, path) && !(error instanceof Elsewhere)) this.unanswered.push(`${method} ${path}`)
      throw error
    })
    this.newest = answer
    if (responseId) this.answers.set(responseId, answer)
    if (method === 'POST' || method === 'PUT') this.remember(answer, path)
  }

  private headersFor(accept?: string): Headers {
    const { token } = this.server
    return new Headers({ accept: typeOf(accept), ...(token && { authorization: `Bearer ${token}` }) })
  }

  private async send(method: string, path: string, headers: Headers, body?: string): Promise<Answer> {
    const address = /^https?:/.test(path) ? path : `${this.server.base}/${path.replace(/^\//, '')}`.replace(/\/$/, '')
    if (new URL(address).origin !== new URL(this.server.base).origin)
      throw new Elsewhere(`${address} is on another server: the token is not sent there.`)
    const response = await fetch(address, {
      ...{ method, headers, redirect: 'manual', signal: AbortSignal.timeout(this.server.timeoutSeconds * 1000) },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }

  /**
   * What this POST or PUT has made itself, or the entries of its Bundle have. Nothing else is ever remembered: a history, too, may tell of 201 and
   * where, of what others have made.
   */
  private remember({ status, headers, body }: Answer, path: string): void {
    const { resourceType, type = '', entry = [] } = (body ?? {}) as Partial<Bundle>
    const isAnswered = resourceType === 'Bundle' && ['transaction-response', 'batch-response'].includes(type)
    const made = [
      ...(status === 201 ? [headers.get('location') ?? ''] : []),
      ...(isAnswered ? entry : []).flatMap(({ response }) =>
        response?.status?.startsWith('201') ? [response.location ?? ''] : [],
      ),
    ]
    for (const location of made) {
      const [, name] = /([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(location) ?? []
      if (name && !this.written.includes(name)) this.written.push(name)
    }
    if (status !== 201 || !path.includes('/$')) return
    // What an operation has filed names its contents.
    for (const url of JSON.stringify(body ?? '').matchAll(/"url":"(Binary\/[A-Za-z0-9\-.]{1,64})"/g))
      if (url[1] && !this.written.includes(url[1])) this.written.push(url[1])
  }

  /** The newest first: what refers goes before what is referred to. @returns what could not be deleted */
  async cleanUp(): Promise<string[]> {
    const left: string[] = []
    const headers = this.headersFor()
    for (const name of this.written.toReversed()) {
      const { status } = await this.send('DELETE', name, headers).catch(() => ({ status: 0 }))
      if (![200, 202, 204, 404, 410].includes(status)) left.push(name)
    }
    return left
  }

  /** @returns what is wrong; undefined when it is as it should be */
  look(assert: TestScriptSetupActionAssert): string | undefined {
    const {
      response,
      responseCode,
      resource,
      headerField,
      expression,
      operator = 'equals',
      contentType,
      label,
    } = assert
    const answer = assert.sourceId ? this.answers.get(assert.sourceId) : this.newest
    if (!answer) throw new NotUnderstood(`${this.one.name}: nothing has been answered that could be looked at`)
    const value = assert.value === undefined ? undefined : this.fill(assert.value)
    const judged: [what: string, found: string | undefined, wanted: string | undefined, operator: string][] = []
    if (response) judged.push(['the status', kindOf(answer.status), response, operator])
    if (responseCode) judged.push(['the status', String(answer.status), responseCode, assert.operator ?? 'in'])
    if (resource) judged.push(['the resource', (answer.body as Resource | undefined)?.resourceType, resource, 'equals'])
    if (contentType)
      judged.push(['Content-Type', answer.headers.get('content-type')?.split(';')[0], typeOf(contentType), 'equals'])
    if (headerField) judged.push([headerField, answer.headers.get(headerField) ?? undefined, value, operator])
    if (expression) judged.push([expression, this.evaluate(answer, this.fill(expression)), value ?? 'true', operator])
    const wrong = judged.find(([, found, wanted, how]) => !holds(found, wanted, how))
    if (!wrong) return undefined
    const [what, found, wanted, how] = wrong
    const told = answer.status >= 400 ? ` The server says: ${diagnosticsOf(answer.body)}` : ''
    return `${label ? `${label}: ` : ''}${what} is ${found ?? 'not there'}; expected ${how}${wanted === undefined ? '' : ` ${wanted}`}.${told}`
  }

  private evaluate(answer: Answer, expression: string): string | undefined {
    const found = fhirpath.evaluate(answer.body ?? {}, expression, {}, r4) as unknown[]
    return found.length === 0 ? undefined : found.map(String).join(',')
  }

  /** @param realId of what is put to a place of its own; the id that it has in the script is for the script alone */
  private fixture(id: string, realId?: string): string {
    const { fixture = [], contained = [] } = this.one.script
    const reference = fixture.find((one) => one.id === id)?.resource?.reference
    const resource = contained.find((one) => `#${one.id}` === reference)
    if (!resource) throw new NotUnderstood(`${this.one.name}: there is no fixture ${id}`)
    const { id: _own, ...rest } = resource as Resource & { id?: string }
    return this.fill(JSON.stringify(realId === undefined ? rest : { ...rest, id: realId }))
  }

  /** `\${name}`: what a response said, or the kit knows: `run`, `now`, `today`. @throws NotUnderstood */
  private fill(text: string): string {
    return text.replace(/\$\{([\w-]+)\}/g, (_whole, name: string) => {
      const now = new Date().toISOString()
      if (name === 'run') return this.run
      if (name === 'now') return now
      if (name === 'today') return now.slice(0, 10)
      const variable = this.one.script.variable?.find((one) => one.name === name)
      if (!variable) throw new NotUnderstood(`${this.one.name}: nothing is called \${${name}}`)
      const { sourceId, expression, headerField, defaultValue } = variable
      const answer = sourceId ? this.answers.get(sourceId) : undefined
      const found =
        answer && (headerField ? answer.headers.get(headerField) : this.evaluate(answer, expression ?? 'id'))
      if (found ?? defaultValue) return String(found ?? defaultValue)
      throw new Error(`The answer ${sourceId} does not say \${${name}}.`)
    })
  }
}

const idIn = (method: string, path: string): string | undefined =>
  method === 'PUT' ? /^[A-Z][A-Za-z]+\/([A-Za-z0-9\-.]{1,64})$/.exec(path)?.[1] : undefined

const typeOf = (code = 'json'): string =>
  code === 'json' || code === 'xml'
    ? `application/fhir+${code}`
    : code === 'form'
      ? 'application/x-www-form-urlencoded'
      : code

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
