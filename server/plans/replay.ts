import type { PlanDefinition } from '@medplum/fhirtypes'
import { decide } from '../core/decide/decide.ts'
import { type DecisionInputs, factsOf, givenIds, referencesOf } from '../core/decide/decision-record.ts'
import type { Decisions } from '../core/decide/decisions.ts'
import type { Facts } from '../core/decide/facts.ts'
import { type CompiledPlan, compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import type { CodesOf } from '../core/decide/plan/data-requirement.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { CqlGround } from '../cql/library-set.ts'
import { type Settle, settleHere } from '../expressions/expressions.ts'
import { digestOf } from './decision-digest.ts'

/** Gives one version of a resource, `Task/1/_history/2`; throws where it cannot be read. */
export type ReadVersion = (reference: string) => Promise<Resource>

/** The facts of a decision that was made, read anew by their versions. */
async function recallFacts(inputs: DecisionInputs, read: ReadVersion): Promise<Facts> {
  const references = referencesOf(inputs)
  const resources = await Promise.all(references.map(read))
  const found = new Map(references.map((reference, i) => [reference, resources[i]]))
  return factsOf(
    inputs,
    (reference) => {
      const resource = found.get(reference)
      if (!resource) throw new Error(`${reference} was not read`)
      return resource
    },
    compileAnew,
  )
}

export type Replayed =
  | { outcome: 'decided'; facts: Facts; decisions: Decisions; digest: string }
  /** Nothing comes of it any more: the core throws, or makes more than it did. */
  | { outcome: 'failed'; facts: Facts; problem: string }

/**
 * Decides once more, from what was looked at then. Writes nothing.
 * @param settle who evaluates the expressions of the plan
 * @param groundFor what its CQL looks at, from the libraries as they are now
 * @throws what `read` throws
 */
export async function replay(
  inputs: DecisionInputs,
  read: ReadVersion,
  settle: Settle = settleHere,
  groundFor?: (facts: Facts) => Promise<CqlGround | undefined>,
): Promise<Replayed> {
  const facts = await recallFacts(inputs, read)
  try {
    const ground = await groundFor?.(facts)
    const decisions = await settle((evaluate) => decide({ ...facts, newId: givenIds(inputs), evaluate }), ground)
    return { outcome: 'decided', facts, decisions, digest: digestOf(decisions) }
  } catch (error) {
    return { outcome: 'failed', facts, problem: error instanceof Error ? error.message : String(error) }
  }
}

function compileAnew(plan: PlanDefinition, definitions: Resource[], codesOf: CodesOf): CompiledPlan {
  const all = definitions as unknown as Definition[]
  const find = (canonical: string) => {
    const [url, version] = canonical.split('|')
    return all.find((one) => one.url === url && (version === undefined || one.version === version))
  }
  return compilePlan(plan, find, codesOf)
}
