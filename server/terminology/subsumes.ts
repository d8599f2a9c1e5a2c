import type { ConceptTree } from './concept-tree.ts'

/** http://hl7.org/fhir/R4/valueset-concept-subsumption-outcome.html */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed'

/** How code A stands to code B; both are in the tree. https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
export function subsumes(tree: ConceptTree, codeA: string, codeB: string): Subsumption {
  const [a, b] = [tree.concept(codeA)?.code ?? codeA, tree.concept(codeB)?.code ?? codeB]
  if (a === b) return 'equivalent'
  if (tree.ancestors(b).has(a)) return 'subsumes'
  return tree.ancestors(a).has(b) ? 'subsumed-by' : 'not-subsumed'
}
