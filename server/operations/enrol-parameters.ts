import type { Bundle, CarePlan, CareTeam, CodeableConcept, Period, Reference, Task } from '@medplum/fhirtypes'
import type { Omission } from '../core/apply/selection.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange } from '../exchange.ts'
import type { LegalBasis } from '../lifecycle/legal-basis/basis.ts'
import { isAbsolute } from '../lifecycle/legal-basis/demands.ts'

export type EnrolParameters = {
  /** The sender's own name of this enrolment: the same key is the same enrolment. */
  key?: string
  careTeam: Reference<CareTeam>[]
  period?: Period
  /** ids of actions that are wanted where the plan leaves a choice. */
  select: string[]
  omissions: Omission[]
  /** By what right the patient is followed. */
  basis: LegalBasis
  /** What was made sure of before. */
  eligibility: Eligible[]
  /** Why, in words. */
  reason?: string
  /** What $apply proposed, as somebody has edited it. */
  proposal?: CarePlan | Bundle
  /** What is to be done by hand beside what the plan proposes. */
  tasks: Task[]
}

/** A criterion as it was asked, and whether it was met. */
export type Eligible = { criterion: CodeableConcept; met: boolean }

type Parameter = Record<string, unknown> & { name: string }

const OWN = [
  'key',
  'careTeam',
  'period',
  'select',
  'omission',
  'policy',
  'consent',
  'eligibility',
  'reason',
  'proposal',
  'task',
]

/**
 * What $enrol takes beside the parameters of $apply.
 * @returns its own, and the exchange with the rest, which $apply reads
 * @throws Refusal value, with the parameter's name
 */
export function splitEnrolParameters(exchange: Exchange): { own: EnrolParameters; rest: Exchange } {
  const body = isObject(exchange.body) ? exchange.body : {}
  const all = Array.isArray(body.parameter) ? (body.parameter as unknown[]) : []
  const isOwn = (one: unknown): one is Parameter => isObject(one) && OWN.includes(String(one.name))
  const own = all.filter(isOwn)
  const rest = { ...exchange, body: { ...body, parameter: all.filter((one) => !isOwn(one)) } }
  const [key] = texts(own, 'key', ['valueString', 'valueId'])
  const proposal = single(own, 'proposal')?.resource
  if (proposal !== undefined && !isProposal(proposal)) {
    throw refuse('value', 'proposal must be a CarePlan, or a Bundle that begins with a RequestGroup.', 'proposal')
  }
  const [reason] = texts(own, 'reason', ['valueString', 'valueMarkdown'])
  const period = periodIn(single(own, 'period'))
  return {
    own: {
      ...(key ? { key } : {}),
      careTeam: referencesIn(own, 'careTeam', 'CareTeam').map((reference) => ({ reference })),
      ...(period ? { period } : {}),
      select: texts(own, 'select', ['valueString', 'valueId', 'valueCode']),
      omissions: own.filter(({ name }) => name === 'omission').map(omissionIn),
      basis: {
        policies: texts(own, 'policy', ['valueUri', 'valueCanonical', 'valueUrl', 'valueString']).map(absolute),
        consents: referencesIn(own, 'consent', 'Consent'),
      },
      eligibility: own.filter(({ name }) => name === 'eligibility').map(eligibleIn),
      ...(reason ? { reason } : {}),
      ...(proposal ? { proposal } : {}),
      tasks: own.filter(({ name }) => name === 'task').map(taskIn),
    },
    rest: isObject(exchange.body) ? rest : exchange,
  }
}

function single(all: Parameter[], name: string): Parameter | undefined {
  const found = all.filter((one) => one.name === name)
  if (found.length > 1) throw refuse('value', `Only one ${name} can be given.`, name)
  return found[0]
}

function texts(all: Parameter[], name: string, keys: string[]): string[] {
  return all
    .filter((one) => one.name === name)
    .map((one) => {
      const value = keys.map((key) => one[key]).find((text) => typeof text === 'string' && text !== '')
      if (value === undefined) throw refuse('value', `${name} must be a text.`, name)
      return value as string
    })
}

function absolute(uri: string): string {
  if (isAbsolute(uri)) return uri
  throw refuse(
    'value',
    `policy is an absolute uri, such as https://lovdata.no/lov/1999-07-02-63, not '${uri}'.`,
    'policy',
  )
}

/** @returns `CareTeam/1`, of each parameter of that name */
function referencesIn(all: Parameter[], parameter: string, type: string): string[] {
  return all
    .filter(({ name }) => name === parameter)
    .map(({ valueReference: to }) => {
      const reference = isObject(to) ? to.reference : undefined
      if (typeof reference === 'string' && reference.startsWith(`${type}/`)) return reference
      throw refuse('value', `${parameter} must be a Reference of the form ${type}/id.`, parameter)
    })
}

function periodIn(given: Parameter | undefined): Period | undefined {
  if (!given) return undefined
  const { valuePeriod: period } = given
  const times = isObject(period) ? [period.start, period.end].filter((time) => time !== undefined) : []
  if (times.length > 0 && times.every((time) => typeof time === 'string' && !Number.isNaN(Date.parse(time)))) {
    return period as Period
  }
  throw refuse('value', 'period must be a Period with a start or an end.', 'period')
}

function omissionIn({ part }: Parameter): Omission {
  const value = (name: string) => {
    const found = (Array.isArray(part) ? part : []).find((one) => isObject(one) && one.name === name)
    return isObject(found) && typeof found.valueString === 'string' ? found.valueString : undefined
  }
  const actionId = value('actionId')
  const reason = value('reason')
  if (actionId && reason) return { actionId, reason }
  throw refuse('value', 'omission has the parts actionId and reason, both of type string.', 'omission')
}

function eligibleIn({ part }: Parameter): Eligible {
  const find = (name: string) => (Array.isArray(part) ? part : []).find((one) => isObject(one) && one.name === name)
  const [criterion, met] = [find('criterion')?.valueCodeableConcept, find('met')?.valueBoolean]
  if (isObject(criterion) && typeof met === 'boolean') return { criterion: criterion as CodeableConcept, met }
  const said = 'eligibility has the parts criterion, of type CodeableConcept, and met, of type boolean.'
  throw refuse('value', said, 'eligibility')
}

function taskIn({ resource }: Parameter): Task {
  if (isObject(resource) && resource.resourceType === 'Task') return resource as unknown as Task
  throw refuse('value', 'task must be a Task.', 'task')
}

function isProposal(resource: unknown): resource is CarePlan | Bundle {
  if (!isObject(resource)) return false
  if (resource.resourceType === 'CarePlan') return true
  const [first] =
    resource.resourceType === 'Bundle' && Array.isArray(resource.entry) ? (resource.entry as unknown[]) : []
  return isObject(first) && isObject(first.resource) && first.resource.resourceType === 'RequestGroup'
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
