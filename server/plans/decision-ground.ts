import type { Facts } from '../core/decide/facts.ts'
import { type CqlBasis, groundOf } from '../cql/cql-basis.ts'
import type { CqlGround } from '../cql/library-set.ts'

/** What the CQL of a plan looks at in one decision: the version that came is looked at before whatever it has become since. */
export function groundOfDecision(
  basis: CqlBasis | undefined,
  { subject, history, happening }: Facts,
): CqlGround | undefined {
  const current = happening.kind === 'data' && happening.current ? [happening.current] : []
  return basis && subject && groundOf(basis, subject, [...history, ...current])
}
