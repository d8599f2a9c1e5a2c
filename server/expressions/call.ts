import { createHash } from 'node:crypto'
import { type Evaluator, evaluateHere, isFhirPath, type Question, Unevaluable } from '../core/decide/evaluator.ts'
import { namesIn } from '../core/decide/plan/condition.ts'
import { isCheap } from '../core/fhirpath/cost.ts'
import { compileDirect } from '../core/fhirpath/direct.ts'
import type { FhirPathJob } from './job.ts'

/** So long the quick ones of one run may take together where they are asked; the rest is asked of threads. */
const HERE_MILLISECONDS_MAX = 20
/** How much the threads are sent for one call: data are copied for each expression that looks at them. */
export const SENT_LENGTH_MAX = 32_000_000

/** Variables whose values grow while a plan is applied; all others stay as they were read. */
const CHANGING = new Set(['resource', 'action'])

/** Something that is to be answered: a FhirPathJob as JSON, or a CQL expression, whose data are those of the call. */
export type Open = { expression: string } & ({ kind: 'fhirpath'; text: string } | ({ kind: 'cql' } & CqlQuestion))

export type CqlQuestion = Pick<Question, 'language' | 'expression' | 'reference' | 'now'> & {
  /** The libraries of the definition in which the expression stands. */
  libraries: string[]
}

type Answer = { result: unknown[] } | { error: Error }

/** What has been answered in one call, by what was asked; and what its latest run still lacked. */
export class Call {
  readonly answers = new Map<string, Answer>()
  readonly open = new Map<string, Open>()
  // Of most calls all is answered here, and neither is asked for.
  private texts: WeakMap<object, string> | undefined
  private sizes: WeakMap<object, number> | undefined
  private sentLength = 0

  /** One run's evaluator: it answers what is quick or known, and notes the rest. */
  evaluator(): Evaluator {
    let here = 0
    return (question) => {
      if (!isFhirPath(question)) return this.recallCql(question)
      // It takes no longer than counting what it looks at would.
      const direct = compileDirect(question.expression)?.(question.variables, question.now)
      if (direct) return direct
      const variables = namedBy(question)
      if (here >= HERE_MILLISECONDS_MAX || !this.isQuick(question, variables))
        return this.recallFhirPath(question, variables)
      const began = performance.now()
      try {
        return evaluateHere(question)
      } finally {
        here += performance.now() - began
      }
    }
  }

  /** What grows while a plan is applied is counted anew each time. */
  private isQuick({ expression, focus }: Question, variables: Record<string, unknown>): boolean {
    const grows = Object.keys(variables).some((name) => CHANGING.has(name))
    this.sizes ??= new WeakMap()
    return isCheap(expression, { focus, variables, ...(grows ? {} : { sizes: this.sizes }) })
  }

  private recallFhirPath(question: Question, variables: Record<string, unknown>): unknown[] {
    const text = this.toJob(question, variables)
    const key = createHash('sha256').update(text).digest('base64')
    return this.recall(key, { kind: 'fhirpath', expression: question.expression, text })
  }

  /** CQL looks at the patient's data, and at no variable. */
  private recallCql({ language, expression, reference, now, variables }: Question): unknown[] {
    const open: Open = { kind: 'cql', language, expression, reference, now, libraries: librariesOf(variables.context) }
    return this.recall(JSON.stringify(open), open)
  }

  private recall(key: string, open: Open): unknown[] {
    const answer = this.answers.get(key)
    if (!answer) {
      this.note(key, open)
      throw new Error('It has not been answered yet.')
    }
    if ('error' in answer) throw answer.error
    return answer.result
  }

  /** What is asked about again and again is written once. */
  private toJob({ expression, focus, now }: Question, variables: Record<string, unknown>): string {
    const named = Object.entries(variables).map(
      ([name, value]) => `${JSON.stringify(name)}:${CHANGING.has(name) ? JSON.stringify(value) : this.textOf(value)}`,
    )
    const job: Omit<FhirPathJob, 'focus' | 'variables'> = { kind: 'fhirpath', expression, now: now.toISOString() }
    return `${JSON.stringify(job).slice(0, -1)},"focus":${this.textOf(focus)},"variables":{${named.join()}}}`
  }

  private textOf(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.textOf(item)).join()}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
    this.texts ??= new WeakMap()
    const text = this.texts.get(value) ?? JSON.stringify(value)
    this.texts.set(value, text)
    return text
  }

  private note(key: string, open: Open): void {
    this.sentLength += open.kind === 'fhirpath' ? open.text.length : 0
    if (this.sentLength > SENT_LENGTH_MAX) {
      const error = new Unevaluable('too-costly', 'the expressions of one call look at too much data')
      this.answers.set(key, { error })
      throw error
    }
    this.open.set(key, open)
  }
}

/** The variables that an expression names. */
function namedBy({ expression, variables }: Question): Record<string, unknown> {
  return Object.fromEntries(namesIn(expression).flatMap((name) => (name in variables ? [[name, variables[name]]] : [])))
}

/** `library` of a PlanDefinition or an ActivityDefinition. */
function librariesOf(context: unknown): string[] {
  const named = typeof context === 'object' && context !== null && 'library' in context ? context.library : undefined
  return Array.isArray(named) ? named.filter((one) => typeof one === 'string') : []
}
