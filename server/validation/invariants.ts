import type { ElementDefinition } from '@medplum/fhirtypes'
import { compileFhirPath, type Evaluate } from '../core/fhirpath/evaluate.ts'
import { compileLimited } from '../limited-fhirpath.ts'
import { TooLong } from '../time-limit.ts'
import { NATIVE_INVARIANTS } from './native-invariants.ts'
import type { Check } from './object-rule.ts'
import type { Walk } from './walk.ts'

type Constraint = NonNullable<ElementDefinition['constraint']>[number]

/**
 * Invariants that other parts of the walk see to for every element alike: ele-1 (`object-rule.ts`), ref-1 (`reference.ts`), txt-1 and
 * txt-2 (`narrative.ts`). dom-6, "should have narrative", is advice for people who write documents: a device has nothing to tell in it.
 */
const SEEN_TO_ELSEWHERE = new Set(['ele-1', 'ref-1', 'txt-1', 'txt-2', 'dom-6'])

/**
 * One constraint of a definition as a check: a native function where we have one for exactly this expression, else compiled FHIRPath.
 * FHIRPath is compiled when the first such element comes, and an expression that cannot be evaluated gives a warning, never a refusal.
 * @param path   of the element that has the constraint; types in the expression depend on it
 * @param origin of R4's own definitions, or of a profile, which anybody may have written and which is given no more than its time
 */
export function compileInvariant(
  { key, expression, human, severity }: Constraint,
  path: string,
  origin: 'r4' | 'profile',
): Check | undefined {
  if (!expression || !key || SEEN_TO_ELSEWHERE.has(key)) return undefined
  const native = NATIVE_INVARIANTS.get(expression)
  const report = (walk: Walk) =>
    walk.report('invariant', `${key}: ${human}`, undefined, severity === 'error' ? 'error' : 'warning')
  if (native)
    return (focus, walk) => {
      if (!native(focus as never, walk)) report(walk)
    }
  let evaluate: Evaluate | undefined
  return (focus, walk) => {
    try {
      evaluate ??= (origin === 'r4' ? compileFhirPath : compileLimited)(expression, path)
      const variables = { resource: walk.resource, rootResource: walk.rootResource }
      if (evaluate(focus, variables).some((result) => result === false)) report(walk)
    } catch (error) {
      const code = error instanceof TooLong ? 'too-costly' : 'processing'
      walk.report(code, `${key} could not be checked: ${human}`, undefined, 'warning')
    }
  }
}
