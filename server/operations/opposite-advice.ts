import type { CarePlan, OperationOutcomeIssue, PlanDefinition } from '@medplum/fhirtypes'
import { messagesAt } from '../core/apply/evaluation.ts'
import { oppositesOf } from '../core/decide/conflicting-advice.ts'
import { type CompiledPlan, compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import type { Issue } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange } from '../exchange.ts'
import type { DefinitionReader } from './definition-reader.ts'

type Asking = { reader: DefinitionReader; headers: Exchange['headers'] }

/**
 * Where a plan tells its patients the opposite of what other plans do: told to whoever enrols somebody or brings the plan into force, at
 * once, and not first when the engine has looked (conflicting-advice.ts makes the Task for a doctor).
 * @param others as far as the caller may read them; those that cannot be compiled say nothing here
 * @returns warnings, in the language of the caller
 */
export async function oppositeAdvice(
  { reader, headers }: Asking,
  plan: PlanDefinition,
  others: PlanDefinition[],
): Promise<Issue[]> {
  const own = await compiled(reader, plan)
  if (!own) return []
  const language = chooseLanguage(headers.acceptLanguage)
  const issues: Issue[] = []
  for (const other of others.filter(({ url }) => url !== plan.url)) {
    const theirs = await compiled(reader, other)
    for (const { told } of theirs ? oppositesOf(own, theirs) : []) {
      issues.push({
        ...{ severity: 'warning', code: 'conflict', diagnostics: told[language] },
        expression: [`PlanDefinition.where(url = '${other.url}')`],
      })
    }
  }
  // Several versions of one plan may be in force at once, and say the same.
  return [...new Map(issues.map((issue) => [issue.diagnostics, issue])).values()]
}

/** The plans of a patient's running enrolments. */
export async function plansOfEnrolments(reader: DefinitionReader, subject: string): Promise<PlanDefinition[]> {
  const carePlans = (await reader.search('CarePlan', { subject, status: 'active,on-hold' })) as unknown
  const canonicals = (carePlans as CarePlan[]).flatMap(({ instantiatesCanonical = [] }) => instantiatesCanonical)
  const plans = await Promise.all(
    [...new Set(canonicals)].map((canonical) => reader.findDefinition(canonical, ['PlanDefinition'], false)),
  )
  return plans.flatMap((plan) => (plan ? [plan as Resource & PlanDefinition] : []))
}

async function compiled(reader: DefinitionReader, plan: PlanDefinition): Promise<CompiledPlan | undefined> {
  const definitions = await reader.readDefinitions(plan)
  try {
    return compilePlan(plan, (canonical) => definitions.get(canonical) as Definition | undefined)
  } catch {
    return undefined
  }
}

/**
 * What is answered, with what is to be known about it: contained, and led to by the extension cqf-messages, as $apply tells what went wrong.
 * It is not stored so.
 */
export function withWarnings(resource: Resource, issues: Issue[]): Resource {
  if (issues.length === 0) return resource
  const outcome = { resourceType: 'OperationOutcome', id: 'warnings', issue: issues as OperationOutcomeIssue[] }
  const { contained, extension } = resource as { contained?: unknown[]; extension?: unknown[] }
  return {
    ...resource,
    contained: [...(contained ?? []), outcome],
    extension: [...(extension ?? []), messagesAt(`#${outcome.id}`)],
  } as Resource
}
