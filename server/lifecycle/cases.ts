import type { Library, PlanDefinition } from '@medplum/fhirtypes'
import type { CaseClock, PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import { CASES_LABEL } from './named-definitions.ts'

export type NamedCase = { name: string; given: PathwayCase }

const CONTENT_TYPE = 'application/json'
/** What a Library of cases is: an asset collection, which no other library of a plan is. */
const CASES_TYPE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'asset-collection' }],
  text: 'Cases of a plan',
}

/**
 * The cases of a plan as they are stored: a Library with one attachment a case, its title the case's name. The Library has the plan's
 * version and status, and is frozen with it, so that what was tested can be tested again.
 */
export function toCasesLibrary(plan: PlanDefinition, cases: NamedCase[]): Library {
  return {
    resourceType: 'Library',
    id: `${plan.id}-cases`,
    url: `${plan.url?.replace('/PlanDefinition/', '/Library/')}-cases`,
    version: plan.version,
    title: `${plan.title ?? plan.name ?? plan.id}: ${CASES_LABEL}`,
    status: plan.status,
    type: CASES_TYPE,
    content: cases.map(({ name, given }) => ({
      contentType: CONTENT_TYPE,
      title: name,
      data: toBase64(JSON.stringify(given)),
    })),
  }
}

/**
 * The cases in such a Library.
 * @throws Refusal value, with every attachment that is no case and what it lacks
 */
export function casesIn(library: Library): NamedCase[] {
  const issues: Issue[] = []
  const cases = (library.content ?? []).map(({ title, data, contentType }, i): NamedCase => {
    const path = `Library.content[${i}]`
    const wrong = (what: string, element = 'data') =>
      issues.push({ severity: 'error', code: 'value', diagnostics: what, expression: [`${path}.${element}`] })
    if (contentType !== CONTENT_TYPE) wrong(`A case is ${CONTENT_TYPE}, not ${contentType}.`, 'contentType')
    const given = parseCase(data ?? '', wrong)
    return { name: title ?? `case ${i + 1}`, given }
  })
  if (issues.length > 0) throw new Refusal(issues)
  return cases
}

/** Looks at the shape only; what a case asks that cannot be played fails the case. */
function parseCase(data: string, wrong: (what: string) => void): PathwayCase {
  const none: PathwayCase = { title: '', patient: {}, events: [], tasks: [] }
  let value: unknown
  try {
    value = JSON.parse(fromBase64(data))
  } catch {
    wrong('A case is JSON in base64.')
    return none
  }
  if (!isObject(value)) {
    wrong('A case is an object with title, patient, events and tasks.')
    return none
  }
  const { title, patient = {}, events, tasks, until, requests = [], clocks = [], stages = [], enrolment } = value
  if (typeof title !== 'string') wrong('A case needs its title, as text.')
  if (!isObject(patient)) wrong('patient is an object: limits, baseline, asked, facts, enrolledUntil.')
  if (
    !Array.isArray(events) ||
    events.length === 0 ||
    !events.every((event) => isObject(event) && isMoment(event.at))
  ) {
    wrong('events is a list, not empty, of what happens; each says when, as `at`: 2026-11-10T08:00:00+01:00.')
  }
  if (!Array.isArray(tasks) || !tasks.every((task) => isObject(task) && typeof task.rule === 'string')) {
    wrong('tasks is the list of the Tasks that stand at the end; each names its rule.')
  }
  if (!Array.isArray(requests) || !requests.every((one) => isObject(one) && typeof one.type === 'string')) {
    wrong('requests is the list of what stands at the end beside Tasks; each names its type.')
  }
  if (!Array.isArray(clocks) || !clocks.every((one) => CLOCKS.has(one))) {
    wrong(`clocks is a list of ${[...CLOCKS].join(', ')}.`)
  }
  if (!Array.isArray(stages) || !stages.every((one) => typeof one === 'string')) {
    wrong('stages is the list of the ids of the stages that the patient was in.')
  }
  if (enrolment !== undefined && !ENROLMENT.has(enrolment)) {
    wrong(`enrolment is how the CarePlan stands at the end: ${[...ENROLMENT].join(', ')}.`)
  }
  if (until !== undefined && !isMoment(until)) wrong('until is a moment: 2026-11-15T08:00:00+01:00.')
  return { ...none, ...value } as PathwayCase
}

const CLOCKS: ReadonlySet<unknown> = new Set<CaseClock>(['deadlines', 'silences'])
const ENROLMENT: ReadonlySet<unknown> = new Set<PathwayCase['enrolment']>([
  ...(['active', 'on-hold', 'completed', 'revoked'] as const),
])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isMoment = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))

const toBase64 = (text: string): string => Buffer.from(text).toString('base64')
const fromBase64 = (data: string): string => Buffer.from(data, 'base64').toString()
