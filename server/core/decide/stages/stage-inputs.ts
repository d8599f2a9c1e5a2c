import type { DataRequirement } from '@medplum/fhirtypes'
import type { CompiledPlan, Rule } from '../plan/compile-plan.ts'

/** What the actions look back at that are done when a stage begins: nothing wakes them, so nothing else asks for it. */
export const inputsOfStages = ({ rules, stages }: CompiledPlan): DataRequirement[] =>
  stages.length === 0 ? [] : rules.filter(({ stage }) => stage !== undefined).flatMap(untriggered)

const untriggered = ({ triggers, inputs, children }: Rule): DataRequirement[] =>
  triggers.length > 0 ? [] : [...inputs, ...children.flatMap(untriggered)]
