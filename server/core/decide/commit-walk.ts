import { type Committed, commitFindings } from './commit-findings.ts'
import type { Facts } from './facts.ts'
import { follow, followMade } from './plan/follow.ts'
import { live } from './plan/life.ts'
import type { Evidence, Finding } from './task/finding-task.ts'
import type { Walk } from './walk/walk.ts'

/** What is made of the findings, and of the start and stop conditions, which go by what was made. */
export function commitWalk(
  walk: Walk,
  facts: Facts,
  { findings, evidence, event }: { findings: Finding[]; evidence: Evidence[]; event: string },
): Committed {
  const committed = commitFindings(findings, facts)
  followMade(facts, committed)
  follow(facts, committed)
  const problems = live(facts, (rule, conditions) => walk.ask(rule, conditions), committed)
  const told = problems.map(({ rule, problem }) => walk.unevaluableFinding(rule, problem, evidence, event))
  return commitFindings(told, facts, committed)
}
