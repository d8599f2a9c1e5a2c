import type { Judge } from '../core/decide/cases/play-case.ts'
import { decide } from '../core/decide/decide.ts'
import type { CqlBasis } from '../cql/cql-basis.ts'
import type { Settle } from '../expressions/expressions.ts'
import { groundOfDecision } from './decision-ground.ts'
import { RepeatableIds } from './repeatable-ids.ts'

/** Decides as the engine does: expressions under their time limit, the same ids each time that a decision is worked out anew. */
export function judgeWith(settle: Settle, cql: CqlBasis | undefined): Judge {
  return (facts) => {
    const ids = new RepeatableIds(facts.newId)
    const ground = cql && groundOfDecision(cql, facts)
    return settle((evaluate) => decide({ ...facts, newId: ids.fromStart(), evaluate }), ground)
  }
}
