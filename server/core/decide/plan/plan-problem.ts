/** What of a plan can never take effect here, by the FHIRPath of its element, and what would. */
export type PlanProblem = { expression: string; diagnostics: string }
